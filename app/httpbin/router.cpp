// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/router.h"

#include "httpbin/endpoints.h"
#include "httpbin/url.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace sallyport::httpbin {

namespace {

struct Route
{
    std::string_view pattern; ///< `{}` is one segment, a final `{*}` the rest
    std::string_view methods; ///< beside HEAD (with GET) and OPTIONS
    Endpoint endpoint;
};

constexpr std::string_view everyMethod = "GET, POST, PUT, DELETE, PATCH, TRACE";

constexpr Route routes[] = {
    {"/", "GET", index},
    {"/get", "GET", echoGet},
    {"/post", "POST", echoBody},
    {"/put", "PUT", echoBody},
    {"/patch", "PATCH", echoBody},
    {"/delete", "DELETE", echoBody},
    {"/anything", everyMethod, echoAnything},
    {"/anything/{*}", everyMethod, echoAnything},
    {"/headers", "GET", echoHeaders},
    {"/ip", "GET", echoAddress},
    {"/user-agent", "GET", echoUserAgent},
    {"/uuid", "GET", newUuid},
    {"/status/{}", everyMethod, status},
    {"/delay/{}", everyMethod, echoDelayed},
    {"/bytes/{}", "GET", bytes},
    {"/stream-bytes/{}", "GET", streamBytes},
    {"/stream/{}", "GET", stream},
    {"/drip", "GET", drip},
    {"/range/{}", "GET", range},
    {"/base64/{*}", "GET", base64},
    {"/gzip", "GET", echoGzip},
    {"/deflate", "GET", echoDeflate},
    {"/cookies", "GET", cookies},
    {"/cookies/set", "GET", setCookies},
    {"/cookies/set/{}/{}", "GET", setCookie},
    {"/cookies/delete", "GET", deleteCookies},
    {"/redirect/{}", "GET", redirect},
    {"/relative-redirect/{}", "GET", relativeRedirect},
    {"/absolute-redirect/{}", "GET", absoluteRedirect},
    {"/redirect-to", everyMethod, redirectTo},
    {"/basic-auth/{}/{}", "GET", basicAuth},
    {"/hidden-basic-auth/{}/{}", "GET", hiddenBasicAuth},
    {"/bearer", "GET", bearer},
    {"/cache", "GET", echoCached},
    {"/cache/{}", "GET", echoCachedFor},
    {"/etag/{}", "GET", echoEtag},
    {"/response-headers", "GET, POST", responseHeaders},
    {"/image", "GET", imageByAccept},
    {"/image/{}", "GET", image},
    {"/html", "GET", html},
    {"/json", "GET", json},
    {"/xml", "GET", xml},
    {"/robots.txt", "GET", robots},
    {"/deny", "GET", denied},
    {"/encoding/utf8", "GET", utf8},
    {"/links/{}/{}", "GET", links},
    {"/forms/post", "GET", form},
};

std::optional<PathArguments> match(std::string_view pattern, std::string_view path)
{
    PathArguments arguments;
    while (true) {
        const std::size_t open = pattern.find('{');
        const std::string_view literal = pattern.substr(0, open);
        if (!path.starts_with(literal))
            return std::nullopt;
        path.remove_prefix(literal.size());
        if (open == std::string_view::npos)
            return path.empty() ? std::optional(arguments) : std::nullopt;
        if (path.empty())
            return std::nullopt;
        const bool rest = pattern[open + 1] == '*';
        const std::size_t end = rest ? path.size() : std::min(path.find('/'), path.size());
        if (end == 0 || path.front() == '/')
            return std::nullopt;
        arguments.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
        pattern.remove_prefix(pattern.find('}') + 1);
    }
}

bool allows(std::string_view methods, std::string_view method)
{
    if (method == "HEAD")
        method = "GET";
    for (std::size_t at = 0; at <= methods.size();) {
        const std::size_t end = std::min(methods.find(", ", at), methods.size());
        if (methods.substr(at, end - at) == method)
            return true;
        at = end + 2;
    }
    return false;
}

std::string allowValue(std::string_view methods)
{
    std::string value(methods);
    if (allows(methods, "GET"))
        value.insert(value.find("GET") + 3, ", HEAD");
    return value + ", OPTIONS";
}

Answer run(const Route &route, const Request &request, const PathArguments &arguments)
{
    if (request.method == "OPTIONS") {
        Answer answer;
        answer.add("Content-Type", "text/html; charset=utf-8");
        answer.add("Allow", allowValue(route.methods));
        return answer;
    }
    if (!allows(route.methods, request.method)) {
        Answer answer = errorAnswer(405);
        answer.headers.insert(answer.headers.begin() + 1, {"Allow", allowValue(route.methods)});
        return answer;
    }
    return route.endpoint(request, arguments);
}

Answer run(const Request &request)
{
    for (const Route &route : routes) {
        if (const std::optional<PathArguments> arguments = match(route.pattern, request.path))
            return run(route, request, *arguments);
    }
    // A path that fits once its doubled slashes are single ones is told so.
    Request merged = request;
    merged.path.erase(std::unique(merged.path.begin(), merged.path.end(),
                                  [](char a, char b) { return a == '/' && b == '/'; }),
                      merged.path.end());
    for (const Route &route : routes) {
        if (merged.path != request.path && match(route.pattern, merged.path))
            return redirectAnswer(308, ownUrl(merged));
    }
    return errorAnswer(404);
}

} // namespace

Answer answerRequest(const Request &request)
{
    Answer answer = run(request);
    answer.add("Access-Control-Allow-Origin", request.hasHeader("Origin") ? request.header("Origin") : "*");
    answer.add("Access-Control-Allow-Credentials", "true");
    if (request.method == "OPTIONS") {
        answer.add("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, PATCH, OPTIONS");
        answer.add("Access-Control-Max-Age", "3600");
        if (request.hasHeader("Access-Control-Request-Headers"))
            answer.add("Access-Control-Allow-Headers", request.header("Access-Control-Request-Headers"));
    }
    return answer;
}

} // namespace sallyport::httpbin
