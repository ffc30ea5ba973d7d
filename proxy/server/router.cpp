// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/router.h"

#include "proxy/server/active_stream.h"
#include "proxy/server/hash_policy.h"
#include "proxy/server/request_timeouts.h"
#include "proxy/server/shadow_request.h"
#include "proxy/server/upstream_tls.h"

#include <algorithm>

namespace sallyport::server {

using http::Known;
using telemetry::ResponseFlag;

namespace {

std::optional<ResponseFlag> flagFor(http::ResetReason reason)
{
    using Reason = http::ResetReason;
    switch (reason) {
    case Reason::LocalConnectionFailure:
    case Reason::RemoteConnectionFailure:
    case Reason::ConnectionTimeout:
        return ResponseFlag::UpstreamConnectionFailure;
    case Reason::ConnectionTermination:
        return ResponseFlag::UpstreamConnectionTermination;
    case Reason::LocalReset:
    case Reason::LocalRefusedStreamReset:
    case Reason::Http1PrematureUpstreamHalfClose:
        return ResponseFlag::LocalReset;
    case Reason::Overflow:
        return ResponseFlag::UpstreamOverflow;
    case Reason::RemoteReset:
    case Reason::RemoteRefusedStreamReset:
    case Reason::ConnectError:
        return ResponseFlag::UpstreamRemoteReset;
    case Reason::ProtocolError:
        return ResponseFlag::UpstreamProtocolError;
    case Reason::OverloadManager:
        return ResponseFlag::OverloadManagerTerminated;
    }
    return std::nullopt;
}

std::string withoutSpaces(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '_');
    return text;
}

bool isPositiveNumber(std::string_view text)
{
    return !text.empty() && text.size() < 10 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

Router::Router(ActiveStream &stream)
    : m_stream(stream)
{
}

Router::~Router()
{
    leaveRetryBreaker();
    if (m_attempt)
        m_attempt->reset();
    if (m_attempt)
        dispatcher().deferredDelete(std::move(m_attempt));
}

net::EpollDispatcher &Router::dispatcher()
{
    return m_stream.dispatcher();
}

bool Router::isInternalRequest() const
{
    return m_stream.requestHeaders().get(Known::EnvoyInternal) == "true";
}

void Router::reply(unsigned status, std::string_view body, std::string_view details,
                   std::optional<ResponseFlag> flag, bool overflow)
{
    filters::LocalReply local;
    local.status = status;
    local.body = body;
    local.details = details;
    local.flag = flag;
    const bool attempts = m_action != nullptr && m_route->host().includeAttemptCountInResponse;
    const bool suppress = m_stream.manager().router().suppressEnvoyHeaders;
    if ((overflow && !suppress) || attempts) {
        local.modifyHeaders = [overflow, suppress, attempts,
                               count = m_attemptCount](http::HeaderMap &headers) {
            if (overflow && !suppress)
                headers.set(Known::EnvoyOverloaded, "true");
            if (attempts)
                headers.setNumber(Known::EnvoyAttemptCount, count);
        };
    }
    m_stream.sendLocalReply(local);
}

void Router::decodeHeaders(http::HeaderMap &headers, bool endStream)
{
    HttpStats &stats = m_stream.manager().stats();
    stats.routedTotal.inc();
    m_grpc = isGrpcRequest(headers);
    m_route = m_stream.route();
    if (m_route == nullptr) {
        stats.noRoute.inc();
        reply(404, {}, "route_not_found", ResponseFlag::NoRouteFound);
        return;
    }
    m_action = m_route->action();
    if (m_action == nullptr) {
        answerDirectly(headers);
        return;
    }
    if (!findCluster(headers) || !passesStrictChecks(headers))
        return;
    const upstream::HostPtr host = chooseHost(headers);
    if (!host) {
        replyNoHealthyUpstream();
        return;
    }
    setTimeouts(headers);
    if (m_route->host().includeRequestAttemptCount)
        headers.setNumber(Known::EnvoyAttemptCount, m_attemptCount);
    m_stream.streamInfo().attemptCount = m_attemptCount;
    finalizeHeaders(headers);

    const dataplane::RetryPolicy *policy = m_action->retryPolicy         ? &*m_action->retryPolicy
                                           : m_route->host().retryPolicy ? &*m_route->host().retryPolicy
                                                                         : nullptr;
    m_retries.emplace(policy, headers);
    for (const Known name : {Known::EnvoyRetryOn, Known::EnvoyRetryGrpcOn, Known::EnvoyMaxRetries,
                             Known::EnvoyRetriableStatusCodes, Known::EnvoyRetriableHeaderNames,
                             Known::EnvoyHedgeOnPerTryTimeout})
        headers.remove(name);
    if (!m_retries->isEnabled())
        m_retries.reset();
    for (const dataplane::MirrorPolicy &mirror : m_action->mirrors) {
        if (shouldShadow(mirror, m_stream.random()))
            m_shadows.push_back(&mirror);
    }
    m_buffering = m_retries.has_value() || !m_shadows.empty();
    m_bufferLimit = m_stream.connection().connection().bufferLimit();
    if (m_route->host().perRequestBufferLimit)
        m_bufferLimit = std::min<std::uint64_t>(m_bufferLimit, *m_route->host().perRequestBufferLimit);
    if (!m_shadows.empty())
        m_shadowHeaders = headers.clone();
    m_started = true;
    m_attempt = std::make_unique<UpstreamRequest>(*this, m_cluster, host);
    if (!startAttempt(endStream))
        return;
    if (endStream)
        onRequestComplete();
}

void Router::answerDirectly(http::HeaderMap &headers)
{
    HttpStats &stats = m_stream.manager().stats();
    stats.routedDirect.inc();
    filters::LocalReply local;
    local.details = "direct_response";
    std::string location;
    if (const dataplane::RedirectAction *redirect = m_route->redirect()) {
        local.status = redirect->responseCode;
        const filters::HeaderView view(headers, nullptr);
        location = m_route->redirectLocation(view);
    } else if (const dataplane::DirectResponseAction *direct = m_route->direct()) {
        local.status = direct->status;
        local.body = m_stream.manager().directBody(*direct);
        location = std::string(headers.get(Known::Scheme)) + "://" +
                   std::string(headers.get(Known::Authority)) + std::string(headers.get(Known::Path));
    }
    if (!location.empty() && (local.status == 201 || (local.status >= 300 && local.status < 400)))
        local.modifyHeaders = [&location](http::HeaderMap &response) {
            response.add(Known::Location, location);
        };
    m_stream.sendLocalReply(local);
}

bool Router::findCluster(http::HeaderMap &headers)
{
    std::string name;
    const dataplane::WeightedCluster *weighted = m_stream.weightedCluster();
    if (weighted != nullptr)
        name = !weighted->name.empty() ? weighted->name
                                       : std::string(headers.get(std::string_view(weighted->clusterHeader)));
    else if (!m_action->clusterHeader.empty()) {
        std::string lower = m_action->clusterHeader;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        name = headers.get(std::string_view(lower));
    } else {
        name = m_action->cluster;
    }
    m_cluster = m_stream.connection().worker().clusters.find(name);
    if (m_cluster) {
        telemetry::StreamInfo &info = m_stream.streamInfo();
        info.upstreamCluster = m_cluster->observabilityName();
        info.upstreamClusterRaw = m_cluster->name();
        m_stream.keepCluster(m_cluster);
        return true;
    }
    m_stream.manager().stats().noCluster.inc();
    reply(m_action->clusterNotFoundStatus, {}, "cluster_not_found", ResponseFlag::NoClusterFound);
    return false;
}

bool Router::passesStrictChecks(const http::HeaderMap &headers)
{
    for (const std::string &name : m_stream.manager().router().strictCheckHeaders) {
        const http::Header *header = headers.find(std::string_view(name));
        if (header == nullptr)
            continue;
        bool valid = true;
        if (header->known == Known::EnvoyUpstreamRequestTimeout ||
            header->known == Known::EnvoyUpstreamRequestPerTryTimeout ||
            header->known == Known::EnvoyMaxRetries)
            valid = isPositiveNumber(header->value);
        else if (header->known == Known::EnvoyRetryOn || header->known == Known::EnvoyRetryGrpcOn)
            valid =
                upstream::RetryState::areConditions(header->value, header->known == Known::EnvoyRetryGrpcOn);
        if (valid)
            continue;
        const std::string body =
            "invalid header '" + name + "' with value '" + std::string(header->value) + '\'';
        reply(400, body, "request_headers_failed_strict_check{" + name + '}',
              ResponseFlag::InvalidEnvoyRequestHeaders);
        return false;
    }
    return true;
}

void Router::setTimeouts(http::HeaderMap &headers)
{
    const RequestTimeouts timeouts = takeRequestTimeouts(*m_action, m_route->host(), m_grpc, headers);
    m_timeout = timeouts.global;
    m_perTryTimeout = timeouts.perTry;
    m_perTryIdleTimeout = timeouts.perTryIdle;
    if (headers.has(Known::EnvoyUpstreamRequestTimeoutAltResponse)) {
        m_timeoutStatus = 204;
        headers.remove(Known::EnvoyUpstreamRequestTimeoutAltResponse);
    }
    writeExpectedTimeout(headers, std::chrono::milliseconds(0));
}

void Router::writeExpectedTimeout(http::HeaderMap &headers, std::chrono::milliseconds elapsed) const
{
    if (m_stream.manager().router().suppressEnvoyHeaders)
        return;
    std::chrono::milliseconds expected = m_timeout;
    if (expected.count() > 0)
        expected = std::max(expected - elapsed, std::chrono::milliseconds(1));
    if (m_perTryTimeout.count() > 0 && (m_timeout.count() == 0 || m_perTryTimeout < expected))
        expected = m_perTryTimeout;
    if (expected.count() > 0)
        headers.setNumber(Known::EnvoyExpectedRequestTimeout, static_cast<std::uint64_t>(expected.count()));
}

void Router::finalizeHeaders(http::HeaderMap &headers)
{
    const bool suppress = m_stream.manager().router().suppressEnvoyHeaders;
    const dataplane::WeightedCluster *weighted = m_stream.weightedCluster();
    const telemetry::LogContext context{m_stream.streamInfo(), &headers, nullptr, nullptr, {}};
    m_stream.manager().mutators().applyToRequest(m_route->configuration(), m_route->host(), m_route->route(),
                                                 weighted, headers, context);
    m_stream.restoreStrippedPort();
    const filters::HeaderView view(headers, nullptr);
    std::optional<std::string> host;
    if (weighted != nullptr && !weighted->hostRewriteLiteral.empty())
        host = weighted->hostRewriteLiteral;
    else
        host = m_route->rewrittenHost(view);
    if (host) {
        const std::string before(headers.get(Known::Authority));
        if (!suppress && *host != before)
            headers.set(Known::EnvoyOriginalHost, before);
        if (m_action->appendXForwardedHost && *host != before)
            headers.append(Known::ForwardedHost, before, ",");
        headers.set(Known::Authority, *host);
    }
    const std::string path(headers.get(Known::Path));
    if (const std::optional<std::string> rewritten = m_route->rewrittenPath(path)) {
        if (!suppress)
            headers.set(Known::EnvoyOriginalPath, path);
        headers.set(Known::Path, *rewritten);
    }
}

upstream::HostPtr Router::chooseHost(const http::HeaderMap &headers)
{
    upstream::LbContext context;
    context.random = m_stream.random();
    if (!m_action->hashPolicies.empty()) {
        const net::ConnectionAddresses &addresses = m_stream.connection().connection().addresses();
        m_setCookies.clear();
        context.hash = requestHash(m_action->hashPolicies, headers, m_stream.streamInfo().remoteAddress,
                                   addresses.remote.toString() + addresses.local.toString(), m_setCookies);
    }
    QJsonObject criteria;
    const auto take = [&criteria](const std::optional<dataplane::Metadata> &metadata) {
        if (!metadata)
            return;
        const QJsonObject labels = metadata->filters.value(QLatin1String("envoy.lb")).toObject();
        for (auto it = labels.constBegin(); it != labels.constEnd(); ++it)
            criteria.insert(it.key(), it.value());
    };
    take(m_action->metadataMatch);
    if (m_stream.weightedCluster() != nullptr)
        take(m_stream.weightedCluster()->metadataMatch);
    if (!criteria.isEmpty())
        context.metadataMatch = &criteria;
    const dataplane::RetryPolicy *policy = m_action->retryPolicy ? &*m_action->retryPolicy : nullptr;
    if (m_attemptCount > 1 && policy != nullptr && policy->avoidPreviousHosts) {
        context.retryPicks =
            static_cast<std::uint64_t>(std::max<std::int64_t>(policy->hostSelectionMaxAttempts, 0));
        context.shouldRetry = [this](const upstream::Host &host) {
            return std::find(m_triedHosts.begin(), m_triedHosts.end(), &host) != m_triedHosts.end();
        };
    }
    const net::ConnectionAddresses &addresses = m_stream.connection().connection().addresses();
    net::Address original = addresses.localRestored ? addresses.local : net::Address();
    if (m_cluster->configuration().originalDstHeader) {
        std::string name = *m_cluster->configuration().originalDstHeader;
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (const auto told = net::Address::parseHostPort(headers.get(std::string_view(name))))
            original = *told;
    }
    return m_stream.connection().worker().clusters.chooseHost(m_cluster, context, original);
}

bool Router::startAttempt(bool endStream)
{
    const http::HeaderMap &headers = m_stream.requestHeaders();
    const upstream::HostPtr host = m_attempt->host();
    m_triedHosts.push_back(host.get());
    const http::Protocol downstream = m_stream.connection().protocol();
    const bool http2 = m_cluster->usesHttp2() ||
                       (m_cluster->followsDownstreamProtocol() && downstream == http::Protocol::Http2);
    const net::TlsClientOverrides overrides =
        m_cluster->speaksTls(*host)
            ? upstreamTlsOverrides(*m_cluster, headers, m_stream.manager().alpn(),
                                   http2 ? http::Protocol::Http2 : http::Protocol::Http11)
            : net::TlsClientOverrides();
    const std::shared_ptr<upstream::HttpPool> pool = m_stream.connection().worker().clusters.pool(
        m_cluster, host, downstream, m_action->highPriority, overrides);
    UpstreamRequest *attempt = m_attempt.get();
    attempt->start(*pool, endStream);
    return m_attempt.get() == attempt;
}

void Router::onAttached(http::HeaderMap &headers, const upstream::Host &host)
{
    if (!m_action->autoHostRewrite || host.hostname().empty() ||
        headers.get(Known::Authority) == host.hostname())
        return;
    const std::string before(headers.get(Known::Authority));
    if (!m_stream.manager().router().suppressEnvoyHeaders)
        headers.set(Known::EnvoyOriginalHost, before);
    if (m_action->appendXForwardedHost)
        headers.append(Known::ForwardedHost, before, ",");
    headers.set(Known::Authority, host.hostname());
}

void Router::decodeData(net::Buffer &data, bool endStream)
{
    if (!m_started) {
        data.clear();
        return;
    }
    if (m_buffering && m_buffered.size() + data.size() > m_bufferLimit) {
        // Larger than what is kept for another attempt: give up on that, and stream.
        m_cluster->stats().retryOrShadowAbandoned.inc();
        m_retries.reset();
        m_shadows.clear();
        m_buffering = false;
        m_buffered.clear();
        if (!m_attempt) {
            m_started = false;
            reply(507, "exceeded request buffer limit while retrying upstream",
                  "request_payload_exceeded_retry_buffer_limit", std::nullopt);
            return;
        }
    }
    if (m_buffering) {
        if (m_attempt) {
            net::Buffer copy;
            copy.copyFrom(data);
            UpstreamRequest *attempt = m_attempt.get();
            m_buffered.move(data);
            attempt->encodeData(copy, endStream);
        } else {
            m_buffered.move(data);
        }
    } else if (m_attempt) {
        m_attempt->encodeData(data, endStream);
    } else {
        data.clear();
        if (!m_stream.responseStarted()) {
            m_started = false;
            reply(503, "upstream is closed prematurely during decoding data from downstream",
                  "upstream_reset_before_response_started", std::nullopt);
        }
        return;
    }
    if (endStream && m_started)
        onRequestComplete();
}

void Router::decodeTrailers(const http::HeaderMap &trailers)
{
    if (!m_started)
        return;
    if (m_buffering)
        m_trailers = trailers.clone();
    if (m_attempt)
        m_attempt->encodeTrailers(trailers);
    if (m_started)
        onRequestComplete();
}

void Router::onRequestComplete()
{
    m_requestComplete = true;
    m_requestCompleteAt = dispatcher().updateNow();
    startShadows();
    if (!m_attempt && !m_waitingForRetry)
        return;
    if (m_timeout.count() > 0) {
        m_timeoutTimer.emplace(dispatcher(), [this] { onTimeout(); });
        m_timeoutTimer->arm(m_timeout);
    }
    if (m_attempt && m_attempt->connected())
        m_attempt->startPerTryTimer();
}

void Router::startShadows()
{
    for (const dataplane::MirrorPolicy *mirror : m_shadows)
        sendShadow(m_stream, *mirror, *m_shadowHeaders, m_buffered, m_trailers.get());
    m_shadows.clear();
}

void Router::replyNoHealthyUpstream()
{
    m_started = false;
    m_cluster->stats().cxNoneHealthy.inc();
    chargeCode(503, nullptr);
    reply(503, "no healthy upstream", "no_healthy_upstream", ResponseFlag::NoHealthyUpstream);
}

void Router::onUnsendable(UpstreamRequest &request)
{
    removeAttempt(request);
    abort({503, std::nullopt, "missing required header", "filter_removed_required_request_headers", false});
}

void Router::onInformational(http::HeaderMapPtr headers)
{
    if (m_stream.manager().configuration().proxy100Continue)
        m_stream.encodeInformational(std::move(headers));
}

void Router::chargeCode(unsigned status, const upstream::HostPtr &host)
{
    m_cluster->stats().chargeCode(status, isInternalRequest(), false);
    if (host)
        (status >= 500 ? host->requestsError : host->requestsSuccess).fetch_add(1, std::memory_order_relaxed);
}

void Router::chargeAbort(unsigned status, const upstream::HostPtr &host)
{
    if (m_stream.responseStarted()) {
        m_stream.manager().stats().resetAfterResponseStarted.inc();
        return;
    }
    chargeCode(status, host);
    if (host && status < 500)
        host->requestsError.fetch_add(1, std::memory_order_relaxed);
}

void Router::removeAttempt(UpstreamRequest &request)
{
    if (m_attempt.get() == &request)
        dispatcher().deferredDelete(std::move(m_attempt));
}

void Router::leaveRetryBreaker()
{
    if (!m_inRetryBreaker)
        return;
    m_inRetryBreaker = false;
    m_cluster->breakers(m_action->highPriority).retries.dec();
}

bool Router::retry(UpstreamRequest &request, bool wouldRetry)
{
    if (!m_retries || m_stream.responseStarted())
        return false;
    upstream::ClusterStats &stats = m_cluster->stats();
    if (!wouldRetry) {
        if (m_inRetryBreaker)
            stats.rqRetrySuccess.inc();
        leaveRetryBreaker();
        return false;
    }
    leaveRetryBreaker();
    telemetry::StreamInfo &info = m_stream.streamInfo();
    if (!m_retries->take()) {
        stats.rqRetryLimitExceeded.inc();
        info.flags.set(ResponseFlag::UpstreamRetryLimitExceeded);
        return false;
    }
    upstream::Breakers &breakers = m_cluster->breakers(m_action->highPriority);
    if (!breakers.canRetry()) {
        stats.rqRetryOverflow.inc();
        info.flags.set(ResponseFlag::UpstreamOverflow);
        return false;
    }
    breakers.retries.inc();
    m_inRetryBreaker = true;
    stats.rqRetry.inc();
    stats.rqRetryBackoffExponential.inc();
    request.host()->requestsError.fetch_add(1, std::memory_order_relaxed);
    scheduleRetry();
    return true;
}

void Router::scheduleRetry()
{
    m_waitingForRetry = true;
    m_backOffTimer.emplace(dispatcher(), [this] { doRetry(); });
    m_backOffTimer->arm(m_retries->nextBackOff(m_stream.random()));
}

void Router::doRetry()
{
    m_waitingForRetry = false;
    ++m_attemptCount;
    http::HeaderMap &headers = m_stream.requestHeaders();
    m_stream.streamInfo().attemptCount = m_attemptCount;
    const upstream::HostPtr host = chooseHost(headers);
    if (!host) {
        replyNoHealthyUpstream();
        return;
    }
    if (m_route->host().includeRequestAttemptCount)
        headers.setNumber(Known::EnvoyAttemptCount, m_attemptCount);
    const auto elapsed = m_requestComplete ? std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 dispatcher().updateNow() - m_requestCompleteAt)
                                           : std::chrono::milliseconds(0);
    writeExpectedTimeout(headers, elapsed);
    m_attempt = std::make_unique<UpstreamRequest>(*this, m_cluster, host);
    const bool bare = m_buffered.isEmpty() && !m_trailers && m_requestComplete;
    if (!startAttempt(bare) || bare)
        return;
    UpstreamRequest *attempt = m_attempt.get();
    if (!m_buffered.isEmpty()) {
        net::Buffer copy;
        copy.copyFrom(m_buffered);
        attempt->encodeData(copy, m_requestComplete && !m_trailers);
    }
    if (m_trailers && m_attempt.get() == attempt)
        attempt->encodeTrailers(*m_trailers);
}

void Router::onUpstreamHeaders(UpstreamRequest &request, http::HeaderMapPtr headers, bool endStream)
{
    const unsigned status = headers->status();
    const bool suppress = m_stream.manager().router().suppressEnvoyHeaders;
    if (m_route->host().includeAttemptCountInResponse)
        headers->setNumber(Known::EnvoyAttemptCount, m_attemptCount);
    m_cluster->onHttpResult(*request.host(), *headers);
    const bool wouldRetry = m_retries && m_retries->wouldRetry(*headers);
    if (m_retries && retry(request, wouldRetry)) {
        m_cluster->stats().chargeCode(status, false, true);
        if (endStream)
            request.finish();
        else
            request.reset();
        removeAttempt(request);
        return;
    }
    if (m_requestComplete && !suppress) {
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(dispatcher().now() - m_requestCompleteAt);
        headers->setNumber(Known::EnvoyUpstreamServiceTime, static_cast<std::uint64_t>(took.count()));
    }
    chargeCode(status, request.host());
    for (const std::string &cookie : m_setCookies)
        headers->addLine("set-cookie", cookie);
    telemetry::StreamInfo &info = m_stream.streamInfo();
    info.responseCodeDetails = "via_upstream";
    info.responseCode = status;
    const telemetry::LogContext context{info, &m_stream.requestHeaders(), headers.get(), nullptr, {}};
    m_stream.manager().mutators().applyToResponse(m_route->configuration(), m_route->host(), m_route->route(),
                                                  m_stream.weightedCluster(), *headers, context);
    if (m_stream.isUpgrade() && status != 101 && status < 400) {
        // The upstream took the request for an ordinary one: its answer's head goes on, nothing else.
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
    if (endStream)
        completeUpstream(request);
    m_stream.encodeData(data, endStream);
}

void Router::onUpstreamTrailers(UpstreamRequest &request, http::HeaderMapPtr trailers)
{
    completeUpstream(request);
    m_stream.encodeTrailers(std::move(trailers));
}

void Router::completeUpstream(UpstreamRequest &request)
{
    m_timeoutTimer.reset();
    leaveRetryBreaker();
    if (m_requestComplete) {
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(dispatcher().now() - m_requestCompleteAt);
        m_cluster->stats().rqTime.record(static_cast<std::uint64_t>(took.count()));
    }
    request.finish();
    removeAttempt(request);
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
    chargeAbort(status, request.host());
    removeAttempt(request);
    Failure failure;
    failure.status = status;
    failure.flag = flagFor(reason);
    failure.overflow = overflow;
    const std::string text(http::resetReasonText(reason));
    failure.body = "upstream connect error or disconnect/reset before headers. ";
    failure.body += m_attemptCount > 1 ? "retried and the latest reset reason: " : "reset reason: ";
    failure.body += text;
    failure.details = m_stream.responseStarted() ? "upstream_reset_after_response_started{"
                                                 : "upstream_reset_before_response_started{";
    failure.details += text + (transportFailure.empty() ? std::string() : '|' + transportFailure) + '}';
    failure.details = withoutSpaces(std::move(failure.details));
    abort(failure);
}

void Router::abort(const Failure &failure)
{
    m_timeoutTimer.reset();
    m_backOffTimer.reset();
    m_waitingForRetry = false;
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
    upstream::ClusterStats &stats = m_cluster->stats();
    stats.rqTimeout.inc();
    if (m_attempt) {
        UpstreamRequest &request = *m_attempt;
        request.host()->requestsTimeout.fetch_add(1, std::memory_order_relaxed);
        if (request.awaitingHeaders()) {
            m_cluster->onLocalOriginTimeout(*request.host());
            chargeAbort(m_timeoutStatus, request.host());
        }
        request.reset();
        removeAttempt(request);
    }
    abort({m_timeoutStatus, ResponseFlag::UpstreamRequestTimeout,
           m_timeoutStatus == 204 ? "" : "upstream request timeout", "response_timeout", false});
}

void Router::onPerTryTimeout(UpstreamRequest &request, bool idle)
{
    upstream::ClusterStats &stats = m_cluster->stats();
    (idle ? stats.rqPerTryIdleTimeout : stats.rqPerTryTimeout).inc();
    request.host()->requestsTimeout.fetch_add(1, std::memory_order_relaxed);
    m_cluster->onLocalOriginTimeout(*request.host());
    request.reset();
    if (retry(request, m_retries && m_retries->wouldRetryPerTryTimeout())) {
        removeAttempt(request);
        return;
    }
    chargeAbort(m_timeoutStatus, request.host());
    removeAttempt(request);
    abort({m_timeoutStatus, idle ? ResponseFlag::StreamIdleTimeout : ResponseFlag::UpstreamRequestTimeout,
           m_timeoutStatus == 204 ? "" : "upstream request timeout",
           idle ? "upstream_per_try_idle_timeout" : "upstream_per_try_timeout", false});
}

void Router::pauseResponse(bool pause)
{
    if (m_attempt)
        m_attempt->readDisable(pause);
}

} // namespace sallyport::server
