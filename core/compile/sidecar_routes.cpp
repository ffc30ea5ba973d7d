// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/sidecar_routes.h"

#include "core/compile/connection_manager.h"
#include "core/compile/http_routes.h"
#include "core/compile/names.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <list>
#include <set>

namespace sallyport::compile {

namespace {

std::string hostAndPort(const std::string &host, std::uint32_t port)
{
    return host + ':' + std::to_string(port);
}

/// Virtual hosts in the making: a name and each domain belong to the first that claims them.
class VirtualHosts
{
public:
    explicit VirtualHosts(std::uint32_t port)
        : m_port(port)
    {
    }

    void know(const std::string &host) { m_known.insert({host, hostAndPort(host, m_port)}); }

    void add(const std::string &host, const std::vector<std::string> &domains,
             const std::vector<std::string> &alternatives, const std::vector<dataplane::Route> &routes)
    {
        const std::string name = hostAndPort(host, m_port);
        if (!m_names.insert(name).second)
            return;
        dataplane::VirtualHost virtualHost;
        virtualHost.name = name;
        for (const std::string &domain : domains) {
            // A short form gives way to a service that has it as its whole name.
            const bool alternative =
                std::find(alternatives.begin(), alternatives.end(), domain) != alternatives.end();
            if ((!alternative || m_known.count(domain) == 0) && m_domains.insert(domain).second)
                virtualHost.domains.push_back(domain);
        }
        if (virtualHost.domains.empty())
            return;
        virtualHost.routes = routes;
        virtualHost.includeRequestAttemptCount = true;
        m_hosts.push_back(std::move(virtualHost));
    }

