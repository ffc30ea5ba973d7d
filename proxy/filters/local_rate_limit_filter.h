// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// envoy.filters.http.local_ratelimit: one token bucket for all workers, or one per route that has its own.
FilterFactory makeLocalRateLimitFactory(const dataplane::LocalRateLimit &configuration,
                                        telemetry::StatsStore &store);

/// What a route's own limit counts is there before anybody asks for it, even if no filter ever does.
void announceLocalRateLimit(const dataplane::LocalRateLimit &ofRoute, telemetry::StatsStore &store);

} // namespace sallyport::filters
