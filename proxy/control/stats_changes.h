// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/stats_snapshot.h"

#include <cstdint>
#include <unordered_map>

namespace sallyport::telemetry {
class StatsStore;
} // namespace sallyport::telemetry

namespace sallyport::control {

/// What changed in a gateway's statistics since one reader looked last.
class StatsChanges
{
public:
    /// The first call tells everything that is in use. The store must be the same each time.
    StatsSnapshot next(const telemetry::StatsStore &store);

private:
    bool m_first = true;
    // By the statistics' ids.
    std::unordered_map<std::uint64_t, std::uint64_t> m_counters;
    std::unordered_map<std::uint64_t, std::int64_t> m_gauges;
    /// Two sets of samples with the same number and sum are taken for the same.
    struct Samples
    {
        std::uint64_t cumulative = 0;
        double cumulativeSum = 0;
        std::uint64_t interval = 0;
        double intervalSum = 0;
        bool operator==(const Samples &) const = default;
    };
    std::unordered_map<std::uint64_t, Samples> m_histograms;
};

} // namespace sallyport::control
