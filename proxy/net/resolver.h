// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/address.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::net {

/// The answer to one look-up. Addresses carry port 0, unless a hosts file knows better.
struct DnsAnswer
{
    enum class Status { Success, NoSuchName, Failure };
    Status status = Status::Failure;
    std::vector<Address> addresses;
    std::chrono::seconds ttl{0}; ///< smallest of the records; 0: not known (hosts file, system resolver)
    std::string error;
};

enum class DnsFamily { Auto, V4Only, V6Only, V4Preferred, All };

/// Names to addresses without blocking. Lives on a thread with Qt's event loop (the main one), never on the
/// request path. A hosts file (as /etc/hosts), if given, is looked at before anything else, is read again
/// when it changes, and may be the only source. Its lines may also say where one port of a name really is:
/// `ADDRESS:PORT NAME:PORT`.
class Resolver
{
public:
    struct Options
    {
        std::string hostsFile; ///< default: environment variable SALLYPORT_HOSTS, may be empty
        bool hostsFileOnly =
            false; ///< default: SALLYPORT_HOSTS_ONLY=1; what it does not name does not resolve
    };
    static Options optionsFromEnvironment();

    explicit Resolver(const Options &options = optionsFromEnvironment());
    ~Resolver();
    Resolver(const Resolver &) = delete;
    Resolver &operator=(const Resolver &) = delete;

    /// `onAnswer` is called later, on this thread, unless the returned token is destroyed first. `port`: the
    /// one that is wanted of the name; what the hosts file says of it has a port of its own.
    using Query = std::shared_ptr<void>;
    [[nodiscard]] Query resolve(const std::string &name, DnsFamily family,
                                std::function<void(const DnsAnswer &)> onAnswer, std::uint16_t port = 0);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace sallyport::net
