// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/route_matcher.h"

#include "core/dataplane/regular_expression.h"
#include "core/result/ascii_case.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sallyport::dataplane {

namespace {

using PathKind = RouteMatch::PathKind;

/// Where the port of `host:port` or `[v6]:port` begins, the colon included; npos without one.
std::size_t portStart(std::string_view authority)
{
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == authority.size())
        return std::string_view::npos;
    const std::size_t bracket = authority.rfind(']');
    if (bracket != std::string_view::npos && bracket > colon)
        return std::string_view::npos;
    const std::string_view digits = authority.substr(colon + 1);
    return std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c); })
               ? colon
               : std::string_view::npos;
}

CompiledString pathMatcher(const RouteMatch &match)
{
    StringMatcher matcher;
    matcher.value = match.path;
    matcher.ignoreCase = !match.caseSensitive;
    matcher.kind = match.pathKind == PathKind::Path    ? StringMatchKind::Exact
                   : match.pathKind == PathKind::Regex ? StringMatchKind::Regex
                                                       : StringMatchKind::Prefix;
    return CompiledString(matcher);
}

std::shared_ptr<const re2::RE2> compile(const std::optional<RegexRewrite> &rewrite)
{
    return rewrite ? std::make_shared<const re2::RE2>(rewrite->pattern, byBytes()) : nullptr;
}

std::string substituted(std::string_view text, const re2::RE2 &regex, const std::string &substitution)
{
    std::string out(text);
    re2::RE2::GlobalReplace(&out, regex, substitution);
    return out;
}

/// The query stays. A path can't become nothing: then none is given (Envoy 1.40).
std::optional<std::string> pathSubstituted(std::string_view path, const re2::RE2 &regex,
                                           const std::string &substitution)
{
    const std::string_view bare = pathOnly(path);
    const std::string rewritten = substituted(bare, regex, substitution);
    return rewritten.empty() ? std::nullopt
                             : std::optional(rewritten + std::string(path.substr(bare.size())));
}

/// The path as ignore_path_parameters_in_path_matching compares it: no segment keeps what follows its `;`.
std::string pathWithoutParameters(std::string_view path)
{
    std::string out;
    bool parameters = false;
    for (const char c : path) {
        parameters = c == ';' || (parameters && c != '/');
        if (!parameters)
            out += c;
    }
    return out;
}

bool isGrpc(std::string_view contentType)
{
    constexpr std::string_view grpc = "application/grpc";
    return contentType.starts_with(grpc) &&
           (contentType.size() == grpc.size() || contentType[grpc.size()] == '+');
}

/// What a virtual host with require_tls answers requests that came without TLS
/// (envoy:source/common/router/config_impl.cc, SslRedirector).
const Route &routeToTls()
{
    static const Route route = [] {
        Route made;
        made.action = RedirectAction();
        return made;
    }();
    return route;
}

bool lacksRequiredTls(const RequestView &request, VirtualHost::TlsRequirement required)
{
    std::string scratch;
    if (request.header("x-forwarded-proto", scratch) == std::optional<std::string_view>("https"))
        return false;
    return required == VirtualHost::TlsRequirement::All ||
           request.header("x-envoy-internal", scratch) != std::optional<std::string_view>("true");
}

} // namespace

CompiledRoute::CompiledRoute(const Route &route, const VirtualHost &host, const RouteConfiguration &routes)
    : m_route(&route)
    , m_host(&host)
    , m_configuration(&routes)
    , m_path(pathMatcher(route.match))
    , m_headers(compileHeaders(route.match.headers))
    , m_queryParameters(route.match.queryParameters.begin(), route.match.queryParameters.end())
    , m_metadata(route.match.dynamicMetadata.begin(), route.match.dynamicMetadata.end())
    , m_cookies(route.match.cookies)
{
    if (route.match.pathKind == PathKind::Template)
        m_template.emplace(route.match.path);
    if (const RouteAction *routeAction = action()) {
        m_rewrite = compile(routeAction->regexRewrite);
        m_hostRewrite = compile(routeAction->hostRewritePathRegex);
        for (const WeightedCluster &cluster : routeAction->weightedClusters)
            m_totalWeight += cluster.weight;
    } else if (const RedirectAction *redirectAction = redirect()) {
        m_rewrite = compile(redirectAction->regexRewrite);
    }
}

bool CompiledRoute::pathMatches(std::string_view path, const RequestView &request) const
{
    if (m_route->match.pathKind == PathKind::Connect)
        return request.method() == "CONNECT";
    std::string withoutParameters;
    std::string_view bare = pathOnly(path);
    if (m_configuration->ignorePathParametersInPathMatching && bare.find(';') != std::string_view::npos) {
        withoutParameters = pathWithoutParameters(bare);
        bare = withoutParameters;
    }
    switch (m_route->match.pathKind) {
    case PathKind::Template:
        return m_template->matches(bare);
    case PathKind::PathSeparatedPrefix: {
        const std::size_t length = m_route->match.path.size();
        return m_path.matches(bare) && (bare.size() == length || bare[length] == '/');
    }
    default:
        return m_path.matches(bare);
    }
}

