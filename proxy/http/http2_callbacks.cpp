// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_callbacks.h"

#include "proxy/http/http2_session.h"

namespace sallyport::http {

namespace {

constexpr std::size_t FrameHeaderSize = 9;

std::string_view text(const std::uint8_t *bytes, std::size_t size)
{
    return {reinterpret_cast<const char *>(bytes), size};
}

std::string_view invalidFrameDetails(int error)
{
    switch (error) {
    case NGHTTP2_ERR_HTTP_HEADER:
        return "http2.invalid.header.field";
    case NGHTTP2_ERR_HTTP_MESSAGING:
        return "http2.violation.of.messaging.rule";
    default:
        return "http2.unknown.nghttp2.error";
    }
}

Http2Session &sessionOf(void *userData)
{
    return *static_cast<Http2Session *>(userData);
}

} // namespace

const nghttp2_session_callbacks *Http2Callbacks::get()
{
    static const nghttp2_session_callbacks *const callbacks = make();
    return callbacks;
}

nghttp2_session_callbacks *Http2Callbacks::make()
{
    nghttp2_session_callbacks *callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_frame_callback(
        callbacks, [](nghttp2_session *, const nghttp2_frame_hd *header, void *userData) {
            return sessionOf(userData).onFrameHeader(*header);
        });
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        callbacks, [](nghttp2_session *, const nghttp2_frame *frame, void *userData) {
            return sessionOf(userData).onBlockBegins(*frame);
        });
    nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader);
    // libnghttp2 would leave such a field out of the message.
    nghttp2_session_callbacks_set_on_invalid_header_callback(
        callbacks,
        [](nghttp2_session *, const nghttp2_frame *, const std::uint8_t *, std::size_t, const std::uint8_t *,
           std::size_t, std::uint8_t, void *) -> int { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session *session, std::uint8_t, std::int32_t id, const std::uint8_t *bytes,
                      std::size_t size, void *userData) {
            if (Http2Stream *stream = sessionOf(userData).find(id))
                stream->onDataChunk(text(bytes, size));
            else
                nghttp2_session_consume(session, id, size);
            return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session *, const nghttp2_frame *frame, void *userData) {
            return sessionOf(userData).onFrame(*frame);
        });
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(
        callbacks, [](nghttp2_session *, const nghttp2_frame *frame, int error, void *userData) {
            return sessionOf(userData).onInvalidFrame(*frame, error);
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose);
    nghttp2_session_callbacks_set_send_callback(
        callbacks,
        [](nghttp2_session *, const std::uint8_t *bytes, std::size_t size, int, void *userData) -> ssize_t {
            Http2Session &owner = sessionOf(userData);
            net::Buffer out(text(bytes, size));
            owner.write(out, std::exchange(owner.m_controlFrame, false));
            return static_cast<ssize_t>(size);
        });
    nghttp2_session_callbacks_set_send_data_callback(callbacks, sendPayload);
    nghttp2_session_callbacks_set_before_frame_send_callback(
        callbacks, [](nghttp2_session *, const nghttp2_frame *frame, void *userData) {
            const nghttp2_frame_hd &header = frame->hd;
            const bool acknowledges = (header.type == NGHTTP2_PING || header.type == NGHTTP2_SETTINGS) &&
                                      (header.flags & NGHTTP2_FLAG_ACK) != 0;
            sessionOf(userData).m_controlFrame = acknowledges || header.type == NGHTTP2_RST_STREAM;
            return 0;
        });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        callbacks, [](nghttp2_session *, const nghttp2_frame *frame, void *userData) {
            return sessionOf(userData).onFrameSent(*frame);
        });
    return callbacks;
}

ssize_t Http2Callbacks::readPayload(nghttp2_session *, std::int32_t, std::uint8_t *, std::size_t size,
                                    std::uint32_t *flags, nghttp2_data_source *source, void *)
{
    return static_cast<Http2Stream *>(source->ptr)->selectPayload(size, *flags);
}

int Http2Callbacks::sendPayload(nghttp2_session *, nghttp2_frame *, const std::uint8_t *header,
                                std::size_t size, nghttp2_data_source *source, void *userData)
{
    Http2Session &owner = sessionOf(userData);
    Http2Stream &stream = *static_cast<Http2Stream *>(source->ptr);
    net::Buffer out(text(header, FrameHeaderSize));
    stream.takePayload(out, size);
    owner.m_constraints.onDataFrameSent();
    owner.m_drained.push_back(&stream);
    owner.write(out, false);
    return 0;
}

