// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/dns_resolver.h"
#include "proxy/net/address.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::net {

/// The answer to one look-up. Addresses carry port 0.
struct DnsAnswer
{
    enum class Status { Success, NoSuchName, Failure };
    Status status = Status::Failure;
    std::vector<Address> addresses;
    std::chrono::seconds ttl{0}; ///< smallest of the records; 0: not known
    std::string error; ///< if not a success: as Envoy writes it, `cares_norecords:Domain_name_not_found`
};

enum class DnsFamily { Auto, V4Only, V6Only, V4Preferred, All };

/// Names to addresses without blocking, by c-ares as in Envoy: with the name servers of the configuration, or
/// with those of resolv.conf and /etc/hosts. Lives on a thread with Qt's event loop (the main one), never on
/// the request path.
class Resolver
{
public:
    explicit Resolver(dataplane::DnsResolver configuration = {});
    ~Resolver();
    Resolver(const Resolver &) = delete;
    Resolver &operator=(const Resolver &) = delete;

    /// `onAnswer` is called later, on this thread, unless the returned token is destroyed first.
    using Query = std::shared_ptr<void>;
    [[nodiscard]] Query resolve(const std::string &name, DnsFamily family,
                                std::function<void(const DnsAnswer &)> onAnswer);

    const dataplane::DnsResolver &configuration() const { return m_configuration; }

private:
    class Channel;
    dataplane::DnsResolver m_configuration;
    std::unique_ptr<Channel> m_channel; ///< once there is something to ask
};

} // namespace sallyport::net
