// SPDX-License-Identifier: GPL-3.0-or-later
// The two halves of a way out: sidecar to egress gateway, egress gateway to the host.
#include "core/analysis/bindings.h"
#include "core/analysis/check.h"
#include "core/analysis/upstream_tls.h"

#include "core/compile/virtual_services.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;
using model::VirtualService;

/// Whether a rule holds for one of these: `mesh`, or Gateways as `ns/name`.
template<typename Rule>
bool holdsFor(const VirtualService &service, const Rule &rule, const std::set<std::string> &wanted)
{
    const auto isWanted = [&wanted](const std::string &name) { return wanted.count(name) != 0; };
    const std::set<std::string> bound = gatewayNames(service);
    const bool byService = std::any_of(bound.begin(), bound.end(), isWanted);
    return (rule.match.empty() && byService) ||
           std::any_of(rule.match.begin(), rule.match.end(), [&](const auto &match) {
               return match.gateways.empty() ? byService
                                             : std::any_of(match.gateways.begin(), match.gateways.end(),
                                                           [&](const std::string &name) {
                                                               return isWanted(compile::resolveGatewayName(
                                                                   name, service.metadata.resourceNamespace));
                                                           });
           });
}

/// Gateways of the mesh that a rule sends to.
template<typename Rule>
std::set<const compile::Instance *> gatewaysBehind(const MeshFacts &facts, const VirtualService &service,
                                                   const Rule &rule)
{
    std::set<const compile::Instance *> found;
    for (const model::RouteDestination &to : rule.route) {
        const std::string host =
            model::resolveShortName(to.destination.host, service.metadata.resourceNamespace);
        for (const compile::Service *named : facts.servicesNamed(host)) {
            for (const compile::Endpoint &endpoint : named->endpoints) {
                if (endpoint.instance != nullptr &&
                    endpoint.instance->proxy == compile::Instance::Proxy::Gateway)
                    found.insert(endpoint.instance);
            }
        }
    }
    return found;
}

template<typename Rule>
bool leavesTheMesh(const MeshFacts &facts, const VirtualService &service, const Rule &rule)
{
    return std::any_of(rule.route.begin(), rule.route.end(), [&](const model::RouteDestination &to) {
        return isExternal(facts,
                          model::resolveShortName(to.destination.host, service.metadata.resourceNamespace));
    });
}

bool overlapsAny(const std::string &host, const VirtualService &service)
{
    return std::any_of(service.hosts.begin(), service.hosts.end(), [&](const std::string &other) {
        return model::hostsOverlap(host, model::resolveShortName(other, service.metadata.resourceNamespace));
    });
}

/// Calls `use(rule)` for the rules of every kind.
template<typename Use>
void eachRule(const VirtualService &service, Use use)
{
    std::for_each(service.http.begin(), service.http.end(), use);
    std::for_each(service.tls.begin(), service.tls.end(), use);
    std::for_each(service.tcp.begin(), service.tcp.end(), use);
}

/// Whether some rule for sidecars sends this host to one of these gateways.
bool isSentTo(const MeshFacts &facts, const std::string &host,
              const std::vector<const ProxyFacts *> &gateways)
{
    bool sent = false;
    for (const VirtualService &service : facts.mesh.virtualServices) {
        if (!overlapsAny(host, service))
            continue;
        eachRule(service, [&](const auto &rule) {
            if (sent || !holdsFor(service, rule, {"mesh"}))
                return;
            const std::set<const compile::Instance *> behind = gatewaysBehind(facts, service, rule);
            sent = std::any_of(gateways.begin(), gateways.end(), [&behind](const ProxyFacts *gateway) {
                return behind.count(gateway->instance) != 0;
            });
        });
    }
    return sent;
}

/// A rule takes a host out of a gateway, and no sidecar sends it there.
void firstHopMissing(const MeshFacts &facts, Report &report)
{
    for (const Binding &binding : bindingsOf(facts)) {
        const std::string name =
            binding.gateway->metadata.resourceNamespace + '/' + binding.gateway->metadata.name;
        bool leaves = false;
        eachRule(*binding.service, [&](const auto &rule) {
            leaves = leaves || (holdsFor(*binding.service, rule, {name}) &&
                                leavesTheMesh(facts, *binding.service, rule));
        });
        const std::vector<const ProxyFacts *> gateways = facts.gatewaysOf(*binding.gateway);
        for (const std::string &host : binding.hosts) {
            if (leaves && !gateways.empty() && !isSentTo(facts, host, gateways))
                report.add(
                    *binding.service, "spec.gateways",
                    "the first hop of the route for " + host +
                        " is missing: no rule for `mesh` sends it to " + gateways.front()->instance->name,
                    "add `mesh` to the gateways, and a rule for it that routes to the gateway's Service");
        }
    }
}

