// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_connection.h"

#include "core/dataplane/path_normalization.h"
#include "proxy/http/http1_syntax.h"

#include <ctime>

namespace sallyport::admin {

namespace {

using http::Known;

constexpr std::string_view formType = "application/x-www-form-urlencoded";

const http::CodecSettings &settings()
{
    static const http::CodecSettings own = [] {
        http::CodecSettings made;
        made.allowAbsoluteUrl = false;
        return made;
    }();
    return own;
}

const dataplane::HttpConnectionManager &pathOptions()
{
    static const dataplane::HttpConnectionManager options = [] {
        dataplane::HttpConnectionManager made;
        made.normalizePath = true;
        made.mergeSlashes = true;
        return made;
    }();
    return options;
}

std::string dateNow()
{
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::uint64_t millisecondsSince(net::Clock::time_point start, net::Clock::time_point now)
{
    return static_cast<std::uint64_t>((now - start) / std::chrono::milliseconds(1));
}

} // namespace

AdminConnection::AdminConnection(net::EpollDispatcher &dispatcher, ServerState &state,
                                 std::shared_ptr<AdminTraffic> traffic, net::Descriptor fd,
                                 net::ConnectionAddresses addresses,
                                 std::function<void(AdminConnection &)> onGone)
    : m_dispatcher(dispatcher)
    , m_state(state)
    , m_traffic(std::move(traffic))
    , m_onGone(std::move(onGone))
{
    telemetry::ListenerStats &listener = m_traffic->listener();
    listener.cxTotal.inc();
    listener.cxActive.inc();
    listener.handlers.front().cxTotal->inc();
    listener.handlers.front().cxActive->inc();
    telemetry::HttpStats &http = m_traffic->http();
    http.cxTotal.inc();
    http.cxActive.inc();
    http.cxHttp1Total.inc();
    http.cxHttp1Active.inc();
    m_connection =
        net::Connection::accepted(dispatcher, std::move(fd), std::move(addresses), net::makePlainTransport());
    m_connection->setCallbacks(this);
    m_codec =
        http::makeServerCodec(http::Protocol::Http11, *m_connection, *this, settings(), &m_traffic->codecs());
}

void AdminConnection::detach()
{
    m_onGone = [](AdminConnection &) {};
    m_connection->close(net::CloseType::NoFlush);
}

void AdminConnection::onData(net::Buffer &data, bool)
{
    const std::uint64_t received = m_connection->bytesReceived();
    m_traffic->http().cxRxBytes.add(received - m_receivedCounted);
    noteBuffered(received - m_receivedCounted);
    m_receivedCounted = received;
    if (const http::CodecStatus status = m_codec->dispatch(data); !status.ok()) {
        data.clear();
        m_traffic->http().cxProtocolError.inc();
        m_connection->close(net::CloseType::Flush);
    }
}

void AdminConnection::onSent()
{
    const std::uint64_t sent = m_connection->bytesSent();
    m_traffic->http().cxTxBytes.add(sent - m_sentCounted);
    m_sentCounted = sent;
}

void AdminConnection::noteBuffered(std::uint64_t bytes)
{
    m_traffic->http().cxRxBuffered.add(static_cast<std::int64_t>(bytes) -
                                       static_cast<std::int64_t>(m_buffered));
    m_buffered = bytes;
}

void AdminConnection::onClosed(net::CloseEvent event)
{
    const bool remote = event == net::CloseEvent::RemoteClose;
    telemetry::HttpStats &http = m_traffic->http();
    if (m_running) {
        http.cxDestroyActiveRq.inc();
        (remote ? http.cxDestroyRemoteActiveRq : http.cxDestroyLocalActiveRq).inc();
        http.rqRxReset.inc();
        m_info.flags.set(telemetry::ResponseFlag::DownstreamConnectionTermination);
        endRequest(nullptr, 0, 0, "downstream_remote_disconnect");
    }
    m_codec->connectionEnded(http::ResetReason::ConnectionTermination, {});
    onSent();
    noteBuffered(0);
    if (m_connection->delayedCloseTimedOut())
        http.cxDelayedCloseTimeout.inc();
    http.cxDestroy.inc();
    (remote ? http.cxDestroyRemote : http.cxDestroyLocal).inc();
    http.cxActive.dec();
    http.cxHttp1Active.dec();
    const std::uint64_t length = millisecondsSince(m_connection->startTime(), m_dispatcher.now());
    http.cxLengthMs.record(length);
    telemetry::ListenerStats &listener = m_traffic->listener();
    listener.cxDestroy.inc();
    listener.cxActive.dec();
    listener.handlers.front().cxActive->dec();
    listener.cxLengthMs.record(length);
    m_onGone(*this);
}

http::RequestDecoder &AdminConnection::newStream(http::ResponseEncoder &encoder)
{
    telemetry::HttpStats &http = m_traffic->http();
    http.rqTotal.inc();
    http.rqHttp1Total.inc();
    http.rqActive.inc();
    m_encoder = &encoder;
    m_headers.reset();
    m_body.clear();
    m_running = true;
    m_info = telemetry::StreamInfo();
    m_info.startWall = std::chrono::system_clock::now();
    m_info.start = m_dispatcher.updateNow();
    m_info.protocol = http::Protocol::Http11;
    m_info.localAddress = m_connection->addresses().local;
    m_info.directLocalAddress = m_connection->addresses().directLocal;
    m_info.remoteAddress = m_connection->addresses().remote;
    m_info.directRemoteAddress = m_connection->addresses().directRemote;
    m_info.connectionId = m_connection->id();
    return *this;
}

void AdminConnection::decodeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    m_headers = std::move(headers);
    if (http::equalsIgnoreCase(m_headers->get(Known::Expect), "100-continue")) {
        const http::HeaderMapPtr informational = http::HeaderMap::create(http::HeaderMap::Kind::Response);
        informational->setStatus(100);
        m_encoder->encodeInformational(*informational);
        m_traffic->http().countAnswer(100);
    }
    if (endStream)
        answer();
}

void AdminConnection::decodeData(net::Buffer &data, bool endStream)
{
    m_info.bytesReceived += data.size();
    if (m_headers->get(Known::ContentType) == formType)
        m_body.append(data.linearize(data.size()));
    data.clear();
    if (endStream)
        answer();
}

void AdminConnection::sendLocalReply(unsigned status, std::string_view body, std::string_view details)
{
    telemetry::HttpStats &http = m_traffic->http();
    http.rqResponseBeforeComplete.inc();
    m_close = true;
    refuse(status, body, details);
    http.rqRxReset.inc();
    m_connection->close(net::CloseType::Flush);
}

void AdminConnection::answer()
{
    m_info.lastDownstreamRx = m_dispatcher.updateNow();
    m_close = http::listContains(m_headers->get(Known::Connection), "close");
    std::string path(m_headers->get(Known::Path));
    if (!m_headers->has(Known::Authority)) {
        m_close = true;
        refuse(400, {}, "missing_host_header");
    } else if (!path.starts_with('/')) {
        m_traffic->http().rqNonRelativePath.inc();
        refuse(404, {}, "absolute_path_rejected");
    } else if (dataplane::normalizePath(path, pathOptions()) != dataplane::PathOutcome::Accepted) {
        m_traffic->http().rqFailedPathNormalization.inc();
        m_close = true;
        refuse(400, {}, "path_normalization_failed");
    } else {
        send(beginAnswer(parseAdminTarget(m_headers->get(Known::Method), path, m_body), m_state));
    }
    if (m_close)
        m_connection->close(net::CloseType::Flush);
}

void AdminConnection::refuse(unsigned status, std::string_view body, std::string_view details)
{
    const http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Response);
    headers->setStatus(status);
    if (!body.empty()) {
        headers->set(Known::ContentLength, std::to_string(body.size()));
        headers->set(Known::ContentType, "text/plain");
    }
    sendHead(*headers, body.empty());
    if (!body.empty()) {
        net::Buffer buffer(body);
        m_encoder->encodeData(buffer, true);
    }
    endRequest(headers.get(), status, body.size(), details);
}

