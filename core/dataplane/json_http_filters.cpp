// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <QJsonDocument>

#include <algorithm>

namespace sallyport::dataplane {

namespace {

constexpr const char *routerType = "envoy.extensions.filters.http.router.v3.Router";
constexpr const char *rbacType = "envoy.extensions.filters.http.rbac.v3.RBAC";
constexpr const char *rbacPerRouteType = "envoy.extensions.filters.http.rbac.v3.RBACPerRoute";
constexpr const char *faultType = "envoy.extensions.filters.http.fault.v3.HTTPFault";
constexpr const char *corsType = "envoy.extensions.filters.http.cors.v3.Cors";
constexpr const char *corsPolicyType = "envoy.extensions.filters.http.cors.v3.CorsPolicy";
constexpr const char *jwtType = "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";
constexpr const char *jwtPerRouteType = "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig";
constexpr const char *extAuthzType = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";
constexpr const char *extAuthzPerRouteType = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";
constexpr const char *localRateLimitType = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
constexpr const char *headerMutationType = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
constexpr const char *headerMutationPerRouteType =
    "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute";
constexpr const char *filterConfigType = "envoy.config.route.v3.FilterConfig";
constexpr const char *forwardProxyType =
    "envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig";
constexpr const char *alpnType = "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig";

struct StatusName
{
    const char *name;
    std::uint32_t code;
};
// envoy.type.v3.StatusCode
constexpr StatusName statusNames[] = {{"Continue", 100},
                                      {"OK", 200},
                                      {"Created", 201},
                                      {"Accepted", 202},
                                      {"NonAuthoritativeInformation", 203},
                                      {"NoContent", 204},
                                      {"ResetContent", 205},
                                      {"PartialContent", 206},
                                      {"MultiStatus", 207},
                                      {"AlreadyReported", 208},
                                      {"IMUsed", 226},
                                      {"MultipleChoices", 300},
                                      {"MovedPermanently", 301},
                                      {"Found", 302},
                                      {"SeeOther", 303},
                                      {"NotModified", 304},
                                      {"UseProxy", 305},
                                      {"TemporaryRedirect", 307},
                                      {"PermanentRedirect", 308},
                                      {"BadRequest", 400},
                                      {"Unauthorized", 401},
                                      {"PaymentRequired", 402},
                                      {"Forbidden", 403},
                                      {"NotFound", 404},
                                      {"MethodNotAllowed", 405},
                                      {"NotAcceptable", 406},
                                      {"ProxyAuthenticationRequired", 407},
                                      {"RequestTimeout", 408},
                                      {"Conflict", 409},
                                      {"Gone", 410},
                                      {"LengthRequired", 411},
                                      {"PreconditionFailed", 412},
                                      {"PayloadTooLarge", 413},
                                      {"URITooLong", 414},
                                      {"UnsupportedMediaType", 415},
                                      {"RangeNotSatisfiable", 416},
                                      {"ExpectationFailed", 417},
                                      {"MisdirectedRequest", 421},
                                      {"UnprocessableEntity", 422},
                                      {"Locked", 423},
                                      {"FailedDependency", 424},
                                      {"UpgradeRequired", 426},
                                      {"PreconditionRequired", 428},
                                      {"TooManyRequests", 429},
                                      {"RequestHeaderFieldsTooLarge", 431},
                                      {"InternalServerError", 500},
                                      {"NotImplemented", 501},
                                      {"BadGateway", 502},
                                      {"ServiceUnavailable", 503},
                                      {"GatewayTimeout", 504},
                                      {"HTTPVersionNotSupported", 505},
                                      {"VariantAlsoNegotiates", 506},
                                      {"InsufficientStorage", 507},
                                      {"LoopDetected", 508},
                                      {"NotExtended", 510},
                                      {"NetworkAuthenticationRequired", 511}};

/// The `code` of an envoy.type.v3.HttpStatus: a name of the enumeration or its number.
template<typename A>
void describeStatus(A &a, std::optional<std::uint32_t> &code)
{
    if constexpr (std::is_same_v<A, JsonReader>) {
        const QJsonValue json = a.take("code");
        const auto *found =
            std::find_if(std::begin(statusNames), std::end(statusNames), [&](const StatusName &status) {
                return json.isString() ? json.toString() == QLatin1String(status.name)
                                       : json.toInt() == static_cast<int>(status.code);
            });
        a.check(found != std::end(statusNames), "code", "there is no such status code");
        if (found != std::end(statusNames))
            code = found->code;
    } else {
        a.field("code", code);
    }
}

template<typename A>
void describePercentage(A &a, FractionalPercent &percentage)
{
    a.field("percentage", percentage);
}

template<typename A>
void describePatterns(A &a, const char *name, std::vector<StringMatcher> &patterns)
{
    a.group(name, [&](A &inner) { inner.field("patterns", patterns); });
}

template<typename A>
void describeHeaderValues(A &a, const char *name, std::vector<HeaderValueOption> &options)
{
    if constexpr (std::is_same_v<A, JsonReader>) {
        for (const QJsonValue &value : a.take(name).toArray()) {
            HeaderValueOption &option = options.emplace_back();
            option.key = fromQt(value.toObject().value(QLatin1String("key")).toString());
            option.value = fromQt(value.toObject().value(QLatin1String("value")).toString());
            option.action = HeaderAppendAction::OverwriteIfExistsOrAdd;
        }
    } else {
        QJsonArray array;
        for (const HeaderValueOption &option : options)
            array.append(QJsonObject{{QStringLiteral("key"), toQt(option.key)},
                                     {QStringLiteral("value"), toQt(option.value)}});
        if (!array.isEmpty())
            a.set(name, array);
    }
}

} // namespace

template<typename A>
void describe(A &a, Fault &m)
{
    a.message("envoy.extensions.filters.http.fault.v3.HTTPFault");
    const auto statusGood = [](std::uint32_t status) { return status >= 200 && status < 600; };
    if (A::reading || m.delay) {
        Fault::Delay delay = m.delay.value_or(Fault::Delay());
        a.group(
            "delay",
            [&](A &inner) {
                inner.field("fixed_delay", delay.fixed);
                if (A::reading || !delay.fixed)
                    inner.group(
                        "header_delay", [](A &) {}, true);
                describePercentage(inner, delay.percentage);
                if constexpr (A::reading) {
                    inner.check(!delay.fixed || *delay.fixed > Duration::zero(), "fixed_delay",
                                "a delay must be longer than 0s");
                    inner.check(delay.fixed || inner.has("header_delay"), "",
                                "a fixed or a header delay is required");
                    m.delay = delay;
                }
            },
            true);
    }
    if (A::reading || m.abort) {
        Fault::Abort abort = m.abort.value_or(Fault::Abort());
        a.group(
            "abort",
            [&](A &inner) {
                inner.field("http_status", abort.httpStatus);
                inner.field("grpc_status", abort.grpcStatus);
                if (A::reading || (!abort.httpStatus && !abort.grpcStatus))
                    inner.group(
                        "header_abort", [](A &) {}, true);
                describePercentage(inner, abort.percentage);
                if constexpr (A::reading) {
                    inner.check(!abort.httpStatus || statusGood(*abort.httpStatus), "http_status",
                                "a status from 200 to 599 is expected");
                    inner.check(abort.httpStatus || abort.grpcStatus || inner.has("header_abort"), "",
                                "a status or header_abort is required");
                    m.abort = abort;
                }
            },
            true);
    }
    a.field("upstream_cluster", m.upstreamCluster);
    a.field("headers", m.headers);
    a.field("max_active_faults", m.maxActiveFaults);
    a.keys({"delay_percent_runtime", "abort_percent_runtime", "delay_duration_runtime",
            "abort_http_status_runtime", "max_active_faults_runtime"});
    a.ignored({"response_rate_limit_percent_runtime"});
    a.refused({"abort_grpc_status_runtime"});
    a.field("disable_downstream_cluster_stats", m.disableDownstreamClusterStats);
    a.field("filter_metadata", m.filterMetadata);
    a.refused({"response_rate_limit", "downstream_nodes"});
}
SALLYPORT_DESCRIBED(Fault)

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
void describe(A &a, JwtProvider &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtProvider");
    a.field("issuer", m.issuer);
    a.field("audiences", m.audiences);
    a.field("local_jwks", m.localJwks);
    a.field("forward", m.forward);
    a.field("from_headers", m.fromHeaders);
    a.field("from_params", m.fromParams);
    a.field("from_cookies", m.fromCookies);
    a.field("forward_payload_header", m.forwardPayloadHeader);
    a.field("pad_forward_payload_header", m.padForwardPayloadHeader);
    a.field("payload_in_metadata", m.payloadInMetadata);
    a.field("header_in_metadata", m.headerInMetadata);
    a.field("failed_status_in_metadata", m.failedStatusInMetadata);
    a.field("clock_skew_seconds", m.clockSkewSeconds, 60U);
    a.field("claim_to_headers", m.claimToHeaders);
    a.group("normalize_payload_in_metadata",
            [&](A &inner) { inner.field("space_delimited_claims", m.normalizeSpaceDelimitedClaims); });
    a.ignored({"jwt_cache_config"});
    a.refused({"clear_route_cache"});
    a.refused({"remote_jwks", "subjects", "require_expiration", "max_lifetime"});
    if constexpr (A::reading) {
        a.check(m.localJwks.isSet(), "local_jwks", "keys are required");
        if (m.localJwks.inlineString) {
            const QJsonDocument keys =
                QJsonDocument::fromJson(QByteArray::fromStdString(*m.localJwks.inlineString));
            a.check(keys.isObject(), "local_jwks", "the provider has invalid local jwks: this is no JSON");
            a.check(keys.object().value(QLatin1String("keys")).isArray(), "local_jwks",
                    "the provider has invalid local jwks: Jwks does not have [keys] field");
            a.check(!keys.object().value(QLatin1String("keys")).toArray().isEmpty(), "local_jwks",
                    "the provider has invalid local jwks: no valid keys");
        }
    }
}
SALLYPORT_DESCRIBED(JwtProvider)

template<typename A>
void describe(A &a, JwtProvider::Header &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtHeader");
    a.field("name", m.name);
    a.field("value_prefix", m.valuePrefix);
    a.check(!m.name.empty(), "name", "a header name is required");
}
SALLYPORT_DESCRIBED(JwtProvider::Header)

template<typename A>
void describe(A &a, JwtProvider::ClaimToHeader &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader");
    a.field("header_name", m.headerName);
    a.field("claim_name", m.claimName);
    a.check(!m.headerName.empty(), "header_name", "a header name is required");
    a.check(!m.claimName.empty(), "claim_name", "a claim is required");
}
SALLYPORT_DESCRIBED(JwtProvider::ClaimToHeader)

template<typename A>
void describe(A &a, JwtRequirement &m)
{
    using Kind = JwtRequirement::Kind;
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement");
    const auto is = [&](const char *name, Kind kind) {
        if constexpr (A::reading) {
            if (a.has(name))
                m.kind = kind;
            return true;
        } else {
            return m.kind == kind;
        }
    };
    if (is("provider_name", Kind::Provider))
        a.field("provider_name", m.provider);
    if (is("provider_and_audiences", Kind::ProviderAndAudiences)) {
        a.group("provider_and_audiences", [&](A &inner) {
            inner.field("provider_name", m.provider);
            inner.field("audiences", m.audiences);
        });
    }
    if (is("requires_any", Kind::Any))
        a.group("requires_any", [&](A &inner) { inner.field("requirements", m.requirements); });
    if (is("requires_all", Kind::All))
        a.group("requires_all", [&](A &inner) { inner.field("requirements", m.requirements); });
    if (is("allow_missing_or_failed", Kind::AllowMissingOrFailed))
        a.group(
            "allow_missing_or_failed", [](A &) {}, true);
    if (is("allow_missing", Kind::AllowMissing))
        a.group(
            "allow_missing", [](A &) {}, true);
    a.refused({"extract_only_without_validation"});
}
SALLYPORT_DESCRIBED(JwtRequirement)

template<typename A>
void describe(A &a, JwtRule &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.RequirementRule");
    a.group(
        "match", [&](A &inner) { describe(inner, m.match); }, true);
    a.field("requires", m.requirement);
    a.field("requirement_name", m.requirementName);
}
SALLYPORT_DESCRIBED(JwtRule)

template<typename A>
void describe(A &a, JwtAuthentication &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication");
    a.field("providers", m.providers);
    a.field("rules", m.rules);
    a.field("bypass_cors_preflight", m.bypassCorsPreflight);
    a.field("requirement_map", m.requirementMap);
    a.field("stat_prefix", m.statPrefix);
    a.refused({"strip_failure_response"});
    a.refused({"filter_state_rules"});
    if constexpr (A::reading) {
        const auto known = [&](const JwtRequirement &requirement, const auto &self) -> bool {
            const bool named = requirement.kind == JwtRequirement::Kind::Provider ||
                               requirement.kind == JwtRequirement::Kind::ProviderAndAudiences;
            if (named && m.providers.find(requirement.provider) == m.providers.end())
                return false;
            return std::all_of(requirement.requirements.begin(), requirement.requirements.end(),
                               [&](const JwtRequirement &inner) { return self(inner, self); });
        };
        for (const JwtRule &rule : m.rules)
            a.check(!rule.requirement || known(*rule.requirement, known), "rules",
                    "a rule requires a provider that does not exist");
        for (const auto &[name, requirement] : m.requirementMap)
            a.check(known(requirement, known), "requirement_map",
                    "a requirement names a provider that does not exist");
    }
}
SALLYPORT_DESCRIBED(JwtAuthentication)

template<typename A>
void describe(A &a, ExtAuthz &m)
{
    a.message("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz");
    if constexpr (!A::reading) {
        if (!m.grpcCluster.empty()) {
            a.group("grpc_service", [&](A &service) {
                service.group("envoy_grpc", [&](A &envoy) {
                    envoy.field("cluster_name", m.grpcCluster);
                    envoy.field("authority", m.grpcAuthority);
                });
                service.field("timeout", m.timeout);
            });
        }
    }
    const auto describeHttpService = [&](A &service) {
        service.message("envoy.extensions.filters.http.ext_authz.v3.HttpService");
        service.group("server_uri", [&](A &uri) {
            uri.field("uri", m.uri);
            uri.field("cluster", m.cluster);
            uri.field("timeout", m.timeout);
            uri.check(!m.uri.empty(), "uri", "a URI is required");
            uri.check(!m.cluster.empty(), "cluster", "a cluster is required");
        });
        service.field("path_prefix", m.pathPrefix);
        service.group("authorization_request", [&](A &request) {
            describePatterns(request, "allowed_headers", m.allowedRequestHeaders);
            describeHeaderValues(request, "headers_to_add", m.requestHeadersToAdd);
        });
        service.group("authorization_response", [&](A &response) {
            describePatterns(response, "allowed_upstream_headers", m.allowedUpstreamHeaders);
            describePatterns(response, "allowed_upstream_headers_to_append",
                             m.allowedUpstreamHeadersToAppend);
            describePatterns(response, "allowed_client_headers", m.allowedClientHeaders);
            describePatterns(response, "allowed_client_headers_on_success", m.allowedClientHeadersOnSuccess);
            response.refused({"dynamic_metadata_from_headers"});
        });
        service.refused({"path_override", "retry_policy"});
    };
    if (A::reading || m.grpcCluster.empty())
        a.group("http_service", describeHttpService);
    // The newer place of the same list; it is written in the older one.
    if constexpr (A::reading)
        describePatterns(a, "allowed_headers", m.allowedRequestHeaders);
    a.field("failure_mode_allow", m.failureModeAllow);
    a.field("failure_mode_allow_header_add", m.failureModeAllowHeaderAdd);
    a.group("with_request_body", [&](A &body) {
        body.field("max_request_bytes", m.maxRequestBytes);
        body.field("allow_partial_message", m.allowPartialMessage);
        body.field("pack_as_bytes", m.packAsBytes);
    });
    if (A::reading || m.statusOnError) {
        a.group("status_on_error", [&](A &inner) { describeStatus(inner, m.statusOnError); });
    }
    a.field("stat_prefix", m.statPrefix);
    a.field("clear_route_cache", m.clearRouteCache);
    a.field("include_peer_certificate", m.includePeerCertificate);
    a.field("filter_enabled_metadata", m.enabledMetadata);
    a.field("filter_enabled", m.filterEnabled);
    a.field("transport_api_version", m.transportApiVersion);
    a.field("charge_cluster_response_stats", m.chargeClusterResponseStats);
    a.ignored({"metadata_context_namespaces", "bootstrap_metadata_labels_key"});
    a.refused({"grpc_service", "deny_at_disable", "disallowed_headers", "validate_mutations",
               "decoder_header_mutation_rules"});
    if constexpr (A::reading)
        a.check(!m.cluster.empty(), "http_service", "only an HTTP service is supported here");
}
SALLYPORT_DESCRIBED(ExtAuthz)

template<typename A>
void describe(A &a, LocalRateLimit &m)
{
    a.message("envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit");
    a.field("stat_prefix", m.statPrefix);
    if (A::reading || m.status != 429)
        a.group("status", [&](A &inner) {
            std::optional<std::uint32_t> status = m.status;
            describeStatus(inner, status);
            if constexpr (A::reading)
                m.status = status.value_or(m.status);
        });
    if (A::reading || m.hasTokenBucket) {
        a.group("token_bucket", [&](A &inner) {
            if constexpr (A::reading)
                m.hasTokenBucket = true;
            inner.field("max_tokens", m.maxTokens);
            inner.field("tokens_per_fill", m.tokensPerFill, 1U);
            inner.field("fill_interval", m.fillInterval);
        });
    }
    a.field("filter_enabled", m.filterEnabled);
    a.field("filter_enforced", m.filterEnforced);
    a.field("request_headers_to_add_when_not_enforced", m.requestHeadersToAddWhenNotEnforced);
    a.field("response_headers_to_add", m.responseHeadersToAdd);
    a.word("enable_x_ratelimit_headers", m.xRateLimitHeaders, {"OFF", "DRAFT_VERSION_03"});
    a.ignored({"stage", "always_consume_default_token_bucket"});
    a.refused({"vh_rate_limits", "local_rate_limit_per_downstream_connection"});
    a.refused({"descriptors", "local_cluster_rate_limit", "rate_limits"});
}
SALLYPORT_DESCRIBED(LocalRateLimit)

template<typename A>
void describe(A &a, DnsCache &m)
{
    a.message("envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig");
    a.field("name", m.name);
    a.word("dns_lookup_family", m.family, {"AUTO", "V4_ONLY", "V6_ONLY", "V4_PREFERRED", "ALL"});
    a.field("max_hosts", m.maxHosts);
    a.ignored({"dns_refresh_rate", "dns_min_refresh_rate", "host_ttl", "dns_failure_refresh_rate",
               "dns_query_timeout", "dns_cache_circuit_breaker", "typed_dns_resolver_config",
               "dns_resolution_config", "use_tcp_for_dns_lookups", "disable_dns_refresh_on_failure"});
    a.refused({"preresolve_hostnames", "key_value_config"});
    a.check(!m.name.empty(), "name", "a cache's name is required");
}
SALLYPORT_DESCRIBED(DnsCache)

template<typename A>
void describe(A &a, DynamicForwardProxy &m)
{
    a.message("envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig");
    a.group("dns_cache_config", [&](A &inner) { describe(inner, m.cache); });
    a.ignored({"save_upstream_address"});
    a.refused({"sub_cluster_config", "allow_dynamic_host_from_filter_state"});
}
SALLYPORT_DESCRIBED(DynamicForwardProxy)

template<typename A>
void describe(A &a, Router &m)
{
    a.message("envoy.extensions.filters.http.router.v3.Router");
    a.field("suppress_envoy_headers", m.suppressEnvoyHeaders);
    a.field("dynamic_stats", m.dynamicStats);
    a.field("strict_check_headers", m.strictCheckHeaders);
    static constexpr std::string_view checkable[] = {
        "x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms", "x-envoy-max-retries",
        "x-envoy-retry-grpc-on", "x-envoy-retry-on"};
    for (const std::string &name : m.strictCheckHeaders)
        a.check(std::find(std::begin(checkable), std::end(checkable), name) != std::end(checkable),
                "strict_check_headers", "this header cannot be checked");
    a.ignored({"start_child_span"});
    a.refused({"reject_connect_request_early_data"});
    a.refused(
        {"respect_expected_rq_timeout", "suppress_grpc_request_failure_code_stats", "upstream_log_options"});
    a.refused({"upstream_log", "upstream_http_filters"});
}
SALLYPORT_DESCRIBED(Router)

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
    } else if (type == forwardProxyType) {
        readFilter<DynamicForwardProxy>(inner, m);
    } else if (type == headerMutationType) {
        readFilter<HeaderMutationFilter>(inner, m);
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

template<typename A>
void describe(A &a, HttpFilter &m)
{
    a.message("envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter");
    a.field("name", m.name);
    a.field("disabled", m.disabled);
    a.ignored({"is_optional"});
    a.refused({"config_discovery"});
    if constexpr (A::reading) {
        a.check(!m.name.empty(), "name", "a filter's name is required");
        const bool typed = a.any("typed_config", [&](JsonReader &inner, const std::string &type) {
            readFilterConfig(inner, type, m);
        });
        a.check(typed, "typed_config", "a filter needs its configuration");
    } else {
        std::visit(
            [&](const auto &config) {
                using T = std::decay_t<decltype(config)>;
                if constexpr (std::is_same_v<T, OpaqueConfig>)
                    a.set("typed_config", config.value);
                else if constexpr (std::is_same_v<T, CorsPolicy>)
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
                                       : std::is_same_v<T, Rbac>                 ? rbacType
                                       : std::is_same_v<T, Fault>                ? faultType
                                       : std::is_same_v<T, JwtAuthentication>    ? jwtType
                                       : std::is_same_v<T, ExtAuthz>             ? extAuthzType
                                       : std::is_same_v<T, DynamicForwardProxy>  ? forwardProxyType
                                       : std::is_same_v<T, HeaderMutationFilter> ? headerMutationType
                                                                                 : localRateLimitType;
                    writeAny(a, "typed_config", type, config);
                }
            },
            m.config);
    }
}
SALLYPORT_DESCRIBED(HttpFilter)

