// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/http_connection.h"

#include "proxy/server/active_stream.h"
#include "proxy/server/connection_facts.h"

#include <algorithm>
#include <ctime>

namespace sallyport::server {

using telemetry::ResponseFlag;

namespace {

/// overload.premature_reset_total_stream_count
constexpr std::uint64_t MostPrematureResets = 500;

} // namespace

HttpConnection::HttpConnection(std::shared_ptr<const HttpManager> manager, const ConnectionContext &context)
    : m_manager(net::countedApart(std::move(manager)))
    , m_chain(context.chain)
    , m_worker(context.worker)
    , m_connection(context.connection)
    , m_requestedServerName(context.requestedServerName)
    , m_fingerprints(context.fingerprints)
{
    m_connection.setDelayedCloseTimeout(m_manager->delayedCloseTimeout);
    telemetry::HttpStats &stats = m_manager->stats();
    stats.cxTotal.inc();
    stats.cxActive.inc();
    if (m_chain->tls) {
        stats.cxSslTotal.inc();
        stats.cxSslActive.inc();
    }
}

HttpConnection::~HttpConnection()
{
    // Only a worker that ends leaves streams behind.
    while (!m_streams.empty())
        m_streams.front()->onConnectionGone();
}

void HttpConnection::onNewConnection()
{
    armIdleTimer();
    // No time at all is a limit, too.
    if (m_manager->configuration().common.maxConnectionDuration) {
        m_durationTimer.emplace(m_worker.dispatcher, [this] { onMaxDuration(); });
        m_durationTimer->arm(m_manager->maxConnectionDuration);
    }
}

void HttpConnection::onConnected() {}

const telemetry::StreamInfo *HttpConnection::streamInfo() const
{
    m_info = std::make_unique<telemetry::StreamInfo>();
    m_info->protocol = m_spoken;
    if (m_protocolError)
        m_info->flags.set(ResponseFlag::DownstreamProtocolError);
    return m_info.get();
}

http::Protocol HttpConnection::protocol() const
{
    return m_codec ? m_codec->protocol() : http::Protocol::Http11;
}

std::string_view HttpConnection::date()
{
    struct Cache
    {
        net::Clock::time_point madeAt;
        char text[32] = "";
        std::size_t size = 0;
    };
    thread_local Cache cache;
    const auto now = m_worker.dispatcher.now();
    if (cache.size == 0 || now - cache.madeAt >= std::chrono::milliseconds(500)) {
        const std::time_t seconds = std::time(nullptr);
        std::tm parts{};
        ::gmtime_r(&seconds, &parts);
        cache.size = std::strftime(cache.text, sizeof cache.text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        cache.madeAt = now;
    }
    return {cache.text, cache.size};
}

const dataplane::ConnectionFacts &HttpConnection::facts()
{
    if (!m_factsKnown) {
        m_facts = connectionFactsOf(m_connection, m_requestedServerName);
        m_factsKnown = true;
    }
    return m_facts;
}

void HttpConnection::makeCodec(http::Protocol protocol)
{
    telemetry::HttpStats &stats = m_manager->stats();
    const bool http2 = protocol == http::Protocol::Http2;
    (http2 ? stats.cxHttp2Total : stats.cxHttp1Total).inc();
    (http2 ? stats.cxHttp2Active : stats.cxHttp1Active).inc();
    // The first bytes may come long after the connection, under another configuration.
    m_codecManager = m_manager;
    m_codec = http::makeServerCodec(protocol, m_connection, *this, m_manager->codecSettings(),
                                    m_manager->codecStats());
    m_connection.goesThrough(net::IoHandler::Step::User, this);
}

http::Protocol HttpConnection::protocolOf(net::Buffer &data) const
{
    using Codec = dataplane::HttpConnectionManager::Codec;
    switch (m_manager->configuration().codec) {
    case Codec::Http1:
        return http::Protocol::Http11;
    case Codec::Http2:
        return http::Protocol::Http2;
    case Codec::Auto:
        break;
    }
    const std::string_view alpn =
        m_connection.tls() != nullptr ? std::string_view(m_connection.tls()->alpn()) : std::string_view();
    if (!alpn.empty())
        return alpn == "h2" ? http::Protocol::Http2 : http::Protocol::Http11;
    return http::protocolOfFirstBytes(data.linearize(std::min<std::size_t>(data.size(), 24)));
}

void HttpConnection::onData(net::Buffer &data, bool endStream)
{
    const std::uint64_t received = m_connection.bytesReceived();
    m_manager->stats().cxRxBytes.add(received - m_receivedCounted);
    // Envoy's gauge stands at what was read last until the next read, or the end.
    m_received.note(m_manager->stats().cxRxBuffered, received - m_receivedCounted);
    m_receivedCounted = received;
    if (!m_codec)
        makeCodec(protocolOf(data));
    m_dispatching = true;
    const http::CodecStatus status = m_codec->dispatch(data);
    m_dispatching = false;
    if (!status.ok() && !m_closed) {
        data.clear();
        onCodecError(status);
        return;
    }
    // Bytes that made no sense leave no trace of what was spoken (measured, 1.40).
    if (!m_spoken)
        m_spoken = m_codec->protocol();
    if (endStream && !m_closed) {
        if (const http::CodecStatus ended = m_codec->dispatchEnd(); !ended.ok() && !m_closed)
            onCodecError(ended);
    }
    closeIfDrained(false);
}

void HttpConnection::onCodecError(const http::CodecStatus &status)
{
    std::string details = "codec_error:" + status.message;
    std::replace(details.begin(), details.end(), ' ', '_');
    if (status.kind == http::CodecStatus::Kind::ProtocolError)
        m_manager->stats().cxProtocolError.inc();
    m_protocolError = true;
    closeWithStreams(net::CloseType::FlushAndWait, ResponseFlag::DownstreamProtocolError, details);
}

void HttpConnection::closeWithStreams(net::CloseType type, std::optional<ResponseFlag> flag,
                                      const std::string &details)
{
    if (!m_streams.empty()) {
        m_manager->stats().cxDestroyActiveRq.inc();
        m_manager->stats().cxDestroyLocalActiveRq.inc();
    }
    endStreams(flag, details);
    m_connection.close(type, details);
}

void HttpConnection::endStreams(std::optional<ResponseFlag> flag, const std::string &details)
{
    while (!m_streams.empty())
        m_streams.front()->endWithConnection(flag, details);
}

void HttpConnection::onSent()
{
    const std::uint64_t sent = m_connection.bytesSent();
    m_manager->stats().cxTxBytes.add(sent - m_sentCounted);
    m_sentCounted = sent;
    m_toSend.note(m_manager->stats().cxTxBuffered, m_connection.bytesToWrite());
}

void HttpConnection::onAboveHighWatermark()
{
    if (m_codec)
        m_codec->onConnectionAboveHighWatermark();
}

void HttpConnection::onBelowLowWatermark()
{
    if (m_codec)
        m_codec->onConnectionBelowLowWatermark();
}

void HttpConnection::onClosed(net::CloseEvent event)
{
    m_closed = true;
    m_idleTimer.reset();
    m_drainTimer.reset();
    m_durationTimer.reset();
    telemetry::HttpStats &stats = m_manager->stats();
    const bool remote = event == net::CloseEvent::RemoteClose;
    if (m_connection.delayedCloseTimedOut())
        stats.cxDelayedCloseTimeout.inc();
    if (!m_streams.empty()) {
        stats.cxDestroyActiveRq.inc();
        (remote ? stats.cxDestroyRemoteActiveRq : stats.cxDestroyLocalActiveRq).inc();
        std::string details = "downstream_remote_disconnect";
        if (!remote) {
            details = "downstream_local_disconnect";
            if (!m_connection.localCloseReason().empty())
                details += '(' + m_connection.localCloseReason() + ')';
            std::replace(details.begin(), details.end(), ' ', '_');
        }
        endStreams(ResponseFlag::DownstreamConnectionTermination, details);
    }
    if (m_codec)
        m_codec->connectionEnded(http::ResetReason::ConnectionTermination, {});
    stats.cxDestroy.inc();
    (remote ? stats.cxDestroyRemote : stats.cxDestroyLocal).inc();
    onSent();
    m_received.note(stats.cxRxBuffered, 0);
    m_toSend.note(stats.cxTxBuffered, 0);
    stats.cxActive.dec();
    if (m_chain->tls)
        stats.cxSslActive.dec();
    if (m_codec)
        (m_codec->protocol() == http::Protocol::Http2 ? stats.cxHttp2Active : stats.cxHttp1Active).dec();
    stats.cxLengthMs.record(static_cast<std::uint64_t>(
        (m_worker.dispatcher.now() - m_connection.startTime()) / std::chrono::milliseconds(1)));
}

http::RequestDecoder &HttpConnection::newStream(http::ResponseEncoder &encoder)
{
    return addStream(encoder);
}

ActiveStream &HttpConnection::succeed(http::ResponseEncoder &encoder)
{
    ActiveStream &stream = addStream(encoder);
    encoder.setDecoder(stream);
    return stream;
}

ActiveStream &HttpConnection::addStream(http::ResponseEncoder &encoder)
{
    if (m_idleTimer)
        m_idleTimer->cancel();
    telemetry::HttpStats &stats = m_manager->stats();
    ++m_requests;
    const auto most = m_manager->configuration().common.maxRequestsPerConnection;
    m_streams.push_back(std::make_unique<ActiveStream>(*this, encoder));
    ActiveStream &stream = *m_streams.back();
    stream.setPosition(std::prev(m_streams.end()));
    if (most && *most > 0 && m_requests >= *most) {
        if (protocol() != http::Protocol::Http2)
            stream.closeAfterResponse();
        else if (m_drain == Drain::No)
            startDrainSequence();
        stats.cxMaxRequestsReached.inc();
    }
    return stream;
}

void HttpConnection::onGoAway(std::uint32_t) {}

void HttpConnection::onStreamsFlushed()
{
    closeIfDrained(false);
}

void HttpConnection::release(ActiveStream &stream)
{
    const auto position = stream.position();
    std::unique_ptr<net::Deferred> owned(position->release());
    m_streams.erase(position);
    m_worker.dispatcher.deferredDelete(std::move(owned));
    if (m_streams.empty() && !m_closed)
        armIdleTimer();
}

void HttpConnection::onStreamEnded(bool prematurely)
{
    ++m_endedStreams;
    if (prematurely)
        ++m_prematureResets;
    // So many of the first ones that the rest cannot make up for it, or half of all.
    if (m_closed || m_tooManyResets || 2 * m_prematureResets < std::max(MostPrematureResets, m_endedStreams))
        return;
    m_tooManyResets = true;
    m_manager->stats().rqTooManyPrematureResets.inc();
    closeWithStreams(net::CloseType::NoFlush, std::nullopt, "too_many_premature_resets");
}

bool HttpConnection::adopt(const TerminalFilter &successor, const std::shared_ptr<const ChainInfo> &chain)
{
    const auto *manager = dynamic_cast<const HttpManager *>(&successor);
    if (manager == nullptr || m_drain != Drain::No)
        return false;
    m_manager = net::countedApart(manager->shared_from_this());
    m_chain = chain;
    return true;
}

} // namespace sallyport::server
