// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "core/result/result.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// The name of the filter where it stands for a cluster that looks names up by itself.
inline constexpr const char *clusterLookup = "envoy.clusters.dynamic_forward_proxy";

/// Who looks a name up, and so says that it has no address: the filter that it cannot be resolved, the
/// cluster that it has no host.
enum class LookedUpBy { Filter, Cluster };

/// envoy.filters.http.dynamic_forward_proxy: a request that is routed to a dynamic forward proxy cluster
/// waits until the address of its host is known.
Result<FilterFactory> makeDynamicForwardProxyFactory(const dataplane::DynamicForwardProxy &configuration,
                                                     LookedUpBy by, telemetry::StatsStore &store);

} // namespace sallyport::filters
