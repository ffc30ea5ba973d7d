// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"

namespace sallyport::telemetry {

/// `%DYNAMIC_METADATA(filter:key:…)%`, `%CLUSTER_METADATA(…)%`, `%UPSTREAM_METADATA(…)%` and
/// `%METADATA(KIND:filter:key:…)%`: what a filter, the route, the cluster, … says of itself. An empty
/// function if `name` is none of them.
Operator makeMetadataOperator(std::string_view name, const std::string &arguments,
                              std::optional<std::size_t> maxLength);

} // namespace sallyport::telemetry