bool CompiledRoute::tlsMatches(const ConnectionFacts *connection) const
{
    const RouteMatch &match = m_route->match;
    const auto agree = [](const std::optional<bool> &wanted, bool value) {
        return !wanted || *wanted == value;
    };
    return agree(match.tlsPresented, connection != nullptr && connection->peerPresented) &&
           agree(match.tlsValidated, connection != nullptr && connection->peerValidated);
}

bool CompiledRoute::matches(const RequestView &request, std::uint64_t random) const
{
    // What has no path (CONNECT) is for those who ask for just that, even where nothing matches anything.
    if (request.path().empty() && m_route->match.pathKind != PathKind::Connect)
        return false;
    if (!pathMatches(request.path(), request))
        return false;
    if (const auto &fraction = m_route->match.runtimeFraction; fraction && fraction->defaultValue) {
        if (random % fraction->defaultValue->denominatorValue() >= fraction->defaultValue->numerator)
            return false;
    }
    if (!m_headers.empty() && !allMatch(m_headers, request))
        return false;
    if (m_route->match.grpc) {
        std::string scratch;
        if (!isGrpc(request.header("content-type", scratch).value_or(std::string_view())))
            return false;
    }
    if (!m_cookies.match(request) || !tlsMatches(request.connection()))
        return false;
    const std::string_view path = request.path();
    return std::all_of(m_queryParameters.begin(), m_queryParameters.end(),
                       [&](const CompiledQueryParameter &parameter) { return parameter.matches(path); }) &&
           std::all_of(m_metadata.begin(), m_metadata.end(), [&](const CompiledMetadata &metadata) {
               return metadata.matches(request.metadata());
           });
}

std::string CompiledRoute::prefixReplaced(std::string_view path, const std::string &replacement) const
{
    const std::string_view bare = pathOnly(path);
    std::size_t matched = m_route->match.path.size();
    if (m_route->match.pathKind == PathKind::Regex || m_route->match.pathKind == PathKind::Path ||
        m_route->match.pathKind == PathKind::Template)
        matched = bare.size();
    return replacement + std::string(path.substr(std::min(matched, path.size())));
}

std::optional<std::string> CompiledRoute::rewrittenPath(std::string_view path) const
{
    const RouteAction *routeAction = action();
    if (!routeAction)
        return std::nullopt;
    if (!routeAction->prefixRewrite.empty())
        return prefixReplaced(path, routeAction->prefixRewrite);
    if (!m_rewrite && !m_template)
        return std::nullopt;
    if (m_rewrite)
        return pathSubstituted(path, *m_rewrite, routeAction->regexRewrite->substitution);
    const std::string_view bare = pathOnly(path);
    const std::string rest(path.substr(bare.size()));
    if (routeAction->pathTemplateRewrite && m_template) {
        if (std::optional<std::string> rewritten =
                m_template->rewritten(bare, *routeAction->pathTemplateRewrite))
            return *rewritten + rest;
    }
    return std::nullopt;
}

std::optional<std::string> CompiledRoute::rewrittenHost(const RequestView &request) const
{
    const RouteAction *routeAction = action();
    if (!routeAction)
        return std::nullopt;
    if (!routeAction->hostRewriteLiteral.empty())
        return routeAction->hostRewriteLiteral;
    if (!routeAction->hostRewriteHeader.empty()) {
        std::string scratch;
        const std::string name = asciiLowered(routeAction->hostRewriteHeader);
        std::optional<std::string_view> value = request.header(name, scratch);
        // Of several lines the first.
        request.anyOfSeveral(name, [&value](std::string_view line) {
            value = line;
            return true;
        });
        return value && !value->empty() ? std::optional<std::string>(*value) : std::nullopt;
    }
    if (m_hostRewrite)
        return substituted(pathOnly(request.path()), *m_hostRewrite,
                           routeAction->hostRewritePathRegex->substitution);
    return std::nullopt;
}

std::optional<std::string> CompiledRoute::redirectedPath(std::string_view path) const
{
    const RedirectAction *target = redirect();
    if (!target)
        return std::nullopt;
    if (!target->prefixRewrite.empty())
        return prefixReplaced(path, target->prefixRewrite);
    if (!m_rewrite)
        return std::nullopt;
    return pathSubstituted(path, *m_rewrite, target->regexRewrite->substitution);
}

