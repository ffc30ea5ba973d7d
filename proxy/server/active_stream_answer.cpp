// SPDX-License-Identifier: GPL-3.0-or-later
// The way of the answer: local replies and what comes from the router, back through the filters.
#include "proxy/server/active_stream.h"

#include <algorithm>
#include <cctype>

namespace sallyport::server {

using http::Known;

namespace {

/// There is nothing but a virtual host for `*`: then even a request without a Host has one.
bool hasOneHostForAll(const dataplane::RouteConfiguration &routes)
{
    return routes.virtualHosts.size() == 1 &&
           routes.virtualHosts.front().domains == std::vector<std::string>{"*"};
}

} // namespace

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
    // Filters of the answer, and the log, know the virtual host, and the route.
    if (!m_routeKnown && m_requestHeaders &&
        (m_requestHeaders->has(Known::Authority) || hasOneHostForAll(m_manager->routes().configuration())))
        refreshRoute();
    m_routeKnown = true;
    createFilters();
    // A request that makes no sense may be followed by bytes that make none either.
    if (reply.closes)
        m_closeAfter = true;
    if (reply.status == 400 && m_encoder.protocol() != http::Protocol::Http2 &&
        !m_encoder.streamErrorOnInvalidMessage())
        m_closeAfter = true;
    const ReplyContext context{m_grpc, m_head, m_encoder.protocol()};
    PreparedReply prepared = m_manager->localReplies().prepare(
        reply, context, m_info, m_requestHeaders.get(), [this](http::HeaderMap &headers) {
            // Routes that answer by themselves have a say in their own answers only (measured, 1.40).
            if (m_route == nullptr || m_route->action() == nullptr)
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

void ActiveStream::decorateAnswer(http::HeaderMap &headers) const
{
    const HttpManager::Decoration decoration = m_manager->decoration();
    if (decoration == HttpManager::Decoration::OfRequests)
        headers.remove(Known::EnvoyDecoratorOperation);
    else if (decoration == HttpManager::Decoration::OfAnswers && !m_decoration.empty())
        headers.set(Known::EnvoyDecoratorOperation, m_decoration);
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
    if (m_encoder.protocol() == http::Protocol::Http2)
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
    // Before HTTP/1.1 only a length or the connection's end says where a body ends.
    const bool endsByClose =
        m_encoder.protocol() == http::Protocol::Http10 && !headers.has(Known::ContentLength);
    if ((m_closeAfter && http1) || endsByClose)
        m_connection.closeAfterThisStream();
    // Of a CONNECT's answers only 200 is known to open a tunnel, though all successes do.
    if (!http1 || upgrade || (connectGranted && headers.status() == 200))
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
    if (headers->has(Known::Status))
        writeHeaders(std::move(headers), endStream);
    else
        answerForNoStatus();
}

/// A filter has taken the status away. What is said instead passes no filter.
void ActiveStream::answerForNoStatus()
{
    m_router.reset();
    filters::LocalReply reply;
    reply.status = 502;
    reply.body = "missing required header: :status";
    m_info.responseCodeDetails = "filter_removed_required_response_headers{missing_required_header:_:status}";
    reply.details = m_info.responseCodeDetails;
    PreparedReply prepared =
        m_manager->localReplies().prepare(reply, {m_grpc, m_head, m_encoder.protocol()}, m_info,
                                          m_requestHeaders.get(), [](http::HeaderMap &) {});
    writeHeaders(std::move(prepared.headers), prepared.endsWithHeaders);
    if (prepared.endsWithHeaders || m_ended)
        return;
    net::Buffer body(prepared.body);
    encodeData(body, true);
}

void ActiveStream::writeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    m_responseHeaders = std::move(headers);
    finishHeaders(*m_responseHeaders);
    const unsigned status = m_responseHeaders->status();
    m_info.responseCode = status;
    m_info.responseHeaderBytes = m_responseHeaders->byteSize();
    if (!m_info.healthCheck)
        m_manager->stats().countAnswer(status);
    if (m_tunnel && m_manager->configuration().logTunnels)
        writeLogs("DownstreamTunnelSuccessfullyEstablished");
    m_info.firstDownstreamTx = dispatcher().now();
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
    if (!endStream || !m_requestComplete)
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
    // Where the end is the proxy's own doing, the upstream's comes before it, in the logs too.
    m_router.reset();
    const bool complete = m_requestComplete;
    // HTTP/2 gives up a request that goes on before the answer's end is out.
    if (complete || m_encoder.protocol() != http::Protocol::Http2)
        m_info.lastDownstreamTx = dispatcher().now();
    const bool http10ByClose = m_encoder.protocol() == http::Protocol::Http10 && m_responseHeaders &&
                               !m_responseHeaders->has(Known::ContentLength);
    const bool asked = m_closeAfter;
    HttpConnection &connection = m_connection;
    if (!complete) {
        // The rest of the request is not wanted: the codec drops it, and an HTTP/1 connection with it.
        if (m_encoder.protocol() != http::Protocol::Http2)
            connection.closeAfterThisStream();
        m_encoder.stream().resetStream(http::ResetReason::LocalReset);
        // To the codec it may be complete all the same.
        if (!m_ended)
            m_manager->stats().rqRxReset.inc();
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

void ActiveStream::resetDownstream()
{
    if (m_ended)
        return;
    HttpConnection &connection = m_connection;
    const bool atOnce = m_closeAfter && m_requestComplete;
    m_manager->stats().rqTxReset.inc();
    m_router.reset();
    if (m_encoder.protocol() != http::Protocol::Http2)
        connection.closeAfterThisStream();
    // HTTP/2 asks for an upgrade by CONNECT, too.
    const bool connect = m_requestHeaders && (m_requestHeaders->get(Known::Method) == "CONNECT" || m_upgrade);
    m_encoder.stream().resetStream(connect ? http::ResetReason::ConnectError : http::ResetReason::LocalReset);
    destroy();
    connection.closeIfDrained(atOnce);
}

} // namespace sallyport::server
