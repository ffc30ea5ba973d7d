// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"
#include "proxy/telemetry/stats.h"

#include <array>
#include <string>

namespace sallyport::server {

/// `http.<prefix>.…` of a connection manager and its router (envoy-behaviour.md 6.3); handles are resolved
/// once. Shared by all workers.
class HttpStats
{
public:
    /// `listenerAddress` is for `listener.<address>.http.<prefix>.…`.
    HttpStats(telemetry::StatsStore &store, const std::string &statPrefix,
              const std::string &listenerAddress);

    /// Counts an answer's head by its class; interim answers too.
    void countAnswer(unsigned status);

    const std::string &prefix() const { return m_prefix; }

private:
    const std::string m_prefix; ///< `http.<prefix>.`

public:
    telemetry::Counter &cxTotal;
    telemetry::Gauge &cxActive;
    telemetry::Counter &cxSslTotal;
    telemetry::Gauge &cxSslActive;
    telemetry::Counter &cxHttp1Total;
    telemetry::Gauge &cxHttp1Active;
    telemetry::Counter &cxHttp2Total;
    telemetry::Gauge &cxHttp2Active;
    telemetry::Counter &cxUpgradesTotal;
    telemetry::Gauge &cxUpgradesActive;
    telemetry::Counter &cxDestroy;
    telemetry::Counter &cxDestroyLocal;
    telemetry::Counter &cxDestroyRemote;
    telemetry::Counter &cxDestroyActiveRq;
    telemetry::Counter &cxDestroyLocalActiveRq;
    telemetry::Counter &cxDestroyRemoteActiveRq;
    telemetry::Counter &cxDrainClose;
    telemetry::Counter &cxIdleTimeout;
    telemetry::Counter &cxMaxDurationReached;
    telemetry::Counter &cxMaxRequestsReached;
    telemetry::Counter &cxProtocolError;
    telemetry::Counter &cxDelayedCloseTimeout;
    telemetry::Counter &cxRxBytes;
    telemetry::Counter &cxTxBytes;
    telemetry::Histogram &cxLengthMs;
    telemetry::Counter &rqTotal;
    telemetry::Counter &rqHttp1Total;
    telemetry::Counter &rqHttp2Total;
    telemetry::Gauge &rqActive;
    telemetry::Counter &rqTimeout;
    telemetry::Counter &rqHeaderTimeout;
    telemetry::Counter &rqIdleTimeout;
    telemetry::Counter &rqMaxDurationReached;
    telemetry::Counter &rqRxReset;
    telemetry::Counter &rqTxReset;
    telemetry::Counter &rqResponseBeforeComplete;
    telemetry::Counter &rqTooLarge;
    telemetry::Counter &rqTooManyPrematureResets;
    telemetry::Counter &rqNonRelativePath;
    telemetry::Counter &rqFailedPathNormalization;
    telemetry::Counter &rqRedirectedWithNormalizedPath;
    telemetry::Counter &rqUpgradeOnOtherRoute;
    telemetry::Histogram &rqTime;
    telemetry::Counter &flowPaused;
    telemetry::Counter &flowResumed;

    // The router's.
    telemetry::Counter &noRoute;
    telemetry::Counter &noCluster;
    telemetry::Counter &routedDirect;
    telemetry::Counter &routedTotal;
    telemetry::Counter &resetAfterResponseStarted;

private:
    struct Classes
    {
        std::array<telemetry::Counter *, 5> byClass{};
        telemetry::Counter *completed = nullptr;
        void count(unsigned status);
    };
    static Classes makeClasses(telemetry::StatsStore &store, const std::string &prefix);

    Classes m_classes;
    Classes m_listenerClasses;
};

} // namespace sallyport::server