void readPerFilter(JsonReader &a, PerFilterConfig &m)
{
    const QJsonValue json = a.take("typed_per_filter_config");
    const QJsonObject filters = json.toObject();
    for (auto it = filters.constBegin(); it != filters.constEnd(); ++it) {
        const std::string path = a.child("typed_per_filter_config") + '[' + fromQt(it.key()) + ']';
        const QJsonObject object = it.value().toObject();
        const std::string url = fromQt(object.value(QLatin1String("@type")).toString());
        const std::string type = url.substr(url.rfind('/') == std::string::npos ? 0 : url.rfind('/') + 1);
        JsonReader inner(object, path, a.state());
        inner.ignored({"@type"});
        if (type == faultType) {
            describe(inner, m.fault.emplace());
        } else if (type == corsPolicyType) {
            describe(inner, m.cors.emplace());
        } else if (type == rbacPerRouteType) {
            m.rbac.emplace();
            inner.field("rbac", m.rbac);
        } else if (type == localRateLimitType) {
            describe(inner, m.localRateLimit.emplace());
        } else if (type == headerMutationPerRouteType) {
            describe(inner, m.headerMutation.emplace());
        } else if (type == extAuthzPerRouteType) {
            inner.field("disabled", m.extAuthzDisabled);
            inner.refused({"check_settings"});
        } else if (type == jwtPerRouteType) {
            inner.field("requirement_name", m.jwtRequirementName);
            inner.field("disabled", m.jwtDisabled);
        } else if (type == filterConfigType) {
            bool disabled = false;
            inner.field("disabled", disabled);
            inner.ignored({"is_optional"});
            inner.refused({"config"});
            if (disabled)
                m.disabled.push_back(fromQt(it.key()));
        } else {
            inner.fail("@type", "this per-route configuration is not supported by this gateway: " + type);
            inner.ignoreRest();
        }
        inner.finish();
    }
}

