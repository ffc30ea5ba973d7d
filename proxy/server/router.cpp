// SPDX-License-Identifier: GPL-3.0-or-later
// The request on its way to the cluster.
#include "proxy/server/router.h"

#include "core/result/ascii_case.h"
#include "proxy/server/active_stream.h"
#include "proxy/server/arriving_request.h"
#include "proxy/server/request_timeouts.h"

#include <algorithm>
#include <utility>

namespace sallyport::server {

using http::Known;
using telemetry::ResponseFlag;

namespace {

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
    giveUp(std::move(m_attempt));
    giveUpHedged();
    for (ShadowRequest *shadow : m_shadows)
        shadow->cancel();
}

net::EpollDispatcher &Router::dispatcher()
{
    return m_stream.dispatcher();
}

void Router::reply(unsigned status, std::string_view body, std::string_view details,
                   std::optional<ResponseFlag> flag, bool overflow)
{
    filters::LocalReply local;
    local.status = status;
    local.body = body;
    local.details = details;
    local.flag = flag;
    const bool attempts = m_cluster != nullptr && m_route->host().includeAttemptCountInResponse;
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
    telemetry::RouterStats &stats = m_stream.manager().routerStats();
    stats.total.inc();
    m_grpc = isGrpcRequest(headers);
    m_route = m_stream.route();
    m_weighted = m_stream.weightedCluster();
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
    if (!findCluster(headers))
        return;
    chooseCounters(headers);
    if (!passesStrictChecks(headers) || isTurnedAway())
        return;
    m_stream.streamInfo().attemptCount = m_attemptCount;
    m_hedges = wantsHedging(headers);
    setTimeouts(headers);
    if (m_route->host().includeRequestAttemptCount)
        headers.setNumber(Known::EnvoyAttemptCount, m_attemptCount);
    finalizeHeaders(headers);
    const upstream::HostPtr host = chooseHost(headers);
    if (!host) {
        m_cluster->stats().cxNoneHealthy.inc();
        replyNoHealthyUpstream();
        return;
    }
    if (m_stream.streamInfo().filterState.find(dataplane::routerDebugKey) != nullptr) {
        filters::LocalReply local;
        local.status = 204;
        local.modifyHeaders = [](http::HeaderMap &answer) { answer.set("x-envoy-not-forwarded", "true"); };
        m_stream.sendLocalReply(local);
        return;
    }
    if (m_stream.manager().configuration().schemeMatchesUpstream)
        headers.set(Known::Scheme, m_cluster->speaksTls(*host) ? "https" : "http");
    else
        settleScheme(headers, m_stream.connection().connection().tls() != nullptr);

    const dataplane::RetryPolicy *policy = m_action->retryPolicy         ? &*m_action->retryPolicy
                                           : m_route->host().retryPolicy ? &*m_route->host().retryPolicy
                                                                         : nullptr;
    m_retries.emplace(policy, headers);
    if (policy && policy->previousPrioritiesUpdate > 0)
        m_triedPriorities.emplace(policy->previousPrioritiesUpdate);
    for (const Known name : {Known::EnvoyRetryOn, Known::EnvoyRetryGrpcOn, Known::EnvoyMaxRetries,
                             Known::EnvoyRetriableStatusCodes, Known::EnvoyRetriableHeaderNames,
                             Known::EnvoyHedgeOnPerTryTimeout})
        headers.remove(name);
    if (!m_retries->isEnabled())
        m_retries.reset();
    m_buffering = m_retries.has_value() || m_action->internalRedirects;
    m_bufferLimit = m_stream.bufferLimit();
    if (const auto limit = m_route->route().bodyBufferLimit ? m_route->route().bodyBufferLimit
                                                            : m_route->host().bodyBufferLimit)
        m_bufferLimit = std::min<std::uint64_t>(m_bufferLimit, *limit);
    m_started = true;
    m_attempt = std::make_unique<UpstreamRequest>(*this, m_cluster, host);
    // They are copied as they are now, and sent after the request itself.
    const std::vector<Mirror> mirrors = chooseMirrors(headers);
    if (!startAttempt(endStream))
        return;
    for (const Mirror &mirror : mirrors) {
        ShadowRequest *shadow =
            startShadow(m_stream, *this, *mirror.policy, *mirror.headers, endStream, m_timeout);
        if (shadow != nullptr)
            m_shadows.push_back(shadow);
    }
    // A WebSocket's request has no end to wait for (measured, 1.40).
    if (endStream)
        onRequestComplete();
    else if (m_stream.isWebSocket())
        startTimeouts();
}

void Router::chooseCounters(const http::HeaderMap &headers)
{
    const RouteCounters &counters = m_stream.manager().counters();
    const filters::HeaderView view(headers, nullptr);
    m_counters[1] = counters.of(m_route->route());
    if (const RouteCounters::VirtualCluster *cluster = counters.of(m_route->host(), view)) {
        m_counters[0] = cluster->stats.get();
        m_stream.streamInfo().virtualClusterName = cluster->name;
    }
}

void Router::countForRoute(telemetry::Counter *telemetry::RouteStats::*which) const
{
    for (telemetry::RouteStats *stats : m_counters) {
        if (stats != nullptr)
            (stats->*which)->inc();
    }
}

bool Router::findCluster(http::HeaderMap &headers)
{
    // Either has a name or the header that holds it.
    const std::string &header = m_weighted != nullptr ? m_weighted->clusterHeader : m_action->clusterHeader;
    std::string_view name = m_weighted != nullptr ? m_weighted->name : m_action->cluster;
    if (!header.empty())
        name = headers.get(std::string_view(asciiLowered(header)));
    m_cluster = m_stream.connection().worker().clusters.find(name);
    if (m_cluster) {
        telemetry::StreamInfo &info = m_stream.streamInfo();
        info.upstreamCluster = m_cluster->observabilityName();
        info.upstreamClusterRaw = m_cluster->name();
        info.clusterMetadata = m_cluster->configuration().metadata.filters;
        m_stream.keepCluster(m_cluster);
        return true;
    }
    m_stream.manager().routerStats().noCluster.inc();
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
    const RequestTimeouts timeouts = takeRequestTimeouts(
        *m_action, m_route->host(), m_grpc, m_stream.manager().router().respectExpectedTimeout, headers);
    m_timeout = timeouts.global;
    m_perTryTimeout = timeouts.perTry;
    m_perTryIdleTimeout = timeouts.perTryIdle;
    m_attemptDuration = timeouts.attempt;
    if (headers.has(Known::EnvoyUpstreamRequestTimeoutAltResponse)) {
        m_timeoutStatus = 204;
        headers.remove(Known::EnvoyUpstreamRequestTimeoutAltResponse);
    }
    writeExpectedTimeout(headers, std::chrono::milliseconds(0));
}

void Router::writeExpectedTimeout(http::HeaderMap &headers, std::chrono::milliseconds elapsed) const
{
    std::chrono::milliseconds expected = m_timeout;
    if (expected.count() > 0)
        expected = std::max(expected - elapsed, std::chrono::milliseconds(1));
    if (!m_hedges && m_perTryTimeout.count() > 0 && (m_timeout.count() == 0 || m_perTryTimeout < expected))
        expected = m_perTryTimeout;
    if (expected.count() == 0)
        return;
    if (!m_stream.manager().router().suppressEnvoyHeaders)
        headers.setNumber(Known::EnvoyExpectedRequestTimeout, static_cast<std::uint64_t>(expected.count()));
    if (m_grpc && m_action->maxGrpcTimeout && !usesStreamDuration(*m_action))
        writeGrpcTimeout(headers, expected);
}

void Router::finalizeHeaders(http::HeaderMap &headers)
{
    const bool suppress = m_stream.manager().router().suppressEnvoyHeaders;
    const telemetry::LogContext context{m_stream.streamInfo(), &headers, nullptr, nullptr, {}};
    m_stream.manager().mutators().applyToRequest(m_route->configuration(), m_route->host(), m_route->route(),
                                                 m_weighted, headers, context);
    m_stream.restoreStrippedPort();
    const filters::HeaderView view(headers, nullptr);
    // A weighted cluster's own host leaves no trace; the route's is put in its place.
    if (m_weighted != nullptr && !m_weighted->hostRewriteLiteral.empty())
        headers.set(Known::Authority, m_weighted->hostRewriteLiteral);
    if (const std::optional<std::string> host = m_route->rewrittenHost(view)) {
        const std::string before(headers.get(Known::Authority));
        if (!suppress && *host != before)
            headers.set(Known::EnvoyOriginalHost, before);
        if (m_action->appendXForwardedHost && *host != before)
            headers.append(Known::ForwardedHost, before, ",");
        headers.set(Known::Authority, *host);
    }
    const std::string_view path = headers.get(Known::Path);
    if (const std::optional<std::string> rewritten = m_route->rewrittenPath(path)) {
        if (!suppress)
            headers.set(Known::EnvoyOriginalPath, path);
        headers.set(Known::Path, *rewritten);
    }
}

void Router::decodeData(net::Buffer &data, bool endStream)
{
    if (!m_started) {
        data.clear();
        return;
    }
    m_hasBody = true;
    if (m_buffering && m_buffered.size() + data.size() > m_bufferLimit) {
        // Larger than what is kept for another attempt: give up on that, and stream.
        m_cluster->stats().retryOrShadowAbandoned.inc();
        m_retries.reset();
        m_buffering = false;
        m_bodyLost = true;
        m_buffered.clear();
        if (!m_attempt) {
            m_started = false;
            reply(507, "exceeded request buffer limit while retrying upstream",
                  "request_payload_exceeded_retry_buffer_limit", std::nullopt);
            return;
        }
    }
    // Those that end with this leave the list.
    for (ShadowRequest *shadow : endStream ? std::exchange(m_shadows, {}) : m_shadows)
        shadow->sendData(data, endStream);
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
    for (ShadowRequest *shadow : std::exchange(m_shadows, {}))
        shadow->sendTrailers(trailers);
    if (m_started)
        onRequestComplete();
}

void Router::onRequestComplete()
{
    m_requestComplete = true;
    m_requestCompleteAt = dispatcher().now();
    startTimeouts();
}

void Router::startTimeouts()
{
    if (m_timeoutsStarted || (!m_attempt && !m_waitingForRetry))
        return;
    m_timeoutsStarted = true;
    if (m_timeout.count() > 0) {
        m_timeoutTimer.emplace(dispatcher(), [this] { onTimeout(); });
        m_timeoutTimer->arm(m_timeout);
    }
    if (m_attempt && m_attempt->connected())
        m_attempt->startPerTryTimer();
}

std::vector<Router::Mirror> Router::chooseMirrors(const http::HeaderMap &headers)
{
    std::vector<Mirror> mirrors;
    if (headers.get(Known::Method) == "CONNECT")
        return mirrors;
    for (const dataplane::MirrorPolicy &policy :
         dataplane::mirrorsOf(*m_action, m_route->host(), m_route->configuration())) {
        if (!shouldShadow(policy, m_stream.random()))
            continue;
        http::HeaderMapPtr copy = headers.clone();
        // Copies are not tried again: they have the whole time.
        if (m_timeout.count() > 0 && copy->has(Known::EnvoyExpectedRequestTimeout))
            copy->setNumber(Known::EnvoyExpectedRequestTimeout,
                            static_cast<std::uint64_t>(m_timeout.count()));
        m_stream.injectTrace(*copy, true);
        mirrors.push_back({&policy, std::move(copy)});
    }
    return mirrors;
}

void Router::onShadowEnd(ShadowRequest &shadow)
{
    std::erase(m_shadows, &shadow);
}

void Router::pauseForShadow(bool pause)
{
    m_stream.pauseRequest(pause);
}

} // namespace sallyport::server
