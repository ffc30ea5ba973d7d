// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "proxy/net/address.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace sallyport::upstream {

/// What active health checking knows of a host, as bits.
enum class HealthFlag : std::uint32_t {
    FailedActiveHc = 1,
    DegradedActiveHc = 2,
    PendingDynamicRemoval = 4,       ///< its name stands for it no more; it goes when it fails
    PendingActiveHc = 8,             ///< there was no result yet: it does not count as missing
    ExcludedViaImmediateHcFail = 16, ///< it said itself that it fails
    ActiveHcTimeout = 32
};

/// One endpoint of a cluster, shared by all workers. Configuration is immutable; health and counts are
/// atomic.
class Host
{
public:
    using Clock = std::chrono::steady_clock;

    /// `since`: when it became one of the cluster's hosts; slow start counts from then.
    Host(const dataplane::LbEndpoint &endpoint, const dataplane::Locality &locality, std::uint32_t priority,
         net::Address address, Clock::time_point since = Clock::now())
        : m_endpoint(endpoint)
        , m_locality(locality)
        , m_priority(priority)
        , m_address(std::move(address))
        , m_healthCheckAddress(resolvedHealthCheckAddress())
        , m_since(since)
        , m_canary(endpoint.metadata.filters.value(QLatin1String("envoy.lb"))
                       .toObject()
                       .value(QLatin1String("canary"))
                       .toBool())
    {
    }

    const net::Address &address() const { return m_address; }
    /// Where its health is asked for: mostly the same.
    const net::Address &healthCheckAddress() const { return m_healthCheckAddress; }
    /// For the request that asks; empty: the health check says, or the cluster.
    const std::string &healthCheckHostname() const { return m_endpoint.healthCheckHostname; }
    bool activeHealthCheckDisabled() const { return m_endpoint.activeHealthCheckDisabled; }
    /// The configured name; empty without one.
    const std::string &hostname() const { return m_endpoint.hostname; }
    const dataplane::Metadata &metadata() const { return m_endpoint.metadata; }
    /// So its metadata say (`envoy.lb`): its answers are counted apart, too.
    bool isCanary() const { return m_canary; }
    const dataplane::Locality &locality() const { return m_locality; }
    std::uint32_t weight() const { return m_endpoint.weight; }
    std::uint32_t priority() const { return m_priority; }
    Clock::time_point since() const { return m_since; }
    dataplane::HealthStatus configuredHealth() const { return m_endpoint.health; }

    bool has(HealthFlag flag) const { return (flags() & static_cast<std::uint32_t>(flag)) != 0; }
    void set(HealthFlag flag)
    {
        m_flags.fetch_or(static_cast<std::uint32_t>(flag), std::memory_order_relaxed);
    }
    void clear(HealthFlag flag)
    {
        m_flags.fetch_and(~static_cast<std::uint32_t>(flag), std::memory_order_relaxed);
    }
    /// The host that stands for the same endpoint at another address goes on with what was known.
    void takeHealthOf(const Host &other) { m_flags.store(other.flags(), std::memory_order_relaxed); }

    /// Out of balancing: ejected, or not passing its health checks.
    bool hasFailed() const
    {
        return ejected.load(std::memory_order_relaxed) || has(HealthFlag::FailedActiveHc);
    }
    /// Neither configured as unhealthy nor failed.
    bool isHealthy() const
    {
        using Health = dataplane::HealthStatus;
        const Health health = m_endpoint.health;
        return health != Health::Unhealthy && health != Health::Draining && health != Health::Timeout &&
               !hasFailed() && !isConfiguredOrCheckedDegraded();
    }
    bool isDegraded() const
    {
        using Health = dataplane::HealthStatus;
        const Health health = m_endpoint.health;
        return health != Health::Unhealthy && health != Health::Draining && health != Health::Timeout &&
               !hasFailed() && isConfiguredOrCheckedDegraded();
    }

    /// On its way in or out: counts neither as there nor as missing.
    bool isExcluded() const
    {
        return m_endpoint.health == dataplane::HealthStatus::Draining || has(HealthFlag::PendingActiveHc) ||
               has(HealthFlag::ExcludedViaImmediateHcFail);
    }

    // For /clusters and the balancers.
    std::atomic<std::uint64_t> connectionsActive{0};
    std::atomic<std::uint64_t> connectionsTotal{0};
    std::atomic<std::uint64_t> connectFailures{0};
    std::atomic<std::uint64_t> requestsActive{0};
    std::atomic<std::uint64_t> requestsPending{0};
    std::atomic<std::uint64_t> requestsTotal{0};
    std::atomic<std::uint64_t> requestsSuccess{0};
    std::atomic<std::uint64_t> requestsError{0};
    std::atomic<std::uint64_t> requestsTimeout{0};
    /// Of a request that the proxy made itself.
    void countAnswer(unsigned status)
    {
        (status / 100 == 5 ? requestsError : requestsSuccess).fetch_add(1, std::memory_order_relaxed);
    }
    std::atomic<bool> ejected{false};
    /// Lately, by a request that named it: an ORIGINAL_DST cluster keeps such hosts.
    std::atomic<bool> chosen{true};

private:
    std::uint32_t flags() const { return m_flags.load(std::memory_order_relaxed); }
    bool isConfiguredOrCheckedDegraded() const
    {
        return m_endpoint.health == dataplane::HealthStatus::Degraded || has(HealthFlag::DegradedActiveHc);
    }
    net::Address resolvedHealthCheckAddress() const
    {
        net::Address address = m_address;
        if (const auto &own = m_endpoint.healthCheckAddress) {
            const Result<net::Address> parsed =
                own->pipe.empty() ? net::Address::parseIp(own->address, static_cast<std::uint16_t>(own->port))
                                  : net::Address::pipe(own->pipe);
            if (parsed)
                address = *parsed;
        }
        if (m_endpoint.healthCheckPort != 0 && address.isIp())
            address.setPort(static_cast<std::uint16_t>(m_endpoint.healthCheckPort));
        return address;
    }

    std::atomic<std::uint32_t> m_flags{0};
    dataplane::LbEndpoint m_endpoint;
    dataplane::Locality m_locality;
    std::uint32_t m_priority;
    net::Address m_address;
    net::Address m_healthCheckAddress;
    Clock::time_point m_since;
    bool m_canary;
};

using HostPtr = std::shared_ptr<Host>;

} // namespace sallyport::upstream
