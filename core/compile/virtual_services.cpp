// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/virtual_services.h"

#include "core/compile/delegates.h"
#include "core/compile/service.h"
#include "core/compile/visibility.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

void resolveDestination(model::Destination &destination, const std::string &resourceNamespace)
{
    destination.host = model::resolveShortName(destination.host, resourceNamespace);
}

void resolveMatchGateways(std::vector<std::string> &gateways, const std::string &resourceNamespace)
{
    for (std::string &gateway : gateways)
        gateway = resolveGatewayName(gateway, resourceNamespace);
}

void resolveNames(model::VirtualService &service)
{
    const std::string &nameSpace = service.metadata.resourceNamespace;
    for (std::string &host : service.hosts)
        host = model::resolveShortName(host, nameSpace);
    if (service.gateways.empty())
        service.gateways.push_back("mesh");
    resolveMatchGateways(service.gateways, nameSpace);
    for (model::HttpRoute &route : service.http) {
        for (model::HttpMatch &match : route.match)
            resolveMatchGateways(match.gateways, nameSpace);
        for (model::RouteDestination &destination : route.route)
            resolveDestination(destination.destination, nameSpace);
        for (model::HttpMirror &mirror : route.mirrors)
            resolveDestination(mirror.destination, nameSpace);
    }
    for (auto *routes : {&service.tls, &service.tcp}) {
        for (model::L4Route &route : *routes) {
            for (model::L4Match &match : route.match)
                resolveMatchGateways(match.gateways, nameSpace);
            for (model::RouteDestination &destination : route.route)
                resolveDestination(destination.destination, nameSpace);
        }
    }
}

/// A route whose matches name other namespaces only leads to nothing here.
bool mayComeFrom(const model::HttpRoute &route, const std::string &nameSpace)
{
    bool others = false;
    for (const model::HttpMatch &match : route.match) {
        if (match.sourceNamespace == nameSpace)
            return true;
        others = others || !match.sourceNamespace.empty();
    }
    return !others;
}

} // namespace

std::string resolveGatewayName(const std::string &name, const std::string &resourceNamespace)
{
    if (name == "mesh" || name.find('/') != std::string::npos)
        return name;
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos)
        return resourceNamespace + '/' + name;
    const std::size_t end = name.find('.', dot + 1);
    return name.substr(dot + 1, end == std::string::npos ? end : end - dot - 1) + '/' + name.substr(0, dot);
}

std::vector<model::VirtualService> resolvedVirtualServices(const model::Mesh &mesh)
{
    std::vector<model::VirtualService> services = mesh.virtualServices;
    std::stable_sort(services.begin(), services.end(), olderThan);
    for (model::VirtualService &service : services) {
        resolveNames(service);
        if (service.exportTo.empty())
            service.exportTo = mesh.config.defaultVirtualServiceExportTo;
    }
    return withDelegates(services);
}

std::vector<std::pair<std::string, std::set<std::uint32_t>>>
destinationPorts(const model::VirtualService &service, const std::string &sourceNamespace)
{
    std::vector<std::pair<std::string, std::set<std::uint32_t>>> hosts;
    const auto add = [&hosts](const model::Destination &destination) {
        auto known = std::find_if(hosts.begin(), hosts.end(), [&destination](const auto &entry) {
            return entry.first == destination.host;
        });
        if (known == hosts.end())
            known = hosts.insert(hosts.end(), {destination.host, {}});
        known->second.insert(destination.port);
    };
    for (const model::HttpRoute &route : service.http) {
        if (!mayComeFrom(route, sourceNamespace))
            continue;
        for (const model::RouteDestination &destination : route.route)
            add(destination.destination);
        for (const model::HttpMirror &mirror : route.mirrors)
            add(mirror.destination);
    }
    for (const auto *routes : {&service.tls, &service.tcp}) {
        for (const model::L4Route &route : *routes) {
            for (const model::RouteDestination &destination : route.route)
                add(destination.destination);
        }
    }
    return hosts;
}

bool isBoundTo(const model::VirtualService &service, const std::string &gateway)
{
    return std::find(service.gateways.begin(), service.gateways.end(), gateway) != service.gateways.end();
}

std::vector<const model::VirtualService *>
seenVirtualServices(const std::vector<model::VirtualService> &services, const std::string &gateway,
                    const std::string &viewer)
{
    std::vector<const model::VirtualService *> seen;
    for (const model::VirtualService &service : services) {
        if (isBoundTo(service, gateway) &&
            isVisible(service.exportTo, service.metadata.resourceNamespace, viewer))
            seen.push_back(&service);
    }
    std::stable_sort(seen.begin(), seen.end(), [&viewer](const auto *a, const auto *b) {
        return exportRank(a->exportTo, a->metadata.resourceNamespace, viewer) <
               exportRank(b->exportTo, b->metadata.resourceNamespace, viewer);
    });
    return seen;
}

} // namespace sallyport::compile
