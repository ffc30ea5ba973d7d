// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "proxy/net/dispatcher.h"
#include "proxy/net/resolver.h"
#include "proxy/telemetry/stats.h"

#include <map>
#include <mutex>
#include <optional>

namespace sallyport::upstream {

/// Addresses of the hosts that a dynamic forward proxy was asked for
/// (source/extensions/common/dynamic_forward_proxy/dns_cache_impl.cc). Made on the main thread, where names
/// are looked up; workers ask. An address is good for a minute, or for as long as the DNS says.
class DnsCache : public std::enable_shared_from_this<DnsCache>
{
public:
    /// The address with the port; invalid (not isIp()): there is none, `why` in a word.
    using OnAnswer = std::function<void(const net::Address &address, const std::string &why)>;

    /// `store` outlives it. Null outside a thread that has an event loop of its own kind.
    static std::shared_ptr<DnsCache> create(const dataplane::DnsCache &configuration,
                                            telemetry::StatsStore &store);

    /// What is known of a host, without asking.
    std::optional<net::Address> find(const std::string &host, std::uint16_t port) const;

    /// One who waits for an answer; it comes on his own thread, unless this is destroyed there before.
    class Query
    {
    public:
        ~Query();

    private:
        friend class DnsCache;
        struct State;
        std::shared_ptr<State> m_state;
    };
    [[nodiscard]] std::unique_ptr<Query> resolve(const std::string &host, std::uint16_t port,
                                                 net::EpollDispatcher &worker, OnAnswer onAnswer);

private:
    /// Lives and ends on the main thread.
    struct Lookups;
    DnsCache(const dataplane::DnsCache &configuration, telemetry::StatsStore &store);

    /// Envoy keeps a host's ports apart.
    using HostAndPort = std::pair<std::string, std::uint16_t>;
    std::optional<net::Address> known(const HostAndPort &host) const;
    void lookUp(const HostAndPort &host, const std::shared_ptr<Query::State> &waiting);
    void onAnswer(const HostAndPort &host, const net::DnsAnswer &answer);

    struct Known
    {
        net::Address address;
        net::Clock::time_point until;
    };
    dataplane::DnsCache m_configuration;
    net::EpollDispatcher *m_main;
    telemetry::Counter &m_attempts;
    telemetry::Counter &m_successes;
    telemetry::Counter &m_failures;
    telemetry::Counter &m_hostsAdded;
    telemetry::Counter &m_hostsRemoved;
    telemetry::Counter &m_addressChanged;
    telemetry::Counter &m_overflows;
    telemetry::Gauge &m_hosts;
    mutable std::mutex m_mutex;
    std::map<HostAndPort, Known> m_known;
    std::unique_ptr<Lookups> m_lookups;
};

} // namespace sallyport::upstream
