// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http1_parser.h"

#include "proxy/http/http1_syntax.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace sallyport::http {

namespace {

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

Http1Parser::Http1Parser(Kind kind, const CodecSettings &settings, CodecObserver *observer)
    : m_kind(kind)
    , m_settings(settings)
    , m_observer(observer)
{
}

void Http1Parser::reset()
{
    m_state = State::Start;
    m_http11 = true;
    m_noVersion = false;
    m_firstLineRead = false;
    m_chunked = false;
    m_hasTransferEncoding = false;
    m_contentLengthInvalid = false;
    m_method = {};
    m_target = {};
    m_status = 0;
    m_contentLength.reset();
    m_remaining = 0;
    m_headerBytes = 0;
    m_headers.reset();
    m_trailers.reset();
    m_body.clear();
}

Http1Parser::Event Http1Parser::fail(Http1Error error)
{
    m_body.clear();
    m_error = error;
    m_state = State::Failed;
    return Event::Error;
}

Http1Parser::Event Http1Parser::next(net::Buffer &data)
{
    if (m_consume != 0) {
        data.drain(m_consume);
        m_consume = 0;
    }
    switch (m_state) {
    case State::Start:
    case State::Blank:
        return readStart(data);
    case State::Head:
        return readHead(data);
    case State::Length: {
        if (data.isEmpty())
            return Event::NeedMore;
        const std::uint64_t count = std::min<std::uint64_t>(m_remaining, data.size());
        m_body.move(data, count);
        m_remaining -= count;
        if (m_remaining == 0)
            m_state = State::Ended;
        return Event::Body;
    }
    case State::ChunkSize:
    case State::ChunkExtension:
    case State::ChunkData:
    case State::ChunkEnd:
        return readChunks(data);
    case State::Trailers:
        return readTrailers(data);
    case State::UntilClose:
    case State::Tunnel:
        if (data.isEmpty())
            return Event::NeedMore;
        m_body.move(data);
        return Event::Body;
    case State::Complete:
        m_state = State::Ended;
        return Event::End;
    case State::Ended:
        return Event::NeedMore;
    case State::Failed:
        break;
    }
    return Event::Error;
}

Http1Parser::Event Http1Parser::atEnd()
{
    switch (m_state) {
    case State::Start:
    case State::Tunnel:
    case State::Ended:
        return Event::NeedMore;
    case State::UntilClose:
    case State::Complete:
        m_state = State::Ended;
        return Event::End;
    case State::Failed:
        return Event::Error;
    default:
        return fail({.message = "HPE_INVALID_EOF_STATE"});
    }
}

Http1Parser::Event Http1Parser::readStart(net::Buffer &data)
{
    if (data.isEmpty())
        return Event::NeedMore;
    if (m_state == State::Start) {
        if (m_kind == Kind::Response && data.front().front() != 'H')
            return fail({.message = "HPE_INVALID_CONSTANT"});
        m_state = State::Blank;
        return Event::Begin;
    }
    for (;;) {
        const std::string_view piece = data.front();
        const std::size_t blanks = std::min(piece.find_first_not_of("\r\n"), piece.size());
        if (blanks < piece.size() && static_cast<unsigned char>(piece[blanks]) <= ' ')
            return fail({.message = "NO_REQUEST_LINE_IN_REQUEST"});
        const bool found = blanks < piece.size();
        data.drain(blanks);
        if (found)
            break;
        if (data.isEmpty())
            return Event::NeedMore;
    }
    m_state = State::Head;
    m_scanned = 0;
    m_lines.clear();
    return readHead(data);
}

bool Http1Parser::findBlockEnd(std::string_view bytes)
{
    std::uint32_t begin = m_lines.empty() ? 0 : m_lines.back().end;
    while (m_scanned < bytes.size()) {
        const void *found = std::memchr(bytes.data() + m_scanned, '\n', bytes.size() - m_scanned);
        if (found == nullptr)
            break;
        const auto end = static_cast<std::uint32_t>(static_cast<const char *>(found) - bytes.data()) + 1;
        m_lines.push_back({begin, end});
        m_scanned = end;
        if (end - begin == 1 || (end - begin == 2 && bytes[begin] == '\r'))
            return true;
        begin = end;
    }
    m_scanned = bytes.size();
    return false;
}

Http1Parser::Event Http1Parser::readHead(net::Buffer &data)
{
    const std::size_t limit = std::size_t{m_settings.maxHeadersKb} * 1024;
    std::string_view bytes = data.linearize(std::min(data.size(), limit));
    bool done = findBlockEnd(bytes);
    if (!m_lines.empty() && !m_firstLineRead) {
        m_firstLineRead = true;
        Http1Error error;
        const bool fine = readFirstLine(bytes.substr(0, m_lines.front().end), error);
        if (fine && m_noVersion) {
            done = true;
            m_lines.resize(1);
        }
        if (!fine) {
            // Of a block that is there as a whole, Envoy reports odd bytes first.
            if (done && hasControlCharacters(bytes.substr(0, m_lines.back().end)))
                error = {.message = "header value contains invalid chars",
                         .details = "http1.invalid_characters"};
            return fail(error);
        }
    } else if (done) {
        // The bytes may have moved since the line was looked at.
        Http1Error error;
        if (!readFirstLine(bytes.substr(0, m_lines.front().end), error))
            return fail(error);
    }
    if (done)
        return finishHead(bytes.substr(0, m_lines.back().end));
    if (bytes.size() >= limit)
        return fail(
            {.message = "headers size exceeds limit", .details = "http1.headers_too_large", .status = 431});
    return Event::NeedMore;
}

Http1Parser::Event Http1Parser::finishHead(std::string_view block)
{
    m_consume = block.size();
    if (hasControlCharacters(block))
        return fail(
            {.message = "header value contains invalid chars", .details = "http1.invalid_characters"});
    m_headers =
        HeaderMap::create(m_kind == Kind::Request ? HeaderMap::Kind::Request : HeaderMap::Kind::Response);
    Http1Error error;
    if (!collectFields(block, 1, false, error) || !readFraming(error) || !addFields(*m_headers, false, error))
        return fail(error);
    chooseBody();
    return Event::Head;
}

void Http1Parser::chooseBody()
{
    if (m_kind == Kind::Response && (m_status < 200 || m_status == 204 || m_status == 304)) {
        m_state = State::Complete;
    } else if (m_chunked) {
        m_state = State::ChunkSize;
        m_remaining = 0;
        m_sawDigit = false;
    } else if (m_contentLength) {
        m_remaining = *m_contentLength;
        m_state = m_remaining == 0 ? State::Complete : State::Length;
    } else {
        m_state = m_kind == Kind::Request ? State::Complete : State::UntilClose;
    }
}

Http1Parser::Event Http1Parser::readChunks(net::Buffer &data)
{
    while (!data.isEmpty()) {
        const std::string_view piece = data.front();
        std::size_t used = 0;
        switch (m_state) {
        case State::ChunkSize:
            for (; used < piece.size(); ++used) {
                const char c = piece[used];
                const int digit = hexDigit(c);
                if (digit < 0) {
                    const bool delimiter = c == '\t' || c == '\n' || c == '\r' || c == ' ' || c == ';';
                    if (!m_sawDigit || !delimiter)
                        return fail({.message = "HPE_INVALID_CHUNK_SIZE"});
                    m_state = State::ChunkExtension;
                    m_sawCr = false;
                    break;
                }
                if (m_remaining > (std::numeric_limits<std::uint64_t>::max() >> 4U))
                    return fail({.message = "CHUNK_LENGTH_OVERFLOW"});
                m_remaining = m_remaining << 4U | static_cast<unsigned>(digit);
                m_sawDigit = true;
            }
            data.drain(used);
            break;
        case State::ChunkExtension: {
            bool ended = false;
            while (used < piece.size() && !ended) {
                const char c = piece[used++];
                // CR and LF only as a pair: what others might take for a line end must not hide in here.
                if (m_sawCr != (c == '\n'))
                    return fail({.message = "INVALID_CHUNK_EXTENSION"});
                m_sawCr = c == '\r';
                ended = c == '\n';
            }
            data.drain(used);
            if (!ended)
                break;
            if (m_remaining != 0) {
                m_state = State::ChunkData;
                break;
            }
            m_state = State::Trailers;
            m_scanned = 0;
            m_lines.clear();
            if (m_body.isEmpty())
                return readTrailers(data);
            // What came before the last chunk is delivered even if the trailers turn out to be bad; without
            // trailers the end goes along.
            if (const auto rest = data.linearize(2);
                rest == "\r\n" || (!rest.empty() && rest.front() == '\n')) {
                data.drain(rest.front() == '\n' ? 1 : 2);
                m_state = State::Ended;
            }
            return Event::Body;
        }
        case State::ChunkData: {
            const std::uint64_t count = std::min<std::uint64_t>(m_remaining, data.size());
            m_body.move(data, count);
            m_remaining -= count;
            if (m_remaining == 0)
                m_state = State::ChunkEnd;
            break;
        }
        default: {
            // Envoy skips whatever stands between a chunk and its line end.
            const auto lineEnd = piece.find('\n');
            data.drain(lineEnd == std::string_view::npos ? piece.size() : lineEnd + 1);
            if (lineEnd != std::string_view::npos) {
                m_state = State::ChunkSize;
                m_sawDigit = false;
            }
            break;
        }
        }
    }
    return m_body.isEmpty() ? Event::NeedMore : Event::Body;
}

Http1Parser::Event Http1Parser::readTrailers(net::Buffer &data)
{
    const std::size_t limit = std::size_t{m_settings.maxHeadersKb} * 1024;
    const std::string_view bytes = data.linearize(std::min(data.size(), limit));
    if (findBlockEnd(bytes)) {
        const std::size_t size = m_lines.back().end;
        const Event event = finishTrailers(bytes.substr(0, size));
        data.drain(size);
        return event;
    }
    if (bytes.size() >= limit)
        return fail(
            {.message = "trailers size exceeds limit", .details = "http1.headers_too_large", .status = 431});
    return Event::NeedMore;
}

Http1Parser::Event Http1Parser::finishTrailers(std::string_view block)
{
    if (m_lines.size() > 1) {
        if (hasControlCharacters(block))
            return fail(
                {.message = "header value contains invalid chars", .details = "http1.invalid_characters"});
        HeaderMapPtr trailers = HeaderMap::create(HeaderMap::Kind::Trailers);
        Http1Error error;
        if (!collectFields(block, 0, true, error) || !addFields(*trailers, true, error))
            return fail(error);
        if (m_settings.enableTrailers)
            m_trailers = std::move(trailers);
    }
    m_state = State::Ended;
    return Event::End;
}

} // namespace sallyport::http
