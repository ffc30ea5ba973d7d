// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/http2_headers.h"
#include "proxy/net/dispatcher.h"
#include "proxy/net/timer.h"

#include <list>
#include <optional>
#include <utility>

namespace sallyport::http {

class Http2Session;
struct Http2Callbacks;

/// What the two kinds of HTTP/2 streams share: flow control of both directions, the way from the user's calls
/// to frames, and how it ends. Owned by its session; outlives the event in which it ends.
class Http2Stream : public Stream, public net::Deferred
{
public:
    using Position = std::list<std::unique_ptr<Http2Stream>>::iterator;

    explicit Http2Stream(Http2Session &session);
    ~Http2Stream() override;

    // Stream
    void setCallbacks(StreamCallbacks *callbacks) override;
    void resetStream(ResetReason reason) override;
    void readDisable(bool disable) override;
    std::uint32_t bufferLimit() const override;
    std::string_view responseDetails() const override { return m_details; }
    const BytesMeter &bytes() const override { return m_bytes; }
    std::uint32_t id() const override { return m_id < 0 ? 0 : static_cast<std::uint32_t>(m_id); }
    bool isFlushed() const override { return m_localEndSent || !m_inSession; }
    void setFlushTimeout(std::chrono::milliseconds timeout) override { m_flushTimeout = timeout; }

protected:
    // The user's side, for the encoders.
    void writeData(net::Buffer &data, bool endStream);
    void writeTrailers(const HeaderMap &trailers);
    /// After headers were handed to the session.
    void onHeadersSubmitted(bool endStream);
    void setId(std::int32_t id) { m_id = id; }
    bool wasReset() const { return m_resetReason.has_value(); }
    Http2Session &session() { return m_session; }
    /// Both directions have ended as far as the user is concerned: it gets nothing more from the peer.
    virtual void release() = 0;
    StreamCallbacks *callbacks() const { return m_callbacks; }
    StreamCallbacks *takeCallbacks() { return std::exchange(m_callbacks, nullptr); }

private:
    friend class Http2Session;
    friend struct Http2Callbacks;

    /// As they are submitted: they count as the stream's bytes before compression.
    std::vector<nghttp2_nv> fieldsOf(const HeaderMap &headers)
    {
        m_bytes.decompressedHeaderSent += headers.byteSize();
        return http2Fields(headers);
    }

    // The peer's side, for the session.
    virtual HeaderMap::Kind nextBlock() = 0;
    virtual void deliverHeaders(HeaderMapPtr headers, bool endStream) = 0;
    virtual void deliverData(net::Buffer &data, bool endStream) = 0;
    virtual void deliverTrailers(HeaderMapPtr trailers) = 0;

    void onBlockComplete(bool endStream);
    void onDataChunk(std::string_view bytes);
    void onDataComplete(bool endStream);
    void onClosed(std::uint32_t errorCode);
    void end(ResetReason reason, std::string_view transportFailureReason);
    void setDetails(std::string_view details);
    /// For libnghttp2: how much of what is pending goes into the next frame, and how that ends.
    ssize_t selectPayload(std::size_t most, std::uint32_t &flags);
    void takePayload(net::Buffer &out, std::size_t size);
    void checkSendWatermarks();
    void setAbove(bool &which, bool above);
    std::uint32_t resetCode() const;
    void onFlushTimeout();
    void onEndGiven();
    void onEndSent();

    Http2Session &m_session;
    Position m_position;
    StreamCallbacks *m_callbacks = nullptr;
    std::int32_t m_id = -1;
    Http2HeaderBlock m_block;
    net::Buffer m_received; ///< of the DATA frame at hand
    net::Buffer m_pending;  ///< to be sent as the peer's windows allow
    HeaderMapPtr m_pendingTrailers;
    std::string_view m_details;
    BytesMeter m_bytes;
    std::optional<ResetReason> m_resetReason;
    std::optional<net::Timer> m_flushTimer;
    std::chrono::milliseconds m_flushTimeout{0};
    std::uint32_t m_readDisabled = 0;
    std::size_t m_unconsumed = 0; ///< received, and not given back to the peer's windows yet
    bool m_inSession = false;
    bool m_localEnd = false;
    bool m_localEndSent = false;
    bool m_resetCounted = false; ///< among the bytes sent
    bool m_remoteEnd = false;
    bool m_remoteReset = false;
    bool m_messagingError = false;
    bool m_headersSeen = false;
    bool m_dataDeferred = false;
    bool m_pendingAbove = false;
    bool m_connectionAbove = false;
};

} // namespace sallyport::http
