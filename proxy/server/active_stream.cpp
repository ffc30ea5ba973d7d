// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/active_stream.h"

#include "core/dataplane/path_normalization.h"
#include "proxy/http/http1_syntax.h"
#include "proxy/server/connection_facts.h"
#include "proxy/server/request_timeouts.h"

#include <algorithm>

namespace sallyport::server {

using http::Known;
using telemetry::ResponseFlag;

namespace {

/// Without an answer by then, a stream's end is not blamed on the client any more
/// (overload.premature_reset_min_stream_lifetime_seconds, in whole seconds more than one).
constexpr auto PrematureResetAge = std::chrono::seconds(2);

/// Whether the client will not use the connection again.
bool asksToClose(http::Protocol protocol, const http::HeaderMap &headers)
{
    if (protocol == http::Protocol::Http2)
        return false;
    const std::string_view connection = headers.get(Known::Connection);
    if (protocol == http::Protocol::Http10)
        return !http::listContains(connection, "keep-alive");
    return http::listContains(connection, "close") ||
           http::listContains(headers.get(Known::ProxyConnection), "close");
}

} // namespace

ActiveStream::ActiveStream(HttpConnection &connection, http::ResponseEncoder &encoder)
    : m_manager(connection.manager())
    , m_connection(connection)
    , m_encoder(encoder)
{
    HttpStats &stats = m_manager->stats();
    stats.rqTotal.inc();
    stats.rqActive.inc();
    (connection.protocol() == http::Protocol::Http2 ? stats.rqHttp2Total : stats.rqHttp1Total).inc();
    m_info.startWall = std::chrono::system_clock::now();
    m_info.start = dispatcher().updateNow();
    const net::ConnectionAddresses &addresses = connection.connection().addresses();
    m_info.localAddress = addresses.local;
    m_info.directLocalAddress = addresses.directLocal;
    m_info.remoteAddress = addresses.remote;
    m_info.directRemoteAddress = addresses.directRemote;
    m_info.requestedServerName = connection.requestedServerName();
    m_info.downstreamTls = connection.connection().tls();
    m_info.connectionId = connection.connection().id();
    m_info.filterChainName = connection.chain().name;
    if (m_info.downstreamTls != nullptr)
        m_info.downstreamHandshakeEnd = connection.connection().transportReadyTime();
    // A request that is refused before its version is believed counts as the codec's own.
    m_info.protocol =
        connection.protocol() == http::Protocol::Http2 ? http::Protocol::Http2 : http::Protocol::Http11;
    encoder.stream().setCallbacks(this);
    encoder.stream().setFlushTimeout(m_manager->streamIdleTimeout);
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

void ActiveStream::refreshRoute()
{
    m_routeKnown = true;
    const filters::HeaderView view(*m_requestHeaders, &m_info.dynamicMetadata);
    m_virtualHost = nullptr;
    m_route = m_manager->routes().find(view, random(), &m_virtualHost);
    m_info.virtualHostName =
        m_virtualHost != nullptr ? std::string_view(m_virtualHost->name) : std::string_view();
    m_info.routeName = m_route != nullptr ? std::string_view(m_route->route().name) : std::string_view();
    m_weighted = m_route != nullptr ? m_route->weighted(random()) : nullptr;
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
    }
    m_idleTimeout = action->idleTimeout ? std::chrono::ceil<std::chrono::milliseconds>(*action->idleTimeout)
                                        : m_manager->streamIdleTimeout;
    m_encoder.stream().setFlushTimeout(m_idleTimeout);
    armIdleTimer();
    armDurationTimer();
}

void ActiveStream::armDurationTimer()
{
    const std::chrono::milliseconds limit =
        takeStreamDuration(*m_route->action(), m_manager->maxStreamDuration, m_grpc, *m_requestHeaders);
    m_durationTimer.reset();
    if (limit.count() == 0 || m_ended)
        return;
    m_durationTimer.emplace(dispatcher(), [this] { onDurationReached(); });
    const auto used =
        std::chrono::duration_cast<std::chrono::milliseconds>(dispatcher().updateNow() - m_info.start);
    m_durationTimer->arm(std::max(limit - used, std::chrono::milliseconds(0)));
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

void ActiveStream::decodeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    if (m_ended)
        return;
    m_headersTimer.reset();
    m_requestHeaders = std::move(headers);
    http::HeaderMap &request = *m_requestHeaders;
    m_requestComplete = endStream;
    m_info.lastDownstreamRx = endStream ? std::optional(dispatcher().updateNow()) : std::nullopt;
    const http::Protocol protocol = m_encoder.protocol();
    m_info.protocol = protocol;
    m_head = request.get(Known::Method) == "HEAD";
    m_grpc = isGrpcRequest(request);
    if (asksToClose(protocol, request))
        m_closeAfter = true;
    if (!m_manager->configuration().proxy100Continue && request.has(Known::Expect) &&
        http::equalsIgnoreCase(request.get(Known::Expect), "100-continue")) {
        const http::HeaderMapPtr go = http::HeaderMap::create(http::HeaderMap::Kind::Response);
        go->setStatus(100);
        m_manager->stats().countAnswer(100);
        m_encoder.encodeInformational(*go);
        request.remove(Known::Expect);
    }
    if (endStream)
        m_requestTimer.reset();
    if (!checkRequest())
        return;
    armIdleTimer();
    const net::Address client =
        mutateArrivingRequest(request, m_manager->configuration(), m_manager->addresses(),
                              m_manager->routes().configuration().internalOnlyHeaders,
                              m_connection.connection(), m_connection.worker().random);
    if (!(client == m_info.remoteAddress))
        m_info.remoteAddress = client;
    m_info.requestId = request.get(Known::RequestId);
    m_upgrade = isUpgradeRequest(request);
    refreshRoute();
    if (!acceptUpgrade())
        return;
    decorateRequest();
    createFilters();
    runFilters();
}

/// Hands the route's decorator on to the server, or takes what the client told
/// (source/common/http/conn_manager_impl.cc, traceRequest).
void ActiveStream::decorateRequest()
{
    const HttpManager::Decoration decoration = m_manager->decoration();
    if (decoration == HttpManager::Decoration::None)
        return;
    if (m_route != nullptr && m_route->route().decoratorPropagate.value_or(true))
        m_decoration = m_route->route().decoratorOperation;
    if (decoration == HttpManager::Decoration::OfAnswers) {
        if (m_requestHeaders->has(Known::EnvoyDecoratorOperation))
            m_decoration = {};
        m_requestHeaders->remove(Known::EnvoyDecoratorOperation);
    } else if (!m_decoration.empty()) {
        m_requestHeaders->set(Known::EnvoyDecoratorOperation, m_decoration);
    }
}

void ActiveStream::decorateAnswer(http::HeaderMap &headers) const
{
    const HttpManager::Decoration decoration = m_manager->decoration();
    if (decoration == HttpManager::Decoration::OfRequests)
        headers.remove(Known::EnvoyDecoratorOperation);
    else if (decoration == HttpManager::Decoration::OfAnswers && !m_decoration.empty())
        headers.set(Known::EnvoyDecoratorOperation, m_decoration);
}

/// What must hold of every request before anything is done with it; false: it was answered.
bool ActiveStream::checkRequest()
{
    http::HeaderMap &request = *m_requestHeaders;
    const auto refuse = [this](unsigned status, std::string_view details) {
        filters::LocalReply reply;
        reply.status = status;
        reply.details = details;
        sendLocalReply(reply);
        return false;
    };
    if (!request.has(Known::Authority))
        return refuse(400, "missing_host_header");
    const bool connect = request.get(Known::Method) == "CONNECT";
    const std::string_view path = request.get(Known::Path);
    if (!connect || request.has(Known::Path)) {
        if (path.empty())
            return refuse(404, "missing_path_rejected");
        if (path.front() != '/') {
            m_manager->stats().rqNonRelativePath.inc();
            return refuse(404, "absolute_path_rejected");
        }
        if (!normalizePath())
            return false;
    }
    m_strippedPort = normalizeHost(request, m_manager->configuration(), m_info.localAddress.port());
    return true;
}

bool ActiveStream::normalizePath()
{
    http::HeaderMap &request = *m_requestHeaders;
    std::string path(request.get(Known::Path));
    dataplane::PathOutcome outcome = dataplane::normalizePath(path, m_manager->configuration());
    // gRPC clients follow no redirects.
    if (outcome == dataplane::PathOutcome::Redirected && m_grpc)
        outcome = dataplane::PathOutcome::Rejected;
    filters::LocalReply reply;
    reply.details = "path_normalization_failed";
    if (path != request.get(Known::Path))
        request.set(Known::Path, path);
    switch (outcome) {
    case dataplane::PathOutcome::Accepted:
        return true;
    case dataplane::PathOutcome::Rejected:
        m_manager->stats().rqFailedPathNormalization.inc();
        reply.status = 400;
        break;
    case dataplane::PathOutcome::Redirected:
        m_manager->stats().rqRedirectedWithNormalizedPath.inc();
        reply.status = 307;
        reply.modifyHeaders = [&path](http::HeaderMap &headers) { headers.add(Known::Location, path); };
        break;
    }
    sendLocalReply(reply);
    return false;
}

/// False: the upgrade was refused and answered.
bool ActiveStream::acceptUpgrade()
{
    const bool connect = m_requestHeaders->get(Known::Method) == "CONNECT";
    if (!m_upgrade && !connect)
        return true;
    std::string type = connect ? "connect" : std::string(m_requestHeaders->get(Known::Upgrade));
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return static_cast<char>(http::LowerCase[c]); });
    bool allowed = m_manager->allowsUpgrade(type);
    if (const dataplane::RouteAction *action = m_route != nullptr ? m_route->action() : nullptr) {
        for (const dataplane::UpgradeConfig &upgrade : action->upgrades) {
            if (upgrade.type == type)
                allowed = upgrade.enabled;
        }
    }
    if (allowed && m_route != nullptr) {
        HttpStats &stats = m_manager->stats();
        stats.cxUpgradesTotal.inc();
        stats.cxUpgradesActive.inc();
        m_countedUpgrade = true;
        return true;
    }
    if (m_route == nullptr)
        return true; // the router answers 404
    m_closeAfter = true;
    m_manager->stats().rqUpgradeOnOtherRoute.inc();
    filters::LocalReply reply;
    reply.status = 403;
    reply.details = "upgrade_failed";
    sendLocalReply(reply);
    return false;
}

