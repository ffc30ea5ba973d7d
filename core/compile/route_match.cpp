// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/route_match.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

constexpr std::string_view claimsPrefix = "@request.auth.claims";

/// Unset, or the regular expression `*`, which is none and means presence.
bool isPresence(const model::StringMatch &match)
{
    return match.kind == model::StringMatch::Kind::Unset ||
           (match.kind == model::StringMatch::Kind::Regex && match.value == "*");
}

dataplane::HeaderMatcher headerMatcher(const std::string &name, const model::StringMatch &match)
{
    dataplane::HeaderMatcher matcher;
    matcher.name = name;
    if (isPresence(match)) {
        matcher.kind = dataplane::HeaderMatchKind::Present;
    } else {
        matcher.kind = dataplane::HeaderMatchKind::String;
        matcher.string = stringMatcher(match);
    }
    return matcher;
}

/// `@request.auth.claims.a.b` or `@request.auth.claims[a][b]` → a, b
std::vector<std::string> claimPath(const std::string &name)
{
    std::vector<std::string> path;
    std::string rest = name.substr(claimsPrefix.size());
    if (!rest.empty() && rest.front() == '.') {
        rest.erase(0, 1);
        while (!rest.empty()) {
            const std::size_t dot = std::min(rest.find('.'), rest.size());
            path.push_back(rest.substr(0, dot));
            rest.erase(0, dot + 1);
        }
        return path;
    }
    while (!rest.empty() && rest.front() == '[') {
        const std::size_t end = rest.find(']');
        if (end == std::string::npos)
            break;
        path.push_back(rest.substr(1, end - 1));
        rest.erase(0, end + 1);
    }
    return path;
}

dataplane::MetadataMatcher claimMatcher(const std::string &name, const model::StringMatch &match, bool invert)
{
    dataplane::MetadataMatcher matcher;
    matcher.filter = "envoy.filters.http.jwt_authn";
    matcher.path = claimPath(name);
    matcher.path.insert(matcher.path.begin(), "payload");
    matcher.invert = invert;
    dataplane::ValueMatcher one;
    one.kind = dataplane::ValueMatcher::Kind::String;
    one.string = stringMatcher(match);
    if (isPresence(match))
        one.string = {dataplane::StringMatchKind::Regex, ".+", false};
    // A claim is a text or a list with the text in it.
    dataplane::ValueMatcher list;
    list.kind = dataplane::ValueMatcher::Kind::List;
    list.nested = {one};
    matcher.value.kind = dataplane::ValueMatcher::Kind::Or;
    matcher.value.nested = {one, list};
    return matcher;
}

bool isClaim(const std::string &name)
{
    return name.compare(0, claimsPrefix.size(), claimsPrefix) == 0;
}

} // namespace

dataplane::StringMatcher stringMatcher(const model::StringMatch &match)
{
    using Kind = dataplane::StringMatchKind;
    switch (match.kind) {
    case model::StringMatch::Kind::Prefix:
        return {Kind::Prefix, match.value, false};
    case model::StringMatch::Kind::Regex:
        return {Kind::Regex, match.value, false};
    case model::StringMatch::Kind::Unset:
    case model::StringMatch::Kind::Exact:
        break;
    }
    return {Kind::Exact, match.value, false};
}

bool matchesProxy(const std::vector<std::string> &gateways, const model::Labels &sourceLabels,
                  const std::string &sourceNamespace, const std::set<std::string> &builtFor,
                  const model::Labels &proxyLabels, const std::string &proxyNamespace)
{
    if (!gateways.empty())
        return std::any_of(gateways.begin(), gateways.end(),
                           [&builtFor](const std::string &gateway) { return builtFor.count(gateway) != 0; });
    return model::selects(sourceLabels, proxyLabels) &&
           (sourceNamespace.empty() || sourceNamespace == proxyNamespace);
}

dataplane::RouteMatch routeMatch(const model::HttpMatch *match)
{
    dataplane::RouteMatch result;
    result.path = "/";
    if (!match)
        return result;
    for (const auto &[name, value] : match->headers) {
        if (isClaim(name))
            result.dynamicMetadata.push_back(claimMatcher(name, value, false));
        else
            result.headers.push_back(headerMatcher(name, value));
    }
    for (const auto &[name, value] : match->withoutHeaders) {
        if (isClaim(name)) {
            result.dynamicMetadata.push_back(claimMatcher(name, value, true));
            continue;
        }
        dataplane::HeaderMatcher matcher = headerMatcher(name, value);
        matcher.invert = true;
        matcher.treatMissingAsEmpty = !isPresence(value);
        result.headers.push_back(std::move(matcher));
    }
    std::stable_sort(result.headers.begin(), result.headers.end(),
                     [](const auto &a, const auto &b) { return a.name < b.name; });
    if (match->uri) {
        result.path = match->uri->value;
        switch (match->uri->kind) {
        case model::StringMatch::Kind::Exact:
            result.pathKind = dataplane::RouteMatch::PathKind::Path;
            break;
        case model::StringMatch::Kind::Prefix:
            break;
        case model::StringMatch::Kind::Regex:
            result.pathKind = dataplane::RouteMatch::PathKind::Regex;
            break;
        case model::StringMatch::Kind::Unset:
            result.path = "/";
            break;
        }
    }
    result.caseSensitive = !match->ignoreUriCase;
    const std::pair<const char *, const std::optional<model::StringMatch> *> pseudo[] = {
        {":method", &match->method}, {":authority", &match->authority}, {":scheme", &match->scheme}};
    for (const auto &[name, value] : pseudo) {
        if (*value)
            result.headers.push_back(headerMatcher(name, **value));
    }
    for (const auto &[name, value] : match->queryParams) {
        dataplane::QueryParameterMatcher matcher;
        matcher.name = name;
        if (!isPresence(value))
            matcher.string = stringMatcher(value);
        result.queryParameters.push_back(std::move(matcher));
    }
    return result;
}

bool isCatchAll(const dataplane::RouteMatch &match)
{
    const bool everyPath = (match.pathKind == dataplane::RouteMatch::PathKind::Prefix && match.path == "/") ||
                           (match.pathKind == dataplane::RouteMatch::PathKind::Regex &&
                            (match.path == ".*" || match.path == "*"));
    return everyPath && match.headers.empty() && match.queryParameters.empty() &&
           match.dynamicMetadata.empty();
}

} // namespace sallyport::compile
