// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include "core/dataplane/path_normalization.h"
#include "core/explain/match_reason.h"

#include <algorithm>
#include <set>

namespace sallyport::explain {

namespace {

using dataplane::CompiledRoute;
using dataplane::VirtualHost;

/// A random number that runtime fractions read as "not", unless they are full: the opposite of 0.
constexpr std::uint64_t unlucky = 999'999;

std::string routeText(const dataplane::Route &route)
{
    return route.name.empty() ? "a route without name" : "route " + route.name;
}

/// Routes of the host before `until`; all of them if there is none.
std::vector<const dataplane::Route *> routesBefore(const VirtualHost &host, const dataplane::Route *until)
{
    std::vector<const dataplane::Route *> routes;
    for (const dataplane::Route &route : host.routes) {
        if (&route == until)
            break;
        routes.push_back(&route);
    }
    return routes;
}

void nameVirtualHosts(const dataplane::RouteConfiguration &routes, Step &step)
{
    std::string known;
    for (const VirtualHost &host : routes.virtualHosts) {
        for (const std::string &domain : host.domains)
            known += (known.empty() ? "" : ", ") + domain;
    }
    step.why.push_back("known names: " + (known.empty() ? "none" : known));
}

/// The heaviest of the clusters, a random number that falls on it, and its share.
struct Pick
{
    std::uint64_t random = 0;
    double share = 1;
};
Pick heaviest(const dataplane::RouteAction &action)
{
    std::uint64_t total = 0;
    std::uint64_t start = 0;
    const dataplane::WeightedCluster *best = nullptr;
    for (const dataplane::WeightedCluster &cluster : action.weightedClusters) {
        if (best == nullptr || cluster.weight > best->weight) {
            best = &cluster;
            start = total;
        }
        total += cluster.weight;
    }
    if (best == nullptr || total == 0)
        return {};
    return {start, static_cast<double>(best->weight) / static_cast<double>(total)};
}

} // namespace

std::string Walk::Stream::clusterName() const
{
    if (weighted != nullptr)
        return !weighted->name.empty() ? weighted->name : request.get(lowered(weighted->clusterHeader));
    if (route == nullptr || route->action() == nullptr)
        return {};
    return !route->action()->clusterHeader.empty() ? request.get(lowered(route->action()->clusterHeader))
                                                   : route->action()->cluster;
}

KnownAttributes Walk::Stream::attributes() const
{
    KnownAttributes::Place place;
    place.http2 = http2;
    place.filterChain = connection.filterChain;
    if (route != nullptr) {
        place.route = route->route().name;
        place.virtualHost = route->host().name;
        if (const std::string name = clusterName(); proxy.findCluster(name) != nullptr)
            place.cluster = name;
    }
    return {request, connection.facts, std::move(place)};
}

Reply Walk::local(HopIndex hop, int status, const std::string &body, const std::string &details,
                  const std::string &flags)
{
    LogLine &log = m_explanation.hops[hop].log;
    log.status = status;
    log.details = details;
    log.flags = flags;
    Reply reply;
    reply.status = status;
    reply.body = body;
    reply.bodyKnown = true;
    reply.details = details;
    reply.flags = flags;
    reply.decidedBy = m_explanation.hops[hop].proxy;
    return reply;
}

void Walk::findRoute(Stream &stream)
{
    const VirtualHost *host = nullptr;
    stream.route = stream.routes->find(stream.request, 0, &host);
    const CompiledRoute *other = stream.routes->find(stream.request, unlucky, nullptr);
    if (other != stream.route) {
        const CompiledRoute *chance = stream.route;
        const auto &fraction = chance->route().match.runtimeFraction;
        const double share = fraction && fraction->defaultValue
                                 ? static_cast<double>(fraction->defaultValue->numerator) /
                                       fraction->defaultValue->denominatorValue()
                                 : 1;
        if (share < 0.5)
            stream.route = other;
        Step &step = add(stream.hop, "route", Mark::Uncertain,
                         routeText(chance->route()) + " takes " + percentText(share) + " of such requests");
        step.why.push_back("followed: " + (stream.route == nullptr ? std::string("no route")
                                                                   : routeText(stream.route->route())));
        takeChance(std::max(share, 1 - share));
    }
    tellRoute(stream, host);
    if (stream.route == nullptr)
        return;
    LogLine &log = m_explanation.hops[stream.hop].log;
    log.route = stream.route->route().name;
    if (const dataplane::RouteAction *action = stream.route->action()) {
        const Pick pick = heaviest(*action);
        stream.weighted = stream.route->weighted(pick.random);
        if (action->weightedClusters.size() > 1) {
            Step &step = add(stream.hop, "route", Mark::Uncertain,
                             "chance chooses among " + std::to_string(action->weightedClusters.size()) +
                                 " destinations by weight");
            for (const dataplane::WeightedCluster &cluster : action->weightedClusters)
                step.why.push_back(
                    (&cluster == stream.weighted ? "followed: " : "  ") + cluster.name + ", " +
                    percentText(cluster.weight * pick.share / std::max(1U, stream.weighted->weight)));
            takeChance(pick.share);
        }
    }
    // What a route names and nobody has is not logged.
    if (const std::string name = stream.clusterName(); stream.proxy.findCluster(name) != nullptr)
        log.cluster = name;
}

void Walk::tellRoute(Stream &stream, const VirtualHost *host)
{
    const dataplane::RouteConfiguration &routes = stream.routes->configuration();
    const std::string in = "route configuration " + (routes.name.empty() ? "(unnamed)" : routes.name);
    const std::string authority(stream.request.authority());
    if (host == nullptr) {
        Step &step =
            add(stream.hop, "virtual-host", Mark::Refused, "no virtual host is called " + authority, in);
        step.reason = "no-virtual-host";
        nameVirtualHosts(routes, step);
        return;
    }
    const std::vector<Source> sources = m_origins.ofVirtualHost(stream.proxy, routes, *host);
    add(stream.hop, "virtual-host", Mark::Passed, "virtual host " + host->name, in, sources).why = {
        domainOf(routes, *host, authority)};
    if (host->name == "block_all")
        m_explanation.hops[stream.hop].steps.back().why.emplace_back(
            "outboundTrafficPolicy is REGISTRY_ONLY: what no Service and no ServiceEntry has is blocked");
    const dataplane::Route *found = stream.route == nullptr ? nullptr : &stream.route->route();
    Step &step = add(stream.hop, "route", found == nullptr ? Mark::Refused : Mark::Passed,
                     found == nullptr ? "no route of " + host->name + " takes the request"
                                      : routeText(*found) + ": " + describe(found->match),
                     "virtual host " + host->name,
                     found == nullptr ? sources : m_origins.ofRoute(stream.proxy, *found));
    if (found == nullptr)
        step.reason = host->routes.empty() ? "no-virtual-host" : "no-route";
    const bool redirects = found != nullptr && host->requireTls != VirtualHost::TlsRequirement::None &&
                           std::none_of(host->routes.begin(), host->routes.end(),
                                        [found](const dataplane::Route &route) { return &route == found; });
    if (redirects) {
        step.decision = "the host wants TLS, and the request came without";
        step.sources = sources;
        return;
    }
    for (const dataplane::Route *earlier : routesBefore(*host, found)) {
        const std::vector<std::string> reasons = unmet(*earlier, *host, routes, stream.request);
        for (const std::string &reason : reasons)
            step.why.push_back((found == nullptr ? "" : "before it: ") + routeText(*earlier) + ' ' + reason);
    }
    if (found == nullptr && host->routes.empty())
        step.why.emplace_back("it has none: no VirtualService binds this gateway and host");
}

Reply Walk::serve(HopIndex hop, const Proxy &proxy, const dataplane::HttpConnectionManager &manager,
                  Connection &connection, Wire wire)
{
    LogLine &log = m_explanation.hops[hop].log;
    log.written = !manager.accessLogs.empty();
    using Codec = dataplane::HttpConnectionManager::Codec;
    const bool codecMismatch = wire.http2 ? manager.codec == Codec::Http1 : manager.codec == Codec::Http2;
    if (!wire.layers.empty() || codecMismatch) {
        add(hop, "connection", Mark::Refused,
            wire.layers.empty() ? "the connection manager speaks another version of HTTP"
                                : "the connection manager reads HTTP, and gets a TLS ClientHello")
            .reason = wire.layers.empty() ? "http-version" : "tls-to-plaintext";
        Reply reply = local(hop, 400, "Bad Request", "http1.codec_error", "DPE");
        if (!wire.layers.empty()) {
            reply.end = Reply::End::TlsFailed;
            reply.layer = wire.layers.front().get();
            reply.failure = notTls();
        }
        return reply;
    }
    CarriedRequest &request = wire.request;
    if (!wire.http2 && !manager.http1.allowCustomMethods && !isKnownMethod(request.method())) {
        add(hop, "connection", Mark::Refused,
            "HTTP/1.1 has no method " + std::string(request.method()) + " that Envoy knows")
            .reason = "method-unknown";
        return local(hop, 400, "Bad Request", "http1.codec_error", "DPE");
    }
    std::string path(request.path());
    const dataplane::PathOutcome outcome = dataplane::normalizePath(path, manager);
    if (path != request.path())
        add(hop, "path", Mark::Passed, "the path " + std::string(request.path()) + " becomes " + path, {},
            m_origins.ofMeshConfig(proxy));
    if (outcome == dataplane::PathOutcome::Rejected) {
        add(hop, "path", Mark::Refused, "the path " + std::string(request.path()) + " has no canonical form")
            .reason = "path-invalid";
        return local(hop, 400, {}, "path_normalization_failed");
    }
    request.setPath(path);
    if (outcome == dataplane::PathOutcome::Redirected) {
        add(hop, "path", Mark::Answered, "the client is sent to the canonical path");
        Reply reply = local(hop, 307, {}, "path_normalization_redirect");
        reply.location = path;
        return reply;
    }
    const ArrivedOn on{wire.source, connection.facts.localPort, connection.facts.tls, wire.http2,
                       connection.clientCert};
    connection.facts.remoteIp = dataplane::IpAddress::parse(arrive(request, manager, on));
    Stream stream{hop,
                  proxy,
                  manager,
                  connection,
                  request,
                  wire.http2,
                  dataplane::CompiledRoutes::compile(manager.routes)};
    findRoute(stream);
    for (const dataplane::HttpFilter &each : manager.filters) {
        if (each.disabled)
            continue;
        if (auto ended = filter(stream, each))
            return *ended;
    }
    Wire onward = wire;
    return routeOn(stream, std::move(onward));
}

Reply Walk::direct(Stream &stream)
{
    const CompiledRoute &route = *stream.route;
    if (route.redirect() != nullptr) {
        const std::string location = route.redirectLocation(stream.request);
        const int status = static_cast<int>(route.redirect()->responseCode);
        add(stream.hop, "redirect", Mark::Answered, std::to_string(status) + " to " + location, {},
            m_origins.ofRoute(stream.proxy, route.route()));
        Reply reply = local(stream.hop, status, {}, "direct_response");
        reply.location = location;
        return reply;
    }
    const dataplane::DirectResponseAction &answer = *route.direct();
    const int status = static_cast<int>(answer.status);
    std::vector<Source> sources = m_origins.ofRoute(stream.proxy, route.route());
    if (sources.empty())
        sources = m_origins.ofVirtualHost(stream.proxy, route.configuration(), route.host());
    add(stream.hop, "direct-response", Mark::Answered,
        "the proxy answers " + std::to_string(status) + " itself", routeText(route.route()), sources);
    return local(stream.hop, status,
                 answer.body.inlineString.value_or(answer.body.inlineBytes.value_or(std::string())),
                 "direct_response");
}

void Walk::changeRequest(Stream &stream)
{
    const CompiledRoute &route = *stream.route;
    CarriedRequest &request = stream.request;
    const std::vector<Source> sources = m_origins.ofRoute(stream.proxy, route.route());
    std::vector<const dataplane::HeaderMutations *> levels = {
        stream.weighted == nullptr ? nullptr : &stream.weighted->headers, &route.route().headers,
        &route.host().headers, &route.configuration().headers};
    if (route.configuration().mostSpecificHeaderMutationsWins)
        std::reverse(levels.begin(), levels.end());
    bool changed = false;
    for (const dataplane::HeaderMutations *level : levels)
        changed = (level != nullptr && request.apply(level->requestAdd, level->requestRemove)) || changed;
    if (changed)
        add(stream.hop, "rewrite", Mark::Passed, "request headers are changed", routeText(route.route()),
            sources);
    const auto host = stream.weighted != nullptr && !stream.weighted->hostRewriteLiteral.empty()
                          ? std::optional(stream.weighted->hostRewriteLiteral)
                          : route.rewrittenHost(request);
    if (host && *host != request.authority()) {
        add(stream.hop, "rewrite", Mark::Passed,
            "the Host " + std::string(request.authority()) + " becomes " + *host, routeText(route.route()),
            sources);
        request.set("x-envoy-original-host", std::string(request.authority()));
        request.setAuthority(*host);
    }
    const std::string before(request.path());
    if (const auto path = route.rewrittenPath(before); path && *path != before) {
        add(stream.hop, "rewrite", Mark::Passed, "the path " + before + " becomes " + *path,
            routeText(route.route()), sources);
        request.set("x-envoy-original-path", before);
        request.setPath(*path);
    }
}

Reply Walk::routeOn(Stream &stream, Wire wire)
{
    if (stream.route == nullptr) {
        return local(stream.hop, 404, {}, "route_not_found", "NR");
    }
    const dataplane::RouteAction *action = stream.route->action();
    if (action == nullptr)
        return direct(stream);
    const std::string name = stream.clusterName();
    const dataplane::Cluster *cluster = stream.proxy.findCluster(name);
    if (cluster == nullptr) {
        Step &step = add(stream.hop, "cluster", Mark::Refused, "there is no cluster " + name,
                         "cluster " + name, m_origins.ofRoute(stream.proxy, stream.route->route()));
        step.reason = "no-cluster";
        if (const std::string why = m_origins.whyNoCluster(stream.proxy, name); !why.empty())
            step.why.push_back(why);
        return local(stream.hop, static_cast<int>(action->clusterNotFoundStatus), {}, "cluster_not_found",
                     "NC");
    }
    add(stream.hop, "cluster", Mark::Passed, "it goes to " + name, "cluster " + name,
        m_origins.ofCluster(stream.proxy, *cluster));
    for (const dataplane::MirrorPolicy &mirror :
         dataplane::mirrorsOf(*action, stream.route->host(), stream.route->configuration())) {
        const bool whole = !mirror.fraction || !mirror.fraction->defaultValue;
        const double share = whole ? 1
                                   : static_cast<double>(mirror.fraction->defaultValue->numerator) /
                                         mirror.fraction->defaultValue->denominatorValue();
        add(stream.hop, "mirror", Mark::Note,
            percentText(share) + " of such requests are also sent to " + mirror.cluster +
                ", whose answer nobody waits for",
            "cluster " + mirror.cluster, m_origins.ofRoute(stream.proxy, stream.route->route()));
    }
    Way way;
    way.cluster = cluster;
    way.alpn = stream.alpn;
    way.http = true;
    way.highPriority = action->highPriority;
    if (wire.intercepted)
        way.original = wire.destination;
    // By the Host that came, whatever the route makes of it.
    if (cluster->type == dataplane::Cluster::Type::DynamicForwardProxy) {
        if (auto ended = lookUp(stream, *cluster, way))
            return *ended;
    }
    if (auto ended = turnAway(stream, *cluster))
        return *ended;
    changeRequest(stream);
    wire.request = stream.request;
    return attempt(stream, way, wire);
}

} // namespace sallyport::explain
