// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/gateway_routes.h"

#include "core/compile/connection_manager.h"
#include "core/compile/http_routes.h"
#include "core/compile/route_match.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

/// The routes that were built for a VirtualService: hosts with the same ones share them.
using RouteList = std::vector<dataplane::Route>;

struct GatewayHost
{
    dataplane::VirtualHost virtualHost;
    std::vector<const RouteList *> lists;
};

using GatewayHosts = std::map<std::string, GatewayHost>;

GatewayHost hostFor(const std::string &host, std::uint32_t port)
{
    GatewayHost result;
    result.virtualHost.name = host + ':' + std::to_string(port);
    result.virtualHost.domains = {host};
    result.virtualHost.includeRequestAttemptCount = true;
    return result;
}

/// Hosts with the same routes become domains of one virtual host, which is called by the most specific of
/// them (istiod's collapseDuplicateRoutes).
std::vector<dataplane::VirtualHost> collapsed(GatewayHosts hosts)
{
    std::vector<std::string> order;
    for (const auto &[name, host] : hosts)
        order.push_back(name);
    std::sort(order.begin(), order.end(), model::moreSpecific);
    std::vector<dataplane::VirtualHost> result;
    std::map<std::vector<const RouteList *>, std::size_t> known; // the last one with these routes
    for (const std::string &name : order) {
        GatewayHost &host = hosts.at(name);
        const auto same = known.find(host.lists);
        if (same != known.end() && result[same->second].requireTls == host.virtualHost.requireTls) {
            result[same->second].domains.push_back(name);
            continue;
        }
        known[host.lists] = result.size();
        for (const RouteList *list : host.lists)
            host.virtualHost.routes.insert(host.virtualHost.routes.end(), list->begin(), list->end());
        result.push_back(std::move(host.virtualHost));
    }
    return result;
}

} // namespace

std::vector<std::string> hostIntersection(const std::vector<std::string> &serverHosts,
                                          const std::vector<std::string> &virtualServiceHosts)
{
    std::vector<std::string> result;
    const auto add = [&result](const std::string &host) {
        if (std::find(result.begin(), result.end(), host) == result.end())
            result.push_back(host);
    };
    for (const std::string &serverHost : serverHosts) {
        for (const std::string &host : virtualServiceHosts) {
            if (model::isSubsetOf(serverHost, host))
                add(serverHost);
            else if (model::isSubsetOf(host, serverHost))
                add(host);
        }
    }
    return result;
}

dataplane::RouteConfiguration gatewayRoutes(const ProxyContext &proxy,
                                            const std::vector<const GatewayServer *> &servers)
{
    GatewayHosts hosts;
    // A Gateway's servers that came to listen on one port share the routes of the first that has the
    // VirtualService: its declared port is the one that matches are compared with.
    std::map<std::pair<std::string, const model::VirtualService *>, RouteList> built;
    for (const GatewayServer *server : servers) {
        const std::uint32_t port = server->server->portNumber;
        const bool redirects = server->server->tls && server->server->tls->httpsRedirect;
        const RouteTarget target{{server->gatewayName()}, port, server->terminatesTls()};
        for (const model::VirtualService *service : virtualServicesFor(proxy, server->gatewayName())) {
            const std::vector<std::string> names =
                hostIntersection(hostsFor(*server, service->metadata.resourceNamespace), service->hosts);
            if (names.empty())
                continue;
            const auto [entry, first] = built.try_emplace({server->gatewayName(), service});
            if (first)
                entry->second = httpRoutes(proxy, *service, target);
            if (entry->second.empty())
                continue;
            for (const std::string &name : names) {
                const std::string domain = model::lowerCase(name);
                GatewayHost &host = hosts.try_emplace(domain, hostFor(domain, port)).first->second;
                host.lists.push_back(&entry->second);
                if (redirects)
                    host.virtualHost.requireTls = dataplane::VirtualHost::TlsRequirement::All;
            }
        }
        if (!redirects)
            continue;
        for (const std::string &host : server->hosts) {
            // A host for one namespace redirects only where a VirtualService of that namespace has it.
            if (host.find('/') != std::string::npos)
                continue;
            const std::string name = model::lowerCase(host);
            hosts.try_emplace(name, hostFor(name, port)).first->second.virtualHost.requireTls =
                dataplane::VirtualHost::TlsRequirement::All;
        }
    }
    dataplane::RouteConfiguration routes = routeConfiguration(servers.front()->routeName);
    for (dataplane::VirtualHost &virtualHost : collapsed(std::move(hosts))) {
        // Several VirtualServices: what takes everything comes last, whoever brought it.
        std::stable_partition(virtualHost.routes.begin(), virtualHost.routes.end(),
                              [](const dataplane::Route &route) { return !isCatchAll(route.match); });
        routes.virtualHosts.push_back(std::move(virtualHost));
    }
    if (routes.virtualHosts.empty()) {
        // Without routes every request is 404 NR.
        dataplane::VirtualHost nothing;
        nothing.name = "blackhole:" + std::to_string(servers.front()->server->portNumber);
        nothing.domains = {"*"};
        routes.virtualHosts.push_back(std::move(nothing));
    }
    std::sort(routes.virtualHosts.begin(), routes.virtualHosts.end(),
              [](const auto &a, const auto &b) { return a.name < b.name; });
    return routes;
}

} // namespace sallyport::compile
