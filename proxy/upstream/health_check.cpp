// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/health_check.h"

namespace sallyport::upstream {

HealthCheckStats::HealthCheckStats(telemetry::StatsStore &store, const std::string &prefix)
    : attempt(store.counter(prefix + "attempt"))
    , success(store.counter(prefix + "success"))
    , failure(store.counter(prefix + "failure"))
    , passiveFailure(store.counter(prefix + "passive_failure"))
    , networkFailure(store.counter(prefix + "network_failure"))
    , verifyCluster(store.counter(prefix + "verify_cluster"))
    , healthy(store.gauge(prefix + "healthy"))
    , degraded(store.gauge(prefix + "degraded"))
{
}

CompiledHealthCheck::CompiledHealthCheck(const dataplane::HealthCheck &configuration,
                                         telemetry::StatsStore &store, const std::string &prefix)
    : m_configuration(configuration)
    , m_stats(store, prefix)
{
}

Result<std::unique_ptr<CompiledHealthCheck>>
CompiledHealthCheck::create(const dataplane::HealthCheck &configuration, telemetry::StatsStore &store,
                            const std::string &clusterPrefix)
{
    std::string prefix = clusterPrefix + "health_check.";
    if (!configuration.name.empty())
        prefix += "name." + telemetry::sanitizedStatName(configuration.name) + '.';
    std::unique_ptr<CompiledHealthCheck> compiled(new CompiledHealthCheck(configuration, store, prefix));
    Result<telemetry::HeaderMutator> headers = telemetry::HeaderMutator();
    if (const auto *http = std::get_if<dataplane::HttpHealthCheck>(&configuration.probe)) {
        headers = telemetry::HeaderMutator::create(http->requestHeadersToAdd, http->requestHeadersToRemove);
        if (http->serviceName)
            compiled->m_serviceName.emplace(*http->serviceName);
    } else if (const auto *grpc = std::get_if<dataplane::GrpcHealthCheck>(&configuration.probe)) {
        headers = telemetry::HeaderMutator::create(grpc->initialMetadata, {});
    }
    if (!headers)
        return fail(headers.error());
    compiled->m_headers = *std::move(headers);
    return compiled;
}

bool CompiledHealthCheck::usesHttp2() const
{
    const auto *http = std::get_if<dataplane::HttpHealthCheck>(&m_configuration.probe);
    return http == nullptr || http->codec == dataplane::HttpHealthCheck::Codec::Http2;
}

bool holdsInOrder(std::string_view bytes, const std::vector<dataplane::HealthCheckPayload> &wanted)
{
    std::size_t from = 0;
    for (const dataplane::HealthCheckPayload &payload : wanted) {
        const std::size_t found = bytes.find(payload.bytes, from);
        if (found == std::string_view::npos)
            return false;
        from = found + payload.bytes.size();
    }
    return true;
}

std::chrono::milliseconds healthCheckPause(const dataplane::HealthCheck &configuration, bool passed,
                                           HealthTransition transition, bool traffic)
{
    const bool edge = transition == HealthTransition::Pending;
    const dataplane::Duration unhealthy = configuration.unhealthyInterval.value_or(configuration.interval);
    dataplane::Duration pause{};
    if (!traffic)
        pause = passed && !edge
                    ? configuration.noTrafficHealthyInterval.value_or(configuration.noTrafficInterval)
                    : configuration.noTrafficInterval;
    else if (passed)
        pause = edge ? configuration.healthyEdgeInterval.value_or(configuration.interval)
                     : configuration.interval;
    else
        pause = edge ? configuration.unhealthyEdgeInterval.value_or(unhealthy) : unhealthy;
    return std::chrono::duration_cast<std::chrono::milliseconds>(pause);
}

} // namespace sallyport::upstream
