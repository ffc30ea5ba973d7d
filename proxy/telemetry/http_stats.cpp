// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/http_stats.h"

namespace sallyport::telemetry {

HttpStats::HttpStats(StatsStore &store, const std::string &statPrefix, const std::string &listenerAddress)
    : m_prefix("http." + sanitizedStatName(statPrefix) + '.')
    , cxTotal(store.counter(m_prefix + "downstream_cx_total"))
    , cxActive(store.gauge(m_prefix + "downstream_cx_active"))
    , cxSslTotal(store.counter(m_prefix + "downstream_cx_ssl_total"))
    , cxSslActive(store.gauge(m_prefix + "downstream_cx_ssl_active"))
    , cxHttp1Total(store.counter(m_prefix + "downstream_cx_http1_total"))
    , cxHttp1Active(store.gauge(m_prefix + "downstream_cx_http1_active"))
    , cxHttp2Total(store.counter(m_prefix + "downstream_cx_http2_total"))
    , cxHttp2Active(store.gauge(m_prefix + "downstream_cx_http2_active"))
    , cxUpgradesTotal(store.counter(m_prefix + "downstream_cx_upgrades_total"))
    , cxUpgradesActive(store.gauge(m_prefix + "downstream_cx_upgrades_active"))
    , cxDestroy(store.counter(m_prefix + "downstream_cx_destroy"))
    , cxDestroyLocal(store.counter(m_prefix + "downstream_cx_destroy_local"))
    , cxDestroyRemote(store.counter(m_prefix + "downstream_cx_destroy_remote"))
    , cxDestroyActiveRq(store.counter(m_prefix + "downstream_cx_destroy_active_rq"))
    , cxDestroyLocalActiveRq(store.counter(m_prefix + "downstream_cx_destroy_local_active_rq"))
    , cxDestroyRemoteActiveRq(store.counter(m_prefix + "downstream_cx_destroy_remote_active_rq"))
    , cxDrainClose(store.counter(m_prefix + "downstream_cx_drain_close"))
    , cxIdleTimeout(store.counter(m_prefix + "downstream_cx_idle_timeout"))
    , cxMaxDurationReached(store.counter(m_prefix + "downstream_cx_max_duration_reached"))
    , cxMaxRequestsReached(store.counter(m_prefix + "downstream_cx_max_requests_reached"))
    , cxProtocolError(store.counter(m_prefix + "downstream_cx_protocol_error"))
    , cxDelayedCloseTimeout(store.counter(m_prefix + "downstream_cx_delayed_close_timeout"))
    , cxRxBytes(store.counter(m_prefix + "downstream_cx_rx_bytes_total"))
    , cxTxBytes(store.counter(m_prefix + "downstream_cx_tx_bytes_total"))
    , cxTxBuffered(store.gauge(m_prefix + "downstream_cx_tx_bytes_buffered"))
    , cxRxBuffered(store.gauge(m_prefix + "downstream_cx_rx_bytes_buffered"))
    , cxLengthMs(store.histogram(m_prefix + "downstream_cx_length_ms"))
    , rqTotal(store.counter(m_prefix + "downstream_rq_total"))
    , rqHttp1Total(store.counter(m_prefix + "downstream_rq_http1_total"))
    , rqHttp2Total(store.counter(m_prefix + "downstream_rq_http2_total"))
    , rqActive(store.gauge(m_prefix + "downstream_rq_active"))
    , rqTimeout(store.counter(m_prefix + "downstream_rq_timeout"))
    , rqHeaderTimeout(store.counter(m_prefix + "downstream_rq_header_timeout"))
    , rqIdleTimeout(store.counter(m_prefix + "downstream_rq_idle_timeout"))
    , rqMaxDurationReached(store.counter(m_prefix + "downstream_rq_max_duration_reached"))
    , rqRxReset(store.counter(m_prefix + "downstream_rq_rx_reset"))
    , rqTxReset(store.counter(m_prefix + "downstream_rq_tx_reset"))
    , rqResponseBeforeComplete(store.counter(m_prefix + "downstream_rq_response_before_rq_complete"))
    , rqTooLarge(store.counter(m_prefix + "downstream_rq_too_large"))
    , rqTooManyPrematureResets(store.counter(m_prefix + "downstream_rq_too_many_premature_resets"))
    , rqNonRelativePath(store.counter(m_prefix + "downstream_rq_non_relative_path"))
    , rqFailedPathNormalization(store.counter(m_prefix + "downstream_rq_failed_path_normalization"))
    , rqRedirectedWithNormalizedPath(
          store.counter(m_prefix + "downstream_rq_redirected_with_normalized_path"))
    , rqUpgradeOnOtherRoute(store.counter(m_prefix + "downstream_rq_ws_on_non_ws_route"))
    , rqRejectedViaIpDetection(store.counter(m_prefix + "downstream_rq_rejected_via_ip_detection"))
    , rqOverloadClose(store.counter(m_prefix + "downstream_rq_overload_close"))
    , cxOverloadDisableKeepalive(store.counter(m_prefix + "downstream_cx_overload_disable_keepalive"))
    , rqTime(store.histogram(m_prefix + "downstream_rq_time"))
    , flowPaused(store.counter(m_prefix + "downstream_flow_control_paused_reading_total"))
    , flowResumed(store.counter(m_prefix + "downstream_flow_control_resumed_reading_total"))
    , m_classes(makeClasses(store, m_prefix))
    , m_listenerClasses(makeClasses(store, "listener." + sanitizedStatName(listenerAddress) + '.' + m_prefix))
{
    // What they count does not happen here: there is no HTTP/3, and no answer is held back as a whole.
    for (const char *name : {"downstream_cx_http3_total", "downstream_rq_http3_total", "rs_too_large"})
        store.counter(m_prefix + name);
    for (const char *name : {"downstream_cx_http3_active", "downstream_cx_http1_soft_drain"})
        store.gauge(m_prefix + name);
}

HttpStats::Classes HttpStats::makeClasses(StatsStore &store, const std::string &prefix)
{
    Classes classes;
    for (std::size_t i = 0; i < classes.byClass.size(); ++i)
        classes.byClass[i] = &store.counter(prefix + "downstream_rq_" + std::to_string(i + 1) + "xx");
    classes.completed = &store.counter(prefix + "downstream_rq_completed");
    return classes;
}

void HttpStats::Classes::count(unsigned status)
{
    completed->inc();
    const unsigned index = status / 100 - 1;
    if (index < byClass.size())
        byClass[index]->inc();
}

void HttpStats::countAnswer(unsigned status)
{
    m_classes.count(status);
    m_listenerClasses.count(status);
}

} // namespace sallyport::telemetry
