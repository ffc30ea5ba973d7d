// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster.h"

#include <limits>

namespace sallyport::upstream {

ClusterStats::ClusterStats(telemetry::StatsStore &store, const std::string &prefix)
    : cxTotal(store.counter(prefix + "upstream_cx_total"))
    , cxActive(store.gauge(prefix + "upstream_cx_active"))
    , cxHttp1Total(store.counter(prefix + "upstream_cx_http1_total"))
    , cxHttp2Total(store.counter(prefix + "upstream_cx_http2_total"))
    , cxConnectFail(store.counter(prefix + "upstream_cx_connect_fail"))
    , bindErrors(store.counter(prefix + "bind_errors"))
    , cxConnectTimeout(store.counter(prefix + "upstream_cx_connect_timeout"))
    , cxConnectAttemptsExceeded(store.counter(prefix + "upstream_cx_connect_attempts_exceeded"))
    , cxOverflow(store.counter(prefix + "upstream_cx_overflow"))
    , cxPoolOverflow(store.counter(prefix + "upstream_cx_pool_overflow"))
    , cxNoneHealthy(store.counter(prefix + "upstream_cx_none_healthy"))
    , cxProtocolError(store.counter(prefix + "upstream_cx_protocol_error"))
    , cxCloseNotify(store.counter(prefix + "upstream_cx_close_notify"))
    , cxDestroy(store.counter(prefix + "upstream_cx_destroy"))
    , cxDestroyLocal(store.counter(prefix + "upstream_cx_destroy_local"))
    , cxDestroyRemote(store.counter(prefix + "upstream_cx_destroy_remote"))
    , cxDestroyWithActive(store.counter(prefix + "upstream_cx_destroy_with_active_rq"))
    , cxDestroyLocalWithActive(store.counter(prefix + "upstream_cx_destroy_local_with_active_rq"))
    , cxDestroyRemoteWithActive(store.counter(prefix + "upstream_cx_destroy_remote_with_active_rq"))
    , cxRxBytes(store.counter(prefix + "upstream_cx_rx_bytes_total"))
    , cxTxBytes(store.counter(prefix + "upstream_cx_tx_bytes_total"))
    , cxRxBuffered(store.gauge(prefix + "upstream_cx_rx_bytes_buffered"))
    , cxTxBuffered(store.gauge(prefix + "upstream_cx_tx_bytes_buffered"))
    , cxMaxRequests(store.counter(prefix + "upstream_cx_max_requests"))
    , cxMaxDurationReached(store.counter(prefix + "upstream_cx_max_duration_reached"))
    , cxIdleTimeout(store.counter(prefix + "upstream_cx_idle_timeout"))
    , cxConnectMs(store.histogram(prefix + "upstream_cx_connect_ms"))
    , cxLengthMs(store.histogram(prefix + "upstream_cx_length_ms"))
    , rqTotal(store.counter(prefix + "upstream_rq_total"))
    , rqActive(store.gauge(prefix + "upstream_rq_active"))
    , rqPendingTotal(store.counter(prefix + "upstream_rq_pending_total"))
    , rqPendingActive(store.gauge(prefix + "upstream_rq_pending_active"))
    , rqPendingOverflow(store.counter(prefix + "upstream_rq_pending_overflow"))
    , rqPendingFailureEject(store.counter(prefix + "upstream_rq_pending_failure_eject"))
    , rqActiveOverflow(store.counter(prefix + "upstream_rq_active_overflow"))
    , rqCancelled(store.counter(prefix + "upstream_rq_cancelled"))
    , rqTimeout(store.counter(prefix + "upstream_rq_timeout"))
    , rqPerTryTimeout(store.counter(prefix + "upstream_rq_per_try_timeout"))
    , rqPerTryIdleTimeout(store.counter(prefix + "upstream_rq_per_try_idle_timeout"))
    , rqRxReset(store.counter(prefix + "upstream_rq_rx_reset"))
    , rqTxReset(store.counter(prefix + "upstream_rq_tx_reset"))
    , rqRetry(store.counter(prefix + "upstream_rq_retry"))
    , rqRetryBackoffExponential(store.counter(prefix + "upstream_rq_retry_backoff_exponential"))
    , rqRetryBackoffRateLimited(store.counter(prefix + "upstream_rq_retry_backoff_ratelimited"))
    , rqRetryLimitExceeded(store.counter(prefix + "upstream_rq_retry_limit_exceeded"))
    , rqRetryOverflow(store.counter(prefix + "upstream_rq_retry_overflow"))
    , rqRetrySuccess(store.counter(prefix + "upstream_rq_retry_success"))
    , rqMaintenance(store.counter(prefix + "upstream_rq_maintenance_mode"))
    , rqMaxDurationReached(store.counter(prefix + "upstream_rq_max_duration_reached"))
    , retryOrShadowAbandoned(store.counter(prefix + "retry_or_shadow_abandoned"))
    , flowBackedUp(store.counter(prefix + "upstream_flow_control_backed_up_total"))
    , flowDrained(store.counter(prefix + "upstream_flow_control_drained_total"))
    , flowPausedReading(store.counter(prefix + "upstream_flow_control_paused_reading_total"))
    , flowResumedReading(store.counter(prefix + "upstream_flow_control_resumed_reading_total"))
    , rqPerCx(store.histogram(prefix + "upstream_rq_per_cx"))
    , membershipTotal(store.gauge(prefix + "membership_total"))
    , membershipHealthy(store.gauge(prefix + "membership_healthy"))
    , membershipDegraded(store.gauge(prefix + "membership_degraded"))
    , membershipExcluded(store.gauge(prefix + "membership_excluded"))
    , maxHostWeight(store.gauge(prefix + "max_host_weight"))
    , membershipChange(store.counter(prefix + "membership_change"))
    , updateAttempt(store.counter(prefix + "update_attempt"))
    , updateSuccess(store.counter(prefix + "update_success"))
    , updateFailure(store.counter(prefix + "update_failure"))
    , updateNoRebuild(store.counter(prefix + "update_no_rebuild"))
    , originalDstHostInvalid(store.counter(prefix + "original_dst_host_invalid"))
    , internalRedirectSucceeded(store.counter(prefix + "upstream_internal_redirect_succeeded_total"))
    , internalRedirectFailed(store.counter(prefix + "upstream_internal_redirect_failed_total"))
    , m_store(store)
    , m_prefix(prefix)
{
    store.counter(prefix + "upstream_rq_completed");
    // Part of Envoy's interface, though nothing here moves them.
    for (const char *name :
         {"assignment_stale", "assignment_timeout_received", "assignment_use_cached", "update_empty",
          "upstream_cx_connect_with_0_rtt", "upstream_cx_http3_total", "upstream_cx_preconnect_skipped",
          "upstream_http3_broken", "upstream_rq_0rtt", "upstream_rq_rx_reset_no_error"})
        store.counter(prefix + name);
    store.gauge(prefix + "upstream_queue_overloaded");
    store.gauge(prefix + "version");
    store.gauge(prefix + "warming_state").set(0); // a cluster is in use once it has warmed
}

void ClusterStats::track(const dataplane::Cluster &configuration)
{
    const auto histogram = [this](const char *name) -> telemetry::Histogram & {
        return m_store.histogram(m_prefix + name);
    };
    if (configuration.trackTimeoutBudgets || configuration.trackTimeoutBudgetsByOldField)
        timeoutBudgets.emplace(TimeoutBudgets{histogram("upstream_rq_timeout_budget_percent_used"),
                                              histogram("upstream_rq_timeout_budget_per_try_percent_used")});
    if (configuration.trackRequestResponseSizes)
        sizes.emplace(Sizes{histogram("upstream_rq_headers_size"), histogram("upstream_rq_headers_count"),
                            histogram("upstream_rq_body_size"), histogram("upstream_rs_headers_size"),
                            histogram("upstream_rs_headers_count"), histogram("upstream_rs_body_size")});
}

telemetry::CodeCounters &ClusterStats::codesOf(Part part)
{
    static constexpr std::array<const char *, PartCount> names{"", "external.", "internal.", "canary.",
                                                               "retry."};
    if (telemetry::CodeCounters *codes = m_codes[part].load(std::memory_order_acquire))
        return *codes;
    const std::lock_guard lock(m_codesMutex);
    std::unique_ptr<telemetry::CodeCounters> &owned = m_ownedCodes[part];
    if (!owned) {
        owned = std::make_unique<telemetry::CodeCounters>(m_store, m_prefix + names[part]);
        m_codes[part].store(owned.get(), std::memory_order_release);
    }
    return *owned;
}

telemetry::CodeCounters *ClusterStats::codesOfZone(std::string_view zone)
{
    if (m_localZone.empty() || zone.empty())
        return nullptr;
    {
        const std::shared_lock lock(m_zonesMutex);
        if (const auto found = m_zoneCodes.find(zone); found != m_zoneCodes.end())
            return found->second.get();
    }
    const std::lock_guard lock(m_zonesMutex);
    std::unique_ptr<telemetry::CodeCounters> &owned = m_zoneCodes[std::string(zone)];
    if (!owned)
        owned = std::make_unique<telemetry::CodeCounters>(m_store, m_prefix + "zone." + m_localZone + '.' +
                                                                       std::string(zone) + '.');
    return owned.get();
}

void ClusterStats::chargeCode(unsigned code, Origin origin)
{
    codesOf(Plain).charge(code);
    if (origin.canary)
        codesOf(Canary).charge(code);
    codesOf(origin.internal ? Internal : External).charge(code);
    if (telemetry::CodeCounters *zone = codesOfZone(origin.zone))
        zone->charge(code);
}

void ClusterStats::chargeRetriedCode(unsigned code)
{
    codesOf(Retry).charge(code);
}

void ClusterStats::chargeTime(std::chrono::milliseconds time, Origin origin)
{
    codesOf(Plain).record(time);
    if (origin.canary)
        codesOf(Canary).record(time);
    codesOf(origin.internal ? Internal : External).record(time);
    if (telemetry::CodeCounters *zone = codesOfZone(origin.zone))
        zone->record(time);
}

Breaker::Breaker(std::uint64_t limit, telemetry::Gauge &open, telemetry::Gauge *remaining)
    : m_limit(limit)
    , m_open(open)
    , m_remaining(remaining)
{
    // Envoy's gauge says nothing before something was counted: with a limit of 0 that is never. What another
    // configuration of the cluster has left in it goes.
    if (m_open.value() != 0)
        m_open.set(0);
    if (m_remaining)
        m_remaining->set(static_cast<std::int64_t>(limit));
}

void Breaker::change(int by)
{
    const std::uint64_t before = m_count.fetch_add(static_cast<std::uint64_t>(by), std::memory_order_relaxed);
    const std::uint64_t after = before + static_cast<std::uint64_t>(by);
    // A limit of 0 shows as reached once something was counted.
    if (m_limit == 0 && before == 0 && m_open.value() == 0)
        m_open.add(1);
    else if ((before >= m_limit) != (after >= m_limit))
        m_open.add(after >= m_limit ? 1 : -1);
    else
        m_open.touch();
    // Beyond the limit there is no less than nothing left.
    const auto left = [this](std::uint64_t count) { return m_limit > count ? m_limit - count : 0; };
    if (m_remaining)
        m_remaining->add(static_cast<std::int64_t>(left(after) - left(before)));
}

Breakers::Breakers(telemetry::StatsStore &store, const std::string &prefix,
                   const dataplane::CircuitBreakerThresholds &thresholds)
    : connections(thresholds.maxConnections, store.gauge(prefix + "cx_open"),
                  thresholds.trackRemaining ? &store.gauge(prefix + "remaining_cx") : nullptr)
    , pending(thresholds.maxPendingRequests, store.gauge(prefix + "rq_pending_open"),
              thresholds.trackRemaining ? &store.gauge(prefix + "remaining_pending") : nullptr)
    , requests(thresholds.maxRequests, store.gauge(prefix + "rq_open"),
               thresholds.trackRemaining ? &store.gauge(prefix + "remaining_rq") : nullptr)
    , retries(thresholds.maxRetries, store.gauge(prefix + "rq_retry_open"),
              thresholds.trackRemaining ? &store.gauge(prefix + "remaining_retries") : nullptr)
    , pools(thresholds.maxConnectionPools ? *thresholds.maxConnectionPools
                                          : std::numeric_limits<std::uint64_t>::max(),
            store.gauge(prefix + "cx_pool_open"),
            thresholds.trackRemaining ? &store.gauge(prefix + "remaining_cx_pools") : nullptr)
    , retryBudgetPercent(thresholds.retryBudgetPercent)
    , minRetryConcurrency(thresholds.minRetryConcurrency)
{
}

bool Breakers::canRetry() const
{
    if (!retryBudgetPercent)
        return retries.canCreate();
    const double active = static_cast<double>(requests.count() + pending.count());
    return static_cast<double>(retries.count()) <
           std::max<double>(minRetryConcurrency, *retryBudgetPercent / 100 * active);
}

} // namespace sallyport::upstream