void ActiveStream::createFilters()
{
    if (m_filtersCreated)
        return;
    m_filtersCreated = true;
    const auto isOff = [this](const HttpManager::Filter &filter) {
        if (m_route == nullptr)
            return filter.disabled;
        const std::vector<std::string> *disabled = m_route->perFilter(
            [&](const dataplane::PerFilterConfig &level) -> const std::vector<std::string> * {
                const bool named = std::find(level.disabled.begin(), level.disabled.end(), filter.name) !=
                                   level.disabled.end();
                return named ? &level.disabled : nullptr;
            });
        return filter.disabled || disabled != nullptr;
    };
    m_filters.reserve(m_manager->filters().size());
    for (const HttpManager::Filter &filter : m_manager->filters()) {
        if (isOff(filter))
            continue;
        m_filters.push_back(filter.make());
        m_filters.back()->setCallbacks(*this);
    }
}

void ActiveStream::runFilters()
{
    while (m_nextFilter < m_filters.size()) {
        filters::HttpFilter &filter = *m_filters[m_nextFilter++];
        m_inFilters = true;
        m_continue = false;
        const filters::FilterStatus status = filter.decodeHeaders(*m_requestHeaders, m_requestComplete);
        m_inFilters = false;
        if (m_ended || m_responseStarted)
            return;
        if (status == filters::FilterStatus::Stop && !m_continue)
            return;
    }
    passOn();
}

