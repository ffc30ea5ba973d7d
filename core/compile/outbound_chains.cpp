// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/outbound_chains.h"

#include "core/compile/authorization.h"
#include "core/compile/config_path.h"
#include "core/compile/connection_manager.h"
#include "core/compile/names.h"
#include "core/compile/route_match.h"
#include "core/compile/sidecar_routes.h"
#include "core/compile/stat_names.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace sallyport::compile {

namespace {

constexpr auto handshakeLimit = std::chrono::seconds(15);

std::vector<dataplane::CidrRange> ranges(const std::vector<std::string> &subnets)
{
    std::vector<dataplane::CidrRange> result;
    for (const std::string &subnet : subnets) {
        if (auto [address, length] = parseCidr(subnet); !address.empty())
            result.push_back({std::move(address), length});
    }
    return result;
}

std::vector<const model::VirtualService *> virtualServicesOf(const EgressListener &egress,
                                                             const std::string &host)
{
    std::vector<const model::VirtualService *> found;
    for (const model::VirtualService *service : egress.virtualServices) {
        const bool names =
            std::any_of(service->hosts.begin(), service->hosts.end(),
                        [&host](const std::string &own) { return model::hostsOverlap(own, host); });
        if (names)
            found.push_back(service);
    }
    return found;
}

/// Unlike in HTTP routes, a list of gateways does not stand for who sends.
bool holds(const ProxyContext &proxy, const model::L4Match &match, std::uint32_t port)
{
    const bool forMesh = match.gateways.empty() || std::find(match.gateways.begin(), match.gateways.end(),
                                                             "mesh") != match.gateways.end();
    return forMesh && (match.port == 0 || match.port == port) &&
           matchesProxy({}, match.sourceLabels, match.sourceNamespace, {"mesh"}, proxy.instance.labels,
                        proxy.instance.nameSpace);
}

dataplane::FilterChain chainTo(dataplane::NetworkFilter filter)
{
    dataplane::FilterChain chain;
    chain.filters.push_back(std::move(filter));
    chain.transportSocketConnectTimeout = handshakeLimit;
    return chain;
}

std::string statPrefixOf(const model::VirtualService &service)
{
    return service.metadata.name + '.' + service.metadata.resourceNamespace;
}

/// A service with one port means that one, also where a Sidecar listens for it on another.
std::uint32_t numberOf(const Service &service, const ServicePort &port)
{
    return service.ports.size() == 1 ? service.ports.front().number : port.number;
}

dataplane::FilterChain defaultChain(const ProxyContext &proxy, const Service &service,
                                    const ServicePort &port)
{
    const std::string cluster = names::outbound(numberOf(service, port), {}, service.hostname);
    dataplane::NetworkFilter filter = tcpProxy(proxy, cluster, true);
    auto &config = std::get<dataplane::TcpProxy>(filter.config);
    config.statPrefix =
        outboundStatName(proxy.mesh.config(), service, {}, {numberOf(service, port), {}}, cluster);
    applyRule(config, proxy.ruleFor(service), {});
    dataplane::FilterChain chain = chainTo(std::move(filter));
    if (service.resolution == Resolution::Dynamic) {
        dataplane::NetworkFilter lookUp;
        lookUp.name = "envoy.filters.network.sni_dynamic_forward_proxy";
        lookUp.config = dataplane::SniDynamicForwardProxy{dnsCacheOf(service),
                                                          proxy.mesh.placement.localPort(port.number)};
        chain.filters.insert(chain.filters.begin(), std::move(lookUp));
        // Here istiod applies the workload's own policies, as nowhere else on its way out.
        std::vector<dataplane::NetworkFilter> policies = Authorization(proxy).networkFilters();
        chain.filters.insert(chain.filters.begin(), std::make_move_iterator(policies.begin()),
                             std::make_move_iterator(policies.end()));
    }
    return chain;
}

std::vector<dataplane::FilterChain> tlsChains(const ProxyContext &proxy, const EgressListener &egress,
                                              const Service &service, const ServicePort &port, bool wildcard,
                                              const std::vector<std::string> &subnets)
{
    std::vector<dataplane::FilterChain> chains;
    std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> handled;
    // The subnets of one match hold for those after it that have none of their own, as in istiod.
    std::vector<std::string> destinations = subnets;
    for (const model::VirtualService *virtualService : virtualServicesOf(egress, service.hostname)) {
        for (const model::L4Route &route : virtualService->tls) {
            for (const model::L4Match &match : route.match) {
                if (!holds(proxy, match, port.number))
                    continue;
                if (!match.destinationSubnets.empty())
                    destinations = match.destinationSubnets;
                const auto criteria = std::pair(match.sniHosts, match.destinationSubnets);
                if (std::find(handled.begin(), handled.end(), criteria) != handled.end())
                    continue;
                handled.push_back(criteria);
                dataplane::FilterChain chain = chainTo(
                    tcpProxy(proxy, route.route, statPrefixOf(*virtualService), {port.number, port.name}));
                chain.match.serverNames = match.sniHosts;
                chain.match.prefixRanges = ranges(destinations);
                chain.metadata = configMetadata(*virtualService);
                chains.push_back(std::move(chain));
            }
        }
    }
    if (!chains.empty())
        return chains;
    dataplane::FilterChain chain = defaultChain(proxy, service, port);
    // With an address of its own the destination is known; without one only the name tells services apart.
    if (wildcard || !subnets.empty() || service.resolution == Resolution::Dynamic) {
        chain.match.serverNames = {service.hostname};
        for (const std::string &alias : service.aliases) {
            chain.match.serverNames.push_back(alias);
            for (std::string &name : alternativeNames(alias, proxy.instance.nameSpace))
                chain.match.serverNames.push_back(std::move(name));
        }
    }
    chain.match.prefixRanges = ranges(subnets);
    chains.push_back(std::move(chain));
    return chains;
}

/// One tcp rule: a chain per set of subnets; true if it takes every address.
bool addTcpRule(const ProxyContext &proxy, const model::VirtualService &service, const model::L4Route &route,
                const ServicePort &port, const std::vector<std::string> &subnets,
                std::vector<dataplane::FilterChain> &chains)
{
    const auto add = [&](const std::vector<std::string> &destinations) {
        dataplane::FilterChain chain =
            chainTo(tcpProxy(proxy, route.route, statPrefixOf(service), {port.number, port.name}));
        chain.match.prefixRanges = ranges(destinations);
        chains.push_back(std::move(chain));
    };
    if (route.match.empty()) {
        add(subnets);
        return true;
    }
    std::vector<std::string> destinations;
    for (const model::L4Match &match : route.match) {
        if (!holds(proxy, match, port.number))
            continue;
        if (match.destinationSubnets.empty()) {
            add(subnets);
            return true;
        }
        destinations.insert(destinations.end(), match.destinationSubnets.begin(),
                            match.destinationSubnets.end());
    }
    if (destinations.empty())
        return false;
    add(destinations);
    return destinations == subnets;
}

} // namespace

