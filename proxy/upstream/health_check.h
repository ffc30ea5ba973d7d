// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/health_check.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/telemetry/header_mutator.h"
#include "proxy/telemetry/stats.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::upstream {

/// `cluster.<name>.health_check.…`, with `name.<its name>.` before the last part if the check has a name.
struct HealthCheckStats
{
    HealthCheckStats(telemetry::StatsStore &store, const std::string &prefix);

    telemetry::Counter &attempt;
    telemetry::Counter &success;
    telemetry::Counter &failure;
    telemetry::Counter &passiveFailure;
    telemetry::Counter &networkFailure;
    telemetry::Counter &verifyCluster;
    telemetry::Gauge &healthy;
    telemetry::Gauge &degraded;
};

/// `cluster.<name>.health_check.…` where there are several checks: the hosts that pass all of them, and those
/// that any of them has found degraded.
struct CombinedHealthStats
{
    telemetry::Gauge &healthy;
    telemetry::Gauge &degraded;
};

/// A cluster's health check, ready to run: immutable but for its statistics.
class CompiledHealthCheck
{
public:
    /// Fails if a header's value cannot be read.
    static Result<std::unique_ptr<CompiledHealthCheck>> create(const dataplane::HealthCheck &configuration,
                                                               telemetry::StatsStore &store,
                                                               const std::string &clusterPrefix);

    const dataplane::HealthCheck &configuration() const { return m_configuration; }
    HealthCheckStats &stats() { return m_stats; }
    /// Of the requests, whatever the cluster's own speak.
    bool usesHttp2() const;
    /// What is done to the headers of each request.
    const telemetry::HeaderMutator &headers() const { return m_headers; }
    /// What the service that answers must be called; null: nothing is asked.
    const dataplane::CompiledString *serviceName() const { return m_serviceName ? &*m_serviceName : nullptr; }

private:
    CompiledHealthCheck(const dataplane::HealthCheck &configuration, telemetry::StatsStore &store,
                        const std::string &prefix);

    dataplane::HealthCheck m_configuration;
    HealthCheckStats m_stats;
    telemetry::HeaderMutator m_headers;
    std::optional<dataplane::CompiledString> m_serviceName;
};

/// Whether `bytes` hold each of `wanted` in this order, with anything between them.
bool holdsInOrder(std::string_view bytes, const std::vector<dataplane::HealthCheckPayload> &wanted);

/// What a host has come to by its last result.
enum class HealthTransition { Unchanged, Pending, Changed };

/// How long until a host is asked again, before jitter. `passed`: its last result; `traffic`: whether the
/// cluster has ever had a connection.
std::chrono::milliseconds healthCheckPause(const dataplane::HealthCheck &configuration, bool passed,
                                           HealthTransition transition, bool traffic);

} // namespace sallyport::upstream
