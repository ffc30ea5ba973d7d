// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/factories.h"

#include "proxy/filters/buffer_filter.h"
#include "proxy/filters/cors_filter.h"
#include "proxy/filters/dynamic_forward_proxy_filter.h"
#include "proxy/filters/ext_authz_filter.h"
#include "proxy/filters/fault_filter.h"
#include "proxy/filters/header_mutation_filter.h"
#include "proxy/filters/health_check_filter.h"
#include "proxy/filters/jwt_authn_filter.h"
#include "proxy/filters/local_rate_limit_filter.h"
#include "proxy/filters/rbac_filter.h"
#include "proxy/filters/set_filter_state_filter.h"

namespace sallyport::filters {

Result<FilterFactory> makeFactory(const dataplane::HttpFilter &filter, telemetry::StatsStore &store,
                                  const std::string &statPrefix, const ProxyFacts &proxy)
{
    if (const auto *rbac = std::get_if<dataplane::Rbac>(&filter.config))
        return makeRbacFactory(*rbac, store, statPrefix);
    if (const auto *fault = std::get_if<dataplane::Fault>(&filter.config))
        return makeFaultFactory(*fault, store, statPrefix);
    if (std::holds_alternative<dataplane::CorsPolicy>(filter.config))
        return makeCorsFactory(store, statPrefix);
    if (const auto *limit = std::get_if<dataplane::LocalRateLimit>(&filter.config))
        return makeLocalRateLimitFactory(*limit, store, proxy.cluster);
    if (const auto *jwt = std::get_if<dataplane::JwtAuthentication>(&filter.config))
        return makeJwtAuthnFactory(*jwt, store, statPrefix);
    if (const auto *authz = std::get_if<dataplane::ExtAuthz>(&filter.config))
        return makeExtAuthzFactory(*authz, store, statPrefix);
    if (const auto *forward = std::get_if<dataplane::DynamicForwardProxy>(&filter.config))
        return makeDynamicForwardProxyFactory(
            *forward, filter.name == clusterLookup ? LookedUpBy::Cluster : LookedUpBy::Filter, store);
    if (const auto *state = std::get_if<dataplane::SetFilterState>(&filter.config))
        return makeSetFilterStateFactory(*state);
    if (const auto *mutation = std::get_if<dataplane::HeaderMutationFilter>(&filter.config))
        return makeHeaderMutationFactory(*mutation);
    if (const auto *check = std::get_if<dataplane::HealthCheckFilter>(&filter.config))
        return makeHealthCheckFactory(*check, proxy.cluster, proxy.failed, store, statPrefix);
    if (const auto *buffer = std::get_if<dataplane::BufferFilter>(&filter.config))
        return makeBufferFactory(*buffer);
    const bool withoutEffect = std::holds_alternative<dataplane::OpaqueConfig>(filter.config) ||
                               std::holds_alternative<dataplane::Router>(filter.config) ||
                               std::holds_alternative<dataplane::IstioAlpn>(filter.config);
    if (withoutEffect)
        return FilterFactory();
    return fail("the HTTP filter " + filter.name + " is not supported by this gateway", {},
                "run the configuration with Envoy itself");
}

} // namespace sallyport::filters