std::vector<dataplane::FilterChain> outboundTcpChains(const ProxyContext &proxy, const EgressListener &egress,
                                                      const Service &service, const ServicePort &port,
                                                      bool wildcard, const std::string &cidr)
{
    const std::vector<std::string> subnets =
        cidr.empty() ? std::vector<std::string>() : std::vector<std::string>{cidr};
    if (isTls(port.protocol))
        return tlsChains(proxy, egress, service, port, wildcard, subnets);
    std::vector<dataplane::FilterChain> chains;
    for (const model::VirtualService *virtualService : virtualServicesOf(egress, service.hostname)) {
        for (const model::L4Route &route : virtualService->tcp) {
            const std::size_t before = chains.size();
            const bool complete = addTcpRule(proxy, *virtualService, route, port, subnets, chains);
            for (std::size_t index = before; index < chains.size(); ++index)
                chains[index].metadata = configMetadata(*virtualService);
            if (complete)
                return chains;
        }
    }
    dataplane::FilterChain chain = defaultChain(proxy, service, port);
    chain.match.prefixRanges = ranges(subnets);
    chains.push_back(std::move(chain));
    return chains;
}

void addLocalRanges(const Placement &placement, std::vector<dataplane::FilterChain> &chains)
{
    std::map<std::string, dataplane::CidrRange> narrowest;
    const auto look = [&](const std::string &meshAddress, const std::string &local) {
        if (local == meshAddress)
            return;
        for (const dataplane::FilterChain &chain : chains) {
            for (const dataplane::CidrRange &range : chain.match.prefixRanges) {
                if (!cidrContains(range.addressPrefix + '/' + std::to_string(range.prefixLen), meshAddress))
                    continue;
                const auto [best, isNew] = narrowest.try_emplace(local, range);
                if (!isNew && best->second.prefixLen < range.prefixLen)
                    best->second = range;
            }
        }
    };
    for (const auto &[name, place] : placement.instances)
        look(place.meshAddress, place.address);
    for (const auto &[meshAddress, local] : placement.toLocal)
        look(meshAddress, local);
    constexpr std::uint32_t single = 32;
    for (dataplane::FilterChain &chain : chains) {
        const std::vector<dataplane::CidrRange> own = chain.match.prefixRanges;
        for (const auto &[local, range] : narrowest) {
            if (std::find(own.begin(), own.end(), range) != own.end())
                chain.match.prefixRanges.push_back({local, single});
        }
    }
}

dataplane::FilterChain dynamicDnsChain(const ProxyContext &proxy)
{
    dataplane::RouteConfiguration routes = routeConfiguration(names::allowAnyDynamicDns);
    routes.virtualHosts.push_back(catchAllHost(proxy));
    dataplane::FilterChain chain;
    chain.name = "virtualOutbound-catchall-tcp-http";
    chain.match.applicationProtocols = {"http/1.1", "h2c"};
    chain.filters.push_back(
        connectionManager(proxy, HttpSide::SidecarOutbound,
                          std::string("outbound_") + names::virtualOutbound + '_' + names::allowAnyDynamicDns,
                          std::move(routes), Protocol::Http));
    return chain;
}

dataplane::FilterChain outboundHttpChain(const ProxyContext &proxy, const std::string &listener,
                                         dataplane::RouteConfiguration routes, const Service &owner,
                                         Protocol protocol, bool sniffed)
{
    dataplane::FilterChain chain = chainTo(connectionManager(
        proxy, HttpSide::SidecarOutbound, "outbound_" + listener, std::move(routes), protocol, &owner));
    if (!sniffed)
        return chain;
    chain.match.transportProtocol = "raw_buffer";
    chain.match.applicationProtocols = {"http/1.1", "h2c"};
    return chain;
}

dataplane::FilterChain outboundFallback(const ProxyContext &proxy, const char *name)
{
    dataplane::FilterChain chain;
    chain.name = name;
    chain.filters.push_back(tcpProxy(proxy, proxy.scope.unknownDestination, true));
    return chain;
}

} // namespace sallyport::compile
