// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// envoy.filters.http.local_ratelimit: token buckets for all workers, or per route that has its own.
/// `nodeCluster`: that the proxy belongs to, which descriptors may name.
FilterFactory makeLocalRateLimitFactory(const dataplane::LocalRateLimit &configuration,
                                        telemetry::StatsStore &store, const std::string &nodeCluster);

/// What a route's own limit counts is there before anybody asks for it, even if no filter ever does.
void announceLocalRateLimit(const dataplane::LocalRateLimit &ofRoute, telemetry::StatsStore &store);

} // namespace sallyport::filters
