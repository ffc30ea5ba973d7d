// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

#include <atomic>
#include <memory>
#include <string>

namespace sallyport::filters {

/// envoy.filters.http.health_check: says to other proxies how this one is. `cluster`: that its node belongs
/// to; `failed`: whether it is to say that it is not well.
FilterFactory makeHealthCheckFactory(const dataplane::HealthCheckFilter &configuration, std::string cluster,
                                     std::shared_ptr<const std::atomic<bool>> failed,
                                     telemetry::StatsStore &store, const std::string &statPrefix);

} // namespace sallyport::filters
