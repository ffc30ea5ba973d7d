// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/tracing.h"

#include "core/compile/names.h"

#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

using model::ExtensionProvider;

constexpr const char *zipkinCluster = "zipkin";
constexpr double istiodsSampling = 1; // PILOT_TRACE_SAMPLING

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QJsonObject percent(double value)
{
    return {{QStringLiteral("value"), value}};
}

/// What Telemetry says of one side, the later over the earlier.
struct Wanted
{
    std::string provider;
    bool isConfigured = false;
    bool isDisabled = false;
    bool byRequestId = true;
    bool noPropagation = false;
    std::optional<double> sampling;
    Place place;
};

Wanted wantedOf(const ProxyContext &proxy, LogSide side)
{
    const model::MeshConfig &config = proxy.mesh.config();
    Wanted wanted;
    wanted.place = config.place;
    if (!config.defaultTracingProviders.empty())
        wanted.provider = config.defaultTracingProviders.front();
    wanted.isConfigured = !wanted.provider.empty();
    for (const model::Telemetry *telemetry : telemetriesFor(proxy.mesh, proxy.instance)) {
        for (const model::Telemetry::Tracing &tracing : telemetry->tracing) {
            wanted.isConfigured = true;
            if (!isForSide(tracing.mode, side))
                continue;
            if (!tracing.providers.empty()) {
                wanted.provider = tracing.providers.front();
                wanted.place = telemetry->place("spec.tracing");
            }
            wanted.isDisabled = tracing.disabled.value_or(wanted.isDisabled);
            wanted.byRequestId = tracing.useRequestIdForTraceSampling.value_or(wanted.byRequestId);
            wanted.noPropagation = tracing.disableContextPropagation.value_or(wanted.noPropagation);
            if (tracing.randomSampling)
                wanted.sampling = tracing.randomSampling;
        }
    }
    return wanted;
}

/// `defaultConfig.tracing.sampling`; none at all counts as istiod's own.
double meshSampling(const model::MeshConfig &config)
{
    constexpr double all = 100;
    const double sampling = config.tracingSampling.value_or(0);
    return sampling == 0 || sampling > all ? istiodsSampling : sampling;
}

QJsonObject tracer(const char *name, const char *type, QJsonObject config)
{
    config.insert(QStringLiteral("@type"),
                  QLatin1String("type.googleapis.com/envoy.config.trace.v3.") + QLatin1String(type));
    return {{QStringLiteral("name"), QLatin1String(name)}, {QStringLiteral("typed_config"), config}};
}

QJsonObject zipkin(QJsonObject config)
{
    config.insert(QStringLiteral("shared_span_context"), false);
    config.insert(QStringLiteral("collector_endpoint_version"), QStringLiteral("HTTP_JSON"));
    return tracer("envoy.tracers.zipkin", "ZipkinConfig", config);
}

QJsonObject httpService(const std::string &uri, const std::string &cluster, const QString &timeout)
{
    QJsonObject target{{QStringLiteral("uri"), text(uri)}, {QStringLiteral("cluster"), text(cluster)}};
    if (!timeout.isEmpty())
        target.insert(QStringLiteral("timeout"), timeout);
    return {{QStringLiteral("http_uri"), target}};
}

QString durationText(const std::optional<dataplane::Duration> &duration)
{
    return duration ? QString::number(std::chrono::duration<double>(*duration).count()) + QLatin1Char('s')
                    : QString();
}

/// The service of `namespace/host` or of a host that one namespace has; null: istiod finds none.
const Service *collectorOf(const MeshContext &mesh, const std::string &service)
{
    const std::size_t slash = service.find('/');
    const std::string host = slash == std::string::npos ? service : service.substr(slash + 1);
    const Service *found = nullptr;
    std::set<std::string> namespaces;
    for (const Service &candidate : mesh.services) {
        if (candidate.hostname != host ||
            (slash != std::string::npos && candidate.nameSpace != service.substr(0, slash)))
            continue;
        namespaces.insert(candidate.nameSpace);
        found = found ? found : &candidate;
    }
    return namespaces.size() == 1 ? found : nullptr;
}

/// Envoy's tracer for a provider; none: there is no such tracer here.
std::optional<QJsonObject> tracerOf(const ExtensionProvider &provider, const Service &collector)
{
    const std::string cluster = names::outbound(provider.port, {}, collector.hostname);
    if (provider.kind == ExtensionProvider::Kind::Zipkin) {
        const std::string path = provider.tracingPath.empty() ? "/api/v2/spans" : provider.tracingPath;
        QJsonObject config{
            {QStringLiteral("collector_service"),
             httpService("http://" + collector.hostname + path, cluster,
                         provider.timeout ? durationText(provider.timeout) : QStringLiteral("5s"))}};
        if (!provider.zipkin64BitTraceId)
            config.insert(QStringLiteral("trace_id_128bit"), true);
        if (provider.zipkinWithW3c)
            config.insert(QStringLiteral("trace_context_option"),
                          QStringLiteral("USE_B3_WITH_W3C_PROPAGATION"));
        return zipkin(config);
    }
    if (provider.kind != ExtensionProvider::Kind::OpenTelemetry)
        return std::nullopt;
    QJsonObject config;
    if (provider.openTelemetryHttp) {
        std::string path = provider.tracingPath;
        if (!path.starts_with('/'))
            path.insert(0, 1, '/');
        config.insert(QStringLiteral("http_service"),
                      httpService(collector.hostname + path, cluster, durationText(provider.timeout)));
    } else {
        QJsonObject service{{QStringLiteral("envoy_grpc"),
                             QJsonObject{{QStringLiteral("cluster_name"), text(cluster)},
                                         {QStringLiteral("authority"), text(collector.hostname)}}}};
        if (provider.timeout)
            service.insert(QStringLiteral("timeout"), durationText(provider.timeout));
        config.insert(QStringLiteral("grpc_service"), service);
    }
    return tracer("envoy.tracers.opentelemetry", "OpenTelemetryConfig", config);
}

