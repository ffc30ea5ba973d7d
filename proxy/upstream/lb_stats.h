// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "proxy/telemetry/stats.h"

#include <cstdint>
#include <mutex>
#include <string>

namespace sallyport::upstream {

/// What the balancers of one cluster count: `cluster.<name>.lb_…`, and for the consistent ones
/// `ring_hash_lb.…` or `maglev_lb.…` (envoy-behaviour.md 6.4). Shared by the workers.
class LbStats
{
public:
    LbStats(telemetry::StatsStore &store, const std::string &prefix, const dataplane::Cluster &cluster);

    telemetry::Counter &healthyPanic;
    telemetry::Counter &localClusterNotOk;
    telemetry::Counter &zonesRecalculated;
    telemetry::Counter &zoneClusterTooSmall;
    telemetry::Counter &zoneNoCapacityLeft;
    telemetry::Counter &zoneAllDirectly;
    telemetry::Counter &zoneCrossZone;
    telemetry::Counter &zoneSampled;
    telemetry::Gauge &requestsActive; ///< the cluster's, of all workers; only looked at here
    telemetry::Gauge &subsetsActive;  ///< added up over the threads, as Envoy's is
    telemetry::Counter &subsetsCreated;
    telemetry::Counter &subsetsRemoved;
    telemetry::Counter &subsetsSelected;
    telemetry::Counter &subsetsFallback;
    telemetry::Counter &subsetsFallbackPanic;

    /// A ring was built: of how many points, and how many of them the least and the most favoured host got.
    void setRing(std::uint64_t size, std::uint64_t fewest, std::uint64_t most);
    /// A Maglev table was built.
    void setTable(std::uint64_t fewest, std::uint64_t most);
    /// Subsets of a single host each were made, and so many hosts were one too many.
    void setSingleHostDuplicates(std::int64_t count);

private:
    struct Spread
    {
        telemetry::Gauge *size = nullptr;
        telemetry::Gauge *fewest = nullptr;
        telemetry::Gauge *most = nullptr;
    };
    Spread m_ring;
    Spread m_table;
    telemetry::Gauge *m_singleHostDuplicates = nullptr;
    std::mutex m_setting; ///< every worker builds the same ring and says so
};

} // namespace sallyport::upstream
