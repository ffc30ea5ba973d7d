// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "core/result/result.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::filters {

/// envoy.filters.http.jwt_authn with key sets that are at hand (inline or a file). Fails for a key set
/// without a usable key.
Result<FilterFactory> makeJwtAuthnFactory(const dataplane::JwtAuthentication &configuration,
                                          telemetry::StatsStore &store, const std::string &statPrefix);

} // namespace sallyport::filters
