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

std::string_view wireName(const Header &header, HeaderCase headerCase)
{
    if (headerCase == HeaderCase::Preserve && !header.originalName.empty())
        return header.originalName;
    return header.known == Known::Authority ? std::string_view("host") : header.name;
}

bool isWritten(const Header &header)
{
    return header.known == Known::Authority ||
           (header.name.front() != ':' && header.known != Known::TransferEncoding);
}

char *putHeader(char *to, const Header &header, HeaderCase headerCase)
{
    const auto name = wireName(header, headerCase);
    to = headerCase == HeaderCase::ProperWords ? putProperCase(to, name) : put(to, name);
    to = put(to, ": ");
    to = put(to, header.value);
    return put(to, "\r\n");
}

} // namespace

bool writeHttp1Head(net::Buffer &out, std::initializer_list<std::string_view> firstLine,
                    const HeaderMap &headers, Http1Framing framing, HeaderCase headerCase)
{
    std::size_t size = 4;
    for (const auto piece : firstLine)
        size += piece.size();
    for (const Header &header : headers) {
        if (!isSafeValue(header.value))
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
            to = putHeader(to, header, headerCase);
    }
    if (framing != Http1Framing::None) {
        const auto line = framing == Http1Framing::EmptyBody ? EmptyBodyHeader : ChunkedHeader;
        if (headerCase == HeaderCase::ProperWords) {
            const auto colon = line.find(':');
            to = put(putProperCase(to, line.substr(0, colon)), line.substr(colon));
        } else {
            to = put(to, line);
        }
    }
    to = put(to, "\r\n");
    out.commit(static_cast<std::size_t>(to - begin));
    return true;
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

void writeHttp1LastChunk(net::Buffer &out, const HeaderMap *trailers)
{
    out.append("0\r\n");
    if (trailers != nullptr) {
        for (const Header &header : *trailers) {
            if (!isSafeValue(header.value))
                continue;
            const std::size_t size = header.name.size() + header.value.size() + 4;
            char *to = out.reserve(size);
            putHeader(to, header, HeaderCase::Lower);
            out.commit(size);
        }
    }
    out.append("\r\n");
}

bool isUpgrade(const HeaderMap &headers)
{
    return headers.has(Known::Upgrade) && headers.has(Known::Connection) &&
           listContains(headers.get(Known::Connection), "upgrade");
}

} // namespace sallyport::http