    std::vector<dataplane::VirtualHost> take()
    {
        std::sort(m_hosts.begin(), m_hosts.end(),
                  [](const auto &a, const auto &b) { return a.name < b.name; });
        return std::move(m_hosts);
    }

private:
    std::uint32_t m_port;
    std::set<std::string> m_names;
    std::set<std::string> m_domains;
    std::set<std::string> m_known;
    std::vector<dataplane::VirtualHost> m_hosts;
};

std::vector<std::string> shortNames(const std::string &hostname, const std::string &proxyNamespace)
{
    // `name.ns.svc.cluster.local` → what a pod's search list makes of it
    const std::size_t svc = hostname.find(".svc.");
    if (svc == std::string::npos)
        return {};
    const std::string nameAndNamespace = hostname.substr(0, svc);
    const std::size_t dot = nameAndNamespace.find('.');
    if (dot == std::string::npos)
        return {};
    std::vector<std::string> names;
    if (nameAndNamespace.substr(dot + 1) == proxyNamespace) {
        names.push_back(nameAndNamespace.substr(0, dot));
        names.push_back(nameAndNamespace + ".svc");
        names.push_back(nameAndNamespace);
    } else {
        names.push_back(nameAndNamespace);
        names.push_back(nameAndNamespace + ".svc");
    }
    return names;
}

/// Short forms of a service's names, which give way to a service that has one of them as its whole name.
std::vector<std::string> shortNames(const Service &service, const std::string &proxyNamespace)
{
    std::vector<std::string> names = shortNames(service.hostname, proxyNamespace);
    for (const std::string &alias : service.aliases) {
        for (std::string &name : shortNames(alias, proxyNamespace))
            names.push_back(std::move(name));
    }
    return names;
}

using Registry = std::map<std::string, const Service *>;

std::vector<std::string> lowerHosts(const model::VirtualService &service)
{
    std::vector<std::string> hosts;
    for (const std::string &host : service.hosts)
        hosts.push_back(model::lowerCase(host));
    return hosts;
}

/// What one VirtualService covers on this port.
struct Coverage
{
    std::vector<std::string> hosts; ///< of no known service
    std::vector<const Service *> services;
};

/// The most specific wildcard among all VirtualServices decides for a service without one of its own.
std::map<std::string, const model::VirtualService *> wildcardOwners(const EgressListener &egress,
                                                                    const Registry &registry)
{
    std::map<std::string, const model::VirtualService *> owners;
    std::map<std::string, std::string> best;
    for (const model::VirtualService *service : egress.virtualServices) {
        for (const std::string &host : lowerHosts(*service)) {
            if (!model::isWildcard(host))
                continue;
            for (const auto &[name, known] : registry) {
                if (!model::isSubsetOf(name, host))
                    continue;
                auto &current = best[name];
                if (current.empty() || (host != current && model::moreSpecific(host, current))) {
                    current = host;
                    owners[name] = service;
                }
            }
        }
    }
    return owners;
}

Coverage coverageOf(const model::VirtualService &service, const Registry &registry,
                    const std::map<std::string, const model::VirtualService *> &owners,
                    const std::set<std::string> &exact)
{
    Coverage coverage;
    for (const std::string &host : lowerHosts(service)) {
        if (!model::isWildcard(host)) {
            if (const auto found = registry.find(host); found != registry.end())
                coverage.services.push_back(found->second);
            else
                coverage.hosts.push_back(host);
            continue;
        }
        bool known = false;
        for (const auto &[name, candidate] : registry) {
            if (!model::isSubsetOf(name, host))
                continue;
            known = true;
            const auto owner = owners.find(name);
            if (exact.count(name) == 0 && (owner == owners.end() || owner->second == &service))
                coverage.services.push_back(candidate);
        }
        if (!known)
            coverage.hosts.push_back(host);
    }
    return coverage;
}

bool concernsPort(const model::VirtualService &service, const Registry &registry)
{
    const std::vector<std::string> hosts = lowerHosts(service);
    return std::any_of(hosts.begin(), hosts.end(), [&registry](const std::string &host) {
        return std::any_of(registry.begin(), registry.end(),
                           [&host](const auto &entry) { return model::hostsOverlap(entry.first, host); });
    });
}

} // namespace

dataplane::VirtualHost catchAllHost(const ProxyContext &proxy)
{
    const Scope &scope = proxy.scope;
    dataplane::VirtualHost virtualHost;
    virtualHost.name = scope.registryOnly ? "block_all"
                       : scope.dynamicDns ? names::allowAnyDynamicDns
                                          : "allow_any";
    virtualHost.domains = {"*"};
    virtualHost.includeRequestAttemptCount = true;
    dataplane::Route route;
    route.name = virtualHost.name;
    route.match.path = "/";
    if (scope.registryOnly) {
        dataplane::DirectResponseAction refuse;
        refuse.status = 502;
        route.action = refuse;
    } else {
        dataplane::RouteAction action =
            routeTo(scope.dynamicDns ? names::dynamicDns : scope.unknownDestination);
        action.appendXForwardedHost = proxy.config.proxyHeaders.xForwardedHost;
        route.action = std::move(action);
    }
    virtualHost.routes.push_back(std::move(route));
    return virtualHost;
}

std::vector<std::string> alternativeNames(const std::string &hostname, const std::string &proxyNamespace)
{
    std::vector<std::string> names;
    if (!model::isIpAddress(hostname))
        names.push_back(hostname + '.');
    for (std::string &name : shortNames(hostname, proxyNamespace))
        names.push_back(std::move(name));
    return names;
}

std::vector<std::string> serviceDomains(const Service &service, const std::string &proxyNamespace)
{
    std::vector<std::string> domains;
    const auto add = [&](const std::string &hostname) {
        domains.push_back(hostname);
        for (std::string &name : alternativeNames(hostname, proxyNamespace))
            domains.push_back(std::move(name));
    };
    add(service.hostname);
    for (const std::string &alias : service.aliases)
        add(alias);
    // A headless Service's pods have names below its own.
    if (service.kubernetes && service.resolution == Resolution::Passthrough) {
        for (std::size_t index = 0, count = domains.size(); index < count; ++index)
            domains.push_back("*." + domains[index]);
    }
    // istiod makes a service of each of an entry's addresses, and the last one has the routes; a range is a
    // name that nobody calls.
    if (service.kubernetes)
        domains.insert(domains.end(), service.addresses.begin(), service.addresses.end());
    else if (!service.addresses.empty())
        domains.push_back(service.addresses.back());
    return domains;
}

dataplane::RouteConfiguration sidecarRoutes(const ProxyContext &proxy, std::uint32_t port,
                                            const std::string &host)
{
    // Routes have hosts in lower case, and the clusters that default routes name: an entry that is written
    // otherwise has a cluster by another name, and its requests are 503 NC, as in the mesh.
    static const EgressListener nothing;
    const EgressListener *found = proxy.scope.listenerFor(port);
    const EgressListener &egress = found ? *found : nothing;
    Registry registry;
    std::list<Service> lowered;
    static const std::vector<Service> none;
    for (const Service &service : found ? proxy.scope.servicesOf(egress) : none) {
        if (!service.port(port))
            continue;
        const std::string name = model::lowerCase(service.hostname);
        const Service *known = &service;
        if (name != service.hostname) {
            known = &lowered.emplace_back(service);
            lowered.back().hostname = name;
        }
        // Of several entries with this port the last one has the routes.
        registry.insert_or_assign(name, known);
    }
    VirtualHosts hosts(port);
    for (const auto &entry : registry)
        hosts.know(entry.first);

    // A VirtualService of the name itself beats any wildcard, however old.
    std::set<std::string> exact;
    for (const model::VirtualService *service : egress.virtualServices) {
        for (const std::string &name : lowerHosts(*service)) {
            if (!model::isWildcard(name) && registry.count(name) != 0)
                exact.insert(name);
        }
    }
    const auto owners = wildcardOwners(egress, registry);
    std::set<std::string> covered;
    const RouteTarget target{{"mesh"}, port, false};
    for (const model::VirtualService *service : egress.virtualServices) {
        if (port != 80 && !concernsPort(*service, registry))
            continue;
        const std::vector<dataplane::Route> routes = httpRoutes(proxy, *service, target);
        if (routes.empty())
            continue;
        Coverage coverage = coverageOf(*service, registry, owners, exact);
        const auto speaksHttp = [port](const Service *candidate) {
            return isHttpOrSniffed(candidate->port(port)->protocol);
        };
        coverage.services.erase(
            std::remove_if(coverage.services.begin(), coverage.services.end(),
                           [&speaksHttp](const Service *candidate) { return !speaksHttp(candidate); }),
            coverage.services.end());
        // Hosts of no service get a virtual host on port 80, or beside a service of the same VirtualService.
        if (coverage.services.empty() && port != 80)
            continue;
        for (const std::string &name : coverage.hosts)
            hosts.add(name, {name}, {}, routes);
        for (const Service *candidate : coverage.services) {
            hosts.add(candidate->hostname, serviceDomains(*candidate, proxy.instance.nameSpace),
                      shortNames(*candidate, proxy.instance.nameSpace), routes);
            covered.insert(candidate->hostname);
        }
    }
    for (const auto &[name, service] : registry) {
        // Another name of a service is a domain of that service's virtual host.
        if (covered.count(name) != 0 || !isHttpOrSniffed(service->port(port)->protocol) ||
            service->resolution == Resolution::Alias)
            continue;
        hosts.add(name, serviceDomains(*service, proxy.instance.nameSpace),
                  shortNames(*service, proxy.instance.nameSpace), {defaultRoute(proxy, *service, port)});
    }

    dataplane::RouteConfiguration routes =
        routeConfiguration(host.empty() ? std::to_string(port) : hostAndPort(host, port));
    routes.virtualHosts = hosts.take();
    if (!host.empty()) {
        // Whoever came to the service's own address meant it, whatever the Host says.
        const auto own =
            std::find_if(routes.virtualHosts.begin(), routes.virtualHosts.end(),
                         [&routes](const auto &virtualHost) { return virtualHost.name == routes.name; });
        std::vector<dataplane::VirtualHost> only;
        if (own != routes.virtualHosts.end()) {
            own->domains = {"*"};
            only.push_back(std::move(*own));
        }
        routes.virtualHosts = std::move(only);
        return routes;
    }
    routes.virtualHosts.push_back(catchAllHost(proxy));
    return routes;
}

} // namespace sallyport::compile
