// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/lb_stats.h"

namespace sallyport::upstream {

LbStats::LbStats(telemetry::StatsStore &store, const std::string &prefix, const dataplane::Cluster &cluster)
    : healthyPanic(store.counter(prefix + "lb_healthy_panic"))
    , localClusterNotOk(store.counter(prefix + "lb_local_cluster_not_ok"))
    , zonesRecalculated(store.counter(prefix + "lb_recalculate_zone_structures"))
    , zoneClusterTooSmall(store.counter(prefix + "lb_zone_cluster_too_small"))
    , zoneNoCapacityLeft(store.counter(prefix + "lb_zone_no_capacity_left"))
    , zoneAllDirectly(store.counter(prefix + "lb_zone_routing_all_directly"))
    , zoneCrossZone(store.counter(prefix + "lb_zone_routing_cross_zone"))
    , zoneSampled(store.counter(prefix + "lb_zone_routing_sampled"))
    , requestsActive(store.gauge(prefix + "upstream_rq_active"))
    , subsetsActive(store.gauge(prefix + "lb_subsets_active"))
    , subsetsCreated(store.counter(prefix + "lb_subsets_created"))
    , subsetsRemoved(store.counter(prefix + "lb_subsets_removed"))
    , subsetsSelected(store.counter(prefix + "lb_subsets_selected"))
    , subsetsFallback(store.counter(prefix + "lb_subsets_fallback"))
    , subsetsFallbackPanic(store.counter(prefix + "lb_subsets_fallback_panic"))
{
    if (cluster.lbPolicy == dataplane::Cluster::LbPolicy::RingHash)
        m_ring = {&store.gauge(prefix + "ring_hash_lb.size"),
                  &store.gauge(prefix + "ring_hash_lb.min_hashes_per_host"),
                  &store.gauge(prefix + "ring_hash_lb.max_hashes_per_host")};
    if (cluster.lbPolicy == dataplane::Cluster::LbPolicy::Maglev)
        m_table = {nullptr, &store.gauge(prefix + "maglev_lb.min_entries_per_host"),
                   &store.gauge(prefix + "maglev_lb.max_entries_per_host")};
    if (cluster.subsets && !cluster.subsets->selectors.empty())
        m_singleHostDuplicates = &store.gauge(prefix + "lb_subsets_single_host_per_subset_duplicate");
}

void LbStats::setRing(std::uint64_t size, std::uint64_t fewest, std::uint64_t most)
{
    if (m_ring.size == nullptr)
        return;
    const std::lock_guard lock(m_setting);
    m_ring.size->set(static_cast<std::int64_t>(size));
    m_ring.fewest->set(static_cast<std::int64_t>(fewest));
    m_ring.most->set(static_cast<std::int64_t>(most));
}

void LbStats::setTable(std::uint64_t fewest, std::uint64_t most)
{
    if (m_table.fewest == nullptr)
        return;
    const std::lock_guard lock(m_setting);
    m_table.fewest->set(static_cast<std::int64_t>(fewest));
    m_table.most->set(static_cast<std::int64_t>(most));
}

void LbStats::setSingleHostDuplicates(std::int64_t count)
{
    if (m_singleHostDuplicates == nullptr)
        return;
    const std::lock_guard lock(m_setting);
    m_singleHostDuplicates->set(count);
}

} // namespace sallyport::upstream
