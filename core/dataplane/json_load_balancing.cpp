// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>
#include <set>

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, LbSubsetConfig::Selector &m)
{
    a.message("envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector");
    a.field("keys", m.keys);
    int fallback = m.fallback == LbSubsetConfig::Fallback::NotDefined ? 0 : static_cast<int>(m.fallback) + 1;
    a.word("fallback_policy", fallback,
           {"NOT_DEFINED", "NO_FALLBACK", "ANY_ENDPOINT", "DEFAULT_SUBSET", "KEYS_SUBSET"});
    if constexpr (A::reading)
        m.fallback = fallback == 0 ? LbSubsetConfig::Fallback::NotDefined
                                   : static_cast<LbSubsetConfig::Fallback>(fallback - 1);
    a.field("fallback_keys_subset", m.fallbackKeys);
    a.field("single_host_per_subset", m.singleHostPerSubset);
    a.check(m.fallbackKeys.empty() || m.keys.empty() || m.fallback == LbSubsetConfig::Fallback::KeysSubset,
            "fallback_keys_subset", "fallback_keys_subset can be set only for KEYS_SUBSET fallback_policy");
    // A selector without keys selects nothing.
    if (m.fallback == LbSubsetConfig::Fallback::KeysSubset && !m.keys.empty()) {
        const std::set<std::string> keys(m.keys.begin(), m.keys.end());
        const std::set<std::string> fewer(m.fallbackKeys.begin(), m.fallbackKeys.end());
        a.check(!fewer.empty(), "fallback_keys_subset", "fallback_keys_subset cannot be empty");
        a.check(std::includes(keys.begin(), keys.end(), fewer.begin(), fewer.end()), "fallback_keys_subset",
                "fallback_keys_subset must be a subset of selector keys");
        a.check(fewer != keys, "fallback_keys_subset", "fallback_keys_subset cannot be equal to keys");
    }
}
SALLYPORT_DESCRIBED(LbSubsetConfig::Selector)

template<typename A>
void describe(A &a, LbSubsetConfig &m)
{
    a.message("envoy.config.cluster.v3.Cluster.LbSubsetConfig");
    a.word("fallback_policy", m.fallback, {"NO_FALLBACK", "ANY_ENDPOINT", "DEFAULT_SUBSET"});
    a.field("default_subset", m.defaultSubset);
    a.field("subset_selectors", m.selectors);
    a.field("locality_weight_aware", m.localityWeightAware);
    a.field("scale_locality_weight", m.scaleLocalityWeight);
    a.field("panic_mode_any", m.panicModeAny);
    a.field("list_as_any", m.listAsAny);
    a.refused({"metadata_fallback_policy"});
}
SALLYPORT_DESCRIBED(LbSubsetConfig)

template<typename A>
void describe(A &a, ZoneAwareLb &m)
{
    describePercentField(a, "routing_enabled", m.routingEnabledPercent, 100);
    a.field("min_cluster_size", m.minClusterSize, 6);
    a.field("fail_traffic_on_panic", m.failTrafficOnPanic);
    a.refused({"force_locality_direct_routing", "force_local_zone", "locality_basis"});
}
SALLYPORT_DESCRIBED(ZoneAwareLb)

template<typename A>
void describeLocalityWeights(A &a, Cluster &m)
{
    if constexpr (A::reading) {
        m.localityWeighted = a.has("locality_weighted_lb_config");
        a.ignored({"locality_weighted_lb_config"});
    } else if (m.localityWeighted) {
        a.group(
            "locality_weighted_lb_config", [](A &) {}, true);
    }
}
template void describeLocalityWeights(JsonReader &, Cluster &);
template void describeLocalityWeights(JsonWriter &, Cluster &);

template<typename A>
void describeLocalityChoice(A &a, Cluster &m)
{
    a.group(
        "zone_aware_lb_config",
        [&](A &zones) {
            if constexpr (A::reading)
                describe(zones, m.zoneAware.emplace());
            else if (m.zoneAware)
                describe(zones, *m.zoneAware);
        },
        m.zoneAware.has_value());
    describeLocalityWeights(a, m);
}
template void describeLocalityChoice(JsonReader &, Cluster &);
template void describeLocalityChoice(JsonWriter &, Cluster &);

template<typename A>
void describeSlowStart(A &a, Cluster &m)
{
    a.group("slow_start_config", [&](A &slow) {
        slow.field("slow_start_window", m.slowStartWindow);
        slow.field("aggression", m.slowStartAggression);
        describePercentField(slow, "min_weight_percent", m.slowStartMinWeightPercent, 10);
    });
}
template void describeSlowStart(JsonReader &, Cluster &);
template void describeSlowStart(JsonWriter &, Cluster &);