int Http2Callbacks::onStreamClose(nghttp2_session *, std::int32_t id, std::uint32_t code, void *userData)
{
    Http2Session &owner = sessionOf(userData);
    if (Http2Stream *stream = owner.find(id)) {
        if (owner.m_side == Http2Session::Side::Server && !stream->m_remoteEnd && !stream->m_remoteReset)
            owner.m_closedStreams.onAbandoned(id);
        stream->onClosed(code);
        owner.remove(*stream);
    }
    return owner.checkOpen();
}

int Http2Callbacks::onHeader(nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name,
                             std::size_t nameSize, const std::uint8_t *value, std::size_t valueSize,
                             std::uint8_t, void *userData)
{
    Http2Session &owner = sessionOf(userData);
    Http2Stream *stream = owner.find(frame->hd.stream_id);
    if (stream == nullptr) {
        owner.count(CodecEvent::Http2HeadersCallbackNoStream);
        return 0;
    }
    if (!stream->m_block.isOpen())
        return 0; // an invalid field came before
    stream->m_bytes.decompressedHeaderReceived += nameSize + valueSize;
    const Http2HeaderBlock::Outcome outcome =
        stream->m_block.add(text(name, nameSize), text(value, valueSize), owner.m_settings, owner.m_counts);
    if (outcome == Http2HeaderBlock::Outcome::Invalid)
        return owner.onInvalidField(*frame, *stream);
    stream->setDetails(stream->m_block.details());
    return outcome == Http2HeaderBlock::Outcome::Taken ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

// --- what they do to the session

int Http2Session::failWith(CodecStatus status)
{
    if (m_status.ok())
        m_status = std::move(status);
    return checkOpen();
}

/// Non-zero: the connection, or the session, ended within a callback.
int Http2Session::checkOpen()
{
    const bool open = m_connection.state() == net::Connection::State::Open;
    return m_status.ok() && !m_failed && open ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Session::onFrameHeader(const nghttp2_frame_hd &header)
{
    if (header.type == NGHTTP2_PING && (header.flags & NGHTTP2_FLAG_ACK) != 0)
        return 0;
    // Whatever the peer sends, it is there: the answer to a PING may be behind other frames.
    if (m_keepaliveTimeout && m_keepaliveTimeout->isArmed())
        m_keepaliveTimeout->arm(m_settings.keepaliveTimeout);
    if (header.type == NGHTTP2_HEADERS || header.type == NGHTTP2_DATA)
        return 0; // when their padding is known
    CodecStatus status = m_constraints.onFrameReceived(header.type, header.flags, header.length);
    if (status.kind == CodecStatus::Kind::InboundEmptyFramesFlood) {
        if (Http2Stream *stream = find(header.stream_id))
            stream->setDetails("http2.inbound_empty_frames_flood");
    }
    return failWith(std::move(status));
}

int Http2Session::onBlockBegins(const nghttp2_frame &frame)
{
    if (frame.hd.type != NGHTTP2_HEADERS)
        return NGHTTP2_ERR_CALLBACK_FAILURE; // pushes are off
    if (const int failed = failWith(m_constraints.onFrameReceived(frame.hd.type, frame.hd.flags,
                                                                  frame.hd.length - frame.headers.padlen)))
        return failed;
    Http2Stream *stream = nullptr;
    if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        stream = openStream(frame.hd.stream_id);
    } else {
        if (m_side == Side::Server)
            count(CodecEvent::Http2Trailers);
        stream = find(frame.hd.stream_id);
    }
    if (stream != nullptr)
        stream->m_block.begin(stream->nextBlock());
    return checkOpen();
}

int Http2Session::onFrame(const nghttp2_frame &frame)
{
    Http2Stream *stream = frame.hd.stream_id != 0 ? find(frame.hd.stream_id) : nullptr;
    const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const std::size_t wireSize = frame.hd.length + FrameHeaderSize;
    // Windows and priorities are no bytes of a stream's own (measured, 1.40).
    if (stream != nullptr && frame.hd.type != NGHTTP2_WINDOW_UPDATE && frame.hd.type != NGHTTP2_PRIORITY)
        stream->m_bytes.wireReceived += wireSize;
    switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
        if (stream != nullptr) {
            stream->m_bytes.headerReceived += wireSize;
            stream->onBlockComplete(end);
        }
        break;
    case NGHTTP2_DATA: {
        CodecStatus status =
            m_constraints.onFrameReceived(frame.hd.type, frame.hd.flags, frame.hd.length - frame.data.padlen);
        if (stream == nullptr)
            return failWith(std::move(status));
        if (!status.ok())
            stream->setDetails("http2.inbound_empty_frames_flood");
        if (const int failed = failWith(std::move(status)))
            return failed;
        stream->onDataComplete(end);
        break;
    }
    case NGHTTP2_RST_STREAM:
        if (stream != nullptr) {
            stream->m_remoteReset = true;
            count(CodecEvent::Http2RxReset);
        } else {
            m_closedStreams.onPeerEnded(frame.hd.stream_id);
        }
        break;
    case NGHTTP2_PING:
        if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0)
            armKeepalive();
        break;
    case NGHTTP2_SETTINGS:
        if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0)
            onSettings(frame.settings);
        break;
    case NGHTTP2_GOAWAY:
        if (!m_goAwayReceived) {
            m_goAwayReceived = true;
            m_observer.onGoAway(frame.goaway.error_code);
        }
        break;
    default:
        break;
    }
    return checkOpen();
}

