// SPDX-License-Identifier: GPL-3.0-or-later
// What comes back from the upstream, or fails to, and how it is counted.
#include "proxy/server/router.h"

#include "proxy/server/active_stream.h"
#include "proxy/server/internal_redirect.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::server {

using http::Known;
using telemetry::ResponseFlag;

namespace {

std::string withoutSpaces(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '_');
    return text;
}

/// Envoy takes these for failures of the server (source/common/grpc/status.cc: those that map to 5xx).
bool isGrpcSuccess(std::string_view status)
{
    int code = 0;
    const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), code);
    if (error != std::errc() || end != status.data() + status.size() || code > 16)
        return false;
    constexpr std::array failures{2, 4, 12, 13, 14, 15};
    return std::find(failures.begin(), failures.end(), code) == failures.end();
}

} // namespace

upstream::ClusterStats::Origin Router::origin(const upstream::HostPtr &host) const
{
    return {m_stream.requestHeaders().get(Known::EnvoyInternal) == "true",
            m_canary || (host && host->isCanary()),
            host ? std::string_view(host->locality().zone) : std::string_view()};
}

bool Router::hasAnswered() const
{
    return m_informed || m_stream.responseStarted();
}

void Router::onInformational(UpstreamRequest &request, http::HeaderMapPtr headers)
{
    // One is heard of, and only of those that have a meaning here (measured, 1.40).
    const unsigned status = headers->status();
    if (status > 104 || std::exchange(m_informed, true))
        return;
    chargeCode(status, request.host());
    settleOn(request);
    // The answer has begun: another attempt could not go on with it.
    m_retries.reset();
    if (m_stream.manager().configuration().proxy100Continue)
        m_stream.encodeInformational(std::move(headers));
}

bool Router::chargesClusters() const
{
    return m_stream.manager().router().dynamicStats.value_or(true) && !m_stream.streamInfo().healthCheck;
}

void Router::chargeCode(unsigned status, const upstream::HostPtr &host)
{
    if (!chargesClusters())
        return;
    m_cluster->stats().chargeCode(status, origin(host));
    for (telemetry::RouteStats *counters : m_counters) {
        if (counters != nullptr)
            counters->answers.charge(status);
    }
    if (host && status / 100 == 5)
        host->requestsError.fetch_add(1, std::memory_order_relaxed);
}

/// Counts an answer that is no 5xx for its host. What gRPC made of the request comes with its status, which
/// may be in the trailers.
void Router::chargeHost(const upstream::HostPtr &host, const http::HeaderMap *headers, bool endStream)
{
    bool success = true;
    if (m_grpc) {
        const std::string_view status =
            headers != nullptr ? headers->get(Known::GrpcStatus) : std::string_view();
        if (!endStream) {
            m_grpcPending = true;
            return;
        }
        m_grpcPending = false;
        success = isGrpcSuccess(status);
    }
    (success ? host->requestsSuccess : host->requestsError).fetch_add(1, std::memory_order_relaxed);
}

void Router::chargeAbort(unsigned status, const upstream::HostPtr &host)
{
    if (hasAnswered()) {
        // Other answers' hosts were charged with the headers.
        if (m_grpcPending && host) {
            host->requestsError.fetch_add(1, std::memory_order_relaxed);
            m_stream.manager().routerStats().resetAfterResponseStarted.inc();
        }
        return;
    }
    chargeCode(status, host);
    if (host && status / 100 != 5)
        host->requestsError.fetch_add(1, std::memory_order_relaxed);
}

