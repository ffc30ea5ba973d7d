// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, DnsCache &m)
{
    a.message("envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig");
    a.field("name", m.name);
    a.word("dns_lookup_family", m.family, {"AUTO", "V4_ONLY", "V6_ONLY", "V4_PREFERRED", "ALL"});
    const DnsCache standard;
    a.field("max_hosts", m.maxHosts);
    a.field("dns_refresh_rate", m.refreshRate, standard.refreshRate);
    a.field("dns_min_refresh_rate", m.minRefreshRate, standard.minRefreshRate);
    a.field("host_ttl", m.hostTtl, standard.hostTtl);
    a.group("dns_failure_refresh_rate", [&](A &inner) {
        inner.field("base_interval", m.failureRefreshRate);
        inner.field("max_interval", m.failureMaxInterval);
    });
    a.field("dns_query_timeout", m.queryTimeout, standard.queryTimeout);
    a.group("dns_cache_circuit_breaker", [&](A &inner) {
        inner.field("max_pending_requests", m.maxPendingRequests, standard.maxPendingRequests);
    });
    a.field("disable_dns_refresh_on_failure", m.disableRefreshOnFailure);
    describeResolver(a, "use_tcp_for_dns_lookups", m.resolver);
    a.refused({"preresolve_hostnames", "key_value_config"});
}
SALLYPORT_DESCRIBED(DnsCache)

template<typename A>
void describe(A &a, DynamicForwardProxy &m)
{
    a.message("envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig");
    a.group("dns_cache_config", [&](A &inner) { describe(inner, m.cache); });
    a.field("allow_dynamic_host_from_filter_state", m.allowDynamicHost);
    a.ignored({"save_upstream_address"});
    a.refused({"sub_cluster_config"});
}
SALLYPORT_DESCRIBED(DynamicForwardProxy)

} // namespace sallyport::dataplane
