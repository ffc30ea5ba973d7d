// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_session.h"

#include "proxy/http/http2_callbacks.h"

#include <array>
#include <random>

namespace sallyport::http {

namespace {

/// Until the server's SETTINGS tell.
constexpr std::uint32_t AssumedPeerStreams = 1024;

constexpr std::size_t MostContinuations = 512;

struct OptionDeleter
{
    void operator()(nghttp2_option *option) const { nghttp2_option_del(option); }
};

/// A frame's payload comes from its stream, when libnghttp2 is about to write it.
nghttp2_data_provider payloadOf(Http2Stream &stream)
{
    nghttp2_data_provider provider{};
    provider.source.ptr = &stream;
    provider.read_callback = Http2Callbacks::readPayload;
    return provider;
}

CodecStatus protocolError(std::int64_t error)
{
    return {.kind = CodecStatus::Kind::ProtocolError, .message = nghttp2_strerror(static_cast<int>(error))};
}

} // namespace

Http2Session::Http2Session(Side side, net::Connection &connection, ConnectionObserver &observer,
                           const CodecSettings &settings, CodecObserver *counts)
    : m_side(side)
    , m_connection(connection)
    , m_observer(observer)
    , m_settings(settings)
    , m_counts(counts)
    , m_constraints(settings, counts)
    , m_violation(connection.dispatcher(), [this] {
        m_connection.close(net::CloseType::NoFlush, "http2_connection_protocol_violation");
    })
{
    nghttp2_option *made = nullptr;
    nghttp2_option_new(&made);
    const std::unique_ptr<nghttp2_option, OptionDeleter> option(made);
    // Windows follow what the streams' users have taken.
    nghttp2_option_set_no_auto_window_update(option.get(), 1);
    nghttp2_option_set_no_closed_streams(option.get(), 1);
    nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option.get(), 1);
    // Floods are the constraints' business; so is the size of headers.
    nghttp2_option_set_max_outbound_ack(option.get(), 10'000);
    nghttp2_option_set_max_send_header_block_length(option.get(), std::size_t(32) * 1024 * 1024);
    nghttp2_option_set_max_continuations(option.get(), MostContinuations);
    if (settings.hpackTableSize != NGHTTP2_DEFAULT_HEADER_TABLE_SIZE)
        nghttp2_option_set_max_deflate_dynamic_table_size(option.get(), settings.hpackTableSize);
    if (side == Side::Client) {
        nghttp2_option_set_peer_max_concurrent_streams(option.get(), AssumedPeerStreams);
        nghttp2_session_client_new2(&m_session, Http2Callbacks::get(), this, option.get());
    } else {
        nghttp2_session_server_new2(&m_session, Http2Callbacks::get(), this, option.get());
    }
    sendSettings();
    if (settings.keepaliveIdleInterval.count() > 0)
        m_lastReceived = std::chrono::steady_clock::now();
    if (settings.keepaliveTimeout.count() > 0) {
        m_keepaliveTimeout.emplace(connection.dispatcher(), [this] { onKeepaliveTimeout(); });
        if (settings.keepaliveInterval.count() > 0)
            m_keepaliveSend.emplace(connection.dispatcher(), [this] { sendKeepalive(); });
        armKeepalive();
    }
}

Http2Session::~Http2Session()
{
    endAllStreams(ResetReason::ConnectionTermination, {});
    nghttp2_session_del(m_session);
}

void Http2Session::sendSettings()
{
    std::vector<nghttp2_settings_entry> entries;
    if (m_side == Side::Client)
        entries.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
    entries.insert(entries.end(), {{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, m_settings.hpackTableSize},
                                   {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, m_settings.allowConnect},
                                   {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, m_settings.maxConcurrentStreams},
                                   {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, m_settings.streamWindow}});
    nghttp2_submit_settings(m_session, NGHTTP2_FLAG_NONE, entries.data(), entries.size());
    if (m_settings.connectionWindow != NGHTTP2_INITIAL_CONNECTION_WINDOW_SIZE)
        nghttp2_submit_window_update(m_session, NGHTTP2_FLAG_NONE, 0,
                                     static_cast<std::int32_t>(m_settings.connectionWindow) -
                                         NGHTTP2_INITIAL_CONNECTION_WINDOW_SIZE);
}

void Http2Session::count(CodecEvent event, int delta)
{
    if (m_counts != nullptr)
        m_counts->onCodecEvent(event, delta);
}

CodecStatus Http2Session::receive(net::Buffer &data)
{
    if (m_settings.keepaliveIdleInterval.count() > 0)
        m_lastReceived = std::chrono::steady_clock::now();
    // A connection that is closed within a callback drops its buffer: what is read here must not be in it.
    net::Buffer input = std::move(data);
    if (m_failed)
        return {};
    if (m_side == Side::Server) {
        if (CodecStatus status = m_constraints.checkOutbound(m_written - m_connection.bytesToWrite());
            !status.ok())
            return status;
    }
    while (!input.isEmpty()) {
        // After a GOAWAY, with the last stream gone, libnghttp2 reads no more: nobody waits for what still
        // comes.
        if (nghttp2_session_want_read(m_session) == 0) {
            CodecStatus status = sendPending();
            if (status.ok())
                m_connection.close(net::CloseType::Flush, "http2_connection_was_left");
            return status;
        }
        std::string_view piece = input.front();
        if (m_side == Side::Server) {
            std::optional<Http2FrameWalk::Head> head;
            piece = m_frames.next(piece, head);
            if (head)
                checkClosedStream(*head);
        }
        m_receiving = true;
        const ssize_t taken = nghttp2_session_mem_recv(
            m_session, reinterpret_cast<const std::uint8_t *>(piece.data()), piece.size());
        m_receiving = false;
        if (m_connection.state() != net::Connection::State::Open || m_failed)
            return {};
        if (!m_status.ok() || taken != static_cast<ssize_t>(piece.size())) {
            m_failed = true;
            return m_status.ok() ? protocolError(taken) : m_status;
        }
        input.drain(piece.size());
    }
    return sendPending();
}

/// libnghttp2 passes over messages on streams that are no more.
void Http2Session::checkClosedStream(const Http2FrameWalk::Head &head)
{
    if ((head.type != NGHTTP2_HEADERS && head.type != NGHTTP2_DATA) || find(head.stream) != nullptr)
        return;
    if (!m_closedStreams.mayReceive(head.stream))
        nghttp2_session_terminate_session(m_session, NGHTTP2_STREAM_CLOSED);
    else if ((head.flags & NGHTTP2_FLAG_END_STREAM) != 0)
        m_closedStreams.onPeerEnded(head.stream);
}

CodecStatus Http2Session::sendPending()
{
    if (m_receiving || m_failed || m_connection.state() != net::Connection::State::Open)
        return {};
    if (m_sending) {
        m_sendAgain = true;
        return {};
    }
    m_sending = true;
    CodecStatus status;
    do {
        m_sendAgain = false;
        status = sendOnce();
    } while (m_sendAgain && status.ok() && !m_failed);
    m_sending = false;
    if (!status.ok() && !m_failed)
        m_failed = true;
    return status;
}

CodecStatus Http2Session::sendOnce()
{
    if (const int error = nghttp2_session_send(m_session); error != 0)
        return protocolError(error);
    for (Http2Stream *stream : std::exchange(m_drained, {})) {
        if (contains(*stream))
            stream->checkSendWatermarks();
    }
    if (!m_resetsAfterSending.empty()) {
        for (const std::int32_t id : std::exchange(m_resetsAfterSending, {})) {
            if (const Http2Stream *stream = find(id))
                submitReset(id, stream->resetCode());
        }
        if (const int error = nghttp2_session_send(m_session); error != 0)
            return protocolError(error);
    }
    return m_constraints.checkOutbound(m_written - m_connection.bytesToWrite());
}

void Http2Session::sendPendingOrClose()
{
    if (!sendPending().ok())
        m_violation.schedule();
}

void Http2Session::write(net::Buffer &bytes, bool control)
{
    m_written += bytes.size();
    m_constraints.onFrameWritten(m_written, control);
    m_connection.write(bytes, false);
}

void Http2Session::announceEnd()
{
    nghttp2_submit_shutdown_notice(m_session);
    sendPendingOrClose();
}

void Http2Session::endNow()
{
    nghttp2_submit_goaway(m_session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(m_session),
                          NGHTTP2_NO_ERROR, nullptr, 0);
    count(CodecEvent::Http2GoawaySent);
    sendPendingOrClose();
}

// --- streams

Http2Stream *Http2Session::openStream(std::int32_t)
{
    return nullptr;
}

Http2Stream *Http2Session::find(std::int32_t id) const
{
    return static_cast<Http2Stream *>(nghttp2_session_get_stream_user_data(m_session, id));
}

void Http2Session::adopt(std::unique_ptr<Http2Stream> stream)
{
    Http2Stream &adopted = *stream;
    m_streams.push_front(std::move(stream));
    adopted.m_position = m_streams.begin();
    adopted.m_inSession = true;
    m_constraints.onStreamOpened();
    count(CodecEvent::Http2StreamsActive, 1);
    if (adopted.m_id > 0) {
        nghttp2_session_set_stream_user_data(m_session, adopted.m_id, &adopted);
        m_closedStreams.onOpened(adopted.m_id);
    }
}

void Http2Session::remove(Http2Stream &stream)
{
    if (!stream.m_inSession)
        return;
    stream.m_inSession = false;
    stream.m_flushTimer.reset();
    if (stream.m_id > 0)
        nghttp2_session_set_stream_user_data(m_session, stream.m_id, nullptr);
    std::unique_ptr<Http2Stream> owned = std::move(*stream.m_position);
    m_streams.erase(stream.m_position);
    count(CodecEvent::Http2StreamsActive, -1);
    if (!stream.m_pending.isEmpty())
        count(CodecEvent::Http2PendingSendBytes, -static_cast<int>(stream.m_pending.size()));
    m_connection.dispatcher().deferredDelete(std::move(owned));
    if (m_streams.empty() && !m_failed)
        onLastStreamGone();
}

void Http2Session::touch(Http2Stream &stream)
{
    if (stream.m_inSession)
        m_streams.splice(m_streams.begin(), m_streams, stream.m_position);
}

void Http2Session::endAllStreams(ResetReason reason, std::string_view transportFailureReason)
{
    m_failed = true;
    m_keepaliveSend.reset();
    m_keepaliveTimeout.reset();
    while (!m_streams.empty()) {
        Http2Stream &stream = *m_streams.front();
        stream.end(reason, transportFailureReason);
        remove(stream);
    }
}

void Http2Session::onConnectionWatermark(bool above)
{
    std::vector<Http2Stream *> streams;
    for (auto stream = m_streams.rbegin(); stream != m_streams.rend(); ++stream)
        streams.push_back(stream->get());
    for (Http2Stream *stream : streams) {
        if (contains(*stream))
            stream->setAbove(stream->m_connectionAbove, above);
    }
}

std::int32_t Http2Session::submitRequest(Http2Stream &stream, const HeaderMap &headers, bool endStream)
{
    touch(stream);
    checkSilence();
    const std::vector<nghttp2_nv> fields = stream.fieldsOf(headers);
    const nghttp2_data_provider payload = payloadOf(stream);
    return nghttp2_submit_request(m_session, nullptr, fields.data(), fields.size(),
                                  endStream ? nullptr : &payload, &stream);
}

void Http2Session::submitAnswer(Http2Stream &stream, const HeaderMap &headers, bool endStream)
{
    touch(stream);
    const std::vector<nghttp2_nv> fields = stream.fieldsOf(headers);
    const nghttp2_data_provider payload = payloadOf(stream);
    nghttp2_submit_response(m_session, stream.m_id, fields.data(), fields.size(),
                            endStream ? nullptr : &payload);
}

void Http2Session::submitInterim(Http2Stream &stream, const HeaderMap &headers)
{
    const std::vector<nghttp2_nv> fields = stream.fieldsOf(headers);
    nghttp2_submit_headers(m_session, NGHTTP2_FLAG_NONE, stream.m_id, nullptr, fields.data(), fields.size(),
                           nullptr);
}

void Http2Session::submitTrailers(Http2Stream &stream, const HeaderMap &trailers)
{
    const std::vector<nghttp2_nv> fields = stream.fieldsOf(trailers);
    nghttp2_submit_trailer(m_session, stream.m_id, fields.data(), fields.size());
}

void Http2Session::submitReset(std::int32_t id, std::uint32_t code)
{
    nghttp2_submit_rst_stream(m_session, NGHTTP2_FLAG_NONE, id, code);
}

void Http2Session::resumeData(Http2Stream &stream)
{
    if (stream.m_dataDeferred && contains(stream)) {
        stream.m_dataDeferred = false;
        nghttp2_session_resume_data(m_session, stream.m_id);
    }
}

void Http2Session::consume(std::int32_t id, std::size_t bytes)
{
    if (!m_failed)
        nghttp2_session_consume(m_session, id, bytes);
}

// --- keep-alive

void Http2Session::armKeepalive()
{
    if (m_keepaliveTimeout)
        m_keepaliveTimeout->cancel();
    if (!m_keepaliveSend)
        return;
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uint64_t interval = static_cast<std::uint64_t>(m_settings.keepaliveInterval.count());
    const auto jitter =
        static_cast<std::uint64_t>(m_settings.keepaliveJitterPercent * static_cast<double>(interval) / 100);
    if (jitter > 0)
        interval += random() % jitter;
    m_keepaliveSend->arm(std::chrono::milliseconds(interval));
}

void Http2Session::sendKeepalive()
{
    if (m_keepaliveTimeout->isArmed())
        return;
    nghttp2_submit_ping(m_session, NGHTTP2_FLAG_NONE, nullptr);
    sendPendingOrClose();
    if (m_keepaliveTimeout)
        m_keepaliveTimeout->arm(m_settings.keepaliveTimeout);
}

void Http2Session::checkSilence()
{
    if (m_settings.keepaliveIdleInterval.count() > 0 && m_keepaliveTimeout &&
        std::chrono::steady_clock::now() - m_lastReceived > m_settings.keepaliveIdleInterval)
        sendKeepalive();
}

void Http2Session::onKeepaliveTimeout()
{
    count(CodecEvent::Http2KeepaliveTimeout);
    m_connection.close(net::CloseType::NoFlush, "http2_ping_timeout");
}

} // namespace sallyport::http
