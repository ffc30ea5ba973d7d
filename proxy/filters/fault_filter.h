// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// envoy.filters.http.fault: delays and aborts, also per route and by request headers.
FilterFactory makeFaultFactory(const dataplane::Fault &configuration, telemetry::StatsStore &store,
                               const std::string &statPrefix);

} // namespace sallyport::filters
