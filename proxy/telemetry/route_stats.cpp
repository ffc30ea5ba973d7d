// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/route_stats.h"

namespace sallyport::telemetry {

RouteStats::RouteStats(StatsStore &store, const std::string &prefix)
    : total(&store.counter(prefix + "upstream_rq_total"))
    , timeout(&store.counter(prefix + "upstream_rq_timeout"))
    , retry(&store.counter(prefix + "upstream_rq_retry"))
    , retrySuccess(&store.counter(prefix + "upstream_rq_retry_success"))
    , retryLimitExceeded(&store.counter(prefix + "upstream_rq_retry_limit_exceeded"))
    , retryOverflow(&store.counter(prefix + "upstream_rq_retry_overflow"))
    , answers(store, prefix)
{
}

} // namespace sallyport::telemetry
