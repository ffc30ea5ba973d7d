// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/gateway_routes.h"

#include "core/compile/connection_manager.h"
#include "core/compile/http_routes.h"
#include "core/compile/route_match.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

dataplane::VirtualHost virtualHostFor(const std::string &host, std::uint32_t port)
{
    dataplane::VirtualHost virtualHost;
    virtualHost.name = host + ':' + std::to_string(port);
    virtualHost.domains = {host};
    virtualHost.includeRequestAttemptCount = true;
    return virtualHost;
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
    std::map<std::string, dataplane::VirtualHost> hosts;
    // A Gateway's servers that came to listen on one port share the routes of the first that has the
    // VirtualService: its declared port is the one that matches are compared with.
    std::map<std::pair<std::string, const model::VirtualService *>, std::vector<dataplane::Route>> built;
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
            const std::vector<dataplane::Route> &routes = entry->second;
            if (routes.empty())
                continue;
            for (const std::string &name : names) {
                const std::string host = model::lowerCase(name);
                auto &virtualHost = hosts.try_emplace(host, virtualHostFor(host, port)).first->second;
                virtualHost.routes.insert(virtualHost.routes.end(), routes.begin(), routes.end());
                if (redirects)
                    virtualHost.requireTls = dataplane::VirtualHost::TlsRequirement::All;
            }
        }
        if (!redirects)
            continue;
        for (const std::string &host : server->hosts) {
            // A host for one namespace redirects only where a VirtualService of that namespace has it.
            if (host.find('/') != std::string::npos)
                continue;
            const std::string name = model::lowerCase(host);
            hosts.try_emplace(name, virtualHostFor(name, port)).first->second.requireTls =
                dataplane::VirtualHost::TlsRequirement::All;
        }
    }
    dataplane::RouteConfiguration routes = routeConfiguration(servers.front()->routeName);
    for (auto &[host, virtualHost] : hosts) {
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
