// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/url.h"

#include <cctype>
#include <charconv>

namespace sallyport::httpbin {

namespace {

int hexValue(char c)
{
    const auto u = static_cast<unsigned char>(c);
    return std::isdigit(u) ? c - '0' : std::isxdigit(u) ? std::tolower(u) - 'a' + 10 : -1;
}

std::string scheme(const Request &request)
{
    for (const char *name : {"X-Forwarded-Proto", "X-Forwarded-Protocol"}) {
        if (request.hasHeader(name))
            return request.header(name);
    }
    return request.tls || request.header("X-Forwarded-Ssl") == "on" ? "https" : "http";
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

std::string percentEncodePath(std::string_view path)
{
    static constexpr std::string_view digits = "0123456789ABCDEF";
    static constexpr std::string_view kept = "-._~!$&'()*+,;=:@/%";
    std::string encoded;
    for (const char c : path) {
        const auto u = static_cast<unsigned char>(c);
        if (std::isalnum(u) || kept.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += digits[u >> 4U];
            encoded += digits[u & 15U];
        }
    }
    return encoded;
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

std::string requestUrl(const Request &request)
{
    const std::string host = request.header("Host");
    return scheme(request) + "://" + host + percentEncodePath(request.path) +
           (request.query.empty() ? "" : '?' + request.query);
}

} // namespace sallyport::httpbin
