// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/traffic_policy.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

using dataplane::Cluster;

std::uint32_t seconds(model::Duration duration)
{
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

dataplane::UpstreamHttpProtocolOptions &http(Cluster &cluster)
{
    if (!cluster.http)
        cluster.http.emplace();
    return *cluster.http;
}

void applyKeepalive(std::optional<std::uint32_t> probes, std::optional<model::Duration> time,
                    std::optional<model::Duration> interval, Cluster &cluster)
{
    if (!probes && !time && !interval)
        return;
    cluster.tcpKeepalive = true;
    if (probes && *probes > 0)
        cluster.tcpKeepaliveProbes = probes;
    if (time)
        cluster.tcpKeepaliveTime = seconds(*time);
    if (interval)
        cluster.tcpKeepaliveInterval = seconds(*interval);
}

void applyConnectionPool(const model::ConnectionPool &pool, Cluster &cluster)
{
    if (cluster.thresholds.empty())
        cluster.thresholds.emplace_back();
    dataplane::CircuitBreakerThresholds &limits = cluster.thresholds.front();
    const auto set = [](std::uint32_t &limit, std::int32_t value) {
        if (value > 0)
            limit = static_cast<std::uint32_t>(value);
    };
    set(limits.maxConnections, pool.maxConnections);
    set(limits.maxPendingRequests, pool.http1MaxPendingRequests);
    set(limits.maxRequests, pool.http2MaxRequests);
    set(limits.maxRetries, pool.maxRetries);
    if (pool.connectTimeout)
        cluster.connectTimeout = *pool.connectTimeout;
    if (pool.maxRequestsPerConnection > 0)
        http(cluster).common.maxRequestsPerConnection =
            static_cast<std::uint32_t>(pool.maxRequestsPerConnection);
    if (pool.httpIdleTimeout)
        http(cluster).common.idleTimeout = pool.httpIdleTimeout;
    else if (pool.tcpIdleTimeout)
        http(cluster).common.idleTimeout = pool.tcpIdleTimeout;
    if (pool.maxConnectionDuration)
        http(cluster).common.maxConnectionDuration = pool.maxConnectionDuration;
    const bool http2 =
        cluster.http && cluster.http->protocol == dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
    if (http2 && pool.maxConcurrentStreams > 0)
        cluster.http->http2.maxConcurrentStreams = static_cast<std::uint32_t>(pool.maxConcurrentStreams);
    if (http2 && pool.http2KeepAliveInterval && pool.http2KeepAliveTimeout) {
        cluster.http->http2.keepaliveInterval = pool.http2KeepAliveInterval;
        cluster.http->http2.keepaliveTimeout = pool.http2KeepAliveTimeout;
    }
    applyKeepalive(pool.keepaliveProbes, pool.keepaliveTime, pool.keepaliveInterval, cluster);
}

void applyRetryBudget(const model::RetryBudget &budget, Cluster &cluster)
{
    if (cluster.thresholds.empty())
        return;
    cluster.thresholds.front().retryBudgetPercent = budget.percent.value_or(20);
    cluster.thresholds.front().minRetryConcurrency =
        budget.minRetryConcurrency ? budget.minRetryConcurrency : 3;
}

void applyOutlierDetection(const model::OutlierDetection &source, Cluster &cluster)
{
    dataplane::OutlierDetection outlier;
    outlier.enforcingSuccessRate = 0;
    if (source.consecutive5xxErrors) {
        outlier.consecutive5xx = *source.consecutive5xxErrors;
        outlier.enforcingConsecutive5xx = *source.consecutive5xxErrors > 0 ? 100 : 0;
    }
    if (source.consecutiveGatewayErrors) {
        outlier.consecutiveGatewayFailure = *source.consecutiveGatewayErrors;
        outlier.enforcingConsecutiveGatewayFailure = *source.consecutiveGatewayErrors > 0 ? 100 : 0;
    }
    if (source.interval)
        outlier.interval = *source.interval;
    if (source.baseEjectionTime)
        outlier.baseEjectionTime = *source.baseEjectionTime;
    if (source.maxEjectionPercent > 0)
        outlier.maxEjectionPercent = static_cast<std::uint32_t>(source.maxEjectionPercent);
    if (source.splitExternalLocalOriginErrors) {
        outlier.splitExternalLocalOriginErrors = true;
        if (source.consecutiveLocalOriginFailures && *source.consecutiveLocalOriginFailures > 0)
            outlier.consecutiveLocalOriginFailure = *source.consecutiveLocalOriginFailures;
        outlier.enforcingLocalOriginSuccessRate = 0;
    }
    cluster.outlierDetection = outlier;
    cluster.panicThreshold = std::max(0, source.minHealthPercent);
    for (const std::uint32_t code : source.httpErrorCodes) {
        dataplane::HeaderMatcher status;
        status.name = ":status";
        status.kind = dataplane::HeaderMatchKind::String;
        status.string = {dataplane::StringMatchKind::Exact, std::to_string(code), false};
        http(cluster).outlierErrors.push_back({std::move(status)});
    }
}

void applyConsistentHash(const model::ConsistentHash &hash, Cluster &cluster)
{
    if (hash.maglev) {
        cluster.lbPolicy = Cluster::LbPolicy::Maglev;
        if (hash.maglevTableSize)
            cluster.maglevTableSize = *hash.maglevTableSize;
        return;
    }
    cluster.lbPolicy = Cluster::LbPolicy::RingHash;
    cluster.ringMinimum = hash.minimumRingSize.value_or(1024) ? hash.minimumRingSize.value_or(1024) : 1024;
}

void applyLoadBalancer(const model::LoadBalancer &balancer, Cluster &cluster)
{
    using Simple = model::LoadBalancer::Simple;
    if (cluster.lbPolicy == Cluster::LbPolicy::ClusterProvided)
        return;
    // Without a key the ring is there, too, and requests fall on it at random.
    if (balancer.consistentHash) {
        applyConsistentHash(*balancer.consistentHash, cluster);
        return;
    }
    switch (balancer.simple) {
    case Simple::Unspecified:
    case Simple::LeastConn:
    case Simple::LeastRequest:
    case Simple::Passthrough:
        cluster.lbPolicy = Cluster::LbPolicy::LeastRequest;
        break;
    case Simple::Random:
        cluster.lbPolicy = Cluster::LbPolicy::Random;
        break;
    case Simple::RoundRobin:
        cluster.lbPolicy = Cluster::LbPolicy::RoundRobin;
        break;
    }
    if (balancer.warmup && (cluster.lbPolicy == Cluster::LbPolicy::LeastRequest ||
                            cluster.lbPolicy == Cluster::LbPolicy::RoundRobin)) {
        cluster.slowStartWindow = balancer.warmup->duration;
        // Istio's runtime key: nothing can be called so, the value is the rule's.
        cluster.slowStartAggression = {balancer.warmup->aggression.value_or(1), "("};
        cluster.slowStartMinWeightPercent = balancer.warmup->minimumPercent.value_or(10);
    }
}

/// The mesh's TCP keepalive, which every cluster with a pool has.
void applyMeshKeepalive(const model::MeshConfig &config, Cluster &cluster)
{
    applyKeepalive(config.keepaliveProbes, config.keepaliveTime, config.keepaliveInterval, cluster);
}

} // namespace

