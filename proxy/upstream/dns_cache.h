// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "proxy/net/dispatcher.h"
#include "proxy/net/resolver.h"
#include "proxy/telemetry/stats.h"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

namespace sallyport::upstream {

/// Addresses of the hosts that a dynamic forward proxy was asked for
/// (source/extensions/common/dynamic_forward_proxy/dns_cache_impl.cc). Made on the main thread, where names
/// are looked up; workers ask. A host is looked up again as often as its records allow, and forgotten once
/// nobody has asked for it for `host_ttl`; until then what is known of it holds, also that it has no address.
class DnsCache : public std::enable_shared_from_this<DnsCache>
{
public:
    struct Answer
    {
        net::Address address; ///< with the port; invalid (not isIp()): there is none
        std::string why;      ///< then, in a word
    };
    using OnAnswer = std::function<void(const net::Address &address, const std::string &why)>;

    /// `store` outlives it. Null outside a thread that has an event loop of its own kind.
    static std::shared_ptr<DnsCache> create(const dataplane::DnsCache &configuration,
                                            telemetry::StatsStore &store);

    /// False: as many wait for answers as dns_cache_circuit_breaker allows. The refusal is counted.
    bool takesMore() const;
    /// What is known of a host, without asking; it counts as a use of the host.
    std::optional<Answer> find(const std::string &host, std::uint16_t port);

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
    struct Host
    {
        Answer answer;
        bool isKnown = false; ///< it has been looked up once
        net::Clock::time_point lastUsed;
    };
    std::optional<Answer> known(const HostAndPort &host);
    void lookUp(const HostAndPort &host, const std::shared_ptr<Query::State> &waiting);
    /// False: there are as many hosts as may be.
    bool add(const HostAndPort &host);
    void remove(const HostAndPort &host);
    void query(const HostAndPort &host);
    void onAnswer(const HostAndPort &host, const net::DnsAnswer &answer);
    void refresh(const HostAndPort &host);
    void onWaiting(int change);

    dataplane::DnsCache m_configuration;
    net::EpollDispatcher *m_main;
    telemetry::Counter &m_attempts;
    telemetry::Counter &m_successes;
    telemetry::Counter &m_failures;
    telemetry::Counter &m_timeouts;
    telemetry::Counter &m_hostsAdded;
    telemetry::Counter &m_hostsRemoved;
    telemetry::Counter &m_addressChanged;
    telemetry::Counter &m_overflows;
    telemetry::Counter &m_pendingOverflows;
    telemetry::Gauge &m_hostCount;
    telemetry::Gauge &m_breakerOpen;
    telemetry::Gauge &m_breakerRemaining;
    std::atomic<std::int64_t> m_waiting{0};
    std::mutex m_mutex;
    std::map<HostAndPort, Host> m_hosts;
    std::unique_ptr<Lookups> m_lookups;
};

} // namespace sallyport::upstream
