// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "core/dataplane/json_archive.h"

/// One description a message; definitions in json_*.cpp.
namespace sallyport::dataplane {

// json_base.cpp
template<typename A>
void describe(A &a, SocketAddress &m);
template<typename A>
void describe(A &a, CidrRange &m);
template<typename A>
void describe(A &a, DataSource &m);
template<typename A>
void describe(A &a, RuntimeUInt32 &m);
template<typename A>
void describe(A &a, RuntimeDouble &m);
template<typename A>
void describe(A &a, Locality &m);
template<typename A>
void describe(A &a, Metadata &m);
template<typename A>
void describe(A &a, ConfigSource &m);

// json_header_mutations.cpp
template<typename A>
void describe(A &a, HeaderValueOption &m);
template<typename A>
void describe(A &a, HeaderMutation &m);
template<typename A>
void describeHeaderMutations(A &a, HeaderMutations &m);
/// Of the field `name`: pseudo headers and the host are changed by other means.
template<typename A>
void checkAddedHeaders(A &a, const char *name, const std::vector<HeaderValueOption> &added)
{
    for (const HeaderValueOption &option : added)
        a.check(!option.key.starts_with(':') && option.key != "host" && option.key != "Host", name,
                ":-prefixed or host headers may not be modified");
}

// json_matchers.cpp
template<typename A>
void describe(A &a, StringMatcher &m);
template<typename A>
void describe(A &a, HeaderMatcher &m);
template<typename A>
void describe(A &a, QueryParameterMatcher &m);
template<typename A>
void describe(A &a, ValueMatcher &m);
template<typename A>
void describe(A &a, MetadataMatcher &m);
/// The field `path`: the keys from a filter's metadata to a value.
template<typename A>
void describeMetadataPath(A &a, std::vector<std::string> &path);
template<typename A>
void describe(A &a, RegexRewrite &m);
/// A field that holds `google.re2` RegexMatcher; the engine field is accepted and ignored.
template<typename A>
void describeRegex(A &a, const char *name, std::string &regex);

// json_percent.cpp
template<typename A>
void describe(A &a, FractionalPercent &m);
template<typename A>
void describe(A &a, RuntimeFractionalPercent &m);
/// An envoy.type.v3.Percent, absent when it is `standard`.
template<typename A>
void describePercentField(A &a, const char *name, double &percent, double standard);

// json_proxy_protocol.cpp
template<typename A>
void describe(A &a, ProxyTlvSelection &m);
template<typename A>
void describe(A &a, ProxyProtocolConfig::Tlv &m);
template<typename A>
void describe(A &a, ProxyProtocolConfig &m);
template<typename A>
void describe(A &a, ProxyProtocolFilter::Rule &m);
template<typename A>
void describe(A &a, ProxyProtocolFilter &m);
template<typename A>
void describe(A &a, ListenerPredicate &m);

// json_stats_config.cpp
template<typename A>
void describe(A &a, StatsConfig::Tag &m);
template<typename A>
void describe(A &a, StatsConfig::HistogramBounds &m);
template<typename A>
void describe(A &a, StatsConfig &m);

// json_access_log.cpp
template<typename A>
void describe(A &a, AccessLogFilter &m);
template<typename A>
void describe(A &a, FormatString &m);
template<typename A>
void describe(A &a, AccessLog &m);

// json_tls.cpp
template<typename A>
void describe(A &a, TlsParameters &m);
template<typename A>
void describe(A &a, TlsCertificate &m);
template<typename A>
void describe(A &a, SubjectAltNameMatcher &m);
template<typename A>
void describe(A &a, CertificateValidationContext &m);
template<typename A>
void describe(A &a, SdsSecretConfig &m);
template<typename A>
void describe(A &a, TlsKeyLog &m);
template<typename A>
void describe(A &a, CommonTlsContext &m);
template<typename A>
void describe(A &a, DownstreamTlsContext &m);
template<typename A>
void describe(A &a, UpstreamTlsContext &m);
template<typename A>
void describe(A &a, Secret &m);

// json_rbac.cpp
template<typename A>
void describe(A &a, RbacPolicy &m);
template<typename A>
void describe(A &a, RbacRules &m);
template<typename A>
void describe(A &a, Rbac &m);

// json_fault.cpp
template<typename A>
void describe(A &a, Fault &m);

// json_jwt.cpp
template<typename A>
void describe(A &a, JwtProvider &m);
template<typename A>
void describe(A &a, JwtProvider::Header &m);
template<typename A>
void describe(A &a, JwtProvider::ClaimToHeader &m);
template<typename A>
void describe(A &a, JwtRequirement &m);
template<typename A>
void describe(A &a, JwtRule &m);
template<typename A>
void describe(A &a, JwtAuthentication &m);

// json_ext_authz.cpp
template<typename A>
void describe(A &a, ExtAuthz &m);

// json_local_rate_limit.cpp
template<typename A>
void describe(A &a, LocalRateLimit &m);

// json_rate_limit.cpp
template<typename A>
void describe(A &a, TokenBucket &m);
template<typename A>
void describe(A &a, RateLimitAction &m);
template<typename A>
void describe(A &a, RateLimit &m);
template<typename A>
void describe(A &a, RateLimitEntry &m);
template<typename A>
void describe(A &a, LocalRateLimitDescriptor &m);

// json_http_status.cpp
/// The `code` of an envoy.type.v3.HttpStatus: a name of the enumeration or its number.
template<typename A>
void describeStatus(A &a, std::optional<std::uint32_t> &code);

// json_dynamic_forward_proxy.cpp
template<typename A>
void describe(A &a, DnsCache &m);
template<typename A>
void describe(A &a, DynamicForwardProxy &m);

// json_set_filter_state.cpp
template<typename A>
void describe(A &a, SetFilterState::Value &m);
template<typename A>
void describe(A &a, SetFilterState &m);

// json_http_filters.cpp
template<typename A>
void describe(A &a, CorsPolicy &m);
template<typename A>
void describe(A &a, HeaderMutationFilter &m);
template<typename A>
void describe(A &a, BufferFilter &m);
template<typename A>
void describe(A &a, Router &m);
template<typename A>
void describe(A &a, HttpFilter &m);

// json_per_filter.cpp
/// `typed_per_filter_config` of a route, a virtual host or a weighted cluster.
template<typename A>
void describePerFilter(A &a, PerFilterConfig &m);

// json_route_match.cpp
template<typename A>
void describe(A &a, CookieMatcher &m);
template<typename A>
void describe(A &a, RouteMatch &m);

// json_retry_policy.cpp
template<typename A>
void describe(A &a, RetryPolicy::RateLimitedReset &m);
template<typename A>
void describe(A &a, RetryPolicy &m);
template<typename A>
void describe(A &a, HedgePolicy &m);

// json_internal_redirect.cpp
template<typename A>
void describe(A &a, InternalRedirectPolicy::Predicate &m);
template<typename A>
void describe(A &a, InternalRedirectPolicy &m);

// json_route_action.cpp
template<typename A>
void describe(A &a, HashPolicy::CookieAttribute &m);
template<typename A>
void describe(A &a, HashPolicy &m);
template<typename A>
void describe(A &a, MirrorPolicy &m);
template<typename A>
void describe(A &a, WeightedCluster &m);
template<typename A>
void describe(A &a, UpgradeConfig &m);
template<typename A>
void describe(A &a, RouteAction &m);

// json_route.cpp
template<typename A>
void describe(A &a, RedirectAction &m);
template<typename A>
void describe(A &a, DirectResponseAction &m);
template<typename A>
void describe(A &a, TraceSampling &m);
template<typename A>
void describe(A &a, Route &m);
template<typename A>
void describe(A &a, VirtualCluster &m);
template<typename A>
void describe(A &a, VirtualHost &m);
template<typename A>
void describe(A &a, RouteConfiguration &m);

// json_ip_detection.cpp
template<typename A>
void describeIpDetections(A &a, std::vector<OriginalIpDetection> &detections);

// json_tracing.cpp
/// A connection manager's `tracing`, besides the samplings.
void readTracing(JsonReader &tracing, std::optional<TraceHeaders> &m);

// json_http_connection_manager.cpp
template<typename A>
void describe(A &a, LocalReplyConfig::Mapper &m);
template<typename A>
void describe(A &a, LocalReplyConfig &m);
template<typename A>
void describe(A &a, HttpConnectionManager::Upgrade &m);
template<typename A>
void describe(A &a, CommonHttpProtocolOptions &m);
template<typename A>
void describe(A &a, Http1ProtocolOptions &m);
template<typename A>
void describe(A &a, Http2ProtocolOptions &m);
template<typename A>
void describe(A &a, HttpConnectionManager &m);

// json_listener.cpp
template<typename A>
void describe(A &a, TcpProxy::Weighted &m);
template<typename A>
void describe(A &a, TcpTunneling &m);
template<typename A>
void describe(A &a, TcpProxy &m);
template<typename A>
void describe(A &a, SniDynamicForwardProxy &m);
template<typename A>
void describe(A &a, NetworkFilter &m);
template<typename A>
void describe(A &a, FilterChainMatch &m);
template<typename A>
void describe(A &a, FilterChain &m);
template<typename A>
void describe(A &a, Listener &m);

// json_listener_filter.cpp
template<typename A>
void describe(A &a, ListenerFilter &m);

// json_extension.cpp
/// A field that names an extension: one of `types`, which changes nothing here, or refused.
template<typename A>
void describeNeutralExtension(A &a, const char *name, std::initializer_list<const char *> types);

// json_dns_resolver.cpp
/// The fields about how names are looked up, of a bootstrap, a cluster or a DNS cache. `useTcp`: the oldest
/// of them.
template<typename A>
void describeResolver(A &a, const char *useTcp, std::optional<DnsResolver> &m);

// json_endpoints.cpp
template<typename A>
void describe(A &a, LbEndpoint &m);
template<typename A>
void describe(A &a, LocalityLbEndpoints &m);
template<typename A>
void describe(A &a, ClusterLoadAssignment::DropOverload &m);
template<typename A>
void describe(A &a, ClusterLoadAssignment &m);

// json_health_check.cpp
template<typename A>
void describe(A &a, HealthCheckPayload &m);
template<typename A>
void describe(A &a, StatusRange &m);
template<typename A>
void describe(A &a, HealthCheck &m);
template<typename A>
void describe(A &a, HealthCheckFilter &m);

// json_circuit_breakers.cpp
template<typename A>
void describe(A &a, CircuitBreakerThresholds &m);

// json_outlier_detection.cpp
template<typename A>
void describe(A &a, OutlierDetection &m);

// json_load_balancing.cpp
template<typename A>
void describe(A &a, LbSubsetConfig::Selector &m);
template<typename A>
void describe(A &a, LbSubsetConfig &m);
template<typename A>
void describe(A &a, ZoneAwareLb &m);
/// locality_weighted_lb_config, which says all by being there.
template<typename A>
void describeLocalityWeights(A &a, Cluster &m);
/// Which way localities count: zone_aware_lb_config or locality_weighted_lb_config.
template<typename A>
void describeLocalityChoice(A &a, Cluster &m);
template<typename A>
void describeSlowStart(A &a, Cluster &m);
template<typename A>
void describeConsistentHashing(A &a, Cluster &m);
/// The fields of a cluster that choose and configure its balancer.
template<typename A>
void describeBalancer(A &a, Cluster &m);

// json_load_balancing_policy.cpp
void readTypedPolicy(JsonReader &a, Cluster &m);
void writeTypedPolicy(JsonWriter &a, const Cluster &m);

// json_upstream_http.cpp
template<typename A>
void describe(A &a, UpstreamHttpProtocolOptions &m);
/// envoy.config.core.v3.UpstreamHttpProtocolOptions
template<typename A>
void describeSniOptions(A &a, UpstreamHttpProtocolOptions &m)
{
    a.field("auto_sni", m.autoSni);
    a.field("auto_san_validation", m.autoSanValidation);
    a.field("override_auto_sni_header", m.overrideAutoSniHeader);
}

// json_upstream_transport.cpp
/// `transport_socket` of a cluster or of one of its matches.
void readTransport(JsonReader &a, UpstreamTransport &m);
void writeTransport(JsonWriter &a, const UpstreamTransport &m);
template<typename A>
void describe(A &a, TransportSocketMatch &m);

// json_cluster.cpp
template<typename A>
void describe(A &a, Cluster &m);

// json_overload_manager.cpp
template<typename A>
void describe(A &a, OverloadManager::Monitor &m);
template<typename A>
void describe(A &a, OverloadManager::Trigger &m);
template<typename A>
void describe(A &a, OverloadManager::Action &m);
template<typename A>
void describe(A &a, OverloadManager &m);

// json_bootstrap.cpp
template<typename A>
void describe(A &a, Bootstrap &m);

inline constexpr const char *typePrefix = "type.googleapis.com/";

/// Writes `name: {"@type": …, fields of m}`.
template<typename T>
void writeAny(JsonWriter &a, const char *name, const char *type, const T &m)
{
    QJsonObject object = JsonWriter::write(m).toObject();
    object[QLatin1String("@type")] = QLatin1String(typePrefix) + QLatin1String(type);
    a.set(name, object);
}
/// Whether a case of a oneof is to be described, the field `name` that `kind` stands for: a writer describes
/// the case that is `held`, a reader all of them, and holds the one that is there.
template<typename A, typename Kind>
bool takesCase(A &a, const char *name, Kind kind, Kind &held)
{
    if constexpr (A::reading) {
        if (a.has(name))
            held = kind;
        return true;
    } else {
        return held == kind;
    }
}

} // namespace sallyport::dataplane
