// SPDX-License-Identifier: GPL-3.0-or-later
// The head of a message: request or status line, and the lines after it.
#include "proxy/http/http1_parser.h"
#include "proxy/http/http1_syntax.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <string>

namespace sallyport::http {

namespace {

/// Cuts the next word off `line`, with the blanks before it. Everything up to the space character is a blank.
std::string_view takeWord(std::string_view &line)
{
    std::size_t begin = 0;
    while (begin < line.size() && static_cast<unsigned char>(line[begin]) <= ' ')
        ++begin;
    std::size_t end = begin;
    while (end < line.size() && static_cast<unsigned char>(line[end]) > ' ')
        ++end;
    const auto word = line.substr(begin, end - begin);
    line.remove_prefix(end);
    return word;
}

/// Digits only, within 64 bits.
bool parseNumber(std::string_view text, std::uint64_t &number)
{
    if (text.empty())
        return false;
    number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return false;
        const auto digit = static_cast<unsigned>(c - '0');
        if (number > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    return true;
}

} // namespace

bool Http1Parser::readFirstLine(std::string_view line, Http1Error &error)
{
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    const auto first = takeWord(line);
    const auto second = takeWord(line);
    if (m_kind == Kind::Response)
        return readStatusLine(first, second, error);

    const auto version = trimmed(line);
    if (m_settings.allowCustomMethods ? !isToken(first) : !isKnownMethod(first)) {
        error = {.message = "HPE_INVALID_METHOD"};
        return false;
    }
    if (!isValidTarget(second, first == "CONNECT")) {
        error = {.message = "HPE_INVALID_URL"};
        return false;
    }
    if (!isValidVersion(version)) {
        error = {.message = "HPE_INVALID_VERSION"};
        return false;
    }
    m_method = first;
    m_target = second;
    m_noVersion = version.empty();
    m_http11 = version == "HTTP/1.1";
    return true;
}

bool Http1Parser::readStatusLine(std::string_view version, std::string_view status, Http1Error &error)
{
    if (status.empty()) {
        error = {.message = "FAILED_TO_FIND_WS_AFTER_RESPONSE_VERSION"};
        return false;
    }
    // Any number will do, and its lower 16 bits count.
    std::uint64_t number = 0;
    if (status.starts_with('+'))
        status.remove_prefix(1);
    if (!parseNumber(status, number)) {
        error = {.message = "FAILED_CONVERTING_STATUS_CODE_TO_INT"};
        return false;
    }
    if (!isValidVersion(version)) {
        error = {.message = "HPE_INVALID_VERSION"};
        return false;
    }
    m_status = static_cast<std::uint16_t>(number);
    m_http11 = version == "HTTP/1.1";
    return true;
}

bool Http1Parser::collectFields(std::string_view block, std::size_t firstLine, bool trailers,
                                Http1Error &error)
{
    m_fields.clear();
    if (m_lines.size() <= firstLine)
        return true;
    const std::size_t lastLine = m_lines.size() - 1; // the empty one
    for (std::size_t i = firstLine; i < lastLine;) {
        const std::size_t begin = m_lines[i].begin;
        bool folded = false;
        for (++i; i < lastLine; ++i) {
            const char c = block[m_lines[i].begin];
            if (static_cast<unsigned char>(c) > ' ')
                break;
            if (c != ' ' && c != '\t') {
                error = {.message = trailers ? "INVALID_TRAILER_FORMAT" : "INVALID_HEADER_FORMAT"};
                return false;
            }
            folded = true;
        }
        std::size_t end = m_lines[i - 1].end;
        while (end > begin && static_cast<unsigned char>(block[end - 1]) <= ' ')
            --end;

        Field field;
        std::size_t colon = begin;
        for (; colon < end; ++colon) {
            const std::uint8_t kind = NameCharacterClass[static_cast<unsigned char>(block[colon])];
            if (kind == 1)
                continue;
            if (kind == 2)
                break;
            if (kind == 0) {
                error = {.message =
                             trailers ? "INVALID_TRAILER_NAME_CHARACTER" : "INVALID_HEADER_NAME_CHARACTER"};
                return false;
            }
            field.hasOddName = true;
        }
        if (colon == end) {
            error = {.message = trailers ? "HPE_INVALID_HEADER_TOKEN" : "HEADER_MISSING_COLON"};
            return false;
        }
        if (colon == begin) {
            error = {.message = trailers ? "INVALID_TRAILER_FORMAT" : "INVALID_HEADER_FORMAT"};
            return false;
        }
        field.name = block.substr(begin, colon - begin);
        std::size_t value = colon + 1;
        while (value < end && static_cast<unsigned char>(block[value]) <= ' ')
            ++value;
        field.value = block.substr(value, end - value);
        field.hasLineEnds = folded || std::memchr(field.value.data(), '\r', field.value.size()) != nullptr;
        m_fields.push_back(field);
    }
    return true;
}

bool Http1Parser::readFraming(Http1Error &error)
{
    bool sawLength = false;
    std::uint64_t length = 0;
    const Field *encoding = nullptr;
    for (const Field &field : m_fields) {
        if (field.name.size() == 14 && equalsIgnoreCase(field.name, "content-length")) {
            std::uint64_t value = 0;
            const bool valid = parseNumber(field.value, value);
            // Twice is refused even with equal values, unless neither can be read: that is refused below.
            if (sawLength && (valid || !m_contentLengthInvalid)) {
                error = {.message = "HPE_UNEXPECTED_CONTENT_LENGTH"};
                return false;
            }
            sawLength = true;
            m_contentLengthInvalid = !valid;
            length = value;
        } else if (field.name.size() == 17 && equalsIgnoreCase(field.name, "transfer-encoding")) {
            encoding = &field;
        }
    }
    m_hasTransferEncoding = encoding != nullptr;
    m_chunked = encoding != nullptr && equalsIgnoreCase(encoding->value, "chunked");
    if (sawLength && !m_contentLengthInvalid && !m_chunked)
        m_contentLength = length;
    const bool bodiless = m_kind == Kind::Response && (m_status < 200 || m_status == 204 || m_status == 304);
    if (m_contentLengthInvalid && !m_chunked && !bodiless) {
        error = {.message = "UNPARSABLE_CONTENT_LENGTH"};
        return false;
    }
    return true;
}

/// By the time that Envoy completes a header, it has read the name of the next.
void Http1Parser::countNextName(const Field &field)
{
    if (&field != &m_fields.back())
        m_headerBytes += (&field + 1)->name.size();
}

bool Http1Parser::addFields(HeaderMap &map, bool trailers, Http1Error &error)
{
    const bool keepCase = m_settings.headerCase == dataplane::Http1ProtocolOptions::HeaderCase::Preserve;
    const bool checkUnderscores =
        m_kind == Kind::Request && m_settings.underscores != dataplane::HeadersWithUnderscores::Allow;
    // Envoy completes one header at the end of a head, even if there was none.
    if (m_fields.empty() && !trailers)
        m_headerBytes += 3;
    std::string stripped;
    for (const Field &field : m_fields) {
        if (field.hasOddName) {
            error = {.message = "HPE_INVALID_HEADER_TOKEN"};
            return false;
        }
        if (trailers && !m_settings.enableTrailers)
            continue;
        std::string_view value = field.value;
        if (field.hasLineEnds) {
            stripped.clear();
            for (const char c : value) {
                if (c != '\r' && c != '\n')
                    stripped += c;
            }
            value = trimmed(stripped);
        }
        m_headerBytes += field.name.size() + value.size() + 3;
        if (checkUnderscores && field.name.find('_') != std::string_view::npos) {
            const bool reject = m_settings.underscores == dataplane::HeadersWithUnderscores::RejectRequest;
            if (m_observer != nullptr)
                m_observer->onCodecEvent(reject ? CodecEvent::Http1RequestsRejectedWithUnderscores
                                                : CodecEvent::Http1DroppedHeadersWithUnderscores,
                                         1);
            if (reject) {
                countNextName(field);
                error = {.message = "header name contains underscores",
                         .details = "http1.unexpected_underscore"};
                return false;
            }
            continue;
        }
        map.addReceived(field.name, value, keepCase);
        if (map.size() > m_settings.maxHeadersCount) {
            countNextName(field);
            error = {.message = trailers ? "trailers count exceeds limit" : "headers count exceeds limit",
                     .details = "http1.too_many_headers",
                     .status = 431};
            return false;
        }
    }
    return true;
}

} // namespace sallyport::http
