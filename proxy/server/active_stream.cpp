// SPDX-License-Identifier: GPL-3.0-or-later
// A stream's life: its beginning, its time limits, its route, its ends.
#include "proxy/server/active_stream.h"

#include "proxy/http/http1_syntax.h"
#include "proxy/server/connection_facts.h"
#include "proxy/server/hash_policy.h"
#include "proxy/server/request_timeouts.h"

#include <algorithm>

namespace sallyport::server {

using http::Known;
using telemetry::ResponseFlag;

namespace {

/// Without an answer by then, a stream's end is not blamed on the client any more
/// (overload.premature_reset_min_stream_lifetime_seconds, in whole seconds more than one).
constexpr auto PrematureResetAge = std::chrono::seconds(2);

} // namespace

ActiveStream::ActiveStream(HttpConnection &connection, http::ResponseEncoder &encoder)
    : m_manager(connection.manager())
    , m_connection(connection)
    , m_encoder(encoder)
{
    telemetry::HttpStats &stats = m_manager->stats();
    stats.rqTotal.inc();
    stats.rqActive.inc();
    (connection.protocol() == http::Protocol::Http2 ? stats.rqHttp2Total : stats.rqHttp1Total).inc();
    m_info.logType = "NotSet"; // until a record is written
    m_info.startWall = std::chrono::system_clock::now();
    m_info.start = dispatcher().updateNow();
    const net::ConnectionAddresses &addresses = connection.connection().addresses();
    m_info.localAddress = addresses.local;
    m_info.directLocalAddress = addresses.directLocal;
    m_info.remoteAddress = addresses.remote;
    m_info.directRemoteAddress = addresses.directRemote;
    m_info.requestedServerName = connection.requestedServerName();
    m_info.fingerprints = connection.fingerprints();
    m_info.downstreamTls = connection.connection().tls();
    m_info.connectionId = connection.connection().id();
    m_info.filterChainName = connection.chain().name;
    m_info.listenerName = connection.chain().listenerName;
    m_info.filterChainMetadata = connection.chain().metadata.filters;
    m_info.listenerMetadata = connection.chain().listenerMetadata.filters;
    if (m_info.downstreamTls != nullptr)
        m_info.downstreamHandshakeEnd = connection.connection().transportReadyTime();
    // A request that is refused before its version is believed counts as the codec's own.
    m_info.protocol =
        connection.protocol() == http::Protocol::Http2 ? http::Protocol::Http2 : http::Protocol::Http11;
    encoder.stream().setCallbacks(this);
    encoder.stream().setFlushTimeout(m_manager->streamFlushTimeout.value_or(m_manager->streamIdleTimeout));
    armTimers();
}

ActiveStream::~ActiveStream() = default;

void ActiveStream::armTimers()
{
    m_idleTimeout = m_manager->streamIdleTimeout;
    armIdleTimer();
    if (m_manager->requestTimeout.count() > 0) {
        m_requestTimer.emplace(dispatcher(), [this] {
            m_manager->stats().rqTimeout.inc();
            replyForTimeout("request timeout", "request_overall_timeout", std::nullopt, false);
        });
        m_requestTimer->arm(m_manager->requestTimeout);
    }
    if (m_manager->requestHeadersTimeout.count() > 0) {
        m_headersTimer.emplace(dispatcher(), [this] {
            m_manager->stats().rqHeaderTimeout.inc();
            replyForTimeout("request header timeout", "request_header_timeout", std::nullopt, false);
        });
        m_headersTimer->arm(m_manager->requestHeadersTimeout);
    }
    if (m_manager->maxStreamDuration.count() > 0) {
        m_durationTimer.emplace(dispatcher(), [this] { onDurationReached(); });
        m_durationTimer->arm(m_manager->maxStreamDuration);
    }
    armLogTimer();
}

void ActiveStream::replyForTimeout(std::string_view body, std::string_view details,
                                   std::optional<ResponseFlag> flag, bool grpcDeadline)
{
    filters::LocalReply reply;
    reply.status = timeoutStatus();
    reply.body = body;
    reply.details = details;
    reply.flag = flag;
    if (grpcDeadline)
        reply.grpcStatus = 4;
    sendLocalReply(reply);
}

void ActiveStream::armIdleTimer()
{
    if (m_ended || m_idleTimeout.count() == 0) {
        if (m_idleTimer)
            m_idleTimer->cancel();
        return;
    }
    if (!m_idleTimer)
        m_idleTimer.emplace(dispatcher(), [this] { onIdleTimeout(); });
    m_idleTimer->arm(m_idleTimeout);
}

void ActiveStream::onIdleTimeout()
{
    m_manager->stats().rqIdleTimeout.inc();
    replyForTimeout("stream timeout", "stream_idle_timeout", ResponseFlag::StreamIdleTimeout, false);
}

const dataplane::ConnectionFacts &ActiveStream::connectionFacts()
{
    if (!m_factsKnown) {
        m_facts = m_connection.facts();
        m_facts.remoteIp = ipAddressOf(m_info.remoteAddress);
        m_factsKnown = true;
    }
    return m_facts;
}

/// The number that picks one of the route's weighted clusters.
std::uint64_t ActiveStream::weightFor(const filters::HeaderView &request)
{
    const dataplane::RouteAction *action = m_route->action();
    if (action != nullptr && action->weightByHash) {
        const net::ConnectionAddresses &addresses = m_connection.connection().addresses();
        std::vector<std::string> cookiesOfNobody;
        if (const auto hash = requestHash(action->hashPolicies, *m_requestHeaders, m_info.remoteAddress,
                                          addresses.remote.toString() + addresses.local.toString(),
                                          m_info.filterState, cookiesOfNobody))
            return *hash;
    }
    return m_route->weightOf(request).value_or(random());
}

void ActiveStream::refreshRoute()
{
    m_routeKnown = true;
    const filters::HeaderView view(*m_requestHeaders, &m_info.dynamicMetadata,
                                   m_manager->routes().asksForTls() ? &connectionFacts() : nullptr);
    m_virtualHost = nullptr;
    const auto before = std::chrono::steady_clock::now();
    m_route = m_manager->routes().find(view, random(), &m_virtualHost);
    m_info.routeResolutionTime += std::chrono::steady_clock::now() - before;
    ++m_info.routeResolutions;
    // Its routes are open to who told how the client came; others are answered before that is known.
    if (m_requestHeaders->get(Known::ForwardedProto).empty())
        m_route = nullptr;
    m_info.virtualHostName =
        m_virtualHost != nullptr ? std::string_view(m_virtualHost->name) : std::string_view();
    m_info.virtualHostMetadata = m_virtualHost != nullptr ? m_virtualHost->metadata.filters : QJsonObject();
    m_info.routeMetadata = m_route != nullptr ? m_route->route().metadata.filters : QJsonObject();
    m_info.hasRoute = m_route != nullptr;
    m_info.routeName = m_route != nullptr ? std::string_view(m_route->route().name) : std::string_view();
    m_weighted = m_route != nullptr ? m_route->weighted(weightFor(view)) : nullptr;
    // What the access log shows as soon as the route is chosen, even if a filter answers.
    const dataplane::RouteAction *action = m_route != nullptr ? m_route->action() : nullptr;
    m_info.upstreamCluster = {};
    m_info.upstreamClusterRaw = {};
    if (action == nullptr)
        return;
    const std::string &name = m_weighted != nullptr ? m_weighted->name : action->cluster;
    if (m_cluster = m_connection.worker().clusters.find(name); m_cluster) {
        m_info.upstreamCluster = m_cluster->observabilityName();
        m_info.upstreamClusterRaw = m_cluster->name();
        m_info.clusterMetadata = m_cluster->configuration().metadata.filters;
    }
    m_idleTimeout = action->idleTimeout ? std::chrono::ceil<std::chrono::milliseconds>(*action->idleTimeout)
                                        : m_manager->streamIdleTimeout;
    // The route's idle timeout does not concern what is left to be flushed (measured, 1.40).
    if (action->flushTimeout)
        m_encoder.stream().setFlushTimeout(
            std::chrono::ceil<std::chrono::milliseconds>(*action->flushTimeout));
    armIdleTimer();
    armDurationTimer();
}

void ActiveStream::armDurationTimer()
{
    const std::optional<std::chrono::milliseconds> limit =
        takeStreamDuration(*m_route->action(), m_manager->maxStreamDuration, m_grpc, *m_requestHeaders);
    m_durationTimer.reset();
    m_durationOver.reset();
    if (!limit || m_ended)
        return;
    const auto used =
        std::chrono::duration_cast<std::chrono::milliseconds>(dispatcher().updateNow() - m_info.start);
    if (used >= *limit) {
        // Before any answer, but not from within the request's own event.
        m_durationOver.emplace(dispatcher(), [this] { onDurationReached(); });
        m_durationOver->scheduleNextRound();
        return;
    }
    m_durationTimer.emplace(dispatcher(), [this] { onDurationReached(); });
    m_durationTimer->arm(*limit - used);
}

void ActiveStream::onDurationReached()
{
    m_manager->stats().rqMaxDurationReached.inc();
    replyForTimeout("downstream duration timeout", "max_duration_timeout", std::nullopt, true);
}

bool ActiveStream::isWebSocket() const
{
    return m_upgrade && http::equalsIgnoreCase(m_requestHeaders->get(Known::Upgrade), "websocket");
}

const dataplane::CompiledRoute *ActiveStream::route()
{
    if (!m_routeKnown)
        refreshRoute();
    return m_route;
}

void ActiveStream::clearRoute()
{
    m_routeKnown = false;
}

void ActiveStream::cancelTimers()
{
    m_idleTimer.reset();
    m_requestTimer.reset();
    m_headersTimer.reset();
    m_durationTimer.reset();
    m_durationOver.reset();
    m_logTimer.reset();
}

void ActiveStream::onResetStream(http::ResetReason reason, std::string_view)
{
    if (m_ended)
        return;
    telemetry::HttpStats &stats = m_manager->stats();
    // Whoever reset it: Envoy counts so. What this side resets is in downstream_rq_tx_reset as well.
    stats.rqRxReset.inc();
    const std::string_view details = m_encoder.stream().responseDetails();
    if (!details.empty()) {
        if (reason == http::ResetReason::LocalReset)
            m_info.flags.set(ResponseFlag::DownstreamProtocolError);
        m_info.responseCodeDetails = details;
    }
    if (reason == http::ResetReason::RemoteReset || reason == http::ResetReason::RemoteRefusedStreamReset ||
        (reason == http::ResetReason::ConnectError && !details.empty()))
        m_info.flags.set(ResponseFlag::DownstreamRemoteReset);
    else if (reason == http::ResetReason::ProtocolError)
        m_info.flags.set(ResponseFlag::DownstreamProtocolError);
    destroy();
}

void ActiveStream::endWithConnection(std::optional<ResponseFlag> flag, const std::string &details)
{
    if (m_ended)
        return;
    const std::string_view codec = m_encoder.stream().responseDetails();
    m_info.responseCodeDetails = codec.empty() ? details : std::string(codec);
    if (flag)
        m_info.flags.set(*flag);
    m_manager->stats().rqRxReset.inc();
    m_encoder.stream().setCallbacks(nullptr);
    destroy();
}

void ActiveStream::onConnectionGone()
{
    m_encoder.stream().setCallbacks(nullptr);
    destroy();
}

void ActiveStream::onAboveWriteBufferHighWatermark()
{
    if (m_router)
        m_router->pauseResponse(true);
}

void ActiveStream::onBelowWriteBufferLowWatermark()
{
    if (m_router)
        m_router->pauseResponse(false);
}

void ActiveStream::pauseRequest(bool pause)
{
    if (m_ended)
        return;
    telemetry::HttpStats &stats = m_manager->stats();
    (pause ? stats.flowPaused : stats.flowResumed).inc();
    if (!m_requestComplete)
        m_encoder.stream().readDisable(pause);
}

void ActiveStream::redirect(http::HeaderMapPtr answer, net::Buffer body)
{
    m_info.responseCodeDetails = "internal_redirect";
    m_info.responseCode = answer->status();
    m_info.responseHeaderBytes = answer->byteSize();
    m_responseHeaders = std::move(answer);
    http::ResponseEncoder &encoder = m_encoder;
    HttpConnection &connection = m_connection;
    destroy();
    // It is deleted later.
    ActiveStream &next = connection.succeed(encoder);
    next.goOnFrom(*this);
    const bool bare = body.isEmpty();
    next.decodeHeaders(std::move(m_requestHeaders), bare);
    if (!bare)
        next.decodeData(body, true);
}

void ActiveStream::goOnFrom(ActiveStream &other)
{
    m_redirected = true;
    m_redirects = std::move(other.m_redirects);
    m_traceReason = other.m_traceReason;
    m_closeAfter = other.m_closeAfter;
    m_info.startWall = other.m_info.startWall;
    m_info.start = other.m_info.start;
    m_info.bytesReceived = other.m_info.bytesReceived;
}

void ActiveStream::destroy()
{
    if (m_ended)
        return;
    m_ended = true;
    m_encoder.stream().setCallbacks(nullptr);
    cancelTimers();
    m_info.end = dispatcher().updateNow();
    noteForLogs();
    if (m_router)
        m_router->takeMeters();
    telemetry::HttpStats &stats = m_manager->stats();
    stats.rqActive.dec();
    if (m_countedUpgrade)
        stats.cxUpgradesActive.dec();
    if (m_manager->traceDecision() != nullptr && m_requestHeaders)
        m_manager->countTrace(m_traceReason);
    if (m_info.healthCheck)
        m_manager->countHealthCheck();
    // What was reset took no time that would tell anything.
    if (m_responseComplete)
        stats.rqTime.record(
            static_cast<std::uint64_t>((*m_info.end - m_info.start) / std::chrono::milliseconds(1)));
    writeLogs("DownstreamEnd");
    m_router.reset();
    HttpConnection &connection = m_connection;
    const bool prematurely = m_info.responseCode == 0 && *m_info.end - m_info.start < PrematureResetAge;
    connection.release(*this);
    connection.onStreamEnded(prematurely);
}

} // namespace sallyport::server
