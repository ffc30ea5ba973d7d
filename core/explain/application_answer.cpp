// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/application_answer.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace sallyport::explain {

namespace {

struct Endpoint
{
    std::string_view pattern; ///< `{}` is one segment, a final `{*}` the rest
    std::string_view methods; ///< beside HEAD (with GET) and OPTIONS; empty: every method that httpbin knows
    int status = 200;
    bool varies = false;
};

constexpr Endpoint endpoints[] = {
    {"/", "GET"},
    {"/get", "GET"},
    {"/post", "POST"},
    {"/put", "PUT"},
    {"/patch", "PATCH"},
    {"/delete", "DELETE"},
    {"/anything", ""},
    {"/anything/{*}", ""},
    {"/headers", "GET"},
    {"/ip", "GET"},
    {"/user-agent", "GET"},
    {"/uuid", "GET"},
    {"/status/{}", ""},
    {"/delay/{}", ""},
    {"/bytes/{}", "GET"},
    {"/stream-bytes/{}", "GET"},
    {"/stream/{}", "GET"},
    {"/drip", "GET", 200, true},
    {"/range/{}", "GET", 200, true},
    {"/base64/{*}", "GET"},
    {"/gzip", "GET"},
    {"/deflate", "GET"},
    {"/cookies", "GET"},
    {"/cookies/set", "GET", 302},
    {"/cookies/set/{}/{}", "GET", 302},
    {"/cookies/delete", "GET", 302},
    {"/redirect/{}", "GET", 302},
    {"/relative-redirect/{}", "GET", 302},
    {"/absolute-redirect/{}", "GET", 302},
    {"/redirect-to", "", 302, true},
    {"/basic-auth/{}/{}", "GET", 401, true},
    {"/hidden-basic-auth/{}/{}", "GET", 404, true},
    {"/bearer", "GET", 401, true},
    {"/cache", "GET", 200, true},
    {"/cache/{}", "GET"},
    {"/etag/{}", "GET", 200, true},
    {"/response-headers", "GET, POST"},
    {"/image", "GET", 200, true},
    {"/image/{}", "GET"},
    {"/html", "GET"},
    {"/json", "GET"},
    {"/xml", "GET"},
    {"/robots.txt", "GET"},
    {"/deny", "GET"},
    {"/encoding/utf8", "GET"},
    {"/links/{}/{}", "GET"},
    {"/forms/post", "GET"},
};

using Arguments = std::vector<std::string_view>;

std::optional<Arguments> match(std::string_view pattern, std::string_view path)
{
    Arguments arguments;
    while (true) {
        const std::size_t open = pattern.find('{');
        if (!path.starts_with(pattern.substr(0, open)))
            return std::nullopt;
        path.remove_prefix(std::min(open, pattern.size()));
        if (open == std::string_view::npos)
            return path.empty() ? std::optional(arguments) : std::nullopt;
        if (path.empty() || path.front() == '/')
            return std::nullopt;
        const bool rest = pattern[open + 1] == '*';
        const std::size_t end = rest ? path.size() : std::min(path.find('/'), path.size());
        arguments.push_back(path.substr(0, end));
        path.remove_prefix(end);
        pattern.remove_prefix(pattern.find('}') + 1);
    }
}

bool allows(std::string_view methods, std::string_view method)
{
    if (method == "OPTIONS")
        return true;
    if (methods.empty())
        methods = "GET, POST, PUT, DELETE, PATCH, TRACE";
    if (method == "HEAD")
        method = "GET";
    return (", " + std::string(methods) + ',').find(", " + std::string(method) + ',') != std::string::npos;
}

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// One code, or `200:3,500` of which chance chooses.
void answerStatus(std::string_view codes, ApplicationAnswer &answer)
{
    answer.varies = codes.find(',') != std::string_view::npos;
    const auto code = number(codes.substr(0, codes.find_first_of(",:")));
    answer.status = code && *code >= 100 && *code < 1000 ? static_cast<int>(*code) : 400;
}

std::string withSingleSlashes(std::string_view path)
{
    std::string merged(path);
    merged.erase(
        std::unique(merged.begin(), merged.end(), [](char a, char b) { return a == '/' && b == '/'; }),
        merged.end());
    return merged;
}

} // namespace

ApplicationAnswer httpbinAnswer(std::string_view method, std::string_view path, bool hasAuthorization)
{
    ApplicationAnswer answer;
    path = path.substr(0, path.find_first_of("?#"));
    while (path.starts_with("//"))
        path.remove_prefix(1);
    for (const Endpoint &endpoint : endpoints) {
        const auto arguments = match(endpoint.pattern, path);
        if (!arguments)
            continue;
        if (!allows(endpoint.methods, method)) {
            answer.status = 405;
            return answer;
        }
        if (method == "OPTIONS")
            return answer;
        answer.status = endpoint.status;
        answer.varies = endpoint.varies;
        if (endpoint.pattern == "/status/{}")
            answerStatus(arguments->front(), answer);
        if (endpoint.pattern == "/delay/{}") {
            // httpbin waits ten seconds at most.
            const double seconds = std::min(number(arguments->front()).value_or(0), 10.0);
            answer.takes = std::chrono::milliseconds(static_cast<long>(seconds * 1000));
        }
        if (endpoint.pattern == "/bearer" && hasAuthorization)
            answer.status = 200;
        return answer;
    }
    // A path that fits once its doubled slashes are single ones is told so.
    const std::string merged = withSingleSlashes(path);
    const bool fits =
        std::any_of(std::begin(endpoints), std::end(endpoints),
                    [&merged](const auto &endpoint) { return match(endpoint.pattern, merged).has_value(); });
    answer.status = fits && merged != path ? 308 : 404;
    return answer;
}

} // namespace sallyport::explain