/// A rule sends TLS or bytes to a gateway whose own rules do not know the host; of HTTP EGR0301 says so.
void secondHopMissing(const MeshFacts &facts, Report &report)
{
    for (const VirtualService &service : facts.mesh.virtualServices) {
        const auto look = [&](const model::L4Route &rule) {
            if (!holdsFor(service, rule, {"mesh"}))
                return;
            std::set<std::string> hosts;
            for (const model::L4Match &match : rule.match)
                hosts.insert(match.sniHosts.begin(), match.sniHosts.end());
            if (hosts.empty())
                hosts.insert(service.hosts.begin(), service.hosts.end());
            for (const compile::Instance *instance : gatewaysBehind(facts, service, rule)) {
                std::set<std::string> names;
                for (const model::Gateway &gateway : facts.mesh.gateways) {
                    if (model::selects(gateway.selector, instance->labels))
                        names.insert(gateway.metadata.resourceNamespace + '/' + gateway.metadata.name);
                }
                for (const std::string &host : hosts) {
                    const bool known =
                        std::any_of(facts.mesh.virtualServices.begin(), facts.mesh.virtualServices.end(),
                                    [&](const VirtualService &other) {
                                        bool holds = false;
                                        eachRule(other, [&](const auto &each) {
                                            holds = holds || holdsFor(other, each, names);
                                        });
                                        return holds && overlapsAny(host, other);
                                    });
                    if (!known)
                        report.add(service, rule.fieldPath + ".route",
                                   "the second hop of the route for " + host + " is missing: no rule of " +
                                       instance->name + " takes it on",
                                   "add a rule for the host that is bound to the gateway");
                }
            }
        };
        std::for_each(service.tls.begin(), service.tls.end(), look);
        std::for_each(service.tcp.begin(), service.tcp.end(), look);
    }
}

void hopMissing(const MeshFacts &facts, Report &report)
{
    firstHopMissing(facts, report);
    secondHopMissing(facts, report);
}

/// Hosts of a sidecar's virtual hosts that go to this cluster.
std::set<std::string> hostsSentTo(const ProxyFacts &proxy, const std::string &cluster)
{
    std::set<std::string> hosts;
    for (const auto &[chain, manager] : proxy.managers()) {
        for (const dataplane::VirtualHost &host : manager->routes.virtualHosts) {
            for (const dataplane::Route &route : host.routes) {
                const std::vector<std::string> clusters = clustersOf(route);
                if (std::find(clusters.begin(), clusters.end(), cluster) != clusters.end())
                    hosts.insert(host.domains.begin(), host.domains.end());
            }
        }
    }
    std::erase_if(hosts, [](const std::string &host) { return host.find(':') != std::string::npos; });
    return hosts;
}

/// The servers of a gateway that a name of TLS leads to.
std::vector<const compile::GatewayServer *> serversFor(const ProxyFacts &gateway, const std::string &sni)
{
    std::vector<const compile::GatewayServer *> found;
    for (const compile::GatewayPort &port : gateway.ports) {
        for (const compile::GatewayServer &server : port.servers) {
            const std::vector<std::string> names = server.sniHosts();
            if (server.terminatesTls() && std::any_of(names.begin(), names.end(), [&sni](const auto &name) {
                    return name == sni || model::isSubsetOf(sni, name);
                }))
                found.push_back(&server);
        }
    }
    return found;
}

/// A fixed SNI chooses one server of the gateway; other hosts that use the same settings land there too.
void oneNameForSeveral(const MeshFacts &facts, Report &report)
{
    for (const TlsBlock &block : tlsBlocks(facts)) {
        if (block.tls->sni.empty())
            continue;
        for (const ProxyFacts &gateway : facts.proxies) {
            const auto services = facts.servicesNamed(block.host);
            const bool leadsHere =
                gateway.isGateway() && !services.empty() &&
                std::any_of(services.front()->endpoints.begin(), services.front()->endpoints.end(),
                            [&](const auto &endpoint) { return endpoint.instance == gateway.instance; });
            const std::vector<const compile::GatewayServer *> servers =
                leadsHere ? serversFor(gateway, block.tls->sni)
                          : std::vector<const compile::GatewayServer *>();
            for (const ProxyFacts &client : facts.proxies) {
                if (client.isGateway() || servers.empty())
                    continue;
                std::set<std::string> hosts;
                for (const compile::ServicePort &port : services.front()->ports) {
                    if (block.port == 0 || block.port == port.number)
                        hosts.merge(hostsSentTo(client, "outbound|" + std::to_string(port.number) + '|' +
                                                            block.subset + '|' + block.host));
                }
                for (const std::string &host : hosts) {
                    const bool served = std::any_of(servers.begin(), servers.end(), [&](const auto *server) {
                        const std::vector<std::string> names = server->sniHosts();
                        return std::any_of(names.begin(), names.end(), [&host](const std::string &name) {
                            return model::hostsOverlap(name, host);
                        });
                    });
                    if (!served)
                        report.add(
                            *block.rule, block.path + ".sni",
                            "requests for " + host + " would use the SNI " + block.tls->sni +
                                ", and the server that it chooses at " + gateway.instance->name +
                                " does not know this host",
                            "give each host a subset with its own `sni`, or let one server take them all");
                }
            }
        }
    }
}

constexpr Check pairTable[] = {
    {"EGR0322", Severity::Error, "A hop of a route is missing", hopMissing},
    {"EGR0418", Severity::Error, "One server name for several hosts", oneNameForSeveral},
};

} // namespace

std::span<const Check> pairChecks()
{
    return pairTable;
}

} // namespace sallyport::analysis
