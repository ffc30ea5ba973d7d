// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The types of messages that configure HTTP filters, for a whole listener or for a route.
namespace sallyport::dataplane::http_filter_types {

inline constexpr const char *routerType = "envoy.extensions.filters.http.router.v3.Router";
inline constexpr const char *rbacType = "envoy.extensions.filters.http.rbac.v3.RBAC";
inline constexpr const char *rbacPerRouteType = "envoy.extensions.filters.http.rbac.v3.RBACPerRoute";
inline constexpr const char *faultType = "envoy.extensions.filters.http.fault.v3.HTTPFault";
inline constexpr const char *corsType = "envoy.extensions.filters.http.cors.v3.Cors";
inline constexpr const char *corsPolicyType = "envoy.extensions.filters.http.cors.v3.CorsPolicy";
inline constexpr const char *jwtType = "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";
inline constexpr const char *jwtPerRouteType = "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig";
inline constexpr const char *extAuthzType = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";
inline constexpr const char *extAuthzPerRouteType =
    "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";
inline constexpr const char *localRateLimitType =
    "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
inline constexpr const char *headerMutationType =
    "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
inline constexpr const char *headerMutationPerRouteType =
    "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute";
inline constexpr const char *bufferType = "envoy.extensions.filters.http.buffer.v3.Buffer";
inline constexpr const char *bufferPerRouteType = "envoy.extensions.filters.http.buffer.v3.BufferPerRoute";
inline constexpr const char *healthCheckType = "envoy.extensions.filters.http.health_check.v3.HealthCheck";
inline constexpr const char *filterConfigType = "envoy.config.route.v3.FilterConfig";
inline constexpr const char *forwardProxyType =
    "envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig";
inline constexpr const char *setFilterStateType = "envoy.extensions.filters.http.set_filter_state.v3.Config";
inline constexpr const char *alpnType = "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig";

} // namespace sallyport::dataplane::http_filter_types
