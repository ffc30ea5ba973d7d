// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/router_stats.h"

namespace sallyport::telemetry {

RouterStats::RouterStats(StatsStore &store, const std::string &prefix)
    : noRoute(store.counter(prefix + "no_route"))
    , noCluster(store.counter(prefix + "no_cluster"))
    , direct(store.counter(prefix + "rq_direct_response"))
    , total(store.counter(prefix + "rq_total"))
    , resetAfterResponseStarted(store.counter(prefix + "rq_reset_after_downstream_response_started"))
    , redirectBadLocation(store.counter(prefix + "passthrough_internal_redirect_bad_location"))
    , redirectNoRoute(store.counter(prefix + "passthrough_internal_redirect_no_route"))
    , redirectPredicate(store.counter(prefix + "passthrough_internal_redirect_predicate"))
    , redirectTooMany(store.counter(prefix + "passthrough_internal_redirect_too_many_redirects"))
    , redirectUnsafeScheme(store.counter(prefix + "passthrough_internal_redirect_unsafe_scheme"))
{
    // These stay 0: no load is shed in the router, and a redirect counts as a direct response.
    for (const char *name : {"rq_overload_local_reply", "rq_redirect"})
        store.counter(prefix + name);
}

} // namespace sallyport::telemetry
