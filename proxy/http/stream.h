// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/header_map.h"
#include "proxy/net/address.h"
#include "proxy/net/buffer.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace sallyport::http {

enum class Protocol : std::uint8_t { Http10, Http11, Http2 };
/// `HTTP/1.1`, as logs print it.
std::string_view protocolName(Protocol protocol);

/// Why a stream ended early; Envoy's reasons (envoy-behaviour.md 2.3).
enum class ResetReason : std::uint8_t {
    LocalReset,
    LocalRefusedStreamReset,
    RemoteReset,
    RemoteRefusedStreamReset,
    LocalConnectionFailure,
    RemoteConnectionFailure,
    ConnectionTimeout,
    ConnectionTermination,
    Overflow,
    ConnectError,
    ProtocolError,
    OverloadManager,
    Http1PrematureUpstreamHalfClose,
};
/// `remote connection failure`
std::string_view resetReasonText(ResetReason reason);

/// Bytes of one stream as the codec counts them.
struct BytesMeter
{
    std::uint64_t wireReceived = 0;
    std::uint64_t wireSent = 0;
    std::uint64_t headerReceived = 0;
    std::uint64_t headerSent = 0;
    std::uint64_t decompressedHeaderReceived = 0;
    std::uint64_t decompressedHeaderSent = 0;
    /// HTTP/1 clients: blocks of headers, interim ones too, each of which added all of headerReceived to
    /// decompressedHeaderReceived.
    std::uint64_t blocksReceived = 0;
};

/// What a stream tells its user, on the connection's thread.
class StreamCallbacks
{
public:
    virtual ~StreamCallbacks() = default;
    /// The stream is over: nothing more comes from it and nothing may be written to it. Not called for a
    /// stream that ended regularly on both sides.
    virtual void onResetStream(ResetReason reason, std::string_view transportFailureReason) = 0;
    /// What was written to this stream is piling up: stop writing.
    virtual void onAboveWriteBufferHighWatermark() = 0;
    virtual void onBelowWriteBufferLowWatermark() = 0;
    /// HTTP/2 servers: all of a complete answer has been written, or the codec gave up on it.
    virtual void onAnswerFlushed() {}
};

/// What can be done to a stream apart from encoding. Valid until it was reset or both sides ended.
class Stream
{
public:
    virtual ~Stream() = default;
    /// At most one; null takes it away. Must be set before the first callback can come.
    virtual void setCallbacks(StreamCallbacks *callbacks) = 0;
    /// Ends the stream; its callbacks get onResetStream(reason) at once.
    virtual void resetStream(ResetReason reason) = 0;
    /// Counts: stops or resumes reading from the peer (HTTP/1: the connection; HTTP/2: the stream's window).
    virtual void readDisable(bool disable) = 0;
    virtual std::uint32_t bufferLimit() const = 0;
    /// Why the codec refused the stream (`http1.codec_error`, `http2.too_many_headers`); empty otherwise.
    virtual std::string_view responseDetails() const = 0;
    virtual const BytesMeter &bytes() const = 0;
    /// HTTP/2 stream id; 0 on HTTP/1.
    virtual std::uint32_t id() const = 0;
    /// Whether all of a message whose end was given to the encoder has been written to the connection.
    virtual bool isFlushed() const { return true; }
    /// HTTP/2: how long a complete message may wait for the peer's windows without any of it being sent.
    virtual void setFlushTimeout(std::chrono::milliseconds timeout) { static_cast<void>(timeout); }
};

/// Gets a request from a server codec.
class RequestDecoder
{
public:
    virtual ~RequestDecoder() = default;
    virtual void decodeHeaders(HeaderMapPtr headers, bool endStream) = 0;
    /// Takes what it wants out of `data`; the rest is dropped.
    virtual void decodeData(net::Buffer &data, bool endStream) = 0;
    virtual void decodeTrailers(HeaderMapPtr trailers) = 0;
    /// The codec refuses the request: answer with this status and body unless an answer has begun. The
    /// codec's dispatch() then returns an error, for which the connection is to be closed.
    virtual void sendLocalReply(unsigned status, std::string_view body, std::string_view details) = 0;
};

/// Gets the response from a client codec.
class ResponseDecoder
{
public:
    virtual ~ResponseDecoder() = default;
    /// 100, 102, 103, 104; may come several times before decodeHeaders().
    virtual void decodeInformational(HeaderMapPtr headers) = 0;
    virtual void decodeHeaders(HeaderMapPtr headers, bool endStream) = 0;
    virtual void decodeData(net::Buffer &data, bool endStream) = 0;
    virtual void decodeTrailers(HeaderMapPtr trailers) = 0;
};

/// Writes one response. The headers are encoded at once; the map may be changed or destroyed afterwards.
class ResponseEncoder
{
public:
    virtual ~ResponseEncoder() = default;
    virtual void encodeInformational(const HeaderMap &headers) = 0;
    virtual void encodeHeaders(const HeaderMap &headers, bool endStream) = 0;
    virtual void encodeData(net::Buffer &data, bool endStream) = 0;
    virtual void encodeTrailers(const HeaderMap &trailers) = 0;
    virtual Stream &stream() = 0;
    virtual Protocol protocol() const = 0;
    /// Another one answers the request in place of the decoder that got it.
    virtual void setDecoder(RequestDecoder &decoder) = 0;
    /// Whether an invalid message is to end this stream only (stream_error_on_invalid_http_message).
    virtual bool streamErrorOnInvalidMessage() const = 0;
};

/// Writes one request.
class RequestEncoder
{
public:
    virtual ~RequestEncoder() = default;
    /// False if a required header is missing (`:method`, `:path` or, for CONNECT, `:authority`): nothing was
    /// sent.
    virtual bool encodeHeaders(const HeaderMap &headers, bool endStream) = 0;
    virtual void encodeData(net::Buffer &data, bool endStream) = 0;
    virtual void encodeTrailers(const HeaderMap &trailers) = 0;
    virtual Stream &stream() = 0;
    virtual Protocol protocol() const = 0;
};

} // namespace sallyport::http
