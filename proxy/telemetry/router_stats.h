// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/stats.h"

#include <string>

namespace sallyport::telemetry {

/// What a router counts beside its connection manager's statistics: `http.<prefix>.…`, or
/// `http.async-client.…` for the requests that the proxy makes itself. Shared by all workers.
struct RouterStats
{
    /// `prefix` is `http.<prefix>.`.
    RouterStats(StatsStore &store, const std::string &prefix);

    Counter &noRoute;
    Counter &noCluster;
    Counter &direct;
    Counter &total;
    Counter &resetAfterResponseStarted;
    Counter &redirectBadLocation; ///< passthrough_internal_redirect_…: the client got them after all
    Counter &redirectNoRoute;
    Counter &redirectPredicate;
    Counter &redirectTooMany;
    Counter &redirectUnsafeScheme;
};

} // namespace sallyport::telemetry