std::string CompiledRoute::redirectLocation(const RequestView &request) const
{
    if (m_route == &routeToTls())
        return "https://" + std::string(request.authority()) + std::string(request.path());
    const RedirectAction *target = redirect();
    // What was really spoken says whose own port it is.
    std::string scratch;
    const std::string spoken(request.header("x-forwarded-proto", scratch).value_or(request.scheme()));
    const std::string scheme = target->httpsRedirect             ? "https"
                               : !target->schemeRedirect.empty() ? target->schemeRedirect
                                                                 : std::string(request.scheme());
    std::string_view authority = request.authority();
    std::string port = target->portRedirect != 0 ? ':' + std::to_string(target->portRedirect) : std::string();
    const std::size_t ownPort = portStart(authority);
    std::string host;
    if (!target->hostRedirect.empty()) {
        host = target->hostRedirect;
    } else {
        host = std::string(authority.substr(0, ownPort));
        if (port.empty() && ownPort != std::string_view::npos) {
            // A port that was the scheme's own does not go over to another scheme.
            const std::string_view given = authority.substr(ownPort);
            const bool wasDefault = given == (spoken == "https" ? ":443" : ":80");
            if (!(wasDefault && scheme != spoken))
                port = given;
        }
    }
    const std::string_view path = request.path();
    std::string newPath;
    if (!target->pathRedirect.empty()) {
        newPath = target->pathRedirect;
        // A path with a query of its own drops the request's.
        if (newPath.find('?') == std::string::npos && path.find('?') != std::string_view::npos)
            newPath += path.substr(path.find('?'));
    } else {
        newPath = redirectedPath(path).value_or(std::string(path));
    }
    // What is no path becomes one, lest it belong to the host's name.
    if (!newPath.starts_with('/'))
        newPath.insert(0, 1, '/');
    // The query is cut from what came of the path.
    if (target->stripQuery && target->pathRedirect.find('?') == std::string::npos)
        newPath.resize(std::min(newPath.find('?'), newPath.size()));
    return scheme + "://" + host + port + newPath;
}

std::optional<std::uint64_t> CompiledRoute::weightOf(const RequestView &request) const
{
    const RouteAction *routeAction = action();
    if (!routeAction || routeAction->weightHeader.empty())
        return std::nullopt;
    std::string scratch;
    std::uint64_t told = 0;
    const std::string_view text =
        request.header(asciiLowered(routeAction->weightHeader), scratch).value_or(std::string_view());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), told);
    const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(told) : std::nullopt;
}

const WeightedCluster *CompiledRoute::weighted(std::uint64_t random) const
{
    const RouteAction *routeAction = action();
    if (!routeAction || routeAction->weightedClusters.empty() || m_totalWeight == 0)
        return nullptr;
    std::uint64_t left = random % m_totalWeight;
    for (const WeightedCluster &cluster : routeAction->weightedClusters) {
        if (left < cluster.weight)
            return &cluster;
        left -= cluster.weight;
    }
    return &routeAction->weightedClusters.back();
}

CompiledRoutes::CompiledRoutes(RouteConfiguration configuration)
    : m_configuration(std::move(configuration))
    , m_hosts(m_configuration, m_configuration.ignorePortInHostMatching)
{
    m_routes.reserve(m_configuration.virtualHosts.size());
    m_toTls.resize(m_configuration.virtualHosts.size());
    for (const VirtualHost &host : m_configuration.virtualHosts) {
        std::vector<CompiledRoute> &routes = m_routes.emplace_back();
        routes.reserve(host.routes.size());
        for (const Route &route : host.routes) {
            routes.emplace_back(route, host, m_configuration);
            m_asksForTls = m_asksForTls || route.match.tlsPresented || route.match.tlsValidated;
        }
        if (host.requireTls != VirtualHost::TlsRequirement::None)
            m_toTls[m_routes.size() - 1].emplace(routeToTls(), host, m_configuration);
    }
}

std::shared_ptr<const CompiledRoutes> CompiledRoutes::compile(RouteConfiguration configuration)
{
    return std::shared_ptr<const CompiledRoutes>(new CompiledRoutes(std::move(configuration)));
}

const VirtualHost *CompiledRoutes::findHost(std::string_view authority) const
{
    const int index = m_hosts.find(authority);
    return index < 0 ? nullptr : &m_configuration.virtualHosts[static_cast<std::size_t>(index)];
}

const CompiledRoute *CompiledRoutes::find(const RequestView &request, std::uint64_t random,
                                          const VirtualHost **host) const
{
    const int index = m_hosts.find(request.authority());
    if (index < 0)
        return nullptr;
    if (host)
        *host = &m_configuration.virtualHosts[static_cast<std::size_t>(index)];
    // Who does not know how the client came finds nothing.
    std::string scratch;
    if (request.header("x-forwarded-proto", scratch) == std::optional<std::string_view>(""))
        return nullptr;
    const std::optional<CompiledRoute> &toTls = m_toTls[static_cast<std::size_t>(index)];
    if (toTls && lacksRequiredTls(request, toTls->host().requireTls))
        return &*toTls;
    for (const CompiledRoute &route : m_routes[static_cast<std::size_t>(index)]) {
        if (route.matches(request, random))
            return &route;
    }
    return nullptr;
}

} // namespace sallyport::dataplane
