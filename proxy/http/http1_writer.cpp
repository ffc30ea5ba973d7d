// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http1_writer.h"

#include "proxy/http/http1_syntax.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sallyport::http {

namespace {

using HeaderCase = dataplane::Http1ProtocolOptions::HeaderCase;

constexpr std::string_view EmptyBodyHeader = "content-length: 0\r\n";
constexpr std::string_view ChunkedHeader = "transfer-encoding: chunked\r\n";

char *put(char *to, std::string_view text)
{
    std::copy(text.begin(), text.end(), to);
    return to + text.size();
}

/// Words begin after anything that is no letter, as in Envoy's proper-case formatter.
char *putProperCase(char *to, std::string_view name)
{
    bool capital = true;
    for (const char c : name) {
        const bool letter = c >= 'a' && c <= 'z';
        *to++ = capital && letter ? static_cast<char>(c - ('a' - 'A')) : c;
        capital = !letter && !(c >= 'A' && c <= 'Z');
    }
    return to;
}

/// Writes a name as it once came in, where that is known; else as the codec is told to.
char *putName(char *to, const HeaderMap &headers, std::string_view name, HeaderCase headerCase)
{
    if (headers.remembersNames()) {
        const std::string_view received = headers.receivedName(name);
        return put(to, received.empty() ? name : received);
    }
    return headerCase == HeaderCase::ProperWords ? putProperCase(to, name) : put(to, name);
}

bool isWritten(const Header &header)
{
    return header.known == Known::Authority ||
           (header.name.front() != ':' && header.known != Known::TransferEncoding);
}

char *putHeader(char *to, const HeaderMap &headers, const Header &header, HeaderCase headerCase)
{
    to = putName(to, headers, header.known == Known::Authority ? std::string_view("host") : header.name,
                 headerCase);
    to = put(to, ": ");
    to = put(to, header.value);
    return put(to, "\r\n");
}

} // namespace

bool breaksHead(std::string_view value)
{
    return value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool writeHttp1Head(net::Buffer &out, std::initializer_list<std::string_view> firstLine,
                    const HeaderMap &headers, Http1Framing framing, HeaderCase headerCase, bool strict)
{
    std::size_t size = 4;
    for (const auto piece : firstLine)
        size += piece.size();
    for (const Header &header : headers) {
        if (!isSafeValue(header.value) && (strict || breaksHead(header.value)))
            return false;
        // Names come from codecs (checked) and configuration (checked at load).
        size += header.name.size() + header.value.size() + 4;
    }
    size += ChunkedHeader.size();

    char *const begin = out.reserve(size);
    char *to = begin;
    for (const auto piece : firstLine)
        to = put(to, piece);
    to = put(to, "\r\n");
    for (const Header &header : headers) {
        if (isWritten(header))
            to = putHeader(to, headers, header, headerCase);
    }
    if (framing != Http1Framing::None) {
        const auto line = framing == Http1Framing::EmptyBody ? EmptyBodyHeader : ChunkedHeader;
        const auto colon = line.find(':');
        to = put(putName(to, headers, line.substr(0, colon), headerCase), line.substr(colon));
    }
    to = put(to, "\r\n");
    out.commit(static_cast<std::size_t>(to - begin));
    return true;
}

std::size_t headerBytes(std::size_t written, std::initializer_list<std::string_view> firstLine)
{
    std::size_t others = 4; // the ends of the first and of the empty line
    for (const auto piece : firstLine)
        others += piece.size();
    return written - others;
}

void writeHttp1Chunk(net::Buffer &out, net::Buffer &bytes)
{
    if (bytes.isEmpty())
        return;
    char line[20];
    char *end = std::to_chars(line, line + 16, bytes.size(), 16).ptr;
    end = put(end, "\r\n");
    out.append({line, static_cast<std::size_t>(end - line)});
    out.move(bytes);
    out.append("\r\n");
}

std::size_t writeHttp1LastChunk(net::Buffer &out, const HeaderMap *trailers)
{
    out.append("0\r\n");
    const std::size_t before = out.size();
    if (trailers != nullptr) {
        for (const Header &header : *trailers) {
            if (!isSafeValue(header.value))
                continue;
            out.append(header.name);
            out.append(": ");
            out.append(header.value);
            out.append("\r\n");
        }
    }
    const std::size_t written = out.size() - before;
    out.append("\r\n");
    return written;
}

bool isUpgrade(const HeaderMap &headers)
{
    return headers.has(Known::Upgrade) && headers.has(Known::Connection) &&
           listContains(headers.get(Known::Connection), "upgrade");
}

} // namespace sallyport::http
