// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/stats.h"

#include <string>
#include <vector>

namespace sallyport::telemetry {

/// `listener.<address>.…`; handles are resolved once.
struct ListenerStats
{
    /// `handlers` are the threads that take its connections, as `worker_0` or `main_thread`.
    ListenerStats(StatsStore &store, const std::string &prefix, const std::vector<std::string> &handlers);

    Counter &cxTotal;
    Gauge &cxActive;
    Counter &cxDestroy;
    Histogram &cxLengthMs;
    Histogram &acceptedPerEvent;
    Counter &cxOverflow;
    Counter &globalCxOverflow;
    Counter &cxOverloadReject;
    Counter &transportConnectTimeout;
    Gauge &preCxActive;
    Counter &preCxTimeout;
    Counter &filterRemoteClose;
    Counter &filterError;
    Counter &noFilterChainMatch;

    struct PerHandler
    {
        Counter *cxTotal;
        Gauge *cxActive;
    };
    std::vector<PerHandler> handlers; ///< in the given order: a listener's by WorkerContext::index - 1
};

} // namespace sallyport::telemetry
