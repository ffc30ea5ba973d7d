// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/http_routes.h"

#include "core/compile/config_path.h"
#include "core/compile/names.h"
#include "core/compile/retry_policy.h"
#include "core/compile/route_filters.h"
#include "core/compile/route_match.h"
#include "core/compile/traffic_policy.h"

#include <algorithm>
#include <strings.h>

namespace sallyport::compile {

namespace {

bool isHostHeader(const std::string &name)
{
    return ::strcasecmp(name.c_str(), "host") == 0 || name == ":authority";
}

/// Adds Istio's header operations: set before add, each by name. A Host among them is a rewrite of the
/// authority.
void addHeaders(dataplane::HeaderMutations &mutations, std::string &authority, const model::Headers &headers)
{
    using Action = dataplane::HeaderAppendAction;
    const auto add = [](std::vector<dataplane::HeaderValueOption> &list,
                        const std::map<std::string, std::string> &values, Action action, std::string *host) {
        for (const auto &[name, value] : values) {
            if (host && isHostHeader(name)) {
                *host = value;
                continue;
            }
            dataplane::HeaderValueOption option;
            option.key = name;
            option.value = value;
            option.action = action;
            list.push_back(std::move(option));
        }
    };
    add(mutations.requestAdd, headers.request.set, Action::OverwriteIfExistsOrAdd, &authority);
    add(mutations.requestAdd, headers.request.add, Action::AppendIfExistsOrAdd, &authority);
    add(mutations.responseAdd, headers.response.set, Action::OverwriteIfExistsOrAdd, nullptr);
    add(mutations.responseAdd, headers.response.add, Action::AppendIfExistsOrAdd, nullptr);
    mutations.requestRemove.insert(mutations.requestRemove.end(), headers.request.remove.begin(),
                                   headers.request.remove.end());
    mutations.responseRemove.insert(mutations.responseRemove.end(), headers.response.remove.begin(),
                                    headers.response.remove.end());
}

dataplane::RedirectAction redirectAction(const model::HttpRedirect &source, const RouteTarget &target)
{
    dataplane::RedirectAction action;
    action.hostRedirect = source.authority;
    action.schemeRedirect = source.scheme;
    action.pathRedirect = source.uri;
    action.prefixRewrite = source.prefixRewrite;
    const std::string scheme = !source.scheme.empty() ? source.scheme : target.tls ? "https" : "http";
    action.portRedirect = source.port;
    if (source.derivePort == model::HttpRedirect::DerivePort::RequestPort)
        action.portRedirect = target.port;
    if ((action.portRedirect == 80 && scheme == "http") || (action.portRedirect == 443 && scheme == "https"))
        action.portRedirect = 0;
    if (source.redirectCode != 0)
        action.responseCode = source.redirectCode;
    return action;
}

bool isRedirectCode(std::uint32_t code)
{
    return code == 0 || code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

std::vector<dataplane::HashPolicy> hashPoliciesOf(const ProxyContext &proxy,
                                                  const model::Destination &destination)
{
    const Service *service = proxy.scope.find(destination.host);
    if (!service)
        return {};
    return hashPolicies(destinationHash(proxy.ruleFor(*service), destination.port, destination.subset));
}

/// Decides where the request goes. `authority` is the Host that the route's own header operations set.
void addDestinations(const ProxyContext &proxy, const model::HttpRoute &source, const RouteTarget &target,
                     dataplane::Route &route, dataplane::RouteAction &action, const std::string &authority)
{
    action.hostRewriteLiteral = authority;
    for (const model::RouteDestination &destination : source.route) {
        if (source.route.size() > 1 && destination.weight == 0)
            continue;
        for (dataplane::HashPolicy &policy : hashPoliciesOf(proxy, destination.destination))
            action.hashPolicies.push_back(std::move(policy));
        const std::string cluster = destinationCluster(proxy, destination.destination, target.port);
        std::string ownAuthority;
        if (source.route.size() == 1) {
            action.cluster = cluster;
            addHeaders(route.headers, ownAuthority, destination.headers);
            if (action.hostRewriteLiteral.empty())
                action.hostRewriteLiteral = ownAuthority;
            return;
        }
        dataplane::WeightedCluster weighted;
        weighted.name = cluster;
        weighted.weight = static_cast<std::uint32_t>(std::max(0, destination.weight));
        addHeaders(weighted.headers, ownAuthority, destination.headers);
        if (action.hostRewriteLiteral.empty())
            weighted.hostRewriteLiteral = ownAuthority;
        action.weightedClusters.push_back(std::move(weighted));
    }
}

void addMirrors(const ProxyContext &proxy, const model::HttpRoute &source, const RouteTarget &target,
                dataplane::RouteAction &action)
{
    for (const model::HttpMirror &mirror : source.mirrors) {
        const double percentage = mirror.percentage.value_or(100);
        if (percentage <= 0)
            continue;
        dataplane::MirrorPolicy policy;
        policy.cluster = destinationCluster(proxy, mirror.destination, target.port);
        policy.fraction.emplace().defaultValue = fractionalPercent(percentage);
        policy.disableShadowHostSuffix = true;
        action.mirrors.push_back(std::move(policy));
    }
}

/// `host:port/path*`: istiod's name for a trace of this route.
std::string decoratorOperation(const dataplane::Route &route, const model::VirtualService &service,
                               std::uint32_t port)
{
    std::string path = route.match.path;
    if (route.match.pathKind == dataplane::RouteMatch::PathKind::Prefix)
        path += '*';
    if (const auto *action = std::get_if<dataplane::RouteAction>(&route.action);
        action && !action->cluster.empty()) {
        // outbound|PORT|SUBSET|HOST
        const std::string &name = action->cluster;
        const std::size_t first = name.find('|');
        const std::size_t second = name.find('|', first + 1);
        return name.substr(name.rfind('|') + 1) + ':' + name.substr(first + 1, second - first - 1) + path;
    }
    return service.metadata.name + ':' + std::to_string(port) + path;
}

std::optional<dataplane::Route> makeRoute(const ProxyContext &proxy, const model::VirtualService &service,
                                          const model::HttpRoute &source, const model::HttpMatch *match,
                                          const RouteTarget &target)
{
    if (match) {
        if (match->port != 0 && match->port != target.port)
            return std::nullopt;
        if (!matchesProxy(match->gateways, match->sourceLabels, match->sourceNamespace, target.gateways,
                          proxy.instance.labels, proxy.instance.nameSpace))
            return std::nullopt;
    }
    dataplane::Route route;
    route.name = source.name;
    if (match && !match->name.empty())
        route.name += '.' + match->name;
    if (match)
        route.statPrefix = match->statPrefix;
    route.match = routeMatch(match);
    route.metadata = configMetadata(service);
    std::string authority;
    addHeaders(route.headers, authority, source.headers);
    if (source.redirect) {
        if (!isRedirectCode(source.redirect->redirectCode)) {
            proxy.errors.push_back(
                {"Envoy has no redirect with code " + std::to_string(source.redirect->redirectCode),
                 service.place(source.fieldPath + ".redirect.redirectCode"),
                 "use 301, 302, 303, 307 or 308"});
            return std::nullopt;
        }
        route.action = redirectAction(*source.redirect, target);
    } else if (source.directResponse) {
        dataplane::DirectResponseAction action;
        action.status = source.directResponse->status;
        if (source.directResponse->body)
            action.body.inlineString = *source.directResponse->body;
        route.action = std::move(action);
    } else {
        dataplane::RouteAction action;
        bool hashed = false;
        if (source.route.size() == 1)
            hashed = !hashPoliciesOf(proxy, source.route.front().destination).empty();
        action.retryPolicy = retryPolicy(source.retries, proxy.mesh.config().defaultHttpRetryPolicy, hashed);
        action.timeout = source.timeout.value_or(dataplane::Duration::zero());
        action.maxGrpcTimeout = action.timeout;
        if (source.rewrite) {
            action.appendXForwardedHost = proxy.config.proxyHeaders.xForwardedHost;
            if (!source.rewrite->regexMatch.empty())
                action.regexRewrite =
                    dataplane::RegexRewrite{source.rewrite->regexMatch, source.rewrite->regexRewrite};
            else
                action.prefixRewrite = source.rewrite->uri;
            if (!source.rewrite->authority.empty())
                authority = source.rewrite->authority;
        }
        addDestinations(proxy, source, target, route, action, authority);
        addMirrors(proxy, source, target, action);
        route.action = std::move(action);
    }
    route.decoratorOperation = decoratorOperation(route, service, target.port);
    if (source.fault)
        route.perFilter[names::faultFilter] = faultOf(*source.fault);
    if (source.cors)
        route.perFilter[names::corsFilter] = corsOf(*source.cors);
    return route;
}

} // namespace

std::string destinationCluster(const model::Destination &destination, const Service *service,
                               std::uint32_t listenerPort)
{
    std::uint32_t port = listenerPort;
    if (destination.port != 0)
        port = destination.port;
    else if (service && service->ports.size() == 1)
        port = service->ports.front().number;
    // Another name leads where the name that it stands for does.
    const bool alias = service && service->resolution == Resolution::Alias;
    return names::outbound(port, destination.subset, alias ? service->aliasFor : destination.host);
}

std::string destinationCluster(const ProxyContext &proxy, const model::Destination &destination,
                               std::uint32_t listenerPort)
{
    const Service *service = proxy.scope.find(destination.host);
    // Routes of a sidecar know the services of their own port only.
    const bool known = service && (proxy.isGateway() || service->port(listenerPort));
    if (!known)
        service = nullptr;
    if (service && !proxy.isGateway() && destination.port == 0) {
        model::Destination exact = destination;
        exact.port = listenerPort;
        return destinationCluster(exact, service, listenerPort);
    }
    return destinationCluster(destination, service, listenerPort);
}

dataplane::RouteAction routeTo(const std::string &cluster)
{
    dataplane::RouteAction action;
    action.cluster = cluster;
    action.timeout = dataplane::Duration::zero();
    action.maxGrpcTimeout = dataplane::Duration::zero();
    return action;
}

dataplane::Route defaultRoute(const ProxyContext &proxy, const Service &service, std::uint32_t port)
{
    dataplane::Route route;
    route.name = "default";
    route.match = routeMatch(nullptr);
    dataplane::RouteAction action = routeTo(names::outbound(port, {}, service.hostname));
    action.hashPolicies = hashPolicies(defaultRouteHash(proxy.ruleFor(service), port));
    // Only a VirtualService's route keeps a retry on the host that the hash chose.
    action.retryPolicy = retryPolicy(std::nullopt, proxy.mesh.config().defaultHttpRetryPolicy, false);
    route.action = std::move(action);
    route.decoratorOperation = service.hostname + ':' + std::to_string(port) + "/*";
    return route;
}

std::vector<dataplane::Route> httpRoutes(const ProxyContext &proxy, const model::VirtualService &service,
                                         const RouteTarget &target)
{
    std::vector<dataplane::Route> routes;
    for (const model::HttpRoute &source : service.http) {
        if (source.match.empty()) {
            if (auto route = makeRoute(proxy, service, source, nullptr, target))
                routes.push_back(std::move(*route));
            return routes;
        }
        for (const model::HttpMatch &match : source.match) {
            auto route = makeRoute(proxy, service, source, &match, target);
            if (!route)
                continue;
            routes.push_back(std::move(*route));
            if (isCatchAll(routes.back().match))
                return routes;
        }
    }
    return routes;
}

} // namespace sallyport::compile
