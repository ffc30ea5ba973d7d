// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/exchange.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sallyport::httpbin {

namespace {

struct Reason
{
    int status;
    std::string_view phrase;
};

constexpr std::array<Reason, 62> reasons{{{100, "Continue"},
                                          {101, "Switching Protocols"},
                                          {102, "Processing"},
                                          {103, "Early Hints"},
                                          {200, "OK"},
                                          {201, "Created"},
                                          {202, "Accepted"},
                                          {203, "Non-Authoritative Information"},
                                          {204, "No Content"},
                                          {205, "Reset Content"},
                                          {206, "Partial Content"},
                                          {207, "Multi-Status"},
                                          {208, "Already Reported"},
                                          {226, "IM Used"},
                                          {300, "Multiple Choices"},
                                          {301, "Moved Permanently"},
                                          {302, "Found"},
                                          {303, "See Other"},
                                          {304, "Not Modified"},
                                          {305, "Use Proxy"},
                                          {307, "Temporary Redirect"},
                                          {308, "Permanent Redirect"},
                                          {400, "Bad Request"},
                                          {401, "Unauthorized"},
                                          {402, "Payment Required"},
                                          {403, "Forbidden"},
                                          {404, "Not Found"},
                                          {405, "Method Not Allowed"},
                                          {406, "Not Acceptable"},
                                          {407, "Proxy Authentication Required"},
                                          {408, "Request Timeout"},
                                          {409, "Conflict"},
                                          {410, "Gone"},
                                          {411, "Length Required"},
                                          {412, "Precondition Failed"},
                                          {413, "Request Entity Too Large"},
                                          {414, "Request URI Too Long"},
                                          {415, "Unsupported Media Type"},
                                          {416, "Requested Range Not Satisfiable"},
                                          {417, "Expectation Failed"},
                                          {418, "I'm a teapot"},
                                          {421, "Misdirected Request"},
                                          {422, "Unprocessable Entity"},
                                          {423, "Locked"},
                                          {424, "Failed Dependency"},
                                          {425, "Too Early"},
                                          {426, "Upgrade Required"},
                                          {428, "Precondition Required"},
                                          {429, "Too Many Requests"},
                                          {431, "Request Header Fields Too Large"},
                                          {449, "Retry With"},
                                          {451, "Unavailable For Legal Reasons"},
                                          {500, "Internal Server Error"},
                                          {501, "Not Implemented"},
                                          {502, "Bad Gateway"},
                                          {503, "Service Unavailable"},
                                          {504, "Gateway Timeout"},
                                          {505, "HTTP Version Not Supported"},
                                          {506, "Variant Also Negotiates"},
                                          {507, "Insufficient Storage"},
                                          {508, "Loop Detected"},
                                          {511, "Network Authentication Required"}}};

std::string_view sentence(int status)
{
    switch (status) {
    case 400:
        return "The browser (or proxy) sent a request that this server could not understand.";
    case 404:
        return "The requested URL was not found on the server. If you entered the URL manually please check "
               "your spelling and "
               "try again.";
    case 405:
        return "The method is not allowed for the requested URL.";
    default:
        return "The request could not be answered.";
    }
}

} // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view reasonPhrase(int status)
{
    const auto found =
        std::lower_bound(reasons.begin(), reasons.end(), status,
                         [](const Reason &reason, int wanted) { return reason.status < wanted; });
    return found != reasons.end() && found->status == status ? found->phrase : std::string_view();
}

std::string Request::header(std::string_view name) const
{
    std::string joined;
    bool first = true;
    for (const auto &[key, value] : headers) {
        if (!equalsIgnoringCase(key, name))
            continue;
        if (!first)
            joined += ',';
        joined += value;
        first = false;
    }
    return joined;
}

bool Request::hasHeader(std::string_view name) const
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto &field) { return equalsIgnoringCase(field.first, name); });
}

Answer documentAnswer(int status, std::string contentType, std::string body)
{
    Answer answer;
    answer.status = status;
    answer.add("Content-Type", std::move(contentType));
    answer.add("Content-Length", std::to_string(body.size()));
    answer.body = std::move(body);
    return answer;
}

Answer errorAnswer(int status)
{
    const std::string phrase(reasonPhrase(status));
    return documentAnswer(status, "text/html; charset=utf-8",
                          "<!doctype html>\n<html lang=en>\n<title>" + std::to_string(status) + ' ' + phrase +
                              "</title>\n<h1>" + phrase + "</h1>\n<p>" + std::string(sentence(status)) +
                              "</p>\n");
}

} // namespace sallyport::httpbin