void Router::onUpstreamHeaders(UpstreamRequest &request, http::HeaderMapPtr headers, bool endStream)
{
    const unsigned status = headers->status();
    const bool suppress = m_stream.manager().router().suppressEnvoyHeaders;
    // The upstream's own; one that the configuration adds goes on to the client.
    headers->remove(Known::KeepAlive);
    m_cluster->onHttpResult(*request.host(), *headers);
    if (headers->has(Known::EnvoyImmediateHealthCheckFail))
        m_cluster->onImmediateFailure(request.host());
    const bool wouldRetry = m_retries && m_retries->wouldRetry(*headers);
    if (wouldRetry && !isHedged(request))
        m_retries->heedRateLimit(*headers, std::chrono::system_clock::now());
    if (m_retries && retry(request, wouldRetry)) {
        m_cluster->stats().chargeRetriedCode(status);
        if (endStream) {
            request.finish();
        } else {
            request.finishLogs(); // before the reset that it is given up with
            request.reset();
        }
        removeAttempt(request);
        return;
    }
    if (m_action->internalRedirects && followsStatus(*m_action->internalRedirects, status) &&
        followRedirect(request, *headers, endStream))
        return;
    if (wouldRetry && mayOthersSucceed(request)) {
        request.host()->requestsError.fetch_add(1, std::memory_order_relaxed);
        request.reset();
        removeAttempt(request);
        return;
    }
    settleOn(request);
    // An upgrade that the upstream took for an ordinary request is answered in its name, and not counted.
    const bool refusedUpgrade = m_stream.isWebSocket() && status != 101 && status < 400;
    if (m_requestComplete && !suppress && !refusedUpgrade) {
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(dispatcher().now() - m_requestCompleteAt);
        headers->setNumber(Known::EnvoyUpstreamServiceTime, static_cast<std::uint64_t>(took.count()));
    }
    m_canary = headers->get(Known::EnvoyUpstreamCanary) == "true";
    if (!refusedUpgrade) {
        chargeCode(status, request.host());
        if (status / 100 != 5)
            chargeHost(request.host(), headers.get(), endStream);
    }
    for (const std::string &cookie : m_setCookies)
        headers->addLine("set-cookie", cookie);
    telemetry::StreamInfo &info = m_stream.streamInfo();
    info.responseCodeDetails = "via_upstream";
    info.responseCode = status;
    const telemetry::LogContext context{info, &m_stream.requestHeaders(), headers.get(), nullptr, {}};
    m_stream.manager().mutators().applyToResponse(m_route->configuration(), m_route->host(), m_route->route(),
                                                  m_weighted, *headers, context);
    if (m_route->host().includeAttemptCountInResponse)
        headers->setNumber(Known::EnvoyAttemptCount, m_attemptCount);
    if (refusedUpgrade) {
        // The answer's head goes on, nothing else.
        info.responseCodeDetails = "websocket_handshake_unsuccessful";
        m_dropBody = true;
        m_stream.closeAfterResponse();
        request.reset();
        removeAttempt(request);
        m_timeoutTimer.reset();
        headers->remove(Known::ContentLength);
        headers->remove(Known::ContentType);
        m_stream.encodeHeaders(std::move(headers), true);
        return;
    }
    if (endStream)
        completeUpstream(request);
    else if (status == 101)
        m_timeoutTimer.reset();
    m_stream.encodeHeaders(std::move(headers), endStream);
}

void Router::onUpstreamData(UpstreamRequest &request, net::Buffer &data, bool endStream)
{
    if (endStream) {
        if (m_grpcPending)
            chargeHost(request.host(), nullptr, true);
        completeUpstream(request);
    }
    m_stream.encodeData(data, endStream);
}

void Router::onUpstreamTrailers(UpstreamRequest &request, http::HeaderMapPtr trailers)
{
    if (m_grpcPending)
        chargeHost(request.host(), trailers.get(), true);
    completeUpstream(request);
    m_stream.encodeTrailers(std::move(trailers));
}

void Router::completeUpstream(UpstreamRequest &request)
{
    m_timeoutTimer.reset();
    leaveRetryBreaker();
    countTimeoutBudget();
    if (m_requestComplete && chargesClusters()) {
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(dispatcher().now() - m_requestCompleteAt);
        m_cluster->stats().chargeTime(took, origin(request.host()));
        for (telemetry::RouteStats *counters : m_counters) {
            if (counters != nullptr)
                counters->answers.record(took);
        }
    }
    request.finish();
    removeAttempt(request);
}

void Router::countTimeoutBudget()
{
    const auto &budgets = m_cluster->stats().timeoutBudgets;
    if (budgets && m_requestComplete)
        budgets->request.record(percentOf(m_timeout, dispatcher().updateNow() - m_requestCompleteAt));
}

