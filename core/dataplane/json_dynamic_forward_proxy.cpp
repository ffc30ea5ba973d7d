// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, DnsCache &m)
{
    a.message("envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig");
    a.field("name", m.name);
    a.word("dns_lookup_family", m.family, {"AUTO", "V4_ONLY", "V6_ONLY", "V4_PREFERRED", "ALL"});
    a.field("max_hosts", m.maxHosts);
    a.ignored({"dns_refresh_rate", "dns_min_refresh_rate", "host_ttl", "dns_failure_refresh_rate",
               "dns_query_timeout", "dns_cache_circuit_breaker", "disable_dns_refresh_on_failure"});
    describeResolver(a, "use_tcp_for_dns_lookups", m.resolver);
    a.refused({"preresolve_hostnames", "key_value_config"});
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

} // namespace sallyport::dataplane
