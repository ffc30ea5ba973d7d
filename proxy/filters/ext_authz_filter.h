// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// envoy.filters.http.ext_authz with an HTTP service.
Result<FilterFactory> makeExtAuthzFactory(const dataplane::ExtAuthz &configuration,
                                          telemetry::StatsStore &store, const std::string &statPrefix);

} // namespace sallyport::filters
