// SPDX-License-Identifier: GPL-3.0-or-later
// `/clusters` (source/server/admin/clusters_handler.cc; envoy-behaviour.md 7.3).
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_json.h"
#include "proxy/upstream/cluster_manager.h"

#include <cstdio>
#include <memory>
#include <re2/re2.h>

namespace sallyport::admin {

namespace {

using upstream::Host;

struct HostNumber
{
    const char *name;
    std::uint64_t value;
    bool gauge;
};

std::vector<HostNumber> numbersOf(const Host &host)
{
    const auto load = [](const std::atomic<std::uint64_t> &value) {
        return value.load(std::memory_order_relaxed);
    };
    return {{"cx_active", load(host.connectionsActive), true},
            {"cx_connect_fail", load(host.connectFailures), false},
            {"cx_total", load(host.connectionsTotal), false},
            {"rq_active", load(host.requestsActive), true},
            {"rq_error", load(host.requestsError), false},
            {"rq_pending_active", load(host.requestsPending), true},
            {"rq_success", load(host.requestsSuccess), false},
            {"rq_timeout", load(host.requestsTimeout), false},
            {"rq_total", load(host.requestsTotal), false}};
}

std::string healthFlags(const Host &host)
{
    using Configured = dataplane::HealthStatus;
    using Flag = upstream::HealthFlag;
    const Configured configured = host.configuredHealth();
    std::string flags;
    for (const auto &[name, holds] :
         {std::pair{"/failed_active_hc", host.has(Flag::FailedActiveHc)},
          {"/failed_outlier_check", host.ejected.load(std::memory_order_relaxed)},
          {"/failed_eds_health", configured == Configured::Unhealthy || configured == Configured::Timeout},
          {"/degraded_active_hc", host.has(Flag::DegradedActiveHc)},
          {"/degraded_eds_health", configured == Configured::Degraded},
          {"/pending_dynamic_removal", host.has(Flag::PendingDynamicRemoval)},
          {"/pending_active_hc", host.has(Flag::PendingActiveHc)},
          {"/excluded_via_immediate_hc_fail", host.has(Flag::ExcludedViaImmediateHcFail)},
          {"/active_hc_timeout", host.has(Flag::ActiveHcTimeout)},
          {"/eds_status_draining", configured == Configured::Draining}}) {
        if (holds)
            flags += name;
    }
    return flags.empty() ? "healthy" : flags;
}

const char *edsHealth(const Host &host)
{
    switch (host.configuredHealth()) {
    // A host keeps no more of the two than that it is not to be used.
    case dataplane::HealthStatus::Unhealthy:
    case dataplane::HealthStatus::Timeout:
        return "UNHEALTHY";
    case dataplane::HealthStatus::Degraded:
        return "DEGRADED";
    case dataplane::HealthStatus::Draining:
        return "DRAINING";
    default:
        return "HEALTHY";
    }
}

double successRate(const upstream::OutlierDetector *outliers, const Host &host, bool local)
{
    return outliers != nullptr ? outliers->successRate(host, local) : -1;
}

std::string sixDigits(double value)
{
    char text[32];
    return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%g", value))};
}

/// Protobuf's percent, whose zero is not written.
QJsonObject percentJson(double value)
{
    return value == 0 ? QJsonObject() : QJsonObject{{QStringLiteral("value"), value}};
}

void writeText(std::string &body, upstream::ClusterInfo &cluster)
{
    const std::string &name = cluster.name();
    const auto line = [&](const std::string &key, const std::string &value) {
        body += name + "::" + key + "::" + value + '\n';
    };
    line("observability_name", cluster.observabilityName());
    const upstream::OutlierDetector *outliers = cluster.outliers();
    if (outliers != nullptr) {
        for (const bool local : {false, true}) {
            const upstream::OutlierDetector::SuccessRates rates = outliers->successRates(local);
            const std::string prefix =
                local ? "outlier::local_origin_success_rate_" : "outlier::success_rate_";
            line(prefix + "average", sixDigits(rates.average));
            line(prefix + "ejection_threshold", sixDigits(rates.ejectionThreshold));
        }
    }
    for (const bool high : {false, true}) {
        const std::string priority = high ? "high_priority::" : "default_priority::";
        const upstream::Breakers &breakers = cluster.breakers(high);
        line(priority + "max_connections", std::to_string(breakers.connections.limit()));
        line(priority + "max_pending_requests", std::to_string(breakers.pending.limit()));
        line(priority + "max_requests", std::to_string(breakers.requests.limit()));
        line(priority + "max_retries", std::to_string(breakers.retries.limit()));
    }
    line("added_via_api", "false");
    if (!cluster.configuration().edsServiceName.empty())
        line("eds_service_name", cluster.configuration().edsServiceName);
    for (const upstream::HostPtr &host : cluster.hosts()) {
        const std::string prefix = host->address().toString() + "::";
        for (const HostNumber &number : numbersOf(*host))
            line(prefix + number.name, std::to_string(number.value));
        line(prefix + "hostname", host->hostname());
        line(prefix + "health_flags", healthFlags(*host));
        line(prefix + "weight", std::to_string(host->weight()));
        line(prefix + "region", host->locality().region);
        line(prefix + "zone", host->locality().zone);
        line(prefix + "sub_zone", host->locality().subZone);
        line(prefix + "canary", host->isCanary() ? "true" : "false");
        line(prefix + "priority", std::to_string(host->priority()));
        line(prefix + "success_rate", sixDigits(successRate(outliers, *host, false)));
        line(prefix + "local_origin_success_rate", sixDigits(successRate(outliers, *host, true)));
    }
}

QJsonObject hostJson(const Host &host, const upstream::OutlierDetector *outliers)
{
    QJsonArray stats;
    for (const bool gauges : {false, true}) {
        for (const HostNumber &number : numbersOf(host)) {
            if (number.gauge != gauges)
                continue;
            QJsonObject stat{{QStringLiteral("name"), QLatin1String(number.name)}};
            if (gauges)
                stat.insert(QStringLiteral("type"), QStringLiteral("GAUGE"));
            if (number.value != 0)
                stat.insert(QStringLiteral("value"), QString::number(number.value));
            stats.append(stat);
        }
    }
    QJsonObject health{{QStringLiteral("eds_health_status"), QLatin1String(edsHealth(host))}};
    using Flag = upstream::HealthFlag;
    for (const auto &[name, holds] :
         {std::pair{"failed_active_health_check", host.has(Flag::FailedActiveHc)},
          {"failed_outlier_check", host.ejected.load(std::memory_order_relaxed)},
          {"failed_active_degraded_check", host.has(Flag::DegradedActiveHc)},
          {"pending_dynamic_removal", host.has(Flag::PendingDynamicRemoval)},
          {"pending_active_hc", host.has(Flag::PendingActiveHc)},
          {"excluded_via_immediate_hc_fail", host.has(Flag::ExcludedViaImmediateHcFail)},
          {"active_hc_timeout", host.has(Flag::ActiveHcTimeout)}}) {
        if (holds)
            health.insert(QLatin1String(name), true);
    }
    QJsonObject locality;
    const auto addPart = [&](const char *key, const std::string &value) {
        if (!value.empty())
            locality.insert(QLatin1String(key), QString::fromStdString(value));
    };
    addPart("region", host.locality().region);
    addPart("zone", host.locality().zone);
    addPart("sub_zone", host.locality().subZone);
    QJsonObject object{{QStringLiteral("address"), addressJson(host.address())},
                       {QStringLiteral("stats"), stats},
                       {QStringLiteral("health_status"), health},
                       {QStringLiteral("weight"), static_cast<qint64>(host.weight())},
                       {QStringLiteral("locality"), locality}};
    if (!host.hostname().empty())
        object.insert(QStringLiteral("hostname"), QString::fromStdString(host.hostname()));
    if (const double rate = successRate(outliers, host, false); rate >= 0)
        object.insert(QStringLiteral("success_rate"), percentJson(rate));
    if (const double rate = successRate(outliers, host, true); rate >= 0)
        object.insert(QStringLiteral("local_origin_success_rate"), percentJson(rate));
    if (host.priority() != 0)
        object.insert(QStringLiteral("priority"), static_cast<qint64>(host.priority()));
    return object;
}

QJsonObject clusterJson(upstream::ClusterInfo &cluster)
{
    QJsonArray hosts;
    for (const upstream::HostPtr &host : cluster.hosts())
        hosts.append(hostJson(*host, cluster.outliers()));
    QJsonArray thresholds;
    for (const bool high : {false, true}) {
        const upstream::Breakers &breakers = cluster.breakers(high);
        QJsonObject limits{
            {QStringLiteral("max_connections"), static_cast<qint64>(breakers.connections.limit())},
            {QStringLiteral("max_pending_requests"), static_cast<qint64>(breakers.pending.limit())},
            {QStringLiteral("max_requests"), static_cast<qint64>(breakers.requests.limit())},
            {QStringLiteral("max_retries"), static_cast<qint64>(breakers.retries.limit())}};
        if (high)
            limits.insert(QStringLiteral("priority"), QStringLiteral("HIGH"));
        thresholds.append(limits);
    }
    QJsonObject object{
        {QStringLiteral("name"), QString::fromStdString(cluster.name())},
        {QStringLiteral("observability_name"), QString::fromStdString(cluster.observabilityName())},
        {QStringLiteral("circuit_breakers"), QJsonObject{{QStringLiteral("thresholds"), thresholds}}}};
    if (!hosts.isEmpty())
        object.insert(QStringLiteral("host_statuses"), hosts);
    if (cluster.outliers() != nullptr) {
        if (const double rate = cluster.outliers()->successRates(false).ejectionThreshold; rate > 0)
            object.insert(QStringLiteral("success_rate_ejection_threshold"), percentJson(rate));
        if (const double rate = cluster.outliers()->successRates(true).ejectionThreshold; rate > 0)
            object.insert(QStringLiteral("local_origin_success_rate_ejection_threshold"), percentJson(rate));
    }
    if (!cluster.configuration().edsServiceName.empty())
        object.insert(QStringLiteral("eds_service_name"),
                      QString::fromStdString(cluster.configuration().edsServiceName));
    return object;
}

} // namespace

AdminAnswer clustersEndpoint(const AdminRequest &request, ServerState &state)
{
    std::unique_ptr<re2::RE2> names;
    if (const std::string filter = request.get("filter"); !filter.empty()) {
        names = std::make_unique<re2::RE2>(filter, re2::RE2::Quiet);
        if (!names->ok())
            return {400, "Invalid re2 regex"};
    }
    std::vector<upstream::ClusterInfoPtr> chosen;
    if (const auto clusters = state.clusters()) {
        for (const auto &[name, cluster] : clusters->all()) {
            if (!names || re2::RE2::PartialMatch(name, *names))
                chosen.push_back(cluster);
        }
    }
    if (request.get("format") == "json") {
        QJsonArray statuses;
        for (const upstream::ClusterInfoPtr &cluster : chosen)
            statuses.append(clusterJson(*cluster));
        constexpr const char *order[] = {"address",
                                         "stats",
                                         "type",
                                         "value",
                                         "name",
                                         "thresholds.priority",
                                         "max_connections",
                                         "health_status",
                                         "failed_active_health_check",
                                         "failed_outlier_check",
                                         "eds_health_status",
                                         "failed_active_degraded_check",
                                         "pending_dynamic_removal",
                                         "pending_active_hc",
                                         "excluded_via_immediate_hc_fail",
                                         "active_hc_timeout",
                                         "success_rate",
                                         "weight",
                                         "hostname",
                                         "host_statuses.priority",
                                         "local_origin_success_rate",
                                         "locality",
                                         "added_via_api",
                                         "success_rate_ejection_threshold",
                                         "host_statuses",
                                         "local_origin_success_rate_ejection_threshold",
                                         "circuit_breakers",
                                         "observability_name",
                                         "eds_service_name"};
        return jsonAnswer(statuses.isEmpty() ? QJsonObject()
                                             : QJsonObject{{QStringLiteral("cluster_statuses"), statuses}},
                          order);
    }
    AdminAnswer answer;
    for (const upstream::ClusterInfoPtr &cluster : chosen)
        writeText(answer.body, *cluster);
    return answer;
}

} // namespace sallyport::admin
