// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// envoy.filters.http.cors; the policy comes from the route or its virtual host.
FilterFactory makeCorsFactory(telemetry::StatsStore &store, const std::string &statPrefix);

} // namespace sallyport::filters
