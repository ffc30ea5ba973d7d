// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"
#include "proxy/net/buffer.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::http {

/// Why a message was refused; all texts are literals.
struct Http1Error
{
    std::string_view message; ///< `HPE_INVALID_METHOD`
    std::string_view details = "http1.codec_error";
    unsigned status = 400;
};

/// Reads HTTP/1 messages off a buffer, one event at a time. What is accepted is what Envoy accepts: header
/// blocks are looked at as a whole, lines may end in a bare LF, folded lines are joined
/// (envoy-behaviour.md 3.9, 3.10). Keeps no bytes of its own: an unfinished head stays in the buffer that is
/// handed in.
class Http1Parser
{
public:
    enum class Kind : std::uint8_t { Request, Response };
    enum class Event : std::uint8_t {
        NeedMore,
        Begin, ///< the first byte of a message was seen
        Head,  ///< the accessors below hold until the next call
        Body,  ///< body() was filled; bodyIsLast() if the message ends with it
        End,   ///< the message is complete; trailers() may hold some. reset() begins the next one
        Error,
    };

    Http1Parser(Kind kind, const CodecSettings &settings, CodecObserver *observer);

    Event next(net::Buffer &data);
    /// The peer's FIN: End for a body that it delimits, NeedMore between messages and in a tunnel, else
    /// Error.
    Event atEnd();
    void reset();

    std::string_view method() const { return m_method; }
    std::string_view target() const { return m_target; }
    unsigned status() const { return m_status; }
    bool isHttp11() const { return m_http11; }
    HeaderMapPtr takeHeaders() { return std::move(m_headers); }
    HeaderMap &headers() { return *m_headers; }
    bool isChunked() const { return m_chunked; }
    bool hasTransferEncoding() const { return m_hasTransferEncoding; }
    std::optional<std::uint64_t> contentLength() const { return m_contentLength; }
    /// Sum of name and value sizes and of three bytes per header, as Envoy counts header bytes.
    std::uint64_t headerBytes() const { return m_headerBytes; }

    /// After Head: there is no body whatever the head says; End follows.
    void skipBody() { m_state = State::Complete; }
    /// After Head: everything that follows is Body.
    void becomeTunnel() { m_state = State::Tunnel; }
    bool endsWithClose() const { return m_state == State::UntilClose; }

    net::Buffer &body() { return m_body; }
    bool bodyIsLast() const { return m_state == State::Ended; }
    HeaderMapPtr takeTrailers() { return std::move(m_trailers); }
    const Http1Error &error() const { return m_error; }

private:
    enum class State : std::uint8_t {
        Start,
        Blank, ///< skipping line ends before the request line
        Head,
        Length,
        ChunkSize,
        ChunkExtension,
        ChunkData,
        ChunkEnd,
        Trailers,
        UntilClose,
        Tunnel,
        Complete, ///< End is still to be told
        Ended,
        Failed
    };
    struct Line
    {
        std::uint32_t begin;
        std::uint32_t end; ///< behind the LF
    };
    struct Field
    {
        std::string_view name;
        std::string_view value;
        bool hasLineEnds = false;
        bool hasOddName = false;
    };

    Event fail(Http1Error error);
    Event readStart(net::Buffer &data);
    Event readHead(net::Buffer &data);
    Event finishHead(std::string_view block);
    bool readFirstLine(std::string_view line, Http1Error &error);
    bool readStatusLine(std::string_view version, std::string_view status, Http1Error &error);
    bool collectFields(std::string_view block, std::size_t firstLine, bool trailers, Http1Error &error);
    bool readFraming(Http1Error &error);
    bool addFields(HeaderMap &map, bool trailers, Http1Error &error);
    void countNextName(const Field &field);
    void chooseBody();
    Event readChunks(net::Buffer &data);
    Event readTrailers(net::Buffer &data);
    Event finishTrailers(std::string_view block);
    /// Finds further line ends in the first `limit` bytes; true when an empty line ended the block.
    bool findBlockEnd(std::string_view bytes);

    const Kind m_kind;
    const CodecSettings &m_settings;
    CodecObserver *m_observer;
    State m_state = State::Start;
    bool m_http11 = true;
    bool m_noVersion = false;
    bool m_firstLineRead = false;
    bool m_chunked = false;
    bool m_hasTransferEncoding = false;
    bool m_contentLengthInvalid = false;
    bool m_sawCr = false; ///< ChunkExtension, over reads
    bool m_sawDigit = false;
    std::string_view m_method;
    std::string_view m_target;
    unsigned m_status = 0;
    std::optional<std::uint64_t> m_contentLength;
    std::uint64_t m_remaining = 0;
    std::uint64_t m_headerBytes = 0;
    std::size_t m_consume = 0; ///< of the head, drained at the next call
    std::size_t m_scanned = 0;
    std::vector<Line> m_lines;
    std::vector<Field> m_fields;
    HeaderMapPtr m_headers;
    HeaderMapPtr m_trailers;
    net::Buffer m_body;
    Http1Error m_error;
};

} // namespace sallyport::http
