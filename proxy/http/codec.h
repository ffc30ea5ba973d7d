// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec_settings.h"
#include "proxy/http/stream.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sallyport::net {
class Connection;
}

namespace sallyport::http {

/// What dispatch() found. Anything but Ok: close the connection, FlushAndWait on the server side.
struct CodecStatus
{
    enum class Kind : std::uint8_t {
        Ok,
        ProtocolError,     ///< downstream_cx_protocol_error, upstream_cx_protocol_error
        PrematureResponse, ///< an answer on an idle upstream connection; `status` is its code (408 is no
                           ///< protocol error)
        BufferFlood,       ///< the peer provokes more output than it reads
        InboundEmptyFramesFlood,
    };
    Kind kind = Kind::Ok;
    std::string message; ///< `http/1.1 protocol error: HPE_INVALID_METHOD`
    unsigned status = 0;

    bool ok() const { return kind == Kind::Ok; }
};

/// What the `http1.` and `http2.` statistics count.
enum class CodecEvent : std::uint8_t {
    Http1DroppedHeadersWithUnderscores,
    Http1RequestsRejectedWithUnderscores,
    Http1ResponseFlood,
    Http2DroppedHeadersWithUnderscores,
    Http2RequestsRejectedWithUnderscores,
    Http2GoawaySent,
    Http2HeaderOverflow,
    Http2HeaderListSizeTooLarge,
    Http2HeadersCallbackNoStream,
    Http2InboundEmptyFramesFlood,
    Http2InboundPriorityFramesFlood,
    Http2InboundWindowUpdateFramesFlood,
    Http2KeepaliveTimeout,
    Http2OutboundControlFlood,
    Http2OutboundFlood,
    Http2RxMessagingError,
    Http2RxReset,
    Http2StreamRefusedErrors,
    Http2Trailers,
    Http2TxFlushTimeout,
    Http2TxReset,
    // Gauges: `delta` is what they change by.
    Http2StreamsActive,
    Http2PendingSendBytes,
    Count,
};

/// Takes the counts of one worker's codecs of one listener or cluster; outlives them.
class CodecObserver
{
public:
    virtual ~CodecObserver() = default;
    virtual void onCodecMade(Protocol protocol, bool server)
    {
        static_cast<void>(protocol);
        static_cast<void>(server);
    }
    virtual void onCodecEvent(CodecEvent event, int delta) = 0;
};

/// What either side of a connection is told besides its streams.
class ConnectionObserver
{
public:
    virtual ~ConnectionObserver() = default;
    /// HTTP/1 client: the answer that begins says that the connection ends with it.
    virtual void onCloseAnnounced() {}
    /// The peer takes no new streams on this connection.
    virtual void onGoAway(std::uint32_t errorCode) { static_cast<void>(errorCode); }
    /// HTTP/2: the peer's SETTINGS_MAX_CONCURRENT_STREAMS.
    virtual void onMaxConcurrentStreams(std::uint32_t limit) { static_cast<void>(limit); }
};

/// What the server side is told: its streams come from the peer.
class ServerConnectionCallbacks : public ConnectionObserver
{
public:
    /// A request begins (its first byte was seen). The encoder lives until the stream has ended or was reset.
    virtual RequestDecoder &newStream(ResponseEncoder &encoder) = 0;
    /// HTTP/2: the last open stream has gone, with all that was to be written for it.
    virtual void onStreamsFlushed() {}
    /// An answer said `connection: close`: whether it was the last one, so that no request is read after it.
    virtual bool endsWithAnswer() const { return true; }
};

/// One end of an HTTP connection: gives out streams, turns bytes into decoder calls and encoder calls into
/// bytes, which it writes to the connection.
class Codec
{
public:
    virtual ~Codec() = default;
    virtual Protocol protocol() const = 0;
    /// Consumes what can be consumed of `data`. Must not be called again from within itself.
    virtual CodecStatus dispatch(net::Buffer &data) = 0;
    /// The peer's FIN. HTTP/1: ends a body that the close delimits; otherwise an error in the middle of a
    /// message.
    virtual CodecStatus dispatchEnd() = 0;
    /// HTTP/2: GOAWAY with the last stream id (final); HTTP/1: nothing.
    virtual void goAway() = 0;
    /// HTTP/2: GOAWAY that only announces the end; HTTP/1: nothing.
    virtual void shutdownNotice() = 0;
    /// HTTP/2: whether a stream is open, be it only that the peer has not taken all of an answer; HTTP/1:
    /// false.
    virtual bool wantsToWrite() const = 0;
    /// The connection's watermarks, to be handed on by its owner.
    virtual void onConnectionAboveHighWatermark() = 0;
    virtual void onConnectionBelowLowWatermark() = 0;
    /// The connection is closed: resets every stream that is left. Call it from
    /// ConnectionCallbacks::onClosed.
    virtual void connectionEnded(ResetReason reason, std::string_view transportFailureReason) = 0;
};

/// The codec of a downstream connection.
class ServerCodec : public Codec
{
};

/// The codec of an upstream connection.
class ClientCodec : public Codec
{
public:
    /// HTTP/1: only when the stream before has ended. The encoder lives until the response has ended and the
    /// request was fully encoded, or the stream was reset.
    virtual RequestEncoder &newStream(ResponseDecoder &decoder) = 0;
    /// HTTP/1: after a complete exchange, whether the connection may carry another (`connection: close`,
    /// HTTP/1.0, read-until-close say no). HTTP/2: true until GOAWAY.
    virtual bool reusable() const = 0;
};

/// What a connection's first bytes speak when neither ALPN nor configuration says. They are not waited for:
/// a preface that comes in pieces makes HTTP/1, as in Envoy.
Protocol protocolOfFirstBytes(std::string_view bytes);

/// `connection`, `callbacks`, `settings` and `observer` (may be null) outlive the codec. Client codecs take
/// dispatchEnd() before connectionEnded(), so that a body delimited by the close ends well.
std::unique_ptr<ServerCodec> makeServerCodec(Protocol protocol, net::Connection &connection,
                                             ServerConnectionCallbacks &callbacks,
                                             const CodecSettings &settings, CodecObserver *observer);
std::unique_ptr<ClientCodec> makeClientCodec(Protocol protocol, net::Connection &connection,
                                             ConnectionObserver &callbacks, const CodecSettings &settings,
                                             CodecObserver *observer);

/// `Not Found`; `Unknown` for codes that Envoy does not name.
std::string_view reasonPhrase(unsigned status);

} // namespace sallyport::http
