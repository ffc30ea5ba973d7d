// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sallyport::httpbin {

namespace {

int hexValue(char c)
{
    const auto u = static_cast<unsigned char>(c);
    return std::isdigit(u) ? c - '0' : std::isxdigit(u) ? std::tolower(u) - 'a' + 10 : -1;
}

/// What a URL never needs to write in hexadecimal (werkzeug's idea of it).
bool isAlwaysSafe(char c)
{
    static constexpr std::string_view safe = "-._~$!'()*+,;";
    return std::isalnum(static_cast<unsigned char>(c)) || safe.find(c) != std::string_view::npos;
}

std::string percentEncode(std::string_view text, std::string_view kept, bool keepBytes)
{
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (isAlwaysSafe(c) || kept.find(c) != std::string_view::npos || (keepBytes && u >= 0x80)) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += digits[u >> 4U];
            encoded += digits[u & 15U];
        }
    }
    return encoded;
}

/// Whether a UTF-8 sequence of these bytes is whole and well-formed; its length, else 0.
std::size_t utf8Length(std::string_view bytes)
{
    const auto first = static_cast<unsigned char>(bytes.empty() ? 0 : bytes[0]);
    const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                               : first >= 0xE0 && first < 0xF0 ? 3
                               : first >= 0xF0 && first < 0xF5 ? 4
                                                               : 0;
    if (length == 0 || bytes.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(bytes[i]) & 0xC0U) != 0x80)
            return 0;
    }
    return length;
}

/// A query as a person reads it: what need not be written in hexadecimal is not.
std::string readableQuery(std::string_view query)
{
    const std::string quoted = percentEncode(query, ":&%=+$!*'(),", false);
    std::string readable;
    for (std::size_t at = 0; at < quoted.size();) {
        std::string bytes;
        std::size_t end = at;
        while (end + 2 < quoted.size() && quoted[end] == '%' && hexValue(quoted[end + 1]) >= 0 &&
               hexValue(quoted[end + 2]) >= 0) {
            bytes += static_cast<char>(hexValue(quoted[end + 1]) * 16 + hexValue(quoted[end + 2]));
            end += 3;
        }
        if (bytes.empty()) {
            readable += quoted[at++];
            continue;
        }
        for (std::size_t i = 0; i < bytes.size();) {
            const std::size_t length = isAlwaysSafe(bytes[i]) ? 1 : utf8Length(bytes.substr(i));
            readable += length > 0 ? bytes.substr(i, length) : percentEncode(bytes.substr(i, 1), {}, false);
            i += length > 0 ? length : 1;
        }
        at = end;
    }
    return readable;
}

/// Host without the port that its scheme has anyway.
std::string shortHost(const Request &request)
{
    const std::string host = request.header("Host");
    const std::string_view port = request.tls ? ":443" : ":80";
    return host.ends_with(port) ? host.substr(0, host.size() - port.size()) : host;
}

} // namespace

std::string percentDecode(std::string_view text, bool plusIsSpace)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hexValue(text[i + 1]) >= 0 &&
            hexValue(text[i + 2]) >= 0) {
            decoded += static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
            i += 2;
        } else {
            decoded += plusIsSpace && text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

std::string htmlEscape(std::string_view text)
{
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&#34;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

Headers parseForm(std::string_view query)
{
    Headers fields;
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (pair.empty())
            continue;
        const std::size_t equals = pair.find('=');
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        fields.emplace_back(percentDecode(pair.substr(0, equals), true), percentDecode(value, true));
    }
    return fields;
}

std::optional<std::string> queryValue(const Request &request, std::string_view name)
{
    for (const auto &[key, value] : parseForm(request.query)) {
        if (key == name)
            return value;
    }
    return std::nullopt;
}

long queryNumber(const Request &request, std::string_view name, long fallback)
{
    const std::optional<std::string> text = queryValue(request, name);
    long number = fallback;
    if (text)
        std::from_chars(text->data(), text->data() + text->size(), number);
    return number;
}

std::string ownUrl(const Request &request)
{
    std::string host = shortHost(request);
    std::transform(host.begin(), host.end(), host.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return (request.tls ? "https://" : "http://") + host + percentEncode(request.path, "/:", false) +
           (request.query.empty() ? "" : '?' + request.query);
}

std::string requestUrl(const Request &request)
{
    std::string scheme = request.tls || request.header("X-Forwarded-Ssl") == "on" ? "https" : "http";
    for (const char *name : {"X-Forwarded-Protocol", "X-Forwarded-Proto"}) {
        if (request.hasHeader(name))
            scheme = request.header(name);
    }
    return scheme + "://" + shortHost(request) + percentEncode(request.path, "/:", true) +
           (request.query.empty() ? "" : '?' + readableQuery(request.query));
}

} // namespace sallyport::httpbin