void Http2Session::onSettings(const nghttp2_settings &settings)
{
    for (std::size_t i = 0; i < settings.niv; ++i) {
        if (settings.iv[i].settings_id == NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
            m_observer.onMaxConcurrentStreams(settings.iv[i].value);
    }
}

int Http2Session::onInvalidFrame(const nghttp2_frame &frame, int error)
{
    Http2Stream *stream = frame.hd.stream_id != 0 ? find(frame.hd.stream_id) : nullptr;
    if (stream != nullptr)
        stream->setDetails(invalidFrameDetails(error));
    switch (error) {
    case NGHTTP2_ERR_REFUSED_STREAM:
        count(CodecEvent::Http2StreamRefusedErrors);
        m_closedStreams.onOpened(frame.hd.stream_id);
        m_closedStreams.onAbandoned(frame.hd.stream_id);
        return 0;
    case NGHTTP2_ERR_HTTP_HEADER:
    case NGHTTP2_ERR_HTTP_MESSAGING:
        count(CodecEvent::Http2RxMessagingError);
        if (m_settings.http2StreamErrorOnInvalidMessage) {
            if (stream != nullptr)
                stream->m_messagingError = true;
            return 0;
        }
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    default:
        // A window past its numbers takes the connection along even if it is a stream's, as in Envoy; but the
        // client is told why, as RFC 9113 6.9.1 demands and h2spec asks for.
        if (error == NGHTTP2_ERR_FLOW_CONTROL && frame.hd.type == NGHTTP2_WINDOW_UPDATE) {
            m_windowOverflow = true;
            return 0;
        }
        // The connection ends without a word, as Envoy's does. What libnghttp2 refuses by a frame's header
        // alone it says GOAWAY to, and to a PING on a stream (RFC 9113 5.4.1, h2spec again).
        return frame.hd.type == NGHTTP2_PING ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
    }
}

/// As onInvalidFrame(), for a field that libnghttp2 lets through.
int Http2Session::onInvalidField(const nghttp2_frame &frame, Http2Stream &stream)
{
    const int outcome = onInvalidFrame(frame, NGHTTP2_ERR_HTTP_HEADER);
    if (outcome == 0) {
        stream.m_block.abandon();
        submitReset(stream.m_id, NGHTTP2_PROTOCOL_ERROR);
    }
    return outcome;
}

int Http2Session::onFrameSent(const nghttp2_frame &frame)
{
    Http2Stream *stream = frame.hd.stream_id != 0 ? find(frame.hd.stream_id) : nullptr;
    const std::size_t wireSize = frame.hd.length + FrameHeaderSize;
    if (stream != nullptr && (frame.hd.type != NGHTTP2_RST_STREAM || !stream->m_resetCounted))
        stream->m_bytes.wireSent += wireSize;
    switch (frame.hd.type) {
    case NGHTTP2_GOAWAY:
        // libnghttp2 found the peer's bytes to make no sense: this is how it says so.
        if (frame.goaway.error_code != NGHTTP2_NO_ERROR)
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        break;
    case NGHTTP2_RST_STREAM:
        count(CodecEvent::Http2TxReset);
        if (m_windowOverflow && frame.rst_stream.error_code == NGHTTP2_FLOW_CONTROL_ERROR)
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        break;
    case NGHTTP2_HEADERS:
        if (stream != nullptr)
            stream->m_bytes.headerSent += wireSize;
        [[fallthrough]];
    case NGHTTP2_DATA:
        if (stream != nullptr && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
            stream->onEndSent();
        break;
    default:
        break;
    }
    return 0;
}

} // namespace sallyport::http
