// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/host_picker.h"

namespace sallyport::upstream {

struct ZoneView;

/// How much of the load each priority takes, in percent: what its healthy hosts can take, then what its
/// degraded ones can; the rest goes on to the next (source/extensions/load_balancing_policies/common,
/// recalculatePerPriorityState and recalculatePerPriorityPanic; envoy-behaviour.md 4.9).
struct PriorityLoad
{
    /// The hosts of one priority, counted.
    struct Members
    {
        std::size_t all = 0; ///< without those that are excluded
        std::size_t healthy = 0;
        std::size_t degraded = 0;
        std::size_t excluded = 0; ///< draining: as if they were not there, but for panic everywhere
        /// What they weigh, where a priority's health is weighed; all 0: it is their number.
        std::uint64_t weight = 0;
        std::uint64_t healthyWeight = 0;
        std::uint64_t degradedWeight = 0;
    };
    struct Level
    {
        std::uint32_t healthy = 0;
        std::uint32_t degraded = 0;
        bool panic = false; ///< health does not count here: the load goes to all hosts
    };
    struct Choice
    {
        std::size_t priority = 0;
        bool degraded = false;
    };

    static PriorityLoad of(const std::vector<Members> &priorities, std::uint32_t overprovisioningFactor,
                           double panicThreshold);
    /// Where a request goes; `hash` is any number.
    Choice choose(std::uint64_t hash) const;

    std::vector<Level> levels;
};

/// Whether fewer than `threshold` percent of the hosts can be used.
bool isInPanic(const Hosts &hosts, double threshold);

/// Priorities, localities, health and panic over one set of hosts. `zones`: null if this node's own zone is
/// not preferred; outlives the picker.
std::unique_ptr<HostPicker> makePriorityPicker(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats,
                                               const ZoneView *zones = nullptr);

} // namespace sallyport::upstream