void writePerFilter(JsonWriter &a, const PerFilterConfig &m)
{
    JsonWriter filters;
    if (m.fault)
        writeAny(filters, "envoy.filters.http.fault", faultType, *m.fault);
    if (m.cors)
        writeAny(filters, "envoy.filters.http.cors", corsPolicyType, *m.cors);
    if (m.rbac) {
        QJsonObject perRoute{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(rbacPerRouteType)}};
        if (m.rbac->rules || m.rbac->shadowRules)
            perRoute[QStringLiteral("rbac")] = JsonWriter::write(*m.rbac);
        filters.set("envoy.filters.http.rbac", perRoute);
    }
    if (m.localRateLimit)
        writeAny(filters, "envoy.filters.http.local_ratelimit", localRateLimitType, *m.localRateLimit);
    if (m.headerMutation)
        writeAny(filters, "envoy.filters.http.header_mutation", headerMutationPerRouteType,
                 *m.headerMutation);
    if (m.extAuthzDisabled)
        filters.set("envoy.filters.http.ext_authz",
                    QJsonObject{{QStringLiteral("@type"),
                                 QLatin1String(typePrefix) + QLatin1String(extAuthzPerRouteType)},
                                {QStringLiteral("disabled"), *m.extAuthzDisabled}});
    if (m.jwtRequirementName || m.jwtDisabled) {
        QJsonObject perRoute{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(jwtPerRouteType)}};
        if (m.jwtRequirementName)
            perRoute[QStringLiteral("requirement_name")] = toQt(*m.jwtRequirementName);
        else
            perRoute[QStringLiteral("disabled")] = true;
        filters.set("envoy.filters.http.jwt_authn", perRoute);
    }
    for (const std::string &name : m.disabled)
        filters.set(name.c_str(), QJsonObject{{QStringLiteral("@type"),
                                               QLatin1String(typePrefix) + QLatin1String(filterConfigType)},
                                              {QStringLiteral("disabled"), true}});
    if (!filters.object().isEmpty())
        a.set("typed_per_filter_config", filters.object());
}

} // namespace sallyport::dataplane
