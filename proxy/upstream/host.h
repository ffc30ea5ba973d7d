// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "proxy/net/address.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace sallyport::upstream {

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
        , m_since(since)
    {
    }

    const net::Address &address() const { return m_address; }
    /// The configured name; empty without one.
    const std::string &hostname() const { return m_endpoint.hostname; }
    const dataplane::Metadata &metadata() const { return m_endpoint.metadata; }
    const dataplane::Locality &locality() const { return m_locality; }
    std::uint32_t weight() const { return m_endpoint.weight; }
    std::uint32_t priority() const { return m_priority; }
    Clock::time_point since() const { return m_since; }
    dataplane::HealthStatus configuredHealth() const { return m_endpoint.health; }

    /// Neither configured as unhealthy nor ejected.
    bool isHealthy() const
    {
        using Health = dataplane::HealthStatus;
        const Health health = m_endpoint.health;
        return health != Health::Unhealthy && health != Health::Draining && health != Health::Timeout &&
               health != Health::Degraded && !ejected.load(std::memory_order_relaxed);
    }
    bool isDegraded() const
    {
        return m_endpoint.health == dataplane::HealthStatus::Degraded &&
               !ejected.load(std::memory_order_relaxed);
    }

    /// On its way out: counts neither as there nor as missing.
    bool isExcluded() const { return m_endpoint.health == dataplane::HealthStatus::Draining; }

    // For /clusters and the balancers.
    std::atomic<std::uint64_t> connectionsActive{0};
    std::atomic<std::uint64_t> connectionsTotal{0};
    std::atomic<std::uint64_t> connectFailures{0};
    std::atomic<std::uint64_t> requestsActive{0};
    std::atomic<std::uint64_t> requestsTotal{0};
    std::atomic<std::uint64_t> requestsSuccess{0};
    std::atomic<std::uint64_t> requestsError{0};
    std::atomic<std::uint64_t> requestsTimeout{0};
    /// Of a request that the proxy made itself.
    void countAnswer(unsigned status)
    {
        (status >= 500 ? requestsError : requestsSuccess).fetch_add(1, std::memory_order_relaxed);
    }
    std::atomic<bool> ejected{false};
    /// Lately, by a request that named it: an ORIGINAL_DST cluster keeps such hosts.
    std::atomic<bool> chosen{true};

private:
    dataplane::LbEndpoint m_endpoint;
    dataplane::Locality m_locality;
    std::uint32_t m_priority;
    net::Address m_address;
    Clock::time_point m_since;
};

using HostPtr = std::shared_ptr<Host>;

} // namespace sallyport::upstream