void ActiveStream::continueDecoding()
{
    if (m_inFilters) {
        m_continue = true;
        return;
    }
    if (m_ended || m_responseStarted || m_passedOn)
        return;
    runFilters();
}

/// The filters are done with the request: it goes to the router, with what of its body has come by now.
void ActiveStream::passOn()
{
    m_passedOn = true;
    m_router.emplace(*this);
    const bool bare = m_requestComplete && m_held.isEmpty() && !m_requestTrailers;
    m_router->decodeHeaders(*m_requestHeaders, bare);
    if (m_holding) {
        m_holding = false;
        m_encoder.stream().readDisable(false);
    }
    if (m_ended || bare)
        return;
    if (!m_held.isEmpty()) {
        net::Buffer data = std::move(m_held);
        m_router->decodeData(data, m_requestComplete && !m_requestTrailers);
    }
    if (!m_ended && m_requestTrailers)
        m_router->decodeTrailers(*m_requestTrailers);
}

void ActiveStream::decodeData(net::Buffer &data, bool endStream)
{
    if (m_ended) {
        data.clear();
        return;
    }
    m_info.bytesReceived += data.size();
    if (endStream) {
        m_requestComplete = true;
        m_info.lastDownstreamRx = dispatcher().updateNow();
        m_requestTimer.reset();
    }
    armIdleTimer();
    if (m_passedOn) {
        m_router->decodeData(data, endStream);
        return;
    }
    if (m_responseComplete || m_responseStarted) {
        data.clear();
        return;
    }
    m_held.move(data);
    if (!m_holding && m_held.size() > m_encoder.stream().bufferLimit()) {
        m_holding = true;
        m_encoder.stream().readDisable(true);
    }
    tellStoppedFilter();
}