void warnOfSpans(const ProxyContext &proxy, const std::string &provider, const Place &place)
{
    proxy.warnings.push_back(
        {"requests carry the headers of " + provider + "'s traces; spans are not reported to its collector",
         place,
         {}});
}

/// The provider of the mesh that Telemetry names. False: nothing is traced.
bool addProvider(const ProxyContext &proxy, const Wanted &wanted, QJsonObject &tracing)
{
    using Kind = ExtensionProvider::Kind;
    const std::vector<ExtensionProvider> &providers = proxy.mesh.config().extensionProviders;
    const auto provider =
        std::find_if(providers.begin(), providers.end(),
                     [&](const ExtensionProvider &each) { return each.name == wanted.provider; });
    if (provider == providers.end() ||
        (provider->kind != Kind::Zipkin && provider->kind != Kind::OpenTelemetry &&
         provider->kind != Kind::OtherTracer))
        return false;
    const Service *collector = collectorOf(proxy.mesh, provider->service);
    if (collector == nullptr) {
        proxy.warnings.push_back({"the tracing provider " + provider->name + " has no service " +
                                      provider->service + " in the mesh: nothing is traced",
                                  wanted.place,
                                  {}});
        return false;
    }
    if (proxy.isGateway() || provider->startsChildSpan)
        tracing.insert(QStringLiteral("spawn_upstream_span"), true);
    if (const auto config = tracerOf(*provider, *collector)) {
        tracing.insert(QStringLiteral("provider"), *config);
        warnOfSpans(proxy, provider->name, wanted.place);
    } else {
        proxy.warnings.push_back(
            {"the tracer of " + provider->name + " is not run here: requests get no headers of its traces",
             wanted.place, "Zipkin's and OpenTelemetry's are"});
    }
    return true;
}

void addMeshTracer(const ProxyContext &proxy, QJsonObject &tracing)
{
    if (proxy.config.zipkinAddress.empty())
        return;
    tracing.insert(QStringLiteral("provider"),
                   zipkin({{QStringLiteral("collector_cluster"), QLatin1String(zipkinCluster)},
                           {QStringLiteral("collector_endpoint"), QStringLiteral("/api/v2/spans")},
                           {QStringLiteral("trace_id_128bit"), true}}));
    warnOfSpans(proxy, "defaultConfig.tracing", proxy.config.place);
}

std::string collectorCluster(const QJsonObject &tracing)
{
    const QJsonObject config =
        tracing.value(QLatin1String("provider")).toObject().value(QLatin1String("typed_config")).toObject();
    if (!config.value(QLatin1String("@type")).toString().endsWith(QLatin1String(".ZipkinConfig")))
        return {};
    const QJsonObject uri = config.value(QLatin1String("collector_service"))
                                .toObject()
                                .value(QLatin1String("http_uri"))
                                .toObject();
    const QString cluster = uri.value(QLatin1String("cluster")).toString();
    return (cluster.isEmpty() ? config.value(QLatin1String("collector_cluster")).toString() : cluster)
        .toStdString();
}

} // namespace

void applyTracing(const ProxyContext &proxy, LogSide side, dataplane::HttpConnectionManager &manager)
{
    const Wanted wanted = wantedOf(proxy, side);
    if (wanted.isConfigured ? wanted.isDisabled || wanted.provider.empty()
                            : !proxy.mesh.config().enableTracing)
        return;
    QJsonObject tracing{
        {QStringLiteral("client_sampling"), percent(100)},
        {QStringLiteral("random_sampling"), percent(wanted.sampling.value_or(meshSampling(proxy.config)))},
        {QStringLiteral("overall_sampling"), percent(100)}};
    if (!wanted.isConfigured)
        addMeshTracer(proxy, tracing);
    else if (!addProvider(proxy, wanted, tracing))
        return;
    if (wanted.noPropagation)
        tracing.insert(QStringLiteral("no_context_propagation"), true);
    manager.useRequestIdForTraceSampling = wanted.byRequestId;
    manager.tracing = std::move(tracing);
}

void settleCollectors(const ProxyContext &proxy, dataplane::Bootstrap &bootstrap)
{
    std::set<std::string> clusters;
    for (const dataplane::Cluster &cluster : bootstrap.clusters)
        clusters.insert(cluster.name);
    const auto settle = [&](dataplane::FilterChain &chain) {
        for (dataplane::NetworkFilter &filter : chain.filters) {
            auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config);
            if (manager == nullptr || !manager->tracing)
                continue;
            const std::string wanted = collectorCluster(*manager->tracing);
            if (wanted.empty() || clusters.count(wanted) > 0)
                continue;
            if (wanted == zipkinCluster) {
                dataplane::Cluster cluster;
                cluster.name = wanted;
                cluster.altStatName = names::statistics(wanted);
                cluster.connectTimeout = std::chrono::seconds(1);
                bootstrap.clusters.push_back(std::move(cluster));
                clusters.insert(wanted);
                continue;
            }
            manager->tracing->remove(QStringLiteral("provider"));
            proxy.warnings.push_back({proxy.instance.name + " does not see the cluster of its collector, " +
                                          wanted + ": Envoy refuses its listeners",
                                      proxy.mesh.config().place,
                                      "let its Sidecar import the collector's host"});
        }
    };
    for (dataplane::Listener &listener : bootstrap.listeners) {
        for (dataplane::FilterChain &chain : listener.filterChains)
            settle(chain);
        if (listener.defaultFilterChain)
            settle(*listener.defaultFilterChain);
    }
}

} // namespace sallyport::compile
