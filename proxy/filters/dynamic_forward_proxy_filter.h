// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "core/result/result.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// envoy.filters.http.dynamic_forward_proxy: a request that is routed to a dynamic forward proxy cluster
/// waits until the address of its host is known.
Result<FilterFactory> makeDynamicForwardProxyFactory(const dataplane::DynamicForwardProxy &configuration,
                                                     telemetry::StatsStore &store);

} // namespace sallyport::filters