void ActiveStream::tellStoppedFilter()
{
    if (m_nextFilter > 0 && !m_inFilters)
        m_filters[m_nextFilter - 1]->onBodyHeld(m_requestComplete);
}

void ActiveStream::decodeTrailers(http::HeaderMapPtr trailers)
{
    if (m_ended)
        return;
    m_requestComplete = true;
    m_info.lastDownstreamRx = dispatcher().updateNow();
    m_requestTimer.reset();
    armIdleTimer();
    m_requestTrailers = std::move(trailers);
    if (m_passedOn)
        m_router->decodeTrailers(*m_requestTrailers);
    else if (!m_responseStarted)
        tellStoppedFilter();
}

void ActiveStream::sendLocalReply(unsigned status, std::string_view body, std::string_view details)
{
    filters::LocalReply reply;
    reply.status = status;
    reply.body = body;
    reply.details = details;
    sendLocalReply(reply);
}

void ActiveStream::sendLocalReply(const filters::LocalReply &reply)
{
    if (m_ended)
        return;
    m_info.responseCodeDetails = reply.details;
    std::replace_if(
        m_info.responseCodeDetails.begin(), m_info.responseCodeDetails.end(),
        [](unsigned char c) { return std::isspace(c) != 0; }, '_');
    if (reply.flag)
        m_info.flags.set(*reply.flag);
    if (m_responseStarted) {
        resetDownstream();
        return;
    }
    // A request that makes no sense may be followed by bytes that make none either.
    if (reply.status == 400 && m_encoder.protocol() != http::Protocol::Http2 &&
        !m_encoder.streamErrorOnInvalidMessage())
        m_closeAfter = true;
    const ReplyContext context{m_grpc, m_head, m_encoder.protocol()};
    PreparedReply prepared = m_manager->localReplies().prepare(
        reply, context, m_info, m_requestHeaders.get(), [this](http::HeaderMap &headers) {
            if (m_route == nullptr)
                return;
            const telemetry::LogContext log{m_info, m_requestHeaders.get(), &headers, nullptr, {}};
            m_manager->mutators().applyToResponse(m_route->configuration(), m_route->host(), m_route->route(),
                                                  m_weighted, headers, log);
        });
    encodeHeaders(std::move(prepared.headers), prepared.endsWithHeaders);
    if (prepared.endsWithHeaders || m_ended)
        return;
    net::Buffer body(prepared.body);
    encodeData(body, true);
}

void ActiveStream::encodeInformational(http::HeaderMapPtr headers)
{
    if (m_ended || m_responseStarted)
        return;
    armIdleTimer();
    m_manager->stats().countAnswer(headers->status());
    m_encoder.encodeInformational(*headers);
}