void Router::onUpstreamReset(UpstreamRequest &request, http::ResetReason reason,
                             const std::string &transportFailure)
{
    const bool overflow = reason == http::ResetReason::Overflow;
    if (!overflow)
        m_cluster->onLocalOriginFailure(*request.host(), reason);
    const bool wouldRetry = m_retries && m_retries->wouldRetry(reason, m_requestBytesSent);
    if (retry(request, wouldRetry)) {
        removeAttempt(request);
        return;
    }
    const unsigned status = reason == http::ResetReason::ProtocolError ? 502 : 503;
    chargeAbort(status, request.failedHost());
    const bool isLast = !mayOthersSucceed(request);
    removeAttempt(request);
    if (!isLast)
        return;
    Failure failure;
    failure.status = status;
    failure.flag = telemetry::flagOfReset(reason);
    failure.overflow = overflow;
    const std::string text(http::resetReasonText(reason));
    failure.body = "upstream connect error or disconnect/reset before headers. ";
    failure.body += m_attemptCount > 1 ? "retried and the latest reset reason: " : "reset reason: ";
    failure.body += text;
    failure.details =
        hasAnswered() ? "upstream_reset_after_response_started{" : "upstream_reset_before_response_started{";
    failure.details += text + (transportFailure.empty() ? std::string() : '|' + transportFailure) + '}';
    failure.details = withoutSpaces(std::move(failure.details));
    abort(failure);
}

void Router::abort(const Failure &failure)
{
    m_timeoutTimer.reset();
    m_backOffTimer.reset();
    m_waitingForRetry = false;
    giveUpHedged();
    m_started = m_stream.responseStarted() ? m_started : false;
    leaveRetryBreaker();
    if (failure.flag)
        m_stream.streamInfo().flags.set(*failure.flag);
    if (m_stream.responseStarted()) {
        m_stream.streamInfo().responseCodeDetails = failure.details;
        m_stream.resetDownstream();
        return;
    }
    reply(failure.status, failure.body, failure.details, std::nullopt, failure.overflow);
}

void Router::onTimeout()
{
    m_timeoutTimer.reset();
    std::vector<Hedged> hedged = std::exchange(m_hedged, {});
    for (Hedged &each : hedged)
        timeOut(std::move(each.attempt));
    // Between two attempts there is none to blame.
    if (m_attempt)
        timeOut(std::move(m_attempt));
    countTimeoutBudget();
    abort({m_timeoutStatus, ResponseFlag::UpstreamRequestTimeout,
           m_timeoutStatus == 204 ? "" : "upstream request timeout", "response_timeout", false});
}

void Router::timeOut(std::unique_ptr<UpstreamRequest> attempt)
{
    m_cluster->stats().rqTimeout.inc();
    countForRoute(&telemetry::RouteStats::timeout);
    attempt->host()->requestsTimeout.fetch_add(1, std::memory_order_relaxed);
    if (attempt->awaitingHeaders()) {
        attempt->leaveOutOfTimeoutBudget();
        if (!attempt->isOverdue())
            m_cluster->onLocalOriginTimeout(*attempt->host());
        chargeAbort(m_timeoutStatus, attempt->host());
    }
    giveUp(std::move(attempt));
}

void Router::onPerTryTimeout(UpstreamRequest &request, bool idle)
{
    if (m_hedges && !idle) {
        hedge(request);
        return;
    }
    upstream::ClusterStats &stats = m_cluster->stats();
    (idle ? stats.rqPerTryIdleTimeout : stats.rqPerTryTimeout).inc();
    request.host()->requestsTimeout.fetch_add(1, std::memory_order_relaxed);
    m_cluster->onLocalOriginTimeout(*request.host());
    request.reset();
    if (retry(request, m_retries && m_retries->wouldRetryPerTryTimeout(), After::Timeout)) {
        removeAttempt(request);
        return;
    }
    chargeAbort(m_timeoutStatus, request.host());
    const bool isLast = !mayOthersSucceed(request);
    removeAttempt(request);
    if (!isLast)
        return;
    countTimeoutBudget();
    abort({m_timeoutStatus, ResponseFlag::UpstreamRequestTimeout,
           m_timeoutStatus == 204 ? "" : "upstream request timeout",
           idle ? "upstream_per_try_idle_timeout" : "upstream_per_try_timeout", false});
}

void Router::onMaxStreamDuration(UpstreamRequest &request)
{
    m_cluster->stats().rqMaxDurationReached.inc();
    request.reset();
    if (retry(request,
              m_retries && m_retries->wouldRetry(http::ResetReason::LocalReset, m_requestBytesSent))) {
        removeAttempt(request);
        return;
    }
    const bool isLast = !mayOthersSucceed(request);
    removeAttempt(request);
    if (!isLast)
        return;
    abort({m_requestComplete ? 504U : 408U, ResponseFlag::UpstreamMaxStreamDurationReached,
           "upstream max stream duration reached", "upstream_max_stream_duration_reached", false});
}

void Router::pauseResponse(bool pause)
{
    if (m_attempt)
        m_attempt->readDisable(pause);
}

} // namespace sallyport::server
