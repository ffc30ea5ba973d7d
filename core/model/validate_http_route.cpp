// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::model {

namespace {

std::string entry(const std::string &mapping, const std::string &key)
{
    return mapping + "[\"" + key + "\"]";
}

bool isStatus(std::int64_t status)
{
    constexpr std::int64_t lowest = 200;
    constexpr std::int64_t highest = 600;
    return status >= lowest && status <= highest;
}

void validateStringMatch(const StringMatch &match, const std::string &path, bool emptyPrefixAllowed,
                         Findings &findings)
{
    if (match.kind == StringMatch::Kind::Prefix && match.value.empty() && !emptyPrefixAllowed)
        findings.error(Rule::Value, path + ".prefix", "the prefix is empty", "leave the match out");
    if (match.kind != StringMatch::Kind::Regex)
        return;
    if (const std::string problem = regexProblem(match.value); !problem.empty())
        findings.error(Rule::Value, path + ".regex", problem);
}

/// Of header and query matches, whose regex `*` is understood as presence.
void validateValueMatch(const StringMatch &match, const std::string &path, Findings &findings)
{
    if (!findings.given(path))
        findings.error(Rule::Missing, path, "the match is empty", "write {} to demand that it is there");
    else if (match.kind != StringMatch::Kind::Regex || match.value != "*")
        validateStringMatch(match, path, false, findings);
}

void validateHeaderMatches(const std::map<std::string, StringMatch> &headers, const std::string &path,
                           Findings &findings)
{
    for (const auto &[name, match] : headers) {
        if (!isMatchableHeader(name))
            findings.error(Rule::Value, entry(path, name), "\"" + name + "\" is no name of a header");
        validateValueMatch(match, entry(path, name), findings);
    }
}

void validateMatch(const HttpMatch &match, const std::string &path, Findings &findings)
{
    if (match.uri)
        validateStringMatch(*match.uri, path + ".uri", true, findings);
    if (match.scheme)
        validateStringMatch(*match.scheme, path + ".scheme", false, findings);
    if (match.method)
        validateStringMatch(*match.method, path + ".method", false, findings);
    if (match.authority)
        validateStringMatch(*match.authority, path + ".authority", false, findings);
    validateHeaderMatches(match.headers, path + ".headers", findings);
    validateHeaderMatches(match.withoutHeaders, path + ".withoutHeaders", findings);
    for (const auto &[name, value] : match.queryParams)
        validateValueMatch(value, entry(path + ".queryParams", name), findings);
    if (match.port != 0 && !isPort(match.port))
        findings.error(Rule::Value, path + ".port", "a port number is from 1 to 65535");
    validateLabels(match.sourceLabels, path + ".sourceLabels", findings);
}

void validateOperations(const HeaderOperations &operations, const std::string &path, bool isRequest,
                        Findings &findings)
{
    const auto checkName = [&](const std::string &name, const std::string &at, bool authorityAllowed) {
        if (name.empty())
            findings.error(Rule::Value, at, "a header's name is empty");
        else if (isAuthorityHeader(name) && authorityAllowed)
            return;
        else if (isAuthorityHeader(name) || name.starts_with(':'))
            findings.error(Rule::Value, at, "the header \"" + name + "\" cannot be changed here",
                           isRequest ? "the host is changed with set, or with rewrite.authority"
                                     : "take it out");
        else if (!isHeaderToken(name))
            findings.error(Rule::Value, at, "\"" + name + "\" is no name of a header");
    };
    const auto checkValues = [&](const std::map<std::string, std::string> &values, const std::string &at) {
        for (const auto &[name, value] : values) {
            checkName(name, entry(at, name), isRequest);
            if (const std::string problem = headerValueProblem(value); !problem.empty())
                findings.error(Rule::Value, entry(at, name), problem);
        }
    };
    checkValues(operations.set, path + ".set");
    checkValues(operations.add, path + ".add");
    for (std::size_t i = 0; i < operations.remove.size(); ++i)
        checkName(operations.remove[i], item(path + ".remove", i), false);
}

void validateHeaders(const Headers &headers, const std::string &path, Findings &findings)
{
    validateOperations(headers.request, path + ".headers.request", true, findings);
    validateOperations(headers.response, path + ".headers.response", false, findings);
}

void validateAuthorityOnce(const Headers &headers, const std::string *rewrite, const std::string &path,
                           Findings &findings)
{
    int times = rewrite && !rewrite->empty() ? 1 : 0;
    for (const auto *operations : {&headers.request.set, &headers.request.add}) {
        times += static_cast<int>(std::count_if(operations->begin(), operations->end(),
                                                [](const auto &e) { return isAuthorityHeader(e.first); }));
    }
    if (times > 1)
        findings.error(Rule::Exclusive, path + ".headers.request",
                       "the host is set more than once, by rewrite.authority or by headers",
                       "keep one of them");
}

void validateKindOfRule(const HttpRoute &route, const std::string &path, bool isDelegate, Findings &findings)
{
    const auto exclude = [&](const char *what, bool present, const char *other) {
        if (present)
            findings.error(Rule::Exclusive, path + '.' + what,
                           std::string(what) + " and " + other + " cannot be used together",
                           "keep one of them");
    };
    const bool forwards = !route.route.empty();
    if (route.redirect) {
        exclude("redirect", forwards, "route");
        exclude("redirect", route.fault.has_value(), "fault");
        exclude("redirect", route.rewrite.has_value(), "rewrite");
        exclude("redirect", route.directResponse.has_value(), "directResponse");
    } else if (route.directResponse) {
        exclude("directResponse", forwards, "route");
        exclude("directResponse", route.fault.has_value(), "fault");
        exclude("directResponse", route.rewrite.has_value(), "rewrite");
    } else if (!forwards && (!route.delegate || isDelegate)) {
        findings.error(Rule::Missing, path,
                       "an http rule needs a route, a redirect, a directResponse or a delegate");
    }
    if (route.delegate) {
        exclude("delegate", forwards, "route");
        exclude("delegate", route.redirect.has_value(), "redirect");
        exclude("delegate", route.directResponse.has_value(), "directResponse");
        if (route.delegate->name.empty())
            findings.error(Rule::Missing, path + ".delegate.name",
                           "a delegate needs the name of a VirtualService");
    }
}

void validateRedirect(const HttpRoute &route, const std::string &path, Findings &findings)
{
    const HttpRedirect &redirect = *route.redirect;
    const std::string at = path + ".redirect";
    const bool port = redirect.port != 0 || redirect.derivePort;
    if (redirect.uri.empty() && redirect.prefixRewrite.empty() && redirect.authority.empty() && !port &&
        redirect.redirectCode == 0 && redirect.scheme.empty())
        findings.error(Rule::Missing, at, "the redirect changes nothing",
                       "give uri, prefixRewrite, authority, port, scheme or redirectCode");
    if (!redirect.uri.empty() && !redirect.prefixRewrite.empty())
        findings.error(Rule::Exclusive, at, "uri and prefixRewrite cannot be used together",
                       "keep one of them");
    constexpr std::uint32_t firstCode = 300;
    constexpr std::uint32_t lastCode = 399;
    if (redirect.redirectCode != 0 && (redirect.redirectCode < firstCode || redirect.redirectCode > lastCode))
        findings.error(Rule::Value, at + ".redirectCode", "a redirect's status is from 300 to 399",
                       "301, 302, 303, 307 or 308");
    if (!redirect.scheme.empty() && redirect.scheme != "http" && redirect.scheme != "https")
        findings.error(Rule::Value, at + ".scheme", "a redirect's scheme is http or https");
    if (redirect.port != 0 && !isPort(redirect.port))
        findings.error(Rule::Value, at + ".port", "a port number is from 1 to 65535");
    if (redirect.prefixRewrite.empty())
        return;
    for (std::size_t i = 0; i < route.match.size(); ++i) {
        const auto &uri = route.match[i].uri;
        if (uri && uri->kind != StringMatch::Kind::Prefix)
            findings.error(Rule::Exclusive, item(path + ".match", i) + ".uri",
                           "prefixRewrite needs a match on a prefix of the path",
                           "match uri.prefix, or use uri");
    }
}

void validateDirectResponse(const HttpDirectResponse &response, const std::string &path, Findings &findings)
{
    if (!isStatus(response.status))
        findings.error(Rule::Value, path + ".status", "a response's status is from 200 to 600");
    constexpr std::size_t mostBytes = std::size_t(1024) * 1024;
    constexpr std::size_t manyBytes = std::size_t(100) * 1024;
    const std::size_t size = response.body ? response.body->size() : 0;
    if (size > mostBytes)
        findings.error(Rule::Value, path + ".body", "a direct response's body is 1 MB at most");
    else if (size > manyBytes)
        findings.warning(path + ".body", "a body of more than 100 kB slows the proxy's configuration down");
}

void validateFault(const HttpFault &fault, const std::string &path, Findings &findings)
{
    if (fault.delay) {
        const std::string at = path + ".delay";
        validatePercent(fault.delay->percentage, at + ".percentage.value", findings);
        if (fault.delay->percent < 0 || fault.delay->percent > 100)
            findings.error(Rule::Value, at + ".percent", "a percentage is from 0 to 100");
        validateDuration(fault.delay->fixedDelay, at + ".fixedDelay", findings);
        if (!fault.delay->fixedDelay)
            findings.error(Rule::Missing, at, "a delay needs fixedDelay");
    }
    if (!fault.abort)
        return;
    const std::string at = path + ".abort";
    validatePercent(fault.abort->percentage, at + ".percentage.value", findings);
    const bool status = findings.given(at + ".httpStatus");
    const bool grpc = findings.given(at + ".grpcStatus");
    if (status && !isStatus(fault.abort->httpStatus))
        findings.error(Rule::Value, at + ".httpStatus", "an HTTP status is from 200 to 600");
    if (grpc && !isGrpcStatusName(fault.abort->grpcStatus))
        findings.error(Rule::Value, at + ".grpcStatus",
                       "\"" + fault.abort->grpcStatus + "\" is no gRPC status", "such as UNAVAILABLE");
    if (findings.given(at + ".http2Error"))
        findings.error(Rule::Value, at + ".http2Error", "http2Error is not supported", "use httpStatus");
    else if (!status && !grpc)
        findings.warning(at, "the abort has no status: it has no effect", "give httpStatus");
}

void validateRewrite(const HttpRewrite &rewrite, const std::string &path, Findings &findings)
{
    const bool regex = findings.given(path + ".uriRegexRewrite");
    if (rewrite.uri.empty() && rewrite.authority.empty() && !regex)
        findings.error(Rule::Missing, path, "the rewrite changes nothing",
                       "give uri, uriRegexRewrite or authority");
    if (!rewrite.uri.empty() && regex)
        findings.error(Rule::Exclusive, path, "uri and uriRegexRewrite cannot be used together",
                       "keep one of them");
    if (!regex)
        return;
    if (const std::string problem = regexProblem(rewrite.regexMatch); !problem.empty())
        findings.error(Rule::Value, path + ".uriRegexRewrite.match", problem);
    if (rewrite.regexRewrite.empty())
        findings.error(Rule::Missing, path + ".uriRegexRewrite.rewrite", "uriRegexRewrite needs a rewrite");
}

void validateMirrors(const HttpRoute &route, const std::string &path, Findings &findings)
{
    const bool one = findings.given(path + ".mirror");
    const bool several = findings.given(path + ".mirrors");
    if (one && several)
        findings.error(Rule::Exclusive, path + ".mirrors", "mirror and mirrors cannot be used together",
                       "keep mirrors");
    if (findings.given(path + ".mirrorPercent"))
        findings.warning(path + ".mirrorPercent", "mirrorPercent is deprecated",
                         "use mirrorPercentage.value");
    if (const yaml::NodePtr percent = findings.at(path + ".mirrorPercentage.value")) {
        std::optional<double> value;
        if (!route.mirrors.empty())
            value = route.mirrors.front().percentage;
        validatePercent(value, path + ".mirrorPercentage.value", findings);
    }
    for (std::size_t i = 0; i < route.mirrors.size(); ++i) {
        const HttpMirror &mirror = route.mirrors[i];
        if (one && i == 0) {
            validateDestination(mirror.destination, path + ".mirror", findings);
            continue;
        }
        const std::string at = item(path + ".mirrors", one ? i - 1 : i);
        if (!findings.given(at + ".destination"))
            findings.error(Rule::Missing, at, "a mirror needs a destination");
        else
            validateDestination(mirror.destination, at + ".destination", findings);
        validatePercent(mirror.percentage, at + ".percentage.value", findings);
    }
}

void validateCors(const HttpCors &cors, const std::string &path, Findings &findings)
{
    static constexpr std::array<std::string_view, 10> methods{
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"};
    for (std::size_t i = 0; i < cors.allowOrigins.size(); ++i) {
        const StringMatch &origin = cors.allowOrigins[i];
        const std::string at = item(path + ".allowOrigins", i);
        if (origin.kind == StringMatch::Kind::Regex)
            validateStringMatch(origin, at, false, findings);
        else if (origin.value.empty())
            findings.error(Rule::Missing, at, "an origin is empty");
    }
    for (std::size_t i = 0; i < cors.allowMethods.size(); ++i) {
        if (std::find(methods.begin(), methods.end(), cors.allowMethods[i]) == methods.end())
            findings.error(Rule::Value, item(path + ".allowMethods", i),
                           "\"" + cors.allowMethods[i] + "\" is no HTTP method");
    }
    const auto checkNames = [&](const std::vector<std::string> &names, const char *field) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] != "*" && !isHeaderToken(names[i]))
                findings.error(Rule::Value, item(path + field, i),
                               "\"" + names[i] + "\" is no name of a header");
        }
    };
    checkNames(cors.allowHeaders, ".allowHeaders");
    checkNames(cors.exposeHeaders, ".exposeHeaders");
    if (cors.maxAge && (*cors.maxAge < Duration::zero() ||
                        *cors.maxAge != std::chrono::duration_cast<std::chrono::seconds>(*cors.maxAge)))
        findings.error(Rule::Value, path + ".maxAge", "maxAge is whole seconds");
}

} // namespace