/// What the connection manager itself does to every answer's headers.
void ActiveStream::finishHeaders(http::HeaderMap &headers)
{
    const dataplane::HttpConnectionManager &configuration = m_manager->configuration();
    if (!headers.has(Known::Date))
        headers.set(Known::Date, m_connection.date());
    using ServerHeader = dataplane::HttpConnectionManager::ServerHeader;
    if (configuration.serverHeader == ServerHeader::Overwrite ||
        (configuration.serverHeader == ServerHeader::AppendIfAbsent && !headers.has(Known::Server)))
        headers.set(Known::Server, configuration.serverName);
    const bool upgrade = m_upgrade && isUpgradeRequest(headers);
    if (!upgrade) {
        headers.remove(Known::Connection);
        headers.remove(Known::Upgrade);
    }
    headers.remove(Known::TransferEncoding);
    headers.remove(Known::KeepAlive);
    headers.remove(Known::ProxyConnection);
    if (m_requestHeaders &&
        (configuration.alwaysSetRequestIdInResponse || m_requestHeaders->has(Known::EnvoyForceTrace)) &&
        m_requestHeaders->has(Known::RequestId))
        headers.set(Known::RequestId, m_requestHeaders->get(Known::RequestId));
    decorateAnswer(headers);
    if (!configuration.via.empty())
        headers.append(Known::Via, configuration.via, ", ");
    const bool connectGranted = m_requestHeaders && m_requestHeaders->get(Known::Method) == "CONNECT" &&
                                headers.status() >= 200 && headers.status() < 300;
    m_tunnel = upgrade || connectGranted;
    m_connection.checkDrain();
    const bool http1 = m_encoder.protocol() != http::Protocol::Http2;
    if (!m_requestComplete) {
        if (http1)
            m_connection.closeAfterThisStream();
        m_manager->stats().rqResponseBeforeComplete.inc();
    }
    if (m_closeAfter && http1)
        m_connection.closeAfterThisStream();
    if (!http1 || m_tunnel)
        return;
    if (m_connection.isDraining())
        headers.set(Known::Connection, "close");
    else if (m_encoder.protocol() == http::Protocol::Http10)
        headers.set(Known::Connection, "keep-alive");
}

void ActiveStream::encodeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    if (m_ended)
        return;
    m_responseStarted = true;
    armIdleTimer();
    for (auto filter = m_filters.rbegin(); filter != m_filters.rend(); ++filter)
        (*filter)->encodeHeaders(*headers, endStream);
    m_responseHeaders = std::move(headers);
    finishHeaders(*m_responseHeaders);
    const unsigned status = m_responseHeaders->status();
    m_info.responseCode = status;
    m_info.responseHeaderBytes = m_responseHeaders->byteSize();
    m_info.firstDownstreamTx = dispatcher().now();
    m_manager->stats().countAnswer(status);
    m_responseComplete = endStream;
    m_encoder.encodeHeaders(*m_responseHeaders, endStream);
    if (endStream)
        finishResponse();
}

void ActiveStream::encodeData(net::Buffer &data, bool endStream)
{
    if (m_ended) {
        data.clear();
        return;
    }
    armIdleTimer();
    m_info.bytesSent += data.size();
    m_responseComplete = endStream;
    m_encoder.encodeData(data, endStream);
    if (endStream)
        finishResponse();
}

void ActiveStream::encodeTrailers(http::HeaderMapPtr trailers)
{
    if (m_ended)
        return;
    armIdleTimer();
    m_responseTrailers = std::move(trailers);
    m_info.responseTrailerBytes = m_responseTrailers->byteSize();
    m_responseComplete = true;
    m_encoder.encodeTrailers(*m_responseTrailers);
    finishResponse();
}

void ActiveStream::finishResponse()
{
    if (m_ended)
        return;
    m_info.lastDownstreamTx = dispatcher().updateNow();
    const bool complete = m_requestComplete;
    const bool http10ByClose = m_encoder.protocol() == http::Protocol::Http10 && m_responseHeaders &&
                               !m_responseHeaders->has(Known::ContentLength);
    const bool asked = m_closeAfter;
    HttpConnection &connection = m_connection;
    if (!complete) {
        // The rest of the request is not wanted: the codec drops it, and an HTTP/1 connection with it.
        if (m_encoder.protocol() != http::Protocol::Http2)
            connection.closeAfterThisStream();
        m_encoder.stream().resetStream(http::ResetReason::LocalReset);
    } else if (!m_encoder.stream().isFlushed()) {
        // How the client takes the rest still belongs to this stream: it may yet be reset.
        m_awaitsFlush = true;
        cancelTimers();
        m_router.reset();
        return;
    }
    destroy();
    connection.closeIfDrained(asked && (complete || http10ByClose));
}

