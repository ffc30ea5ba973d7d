// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

constexpr const char *zipkinType = "envoy.config.trace.v3.ZipkinConfig";
constexpr const char *openTelemetryType = "envoy.config.trace.v3.OpenTelemetryConfig";

std::string clusterOf(const QJsonObject &service)
{
    const QJsonValue uri = service.value(QLatin1String("http_uri"));
    return fromQt(uri.toObject().value(QLatin1String("cluster")).toString());
}

void readZipkin(JsonReader &a, TraceHeaders &m)
{
    m.kind = TraceHeaders::Kind::B3;
    a.field("trace_id_128bit", m.traceId128Bit);
    a.field("shared_span_context", m.sharedSpanContext);
    std::string option = "USE_B3";
    a.field("trace_context_option", option);
    m.withW3c = option == "USE_B3_WITH_W3C_PROPAGATION";
    std::string version;
    a.field("collector_endpoint_version", version);
    a.check(!version.empty() || a.state().asked != nullptr, "collector_endpoint_version",
            "Using the default now-deprecated value DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE");
    std::string endpoint;
    a.field("collector_cluster", m.collectorCluster);
    a.field("collector_endpoint", endpoint);
    QJsonObject service;
    a.field("collector_service", service);
    if (!service.isEmpty())
        m.collectorCluster = clusterOf(service);
    a.check(!service.isEmpty() || (!m.collectorCluster.empty() && !endpoint.empty()) ||
                a.state().asked != nullptr,
            "",
            "collector_cluster and collector_endpoint must be specified when not using collector_service");
    a.ignored({"collector_hostname", "split_spans_for_request"});
}

void readOpenTelemetry(JsonReader &a, TraceHeaders &m)
{
    m.kind = TraceHeaders::Kind::W3c;
    const bool grpc = a.has("grpc_service");
    const bool http = a.has("http_service");
    a.check(grpc != http || a.state().asked != nullptr, "",
            "OpenTelemetry Tracer must have exactly one of gRPC or HTTP exporter configured");
    a.ignored({"grpc_service", "http_service", "service_name", "resource_detectors", "max_cache_size"});
    a.refused({"sampler"});
}

} // namespace

void readTracing(JsonReader &tracing, std::optional<TraceHeaders> &m)
{
    tracing.message(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing");
    tracing.keys({"client_sampling", "random_sampling", "overall_sampling"});
    tracing.ignored({"verbose", "max_path_tag_length", "custom_tags", "operation", "upstream_operation"});
    TraceHeaders headers;
    tracing.field("spawn_upstream_span", headers.spawnUpstreamSpan);
    tracing.field("no_context_propagation", headers.noContextPropagation);
    tracing.group("provider", [&](JsonReader &provider) {
        provider.message("envoy.config.trace.v3.Tracing.Http");
        provider.ignored({"name"});
        const bool typed = provider.any("typed_config", [&](JsonReader &config, const std::string &type) {
            if (config.state().asked != nullptr) {
                config.message(zipkinType);
                readZipkin(config, headers);
                config.message(openTelemetryType);
                readOpenTelemetry(config, headers);
            } else if (type == zipkinType) {
                readZipkin(config, headers);
            } else if (type == openTelemetryType) {
                readOpenTelemetry(config, headers);
            } else {
                config.fail("@type", "this tracer is not supported by this gateway: " + type);
                config.ignoreRest();
            }
        });
        provider.check(typed, "typed_config", "a tracer needs its configuration");
        if (typed)
            m = headers;
    });
}

} // namespace sallyport::dataplane
