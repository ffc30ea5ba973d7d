// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_stream.h"

#include "proxy/http/http2_session.h"

#include <algorithm>
#include <utility>

namespace sallyport::http {

Http2Stream::Http2Stream(Http2Session &session)
    : m_session(session)
    , m_connectionAbove(session.connection().aboveHighWatermark())
{
}

Http2Stream::~Http2Stream() = default;

void Http2Stream::setCallbacks(StreamCallbacks *callbacks)
{
    m_callbacks = callbacks;
    if (callbacks != nullptr && (m_connectionAbove || m_pendingAbove))
        callbacks->onAboveWriteBufferHighWatermark();
}

std::uint32_t Http2Stream::bufferLimit() const
{
    return m_session.settings().streamWindow;
}

void Http2Stream::setDetails(std::string_view details)
{
    if (m_details.empty())
        m_details = details;
}

// --- what the peer sends

void Http2Stream::onBlockComplete(bool endStream)
{
    if (!m_block.isOpen())
        return;
    m_remoteEnd = endStream;
    HeaderMapPtr headers = m_block.take();
    if (m_resetReason)
        return;
    if (headers->kind() == HeaderMap::Kind::Trailers)
        deliverTrailers(std::move(headers));
    else
        deliverHeaders(std::move(headers), endStream);
    if (m_remoteEnd && m_localEnd)
        release();
}

void Http2Stream::onDataChunk(std::string_view bytes)
{
    if (!m_resetReason)
        m_received.append(bytes);
    if (m_readDisabled == 0 || m_resetReason)
        m_session.consume(m_id, bytes.size());
    else
        m_unconsumed += bytes.size();
}

void Http2Stream::onDataComplete(bool endStream)
{
    m_remoteEnd = endStream;
    if (m_resetReason) {
        m_received.clear();
        return;
    }
    // Nothing at all may come before an answer's head, where data may not.
    if (m_received.isEmpty() && !endStream)
        return;
    net::Buffer data = std::move(m_received);
    deliverData(data, endStream);
    if (m_remoteEnd && m_localEnd)
        release();
}

void Http2Stream::readDisable(bool disable)
{
    if (disable) {
        ++m_readDisabled;
        return;
    }
    if (m_readDisabled == 0 || --m_readDisabled != 0 || m_unconsumed == 0)
        return;
    m_session.consume(m_id, std::exchange(m_unconsumed, 0));
    m_session.sendPendingOrClose();
}

// --- what the user sends

void Http2Stream::onHeadersSubmitted(bool endStream)
{
    m_localEnd = endStream;
    m_session.sendPendingOrClose();
    onEndGiven();
}

void Http2Stream::writeData(net::Buffer &data, bool endStream)
{
    if (m_localEnd || m_resetReason) {
        data.clear();
        return;
    }
    m_localEnd = endStream;
    m_session.count(CodecEvent::Http2PendingSendBytes, static_cast<int>(data.size()));
    m_pending.move(data);
    m_session.touch(*this);
    checkSendWatermarks();
    m_session.resumeData(*this);
    m_session.sendPendingOrClose();
    onEndGiven();
}

void Http2Stream::writeTrailers(const HeaderMap &trailers)
{
    if (m_localEnd || m_resetReason)
        return;
    m_session.touch(*this);
    m_localEnd = true;
    if (trailers.isEmpty())
        m_session.resumeData(*this);
    else if (m_pending.isEmpty())
        m_session.submitTrailers(*this, trailers);
    else
        m_pendingTrailers = trailers.clone();
    m_session.sendPendingOrClose();
    onEndGiven();
}

/// The user has nothing more to send. What the peer's windows hold back must not stay for ever.
void Http2Stream::onEndGiven()
{
    if (!m_localEnd)
        return;
    if (!m_localEndSent && m_flushTimeout.count() > 0 && !m_flushTimer && Http2Session::contains(*this)) {
        m_flushTimer.emplace(m_session.connection().dispatcher(), [this] { onFlushTimeout(); });
        m_flushTimer->arm(m_flushTimeout);
    }
    if (m_remoteEnd)
        release();
}

/// The frame that ends the message was written.
void Http2Stream::onEndSent()
{
    m_localEndSent = true;
    m_flushTimer.reset();
    if (m_callbacks != nullptr)
        m_callbacks->onAnswerFlushed();
}

void Http2Stream::onFlushTimeout()
{
    m_session.count(CodecEvent::Http2TxFlushTimeout, 1);
    m_session.submitReset(m_id, NGHTTP2_INTERNAL_ERROR);
    m_session.sendPendingOrClose();
}

ssize_t Http2Stream::selectPayload(std::size_t most, std::uint32_t &flags)
{
    flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (m_pending.isEmpty() && !m_localEnd) {
        m_dataDeferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    const std::size_t size = std::min(most, m_pending.size());
    if (m_localEnd && size == m_pending.size()) {
        flags |= NGHTTP2_DATA_FLAG_EOF;
        if (m_pendingTrailers) {
            flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            const HeaderMapPtr trailers = std::move(m_pendingTrailers);
            m_session.submitTrailers(*this, *trailers);
        }
    }
    return static_cast<ssize_t>(size);
}

void Http2Stream::takePayload(net::Buffer &out, std::size_t size)
{
    out.move(m_pending, size);
    m_session.count(CodecEvent::Http2PendingSendBytes, -static_cast<int>(size));
    if (m_flushTimer && m_flushTimer->isArmed())
        m_flushTimer->arm(m_flushTimeout);
}

void Http2Stream::checkSendWatermarks()
{
    const std::size_t limit = bufferLimit();
    if (m_pending.size() > limit)
        setAbove(m_pendingAbove, true);
    else if (m_pending.size() < limit / 2 || m_pending.isEmpty())
        setAbove(m_pendingAbove, false);
}

/// The stream's own buffer and the connection's both stop the user; it hears of the first and of the last.
void Http2Stream::setAbove(bool &which, bool above)
{
    if (which == above)
        return;
    const bool before = m_pendingAbove || m_connectionAbove;
    which = above;
    const bool after = m_pendingAbove || m_connectionAbove;
    if (m_callbacks == nullptr || before == after)
        return;
    if (after)
        m_callbacks->onAboveWriteBufferHighWatermark();
    else
        m_callbacks->onBelowWriteBufferLowWatermark();
}

// --- how it ends

void Http2Stream::resetStream(ResetReason reason)
{
    if (m_resetReason)
        return;
    m_resetReason = reason;
    StreamCallbacks *callbacks = takeCallbacks();
    release();
    if (callbacks != nullptr)
        callbacks->onResetStream(reason, {});
    if (!Http2Session::contains(*this))
        return;
    if (m_id < 0) {
        m_session.remove(*this);
        return;
    }
    // An answer that is complete goes out before the reset cuts off what the peer still sends.
    if (m_localEnd && !m_localEndSent) {
        m_session.resetLater(m_id);
    } else {
        m_session.submitReset(m_id, resetCode());
        // A request that is given up is counted with what says so, though it may go only after this read.
        if (m_session.side() == Http2Session::Side::Client) {
            m_bytes.wireSent += Http2Session::ResetFrameSize;
            m_resetCounted = true;
        }
    }
    m_session.sendPendingOrClose();
}

std::uint32_t Http2Stream::resetCode() const
{
    switch (m_resetReason.value_or(ResetReason::LocalReset)) {
    case ResetReason::LocalRefusedStreamReset:
        return NGHTTP2_REFUSED_STREAM;
    case ResetReason::ConnectError:
        return NGHTTP2_CONNECT_ERROR;
    case ResetReason::ProtocolError:
        return NGHTTP2_PROTOCOL_ERROR;
    default:
        // A complete answer stands: the server only wants no more of the request (RFC 9113 8.1).
        return m_session.side() == Http2Session::Side::Server && m_localEnd ? NGHTTP2_NO_ERROR
                                                                            : NGHTTP2_INTERNAL_ERROR;
    }
}

void Http2Stream::onClosed(std::uint32_t errorCode)
{
    m_flushTimer.reset();
    if (!m_remoteEnd || !m_localEnd || m_remoteReset) {
        ResetReason reason = ResetReason::RemoteReset;
        if (m_messagingError) {
            reason = m_session.side() == Http2Session::Side::Server ? ResetReason::LocalReset
                                                                    : ResetReason::ProtocolError;
        } else if (errorCode == NGHTTP2_REFUSED_STREAM) {
            reason = ResetReason::RemoteRefusedStreamReset;
            setDetails("http2.remote_refuse");
        } else {
            if (errorCode == NGHTTP2_CONNECT_ERROR)
                reason = ResetReason::ConnectError;
            else if (errorCode == NGHTTP2_PROTOCOL_ERROR)
                reason = ResetReason::ProtocolError;
            setDetails("http2.remote_reset");
        }
        end(reason, {});
    } else if (StreamCallbacks *callbacks = takeCallbacks(); callbacks != nullptr && !m_localEndSent) {
        callbacks->onAnswerFlushed();
    }
    // What was not read counts against the connection's window until it is given back.
    if (m_unconsumed > 0)
        m_session.consume(m_id, std::exchange(m_unconsumed, 0));
}

void Http2Stream::end(ResetReason reason, std::string_view transportFailureReason)
{
    m_flushTimer.reset();
    StreamCallbacks *callbacks = takeCallbacks();
    release();
    if (m_resetReason)
        return;
    m_resetReason = reason;
    if (callbacks != nullptr)
        callbacks->onResetStream(reason, transportFailureReason);
}

} // namespace sallyport::http
