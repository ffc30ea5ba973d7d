// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/code_counters.h"

namespace sallyport::telemetry {

/// What one route (`vhost.<name>.route.<stat_prefix>.…`) or one virtual cluster
/// (`vhost.<name>.vcluster.<name>.…`) was asked for and how that went. Shared by all workers.
struct RouteStats
{
    RouteStats(StatsStore &store, const std::string &prefix);

    Counter *total;
    Counter *timeout;
    Counter *retry;
    Counter *retrySuccess;
    Counter *retryLimitExceeded;
    Counter *retryOverflow;
    CodeCounters answers;
};

} // namespace sallyport::telemetry