void AdminConnection::send(AdminAnswer answer)
{
    const http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Response);
    headers->setStatus(answer.status);
    if (answer.nosniffFirst)
        headers->add("x-content-type-options", "nosniff");
    headers->set(Known::ContentType, answer.contentType);
    headers->set(Known::CacheControl, "no-cache, max-age=0");
    headers->add("x-content-type-options", "nosniff");
    // Envoy streams these bodies: no content-length.
    sendHead(*headers, false);
    // Statistics that are asked for count the answer that brings them.
    if (answer.makeBody)
        answer.body = answer.makeBody();
    net::Buffer body(answer.body);
    m_encoder->encodeData(body, true);
    endRequest(headers.get(), answer.status, answer.body.size(), "admin_filter_response");
}

void AdminConnection::sendHead(http::HeaderMap &headers, bool endStream)
{
    headers.set(Known::Date, dateNow());
    headers.set(Known::Server, "envoy");
    if (m_close)
        headers.set(Known::Connection, "close");
    m_encoder->encodeHeaders(headers, endStream);
    m_traffic->http().countAnswer(headers.status());
}

void AdminConnection::endRequest(const http::HeaderMap *response, unsigned status, std::size_t bytes,
                                 std::string_view details)
{
    m_running = false;
    m_info.end = m_dispatcher.updateNow();
    m_info.responseCode = status;
    m_info.bytesSent = bytes;
    m_info.responseCodeDetails = details;
    m_traffic->http().rqActive.dec();
    m_traffic->http().rqTime.record(millisecondsSince(m_info.start, *m_info.end));
    m_traffic->log({m_info, m_headers.get(), response, nullptr, {}});
}

} // namespace sallyport::admin