template<typename A>
void describeConsistentHashing(A &a, Cluster &m)
{
    a.field("use_hostname_for_hashing", m.consistentUseHostname);
    a.field("hash_balance_factor", m.hashBalanceFactor);
}
template void describeConsistentHashing(JsonReader &, Cluster &);
template void describeConsistentHashing(JsonWriter &, Cluster &);

namespace {

/// `lb_policy` and what is configured beside it for each policy.
template<typename A>
void describeNamedPolicy(A &a, Cluster &m)
{
    using Policy = Cluster::LbPolicy;
    constexpr int typed = 7;
    int policy = m.lbPolicy == Policy::Maglev            ? 5
                 : m.lbPolicy == Policy::ClusterProvided ? 6
                                                         : static_cast<int>(m.lbPolicy);
    a.word("lb_policy", policy,
           {"ROUND_ROBIN", "LEAST_REQUEST", "RING_HASH", "RANDOM", "", "MAGLEV", "CLUSTER_PROVIDED",
            "LOAD_BALANCING_POLICY_CONFIG"});
    if constexpr (A::reading) {
        a.check(policy != typed || a.has("load_balancing_policy"), "lb_policy",
                "cluster: field load_balancing_policy need to be set");
        m.lbPolicy = policy == typed ? Policy::RoundRobin
                     : policy == 5   ? Policy::Maglev
                     : policy == 6   ? Policy::ClusterProvided
                                     : static_cast<Policy>(policy);
    }
    // What is configured for another policy than the cluster's has no effect.
    const auto groupOf = [&](Policy owner, const char *name, auto &&describeGroup) {
        bool isUsed = m.lbPolicy == owner;
        if constexpr (A::reading)
            isUsed = (isUsed && !a.has("load_balancing_policy")) || a.state().asked;
        if (isUsed)
            a.group(name, describeGroup);
        else
            a.ignored({name});
    };
    groupOf(Policy::RingHash, "ring_hash_lb_config", [&](A &inner) {
        inner.field("minimum_ring_size", m.ringMinimum, std::uint64_t(1024));
        inner.field("maximum_ring_size", m.ringMaximum, std::uint64_t(8U << 20U));
        inner.word("hash_function", m.ringHashFunction, {"XX_HASH", "MURMUR_HASH_2"});
    });
    groupOf(Policy::Maglev, "maglev_lb_config",
            [&](A &inner) { inner.field("table_size", m.maglevTableSize, std::uint64_t(65537)); });
    groupOf(Policy::LeastRequest, "least_request_lb_config", [&](A &inner) {
        inner.field("choice_count", m.leastRequestChoices, 2U);
        inner.field("active_request_bias", m.leastRequestBias);
        describeSlowStart(inner, m);
    });
    groupOf(Policy::RoundRobin, "round_robin_lb_config", [&](A &inner) { describeSlowStart(inner, m); });
}

} // namespace

template<typename A>
void describeBalancer(A &a, Cluster &m)
{
    if (A::reading || !m.typedLbPolicy)
        describeNamedPolicy(a, m);
    a.group("original_dst_lb_config", [&](A &inner) {
        bool useHeader = m.originalDstHeader.has_value();
        inner.field("use_http_header", useHeader);
        std::string header = m.originalDstHeader.value_or("");
        inner.field("http_header_name", header);
        if constexpr (A::reading) {
            inner.check(useHeader || header.empty() || m.type != Cluster::Type::OriginalDst,
                        "http_header_name", "a header is named and use_http_header is not set");
            if (useHeader)
                m.originalDstHeader = header.empty() ? "x-envoy-original-dst-host" : header;
        }
        inner.field("upstream_port_override", m.originalDstPortOverride);
        inner.refused({"metadata_key"});
    });
    a.group("common_lb_config", [&](A &inner) {
        describePercentField(inner, "healthy_panic_threshold", m.panicThreshold, 50);
        if (A::reading || !m.typedLbPolicy)
            describeLocalityChoice(inner, m);
        inner.field("close_connections_on_host_set_change", m.closeConnectionsOnHostSetChange);
        inner.field("ignore_new_hosts_until_first_hc", m.ignoreNewHostsUntilFirstHc);
        if (A::reading || !m.typedLbPolicy)
            inner.group("consistent_hashing_lb_config",
                        [&](A &hashing) { describeConsistentHashing(hashing, m); });
        inner.ignored({"update_merge_window"});
        inner.refused({"override_host_status"});
    });
    if constexpr (A::reading)
        readTypedPolicy(a, m);
    else
        writeTypedPolicy(a, m);
}
template void describeBalancer(JsonReader &, Cluster &);
template void describeBalancer(JsonWriter &, Cluster &);

} // namespace sallyport::dataplane
