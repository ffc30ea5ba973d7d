// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/http_inspection.h"

#include "proxy/http/http1_syntax.h"

#include <algorithm>
#include <cctype>

namespace sallyport::server {

namespace {

constexpr std::string_view Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

bool isTokenCharacter(unsigned char c)
{
    return std::isalnum(c) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

/// The bytes up to the next blanks, which are taken off with it.
std::string_view takeWord(std::string_view &line)
{
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view word = line.substr(0, end);
    const std::size_t next = std::min(line.find_first_not_of(" \t", end), line.size());
    line.remove_prefix(next);
    return word;
}

bool oneBeginsWithOther(std::string_view a, std::string_view b)
{
    const std::size_t size = std::min(a.size(), b.size());
    return a.substr(0, size) == b.substr(0, size);
}

} // namespace

HttpInspection inspectHttp(std::string_view bytes)
{
    if (bytes.empty() || oneBeginsWithOther(bytes, Preface))
        return bytes.size() >= Preface.size() ? HttpInspection::Http2 : HttpInspection::NeedMore;
    const std::size_t newline = bytes.find('\n');
    std::string_view line = bytes.substr(0, newline);
    const std::string_view method = takeWord(line);
    const std::size_t lineEnd = std::min(method.find('\r'), method.size());
    if (method.empty() || lineEnd == 0 ||
        !std::all_of(method.begin(), method.begin() + static_cast<std::ptrdiff_t>(lineEnd), isTokenCharacter))
        return HttpInspection::NotHttp;
    if (newline == std::string_view::npos)
        return bytes.size() < MostInspectedHttpBytes ? HttpInspection::NeedMore : HttpInspection::NotHttp;
    line = line.substr(0, line.find_last_not_of('\r') + 1);
    const std::string_view target = takeWord(line);
    const std::string_view version = takeWord(line);
    if (!http::isValidTarget(target, method == "CONNECT") || !http::isValidVersion(version))
        return HttpInspection::NotHttp;
    // Whatever else is spoken counts as 1.0, the version that is not told among it.
    return version == "HTTP/1.1" ? HttpInspection::Http11 : HttpInspection::Http10;
}

std::string_view applicationProtocolOf(HttpInspection inspection)
{
    switch (inspection) {
    case HttpInspection::Http10:
        return "http/1.0";
    case HttpInspection::Http11:
        return "http/1.1";
    case HttpInspection::Http2:
        return "h2c";
    case HttpInspection::NeedMore:
    case HttpInspection::NotHttp:
        break;
    }
    return {};
}

} // namespace sallyport::server
