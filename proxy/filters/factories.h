// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "core/result/result.h"
#include "proxy/filters/filter.h"
#include "proxy/telemetry/stats.h"

#include <atomic>
#include <memory>
#include <string>

namespace sallyport::filters {

/// What filters know of the proxy that they run in.
struct ProxyFacts
{
    std::string cluster;                             ///< that its node belongs to
    std::shared_ptr<const std::atomic<bool>> failed; ///< by `/healthcheck/fail`; null: never
};

/// The factory for one configured filter; null for filters without effect here and for the router, which the
/// connection manager runs itself. `statPrefix` is `http.<prefix>.`. Fails for a filter that is known but not
/// supported.
Result<FilterFactory> makeFactory(const dataplane::HttpFilter &filter, telemetry::StatsStore &store,
                                  const std::string &statPrefix, const ProxyFacts &proxy);

} // namespace sallyport::filters