void validateRetry(const HttpRetry &retry, const std::string &path, Findings &findings)
{
    if (retry.attempts < 0)
        findings.error(Rule::Value, path + ".attempts", "the number of attempts cannot be negative");
    if (retry.attempts == 0 && (retry.perTryTimeout || !retry.retryOn.empty() || retry.retryRemoteLocalities))
        findings.error(Rule::Exclusive, path, "0 attempts switch retries off: nothing else can be given",
                       "give attempts, or attempts alone");
    validateDuration(retry.perTryTimeout, path + ".perTryTimeout", findings);
    validateDuration(retry.backoff, path + ".backoff", findings);
    std::string_view rest = retry.retryOn;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view word = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        int status = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
        const bool number = error == std::errc() && end == word.data() + word.size();
        if (number ? !isAssignedHttpStatus(status) : !isRetryOnWord(word))
            findings.error(Rule::Value, path + ".retryOn",
                           "\"" + std::string(word) + "\" is no condition to retry on",
                           "words such as 5xx, connect-failure, or a status such as 503, without blanks");
    }
}

void validateRouteDestinations(const std::vector<RouteDestination> &route, const std::string &path,
                               Findings &findings)
{
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < route.size(); ++i) {
        const std::string at = item(path, i);
        if (!findings.given(at + ".destination"))
            findings.error(Rule::Missing, at + ".destination", "a route needs a destination");
        else
            validateDestination(route[i].destination, at + ".destination", findings);
        if (route[i].weight < 0)
            findings.error(Rule::Value, at + ".weight", "a weight cannot be negative");
        sum += std::max(route[i].weight, 0);
        validateHeaders(route[i].headers, at, findings);
        validateAuthorityOnce(route[i].headers, nullptr, at, findings);
    }
    if (route.size() > 1 && sum == 0)
        findings.error(Rule::Value, path, "the weights add up to 0: nothing would be sent anywhere",
                       "give at least one destination a weight");
}

void validateHttpRoute(const VirtualService &service, std::size_t index, Findings &findings)
{
    const HttpRoute &route = service.http[index];
    const std::string path = item("spec.http", index);
    validateKindOfRule(route, path, service.hosts.empty(), findings);
    for (std::size_t i = 0; i < route.match.size(); ++i)
        validateMatch(route.match[i], item(path + ".match", i), findings);
    validateHeaders(route.headers, path, findings);
    validateAuthorityOnce(route.headers, route.rewrite ? &route.rewrite->authority : nullptr, path, findings);
    validateRouteDestinations(route.route, path + ".route", findings);
    if (route.redirect)
        validateRedirect(route, path, findings);
    if (route.directResponse)
        validateDirectResponse(*route.directResponse, path + ".directResponse", findings);
    if (route.fault)
        validateFault(*route.fault, path + ".fault", findings);
    if (route.rewrite)
        validateRewrite(*route.rewrite, path + ".rewrite", findings);
    if (route.retries)
        validateRetry(*route.retries, path + ".retries", findings);
    if (route.cors)
        validateCors(*route.cors, path + ".corsPolicy", findings);
    validateMirrors(route, path, findings);
    validateDuration(route.timeout, path + ".timeout", findings);
}

} // namespace sallyport::model