void applyPassthroughPolicy(const model::MeshConfig &config, Cluster &cluster)
{
    applyMeshKeepalive(config, cluster);
    if (config.defaultTrafficPolicy && config.defaultTrafficPolicy->connectionPool)
        applyConnectionPool(*config.defaultTrafficPolicy->connectionPool, cluster);
}

const std::optional<model::ConnectionPool> &poolOf(const model::TrafficPolicy &policy,
                                                   const model::MeshConfig &config)
{
    return policy.connectionPool || !config.defaultTrafficPolicy
               ? policy.connectionPool
               : config.defaultTrafficPolicy->connectionPool;
}

void applyInboundPolicy(const model::TrafficPolicy &policy, const model::MeshConfig &config, Cluster &cluster)
{
    applyMeshKeepalive(config, cluster);
    const auto &pool = poolOf(policy, config);
    if (policy.retryBudget)
        applyRetryBudget(*policy.retryBudget, cluster);
    if (!pool)
        return;
    applyConnectionPool(*pool, cluster);
    if (pool->useClientProtocol)
        http(cluster).protocol = dataplane::UpstreamHttpProtocolOptions::Protocol::UseDownstream;
}

void applyTrafficPolicy(const model::TrafficPolicy &policy, const model::MeshConfig &config, Cluster &cluster)
{
    const model::TrafficPolicy *byDefault =
        config.defaultTrafficPolicy ? &*config.defaultTrafficPolicy : &policy;
    const auto &pool = poolOf(policy, config);
    const auto &outlier = policy.outlierDetection ? policy.outlierDetection : byDefault->outlierDetection;
    applyMeshKeepalive(config, cluster);
    if (pool)
        applyConnectionPool(*pool, cluster);
    if (policy.loadBalancer)
        applyLoadBalancer(*policy.loadBalancer, cluster);
    if (outlier)
        applyOutlierDetection(*outlier, cluster);
    if (policy.retryBudget)
        applyRetryBudget(*policy.retryBudget, cluster);
    if (policy.proxyProtocolVersion)
        cluster.transport.proxyProtocol.emplace().version = *policy.proxyProtocolVersion;
}

std::vector<dataplane::HashPolicy> hashPolicies(const std::optional<model::ConsistentHash> &from)
{
    std::vector<dataplane::HashPolicy> policies;
    if (!from)
        return policies;
    const model::ConsistentHash &hash = *from;
    dataplane::HashPolicy result;
    result.name = hash.name;
    switch (hash.key) {
    case model::ConsistentHash::Key::None:
        return policies;
    case model::ConsistentHash::Key::Header:
        result.kind = dataplane::HashPolicy::Kind::Header;
        break;
    case model::ConsistentHash::Key::Cookie:
        result.kind = dataplane::HashPolicy::Kind::Cookie;
        result.cookieTtl = hash.cookieTtl;
        result.cookiePath = hash.cookiePath;
        for (const auto &[name, value] : hash.cookieAttributes)
            result.cookieAttributes.push_back({name, value});
        break;
    case model::ConsistentHash::Key::SourceIp:
        result.kind = dataplane::HashPolicy::Kind::SourceIp;
        break;
    case model::ConsistentHash::Key::QueryParameter:
        result.kind = dataplane::HashPolicy::Kind::QueryParameter;
        break;
    }
    policies.push_back(std::move(result));
    return policies;
}

} // namespace sallyport::compile
