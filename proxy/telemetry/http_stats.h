// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"
#include "proxy/telemetry/stats.h"

#include <array>
#include <string>

namespace sallyport::telemetry {

/// `http.<prefix>.…` of a connection manager (envoy-behaviour.md 6.3); handles are resolved once. Shared by
/// all workers.
class HttpStats
{
public:
    /// `listenerAddress` is for `listener.<address>.http.<prefix>.…`.
    HttpStats(StatsStore &store, const std::string &statPrefix, const std::string &listenerAddress);

    /// Counts an answer's head by its class; interim answers too.
    void countAnswer(unsigned status);

    const std::string &prefix() const { return m_prefix; }

private:
    const std::string m_prefix; ///< `http.<prefix>.`

public:
    Counter &cxTotal;
    Gauge &cxActive;
    Counter &cxSslTotal;
    Gauge &cxSslActive;
    Counter &cxHttp1Total;
    Gauge &cxHttp1Active;
    Counter &cxHttp2Total;
    Gauge &cxHttp2Active;
    Counter &cxUpgradesTotal;
    Gauge &cxUpgradesActive;
    Counter &cxDestroy;
    Counter &cxDestroyLocal;
    Counter &cxDestroyRemote;
    Counter &cxDestroyActiveRq;
    Counter &cxDestroyLocalActiveRq;
    Counter &cxDestroyRemoteActiveRq;
    Counter &cxDrainClose;
    Counter &cxIdleTimeout;
    Counter &cxMaxDurationReached;
    Counter &cxMaxRequestsReached;
    Counter &cxProtocolError;
    Counter &cxDelayedCloseTimeout;
    Counter &cxRxBytes;
    Counter &cxTxBytes;
    Gauge &cxTxBuffered;
    Gauge &cxRxBuffered; ///< what was read last, until the next read or the end
    Histogram &cxLengthMs;
    Counter &rqTotal;
    Counter &rqHttp1Total;
    Counter &rqHttp2Total;
    Gauge &rqActive;
    Counter &rqTimeout;
    Counter &rqHeaderTimeout;
    Counter &rqIdleTimeout;
    Counter &rqMaxDurationReached;
    Counter &rqRxReset;
    Counter &rqTxReset;
    Counter &rqResponseBeforeComplete;
    Counter &rqTooLarge;
    Counter &rqTooManyPrematureResets;
    Counter &rqNonRelativePath;
    Counter &rqFailedPathNormalization;
    Counter &rqRedirectedWithNormalizedPath;
    Counter &rqUpgradeOnOtherRoute;
    Counter &rqRejectedViaIpDetection;
    Counter &rqOverloadClose;
    Counter &cxOverloadDisableKeepalive;
    Histogram &rqTime;
    Counter &flowPaused;
    Counter &flowResumed;

private:
    struct Classes
    {
        std::array<Counter *, 5> byClass{};
        Counter *completed = nullptr;
        void count(unsigned status);
    };
    static Classes makeClasses(StatsStore &store, const std::string &prefix);

    Classes m_classes;
    Classes m_listenerClasses;
};

} // namespace sallyport::telemetry
