// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, LbEndpoint &m)
{
    a.message("envoy.config.endpoint.v3.LbEndpoint");
    a.group("endpoint", [&](A &inner) {
        inner.message("envoy.config.endpoint.v3.Endpoint");
        inner.group("address", [&](A &address) { describe(address, m.address); });
        inner.field("hostname", m.hostname);
        inner.group("health_check_config", [&](A &check) {
            check.message("envoy.config.endpoint.v3.Endpoint.HealthCheckConfig");
            check.field("port_value", m.healthCheckPort);
            check.field("hostname", m.healthCheckHostname);
            check.field("address", m.healthCheckAddress);
            check.field("disable_active_health_check", m.activeHealthCheckDisabled);
        });
        inner.refused({"additional_addresses"});
    });
    a.word("health_status", m.health, {"UNKNOWN", "HEALTHY", "UNHEALTHY", "DRAINING", "TIMEOUT", "DEGRADED"});
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.field("load_balancing_weight", m.weight, 1U);
    a.refused({"endpoint_name"});
}
SALLYPORT_DESCRIBED(LbEndpoint)

template<typename A>
void describe(A &a, LocalityLbEndpoints &m)
{
    a.message("envoy.config.endpoint.v3.LocalityLbEndpoints");
    static const Locality none;
    a.field("locality", m.locality, none);
    a.field("lb_endpoints", m.endpoints);
    a.field("load_balancing_weight", m.weight);
    a.field("priority", m.priority);
    if (A::reading || !m.metadata.filters.isEmpty())
        a.field("metadata", m.metadata);
    a.ignored({"proximity"});
    a.refused({"load_balancer_endpoints", "leds_cluster_locality_config"});
}
SALLYPORT_DESCRIBED(LocalityLbEndpoints)

template<typename A>
void describe(A &a, ClusterLoadAssignment::DropOverload &m)
{
    a.message("envoy.config.endpoint.v3.ClusterLoadAssignment.Policy.DropOverload");
    a.field("category", m.category);
    a.field("drop_percentage", m.percentage);
    a.check(m.percentage.numerator <= m.percentage.denominatorValue(), "drop_percentage",
            "Cluster drop_overloads config is invalid: the valid range is 0 to 1");
}
SALLYPORT_DESCRIBED(ClusterLoadAssignment::DropOverload)

template<typename A>
void describe(A &a, ClusterLoadAssignment &m)
{
    a.message("envoy.config.endpoint.v3.ClusterLoadAssignment");
    a.field("cluster_name", m.clusterName);
    a.field("endpoints", m.endpoints);
    a.group("policy", [&](A &inner) {
        inner.field("overprovisioning_factor", m.overprovisioningFactor, 140U);
        inner.field("weighted_priority_health", m.weightedPriorityHealth);
        inner.ignored({"endpoint_stale_after"});
        inner.field("drop_overloads", m.dropOverloads);
        inner.check(m.dropOverloads.size() <= 1, "drop_overloads",
                    "Cluster drop_overloads config has more categories than one");
    });
}
SALLYPORT_DESCRIBED(ClusterLoadAssignment)

} // namespace sallyport::dataplane
