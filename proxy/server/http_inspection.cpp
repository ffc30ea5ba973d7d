// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/http_inspection.h"

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

bool oneBeginsWithOther(std::string_view a, std::string_view b)
{
    const std::size_t size = std::min(a.size(), b.size());
    return a.substr(0, size) == b.substr(0, size);
}

} // namespace

HttpInspection inspectHttp(std::string_view bytes)
{
    // Empty lines before the request are skipped, as any server does.
    const std::size_t begin = bytes.find_first_not_of("\r\n");
    if (begin == std::string_view::npos)
        return bytes.size() < MostInspectedHttpBytes ? HttpInspection::NeedMore : HttpInspection::NotHttp;
    if (begin == 0 && oneBeginsWithOther(bytes, Preface))
        return bytes.size() >= Preface.size() ? HttpInspection::Http2 : HttpInspection::NeedMore;
    bytes.remove_prefix(begin);

    const std::size_t space = bytes.find(' ');
    const std::string_view method = bytes.substr(0, space);
    const std::size_t lineEnd = method.find_first_of("\r\n");
    if (!std::all_of(method.begin(),
                     method.begin() + static_cast<std::ptrdiff_t>(std::min(lineEnd, method.size())),
                     isTokenCharacter))
        return HttpInspection::NotHttp;
    const std::size_t newline = bytes.find('\n');
    if (newline == std::string_view::npos)
        return bytes.size() < MostInspectedHttpBytes ? HttpInspection::NeedMore : HttpInspection::NotHttp;
    std::string_view line = bytes.substr(0, newline);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.ends_with(" HTTP/1.1"))
        return HttpInspection::Http11;
    return line.ends_with(" HTTP/1.0") ? HttpInspection::Http10 : HttpInspection::NotHttp;
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
