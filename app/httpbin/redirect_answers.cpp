// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/endpoints.h"
#include "httpbin/url.h"

#include <cstdlib>

namespace sallyport::httpbin {

namespace {

long count(const PathArguments &arguments)
{
    return std::strtol(arguments.front().c_str(), nullptr, 10);
}

Answer bareRedirect(int code, const std::string &location)
{
    Answer answer = documentAnswer(code, "text/html; charset=utf-8", {});
    answer.add("Location", location);
    return answer;
}

std::string absolute(const Request &request, const std::string &path)
{
    Request target = request;
    target.path = path;
    target.query.clear();
    return ownUrl(target);
}

Answer cookieAnswer(const Headers &cookies, const std::string &attributes)
{
    Answer answer = redirectAnswer(302, "/cookies");
    for (const auto &[name, value] : cookies)
        answer.add("Set-Cookie", name + '=' + value + attributes);
    return answer;
}

} // namespace

Answer redirectAnswer(int code, const std::string &location)
{
    const std::string shown = htmlEscape(location);
    Answer answer =
        documentAnswer(code, "text/html; charset=utf-8",
                       "<!doctype html>\n<html "
                       "lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should "
                       "be redirected automatically to the target URL: <a href=\"" +
                           shown + "\">" + shown + "</a>. If not, click the link.\n");
    answer.add("Location", location);
    return answer;
}

Answer redirect(const Request &request, const PathArguments &arguments)
{
    const long n = count(arguments);
    if (n < 1)
        return errorAnswer(404);
    if (queryValue(request, "absolute") == "true")
        return absoluteRedirect(request, arguments);
    return redirectAnswer(302, n == 1 ? "/get" : "/relative-redirect/" + std::to_string(n - 1));
}

Answer relativeRedirect(const Request &, const PathArguments &arguments)
{
    const long n = count(arguments);
    return n < 1 ? errorAnswer(404)
                 : bareRedirect(302, n == 1 ? "/get" : "/relative-redirect/" + std::to_string(n - 1));
}

Answer absoluteRedirect(const Request &request, const PathArguments &arguments)
{
    const long n = count(arguments);
    if (n < 1)
        return errorAnswer(404);
    return redirectAnswer(302,
                          absolute(request, n == 1 ? "/get" : "/absolute-redirect/" + std::to_string(n - 1)));
}

Answer redirectTo(const Request &request, const PathArguments &)
{
    const std::optional<std::string> url = queryValue(request, "url");
    if (!url)
        return errorAnswer(400);
    const long code = queryNumber(request, "status_code", 302);
    return bareRedirect(code >= 300 && code < 400 ? static_cast<int>(code) : 302, *url);
}

Answer setCookies(const Request &request, const PathArguments &)
{
    return cookieAnswer(parseForm(request.query), "; Path=/");
}

Answer setCookie(const Request &, const PathArguments &arguments)
{
    return cookieAnswer({{arguments[0], arguments[1]}}, "; Path=/");
}

Answer deleteCookies(const Request &request, const PathArguments &)
{
    Headers cookies = parseForm(request.query);
    for (auto &cookie : cookies)
        cookie.second.clear();
    return cookieAnswer(cookies, "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/");
}

} // namespace sallyport::httpbin
