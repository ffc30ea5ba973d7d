// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/http2_closed_streams.h"
#include "proxy/http/http2_constraints.h"
#include "proxy/http/http2_frame_walk.h"
#include "proxy/http/http2_stream.h"
#include "proxy/net/connection.h"

#include <vector>

namespace sallyport::http {

/// The frames of one HTTP/2 connection, either end: libnghttp2 with its streams, flow control, flood limits
/// and keep-alive (source/common/http/http2/codec_impl.cc).
class Http2Session
{
public:
    enum class Side : std::uint8_t { Server, Client };
    static constexpr std::size_t ResetFrameSize = 13; ///< RST_STREAM with its header

    Http2Session(Side side, net::Connection &connection, ConnectionObserver &observer,
                 const CodecSettings &settings, CodecObserver *counts);
    virtual ~Http2Session();
    Http2Session(const Http2Session &) = delete;
    Http2Session &operator=(const Http2Session &) = delete;

    Side side() const { return m_side; }
    const CodecSettings &settings() const { return m_settings; }
    net::Connection &connection() { return m_connection; }

    // For the codec.
    CodecStatus receive(net::Buffer &data);
    void announceEnd();
    void endNow();
    bool hasOpenStreams() const { return !m_streams.empty(); }
    bool peerIsLeaving() const { return m_goAwayReceived; }
    void onConnectionWatermark(bool above);
    void endAllStreams(ResetReason reason, std::string_view transportFailureReason);

    // For streams.
    void adopt(std::unique_ptr<Http2Stream> stream);
    static bool contains(const Http2Stream &stream) { return stream.m_inSession; }
    void remove(Http2Stream &stream);
    /// Its turn to be told last when the connection can take more.
    void touch(Http2Stream &stream);
    /// The new stream's id; negative: libnghttp2's error.
    std::int32_t submitRequest(Http2Stream &stream, const HeaderMap &headers, bool endStream);
    void submitAnswer(Http2Stream &stream, const HeaderMap &headers, bool endStream);
    void submitInterim(Http2Stream &stream, const HeaderMap &headers);
    void submitTrailers(Http2Stream &stream, const HeaderMap &trailers);
    void submitReset(std::int32_t id, std::uint32_t code);
    void resetLater(std::int32_t id) { m_resetsAfterSending.push_back(id); }
    void resumeData(Http2Stream &stream);
    void consume(std::int32_t id, std::size_t bytes);
    /// Writes what waits to be written. A peer that lets too much wait loses the connection.
    void sendPendingOrClose();
    void count(CodecEvent event, int delta = 1);

protected:
    /// The server's: the peer opened a stream; adopts it.
    virtual Http2Stream *openStream(std::int32_t id);
    /// The last stream is gone.
    virtual void onLastStreamGone() {}

private:
    friend struct Http2Callbacks;

    void checkClosedStream(const Http2FrameWalk::Head &head);
    CodecStatus sendPending();
    CodecStatus sendOnce();
    void sendSettings();
    int failWith(CodecStatus status);
    int checkOpen();
    int onFrameHeader(const nghttp2_frame_hd &header);
    int onBlockBegins(const nghttp2_frame &frame);
    int onFrame(const nghttp2_frame &frame);
    int onInvalidFrame(const nghttp2_frame &frame, int error);
    int onInvalidField(const nghttp2_frame &frame, Http2Stream &stream);
    int onFrameSent(const nghttp2_frame &frame);
    void onSettings(const nghttp2_settings &settings);
    void write(net::Buffer &bytes, bool control);
    Http2Stream *find(std::int32_t id) const;

    void armKeepalive();
    void sendKeepalive();
    /// A stream is about to begin: is somebody there?
    void checkSilence();
    void onKeepaliveTimeout();

    const Side m_side;
    net::Connection &m_connection;
    ConnectionObserver &m_observer;
    const CodecSettings &m_settings;
    CodecObserver *m_counts;
    nghttp2_session *m_session = nullptr;
    Http2Constraints m_constraints;
    Http2FrameWalk m_frames;            ///< the server's
    Http2ClosedStreams m_closedStreams; ///< the server's
    CodecStatus m_status;               ///< the first failure of a callback
    std::list<std::unique_ptr<Http2Stream>> m_streams;
    std::vector<std::int32_t> m_resetsAfterSending;
    std::vector<Http2Stream *> m_drained; ///< sent something: their watermarks are to be looked at
    std::uint64_t m_written = 0;
    net::Soon m_violation;
    std::optional<net::Timer> m_keepaliveSend;
    std::optional<net::Timer> m_keepaliveTimeout;
    std::chrono::steady_clock::time_point m_lastReceived; ///< kept if silence matters
    bool m_receiving = false;
    bool m_sending = false;
    bool m_sendAgain = false;
    bool m_controlFrame = false; ///< the frame that is being written is an answer that the peer provoked
    bool m_goAwayReceived = false;
    bool m_windowOverflow = false; ///< the peer opened a window further than there are numbers
    bool m_failed = false;
};

} // namespace sallyport::http
