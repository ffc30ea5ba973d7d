// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/facts.h"

#include "core/compile/virtual_services.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

const compile::CompiledProxy *compiledOf(const compile::CompiledProject &compiled, const std::string &name)
{
    const auto found = std::find_if(compiled.proxies.begin(), compiled.proxies.end(),
                                    [&name](const auto &proxy) { return proxy.name == name; });
    return found == compiled.proxies.end() ? nullptr : &*found;
}

} // namespace

const dataplane::Cluster *ProxyFacts::findCluster(const std::string &name) const
{
    for (const dataplane::Cluster &cluster : compiled->bootstrap.clusters) {
        if (cluster.name == name)
            return &cluster;
    }
    return nullptr;
}

std::vector<std::pair<const dataplane::FilterChain *, const dataplane::HttpConnectionManager *>>
ProxyFacts::managers() const
{
    std::vector<std::pair<const dataplane::FilterChain *, const dataplane::HttpConnectionManager *>> all;
    for (const dataplane::Listener &listener : compiled->bootstrap.listeners) {
        if (listener.direction == dataplane::TrafficDirection::Inbound)
            continue;
        for (const dataplane::FilterChain &chain : listener.filterChains) {
            for (const dataplane::NetworkFilter &filter : chain.filters) {
                if (const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config))
                    all.emplace_back(&chain, manager);
            }
        }
    }
    return all;
}

MeshFacts::MeshFacts(const model::Mesh &ofMesh, const lab::AddressPlan &plan,
                     const compile::CompiledProject &compiled)
    : mesh(ofMesh)
    , context(ofMesh, plan.placement)
    , keyPairs(keyPairsOf(ofMesh))
{
    for (const model::Resource *resource : mesh.allResources()) {
        const bool isNamespace = resource->kind == "Namespace";
        namespaces.insert(isNamespace ? resource->metadata.name : resource->metadata.resourceNamespace);
    }
    namespaces.insert(config().rootNamespace);
    for (const compile::Instance &instance : context.instances) {
        const auto place = plan.placement.instances.find(instance.name);
        const compile::CompiledProxy *own = compiledOf(compiled, instance.name);
        if (instance.proxy == compile::Instance::Proxy::None || own == nullptr || instance.replica > 0 ||
            place == plan.placement.instances.end())
            continue;
        ProxyFacts proxy;
        proxy.instance = &instance;
        proxy.compiled = own;
        std::vector<Error> errors;
        std::vector<Error> warnings;
        proxy.scope = proxy.isGateway() ? compile::gatewayScope(context, instance)
                                        : compile::sidecarScope(context, instance, errors);
        if (proxy.isGateway()) {
            compile::SecretCollector secrets(context, instance);
            const compile::ProxyContext ask{context, instance, place->second, proxy.scope,
                                            secrets, errors,   warnings,      config()};
            proxy.ports = compile::gatewayPorts(ask);
        }
        proxies.push_back(std::move(proxy));
    }
}

std::vector<const compile::Service *> MeshFacts::servicesNamed(const std::string &hostname) const
{
    std::vector<const compile::Service *> found;
    for (const compile::Service &service : context.services) {
        if (service.hostname == hostname)
            found.push_back(&service);
    }
    return found;
}

const model::Gateway *MeshFacts::findGateway(const std::string &resolvedName) const
{
    for (const model::Gateway &gateway : mesh.gateways) {
        if (gateway.metadata.resourceNamespace + '/' + gateway.metadata.name == resolvedName)
            return &gateway;
    }
    return nullptr;
}

std::vector<const ProxyFacts *> MeshFacts::gatewaysOf(const model::Gateway &gateway) const
{
    std::vector<const ProxyFacts *> found;
    for (const ProxyFacts &proxy : proxies) {
        if (proxy.isGateway() && model::selects(gateway.selector, proxy.instance->labels))
            found.push_back(&proxy);
    }
    return found;
}

std::vector<const ProxyFacts *> MeshFacts::usersOf(const model::VirtualService &service,
                                                   const std::set<std::string> &gateways) const
{
    std::vector<const ProxyFacts *> users;
    const auto has = [&service](const std::vector<const model::VirtualService *> &list) {
        return std::any_of(list.begin(), list.end(), [&service](const model::VirtualService *other) {
            return other->metadata.name == service.metadata.name &&
                   other->metadata.resourceNamespace == service.metadata.resourceNamespace;
        });
    };
    for (const ProxyFacts &proxy : proxies) {
        bool uses = !proxy.isGateway() && gateways.count("mesh") != 0 && has(proxy.scope.virtualServices);
        for (const compile::GatewayPort &port : proxy.ports) {
            for (const compile::GatewayServer &server : port.servers) {
                const std::vector<std::string> &exportTo = service.exportTo;
                uses = uses || (gateways.count(server.gatewayName()) != 0 &&
                                (exportTo.empty() ||
                                 std::any_of(exportTo.begin(), exportTo.end(), [&](const std::string &to) {
                                     return to == "*" || to == proxy.instance->nameSpace ||
                                            (to == "." &&
                                             service.metadata.resourceNamespace == proxy.instance->nameSpace);
                                 })));
            }
        }
        if (uses)
            users.push_back(&proxy);
    }
    return users;
}

bool MeshFacts::isEgress(const ProxyFacts &proxy) const
{
    if (!proxy.isGateway())
        return false;
    const auto leaves = [this](const std::string &cluster) {
        const std::vector<const compile::Service *> services = servicesNamed(parseCluster(cluster).host);
        return std::any_of(services.begin(), services.end(), [](const auto *each) { return each->external; });
    };
    for (const dataplane::Listener &listener : proxy.compiled->bootstrap.listeners) {
        for (const dataplane::FilterChain &chain : listener.filterChains) {
            for (const dataplane::NetworkFilter &filter : chain.filters) {
                const auto *tcp = std::get_if<dataplane::TcpProxy>(&filter.config);
                if (tcp != nullptr && leaves(tcp->cluster))
                    return true;
            }
        }
    }
    for (const auto &[chain, manager] : proxy.managers()) {
        for (const dataplane::VirtualHost &host : manager->routes.virtualHosts) {
            for (const dataplane::Route &route : host.routes) {
                const std::vector<std::string> clusters = clustersOf(route);
                if (std::any_of(clusters.begin(), clusters.end(), leaves))
                    return true;
            }
        }
    }
    return false;
}

const compile::MergedRule *MeshFacts::ruleFor(const ProxyFacts &proxy, const compile::Service &service) const
{
    return context.destinationRules.find(service.hostname, service.nameSpace, proxy.instance->nameSpace,
                                         proxy.instance->labels);
}

ClusterName parseCluster(const std::string &name)
{
    const std::size_t first = name.find('|');
    const std::size_t second = name.find('|', first + 1);
    const std::size_t third = name.find('|', second + 1);
    if (first == std::string::npos || second == std::string::npos || third == std::string::npos)
        return {};
    return {static_cast<std::uint32_t>(std::strtoul(name.c_str() + first + 1, nullptr, 10)),
            name.substr(second + 1, third - second - 1), name.substr(third + 1)};
}

std::vector<std::string> clustersOf(const dataplane::Route &route)
{
    std::vector<std::string> clusters;
    const auto *action = std::get_if<dataplane::RouteAction>(&route.action);
    if (action == nullptr)
        return clusters;
    if (!action->cluster.empty())
        clusters.push_back(action->cluster);
    for (const dataplane::WeightedCluster &weighted : action->weightedClusters)
        clusters.push_back(weighted.name);
    return clusters;
}

} // namespace sallyport::analysis