void ActiveStream::onAnswerFlushed()
{
    if (m_ended || !m_awaitsFlush)
        return;
    m_info.lastDownstreamTx = dispatcher().updateNow();
    HttpConnection &connection = m_connection;
    destroy();
    connection.closeIfDrained(false);
}

void ActiveStream::cancelTimers()
{
    m_idleTimer.reset();
    m_requestTimer.reset();
    m_headersTimer.reset();
    m_durationTimer.reset();
}

void ActiveStream::resetDownstream()
{
    if (m_ended)
        return;
    HttpConnection &connection = m_connection;
    m_manager->stats().rqTxReset.inc();
    if (m_encoder.protocol() != http::Protocol::Http2)
        connection.closeAfterThisStream();
    m_info.lastDownstreamTx = dispatcher().updateNow();
    const bool connect = m_requestHeaders && m_requestHeaders->get(Known::Method) == "CONNECT";
    m_encoder.stream().resetStream(connect ? http::ResetReason::ConnectError : http::ResetReason::LocalReset);
    destroy();
    connection.closeIfDrained(false);
}

void ActiveStream::onResetStream(http::ResetReason reason, std::string_view)
{
    if (m_ended)
        return;
    HttpStats &stats = m_manager->stats();
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

void ActiveStream::endWithConnection(ResponseFlag flag, const std::string &details)
{
    if (m_ended)
        return;
    const std::string_view codec = m_encoder.stream().responseDetails();
    m_info.responseCodeDetails = codec.empty() ? details : std::string(codec);
    m_info.flags.set(flag);
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
    m_manager->stats().flowPaused.inc();
    if (m_router)
        m_router->pauseResponse(true);
}

void ActiveStream::onBelowWriteBufferLowWatermark()
{
    m_manager->stats().flowResumed.inc();
    if (m_router)
        m_router->pauseResponse(false);
}

void ActiveStream::pauseRequest(bool pause)
{
    if (!m_ended && !m_requestComplete)
        m_encoder.stream().readDisable(pause);
}

void ActiveStream::restoreStrippedPort()
{
    if (m_strippedPort == 0)
        return;
    const std::string host =
        std::string(m_requestHeaders->get(Known::Authority)) + ':' + std::to_string(m_strippedPort);
    m_requestHeaders->set(Known::Authority, host);
}

void ActiveStream::writeLogs()
{
    if (m_manager->logs().empty())
        return;
    const telemetry::LogContext context{
        m_info, m_requestHeaders.get(), m_responseHeaders.get(), m_responseTrailers.get(), {}};
    for (const auto &log : m_manager->logs())
        log->log(context);
}

void ActiveStream::destroy()
{
    if (m_ended)
        return;
    m_ended = true;
    m_encoder.stream().setCallbacks(nullptr);
    cancelTimers();
    m_info.end = dispatcher().updateNow();
    if (m_requestHeaders)
        m_info.requestHeaderBytes = m_requestHeaders->byteSize();
    const http::BytesMeter &bytes = m_encoder.stream().bytes();
    m_info.downstreamWireReceived = bytes.wireReceived;
    m_info.downstreamWireSent = bytes.wireSent;
    m_info.connectionTerminationDetails = m_connection.connection().terminationDetails();
    HttpStats &stats = m_manager->stats();
    stats.rqActive.dec();
    if (m_countedUpgrade)
        stats.cxUpgradesActive.dec();
    stats.rqTime.record(
        static_cast<std::uint64_t>((*m_info.end - m_info.start) / std::chrono::milliseconds(1)));
    writeLogs();
    m_router.reset();
    HttpConnection &connection = m_connection;
    const bool prematurely = m_info.responseCode == 0 && *m_info.end - m_info.start < PrematureResetAge;
    connection.release(*this);
    connection.onStreamEnded(prematurely);
}

} // namespace sallyport::server
