// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/request.h"

#include "core/lab/client_name.h"

#include <algorithm>
#include <charconv>
#include <strings.h>

namespace sallyport::application {

namespace {

bool sameName(const std::string &a, const char *b)
{
    return ::strcasecmp(a.c_str(), b) == 0;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool isToken(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return c > 32 && c < 127 &&
               std::string_view("()<>@,;:\\\"/[]?={}").find(static_cast<char>(c)) == std::string_view::npos;
    });
}

bool hasControl(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

} // namespace

Result<void> Request::withHeader(std::string_view line)
{
    const std::size_t colon = line.find(':');
    const std::size_t end = colon == std::string_view::npos ? line.find(';') : colon;
    const std::string name(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos || !isToken(name) || hasControl(line))
        return fail("`" + std::string(line) + "` is not a header", {}, "write `Name: value`");
    const std::string value(trimmed(line.substr(end + 1)));
    if (colon != std::string_view::npos && value.empty())
        m_omitted.push_back(name);
    else
        headers.emplace_back(name, value);
    return {};
}

std::string Request::bytes() const
{
    const auto given = [this](const char *name) {
        return std::any_of(headers.begin(), headers.end(),
                           [name](const auto &h) { return sameName(h.first, name); }) ||
               std::any_of(m_omitted.begin(), m_omitted.end(),
                           [name](const std::string &omitted) { return sameName(omitted, name); });
    };
    std::string text = method + ' ' + target + " HTTP/1.1\r\n";
    const auto add = [&text](std::string_view name, std::string_view value) {
        text.append(name).append(value.empty() ? ":" : ": ").append(value).append("\r\n");
    };
    // curl writes Host first, whoever gives it.
    bool hostWritten = false;
    for (const auto &[name, value] : headers) {
        if (sameName(name, "host") && !hostWritten) {
            add("Host", value);
            hostWritten = true;
        }
    }
    if (!given("host"))
        add("Host", port == 80 ? host : host + ':' + std::to_string(port));
    if (!given("user-agent"))
        add("User-Agent", lab::userAgent);
    if (!given("accept"))
        add("Accept", "*/*");
    for (const auto &[name, value] : headers) {
        if (!sameName(name, "host"))
            add(name, value);
    }
    if (body) {
        if (!given("content-length"))
            add("Content-Length", std::to_string(body->size()));
        if (!given("content-type"))
            add("Content-Type", "application/x-www-form-urlencoded");
    }
    text += "\r\n";
    if (body)
        text += *body;
    return text;
}

Result<Request> parseRequest(std::string_view text)
{
    Request request;
    text = trimmed(text);
    std::string_view url = text;
    if (const std::size_t space = text.find(' '); space != std::string_view::npos) {
        request.method = std::string(text.substr(0, space));
        url = trimmed(text.substr(space + 1));
    }
    if (!isToken(request.method))
        return fail("`" + request.method + "` is not a method", {}, "write `GET http://HOST/PATH`");
    constexpr std::string_view scheme = "http://";
    if (url.size() > 8 && ::strncasecmp(url.data(), "https://", 8) == 0)
        return fail("`send` speaks plain HTTP, as the guide's applications do", {},
                    "for TLS from the application use `curl -x` with the workload's forward proxy");
    if (url.size() < scheme.size() || ::strncasecmp(url.data(), scheme.data(), scheme.size()) != 0)
        return fail("`" + std::string(url) + "` is not an http URL", {}, "write `GET http://HOST/PATH`");
    url.remove_prefix(scheme.size());
    const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
    std::string_view authority = url.substr(0, end);
    std::string_view target = url.substr(end);
    target = target.substr(0, target.find('#'));
    request.target = (target.empty() || target.front() != '/' ? "/" : "") + std::string(target);
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
        const std::string_view digits = authority.substr(colon + 1);
        const auto [stop, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), request.port);
        if (error != std::errc() || stop != digits.data() + digits.size() || request.port < 1 ||
            request.port > 65535)
            return fail("`" + std::string(digits) + "` is not a port");
        authority = authority.substr(0, colon);
    }
    if (authority.empty() || hasControl(request.target) || request.target.find(' ') != std::string::npos)
        return fail("the URL is not complete", {}, "write `GET http://HOST/PATH`, with %20 for a space");
    request.host = std::string(authority);
    return request;
}

} // namespace sallyport::application
