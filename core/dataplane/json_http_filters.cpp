// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/http_filter_types.h"

namespace sallyport::dataplane {

using namespace http_filter_types;

template<typename A>
void describe(A &a, CorsPolicy &m)
{
    a.message("envoy.extensions.filters.http.cors.v3.CorsPolicy");
    a.field("allow_origin_string_match", m.allowOrigins);
    a.field("allow_methods", m.allowMethods);
    a.field("allow_headers", m.allowHeaders);
    a.field("expose_headers", m.exposeHeaders);
    a.field("max_age", m.maxAge);
    a.field("allow_credentials", m.allowCredentials);
    a.field("filter_enabled", m.filterEnabled);
    a.field("shadow_enabled", m.shadowEnabled);
    a.field("allow_private_network_access", m.allowPrivateNetworkAccess);
    a.field("forward_not_matching_preflights", m.forwardNotMatchingPreflights);
}
SALLYPORT_DESCRIBED(CorsPolicy)

template<typename A>
void describe(A &a, Router &m)
{
    a.message("envoy.extensions.filters.http.router.v3.Router");
    a.field("suppress_envoy_headers", m.suppressEnvoyHeaders);
    a.field("dynamic_stats", m.dynamicStats);
    a.field("strict_check_headers", m.strictCheckHeaders);
    a.ignored({"start_child_span"});
    a.refused({"reject_connect_request_early_data"});
    a.field("respect_expected_rq_timeout", m.respectExpectedTimeout);
    a.refused({"suppress_grpc_request_failure_code_stats"});
    a.field("upstream_log", m.upstreamLogs);
    a.group("upstream_log_options", [&m](A &inner) {
        inner.field("flush_upstream_log_on_upstream_stream", m.logPoolReady);
        inner.field("upstream_log_flush_interval", m.upstreamLogInterval);
    });
    a.refused({"upstream_http_filters"});
}
SALLYPORT_DESCRIBED(Router)

template<typename A>
void describe(A &a, BufferFilter &m)
{
    a.message("envoy.extensions.filters.http.buffer.v3.Buffer");
    a.field("max_request_bytes", m.maxRequestBytes);
}
SALLYPORT_DESCRIBED(BufferFilter)

template<typename A>
void describe(A &a, HeaderMutationFilter &m)
{
    a.message("envoy.extensions.filters.http.header_mutation.v3.HeaderMutation");
    a.group("mutations", [&](A &inner) {
        inner.field("request_mutations", m.request);
        inner.field("response_mutations", m.response);
        inner.refused(
            {"query_parameter_mutations", "request_trailers_mutations", "response_trailers_mutations"});
    });
    a.field("most_specific_header_mutations_wins", m.mostSpecificWins);
}
SALLYPORT_DESCRIBED(HeaderMutationFilter)

namespace {

void readAlpn(const QJsonObject &value, IstioAlpn &alpn)
{
    for (const QJsonValue &entry : value.value(QLatin1String("alpn_override")).toArray()) {
        const QJsonObject object = entry.toObject();
        const QString protocol =
            object.value(QLatin1String("upstream_protocol")).toString(QStringLiteral("HTTP10"));
        std::vector<std::string> &list = alpn.overrides[fromQt(protocol)];
        for (const QJsonValue &name : object.value(QLatin1String("alpn_override")).toArray())
            list.push_back(fromQt(name.toString()));
    }
}

/// Types that change nothing here: Istio's own filters (peer metadata, statistics) and gRPC statistics.
bool isWithoutEffect(const std::string &type)
{
    return type == "udpa.type.v1.TypedStruct" || type == "xds.type.v3.TypedStruct" ||
           type.starts_with("stats.") || type.starts_with("io.istio.") ||
           type == "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig" ||
           type == "envoy.extensions.filters.http.grpc_web.v3.GrpcWeb" ||
           type == "envoy.tcp.metadataexchange.config.MetadataExchange";
}

template<typename T>
void readFilter(JsonReader &inner, HttpFilter &m)
{
    describe(inner, m.config.emplace<T>());
}

void readFilterConfig(JsonReader &inner, const std::string &type, HttpFilter &m)
{
    if (type == routerType) {
        readFilter<Router>(inner, m);
    } else if (type == rbacType) {
        readFilter<Rbac>(inner, m);
    } else if (type == faultType) {
        readFilter<Fault>(inner, m);
    } else if (type == corsType) {
        m.config.emplace<CorsPolicy>();
    } else if (type == jwtType) {
        readFilter<JwtAuthentication>(inner, m);
    } else if (type == extAuthzType) {
        readFilter<ExtAuthz>(inner, m);
    } else if (type == localRateLimitType) {
        readFilter<LocalRateLimit>(inner, m);
        // Of a route's own bucket Envoy does not ask it.
        const auto &limit = std::get<LocalRateLimit>(m.config);
        inner.check(!limit.tokenBucket || limit.tokenBucket->fillInterval >= std::chrono::milliseconds(50),
                    "token_bucket", "local rate limit token bucket fill timer must be >= 50ms");
    } else if (type == forwardProxyType) {
        readFilter<DynamicForwardProxy>(inner, m);
    } else if (type == headerMutationType) {
        readFilter<HeaderMutationFilter>(inner, m);
    } else if (type == bufferType) {
        readFilter<BufferFilter>(inner, m);
    } else if (type == setFilterStateType) {
        readFilter<SetFilterState>(inner, m);
    } else if (type == healthCheckType) {
        readFilter<HealthCheckFilter>(inner, m);
    } else if (type == alpnType) {
        readAlpn(inner.object(), m.config.emplace<IstioAlpn>());
        inner.ignoreRest();
    } else if (isWithoutEffect(type)) {
        m.config = OpaqueConfig{type, inner.object()};
        inner.ignoreRest();
    } else {
        inner.fail("@type", "this HTTP filter is not supported by this gateway: " + type);
        inner.ignoreRest();
    }
}

} // namespace

template<typename A>
void describe(A &a, HttpFilter &m)
{
    a.message("envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter");
    a.field("name", m.name);
    a.field("disabled", m.disabled);
    a.refused({"config_discovery"});
    if constexpr (A::reading) {
        bool isOptional = false;
        a.field("is_optional", isOptional);
        const bool typed = a.any("typed_config", [&](JsonReader &inner, const std::string &type) {
            readFilterConfig(inner, type, m);
        });
        // One that nobody knows and that need not be there is passed over.
        if (!typed && isOptional)
            m.config = OpaqueConfig();
        a.check(typed || isOptional, "typed_config", "a filter needs its configuration");
    } else {
        std::visit(
            [&](const auto &config) {
                using T = std::decay_t<decltype(config)>;
                if constexpr (std::is_same_v<T, OpaqueConfig>) {
                    if (config.typeUrl.empty())
                        a.set("is_optional", true);
                    else
                        a.set("typed_config", config.value);
                } else if constexpr (std::is_same_v<T, CorsPolicy>)
                    a.set("typed_config", QJsonObject{{QStringLiteral("@type"),
                                                       QLatin1String(typePrefix) + QLatin1String(corsType)}});
                else if constexpr (std::is_same_v<T, IstioAlpn>) {
                    QJsonArray overrides;
                    for (const auto &[protocol, names] : config.overrides)
                        overrides.append(
                            QJsonObject{{QStringLiteral("upstream_protocol"), toQt(protocol)},
                                        {QStringLiteral("alpn_override"), JsonWriter::write(names)}});
                    a.set("typed_config", QJsonObject{{QStringLiteral("@type"),
                                                       QLatin1String(typePrefix) + QLatin1String(alpnType)},
                                                      {QStringLiteral("alpn_override"), overrides}});
                } else {
                    const char *type = std::is_same_v<T, Router>                 ? routerType
                                       : std::is_same_v<T, BufferFilter>         ? bufferType
                                       : std::is_same_v<T, Rbac>                 ? rbacType
                                       : std::is_same_v<T, Fault>                ? faultType
                                       : std::is_same_v<T, JwtAuthentication>    ? jwtType
                                       : std::is_same_v<T, ExtAuthz>             ? extAuthzType
                                       : std::is_same_v<T, DynamicForwardProxy>  ? forwardProxyType
                                       : std::is_same_v<T, HeaderMutationFilter> ? headerMutationType
                                       : std::is_same_v<T, HealthCheckFilter>    ? healthCheckType
                                       : std::is_same_v<T, SetFilterState>       ? setFilterStateType
                                                                                 : localRateLimitType;
                    writeAny(a, "typed_config", type, config);
                }
            },
            m.config);
    }
}
SALLYPORT_DESCRIBED(HttpFilter)

} // namespace sallyport::dataplane
