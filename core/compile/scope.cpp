// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/scope.h"

#include "core/compile/imported_services.h"
#include "core/compile/names.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

const model::Sidecar *sidecarFor(const MeshContext &mesh, const Instance &instance)
{
    std::vector<const model::Sidecar *> order;
    for (const model::Sidecar &sidecar : mesh.mesh.sidecars)
        order.push_back(&sidecar);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto *a, const auto *b) { return olderThan(*a, *b); });
    const model::Sidecar *ofNamespace = nullptr;
    const model::Sidecar *ofMesh = nullptr;
    for (const model::Sidecar *sidecar : order) {
        const std::string &nameSpace = sidecar->metadata.resourceNamespace;
        const bool hasSelector = sidecar->workloadSelector && !sidecar->workloadSelector->empty();
        if (nameSpace == instance.nameSpace && hasSelector &&
            model::selects(*sidecar->workloadSelector, instance.labels))
            return sidecar;
        if (hasSelector)
            continue;
        if (nameSpace == instance.nameSpace && !ofNamespace)
            ofNamespace = sidecar;
        else if (nameSpace == mesh.config().rootNamespace && !ofMesh)
            ofMesh = sidecar;
    }
    return ofNamespace ? ofNamespace : ofMesh;
}

std::vector<const model::VirtualService *> importedVirtualServices(const MeshContext &mesh,
                                                                   const std::vector<Import> &list,
                                                                   const std::string &nameSpace)
{
    std::vector<const model::VirtualService *> found;
    for (const model::VirtualService *candidate :
         seenVirtualServices(mesh.virtualServices, "mesh", nameSpace)) {
        const bool imported =
            std::any_of(candidate->hosts.begin(), candidate->hosts.end(), [&](const std::string &host) {
                return imports(list, candidate->metadata.resourceNamespace, host, true);
            });
        if (imported)
            found.push_back(candidate);
    }
    return found;
}

/// What of a Sidecar's egress listener has no counterpart here.
void reportUncompiled(const model::Sidecar &sidecar, std::size_t index, std::vector<Error> &errors)
{
    const model::Sidecar::Egress &egress = sidecar.egress[index];
    const std::string path = "spec.egress[" + std::to_string(index) + "]";
    if (egress.bind.compare(0, 7, "unix://") == 0)
        errors.push_back({"egress listeners of a Sidecar on a Unix socket are not compiled",
                          sidecar.place(path + ".bind"), "bind an IP address"});
    if (egress.port && parseProtocol(egress.port->protocol) == Protocol::HttpProxy)
        errors.push_back({"egress listeners of a Sidecar that are an HTTP_PROXY are not compiled",
                          sidecar.place(path + ".port.protocol"), "use HTTP"});
}

} // namespace

const Service *Scope::find(const std::string &hostname) const
{
    for (const std::vector<Service> *list : {&services, &destinations}) {
        for (const Service &service : *list) {
            if (service.hostname == hostname)
                return &service;
        }
    }
    return nullptr;
}

const EgressListener *Scope::listenerFor(std::uint32_t port) const
{
    for (const EgressListener &listener : listeners) {
        if (listener.port() == 0 || listener.port() == port)
            return &listener;
    }
    return nullptr;
}

Scope sidecarScope(const MeshContext &mesh, const Instance &instance, std::vector<Error> &errors)
{
    Scope scope;
    scope.sidecar = sidecarFor(mesh, instance);
    const model::OutboundMode mode = scope.sidecar && scope.sidecar->outboundMode
                                         ? *scope.sidecar->outboundMode
                                         : mesh.config().outboundMode;
    scope.registryOnly = mode == model::OutboundMode::RegistryOnly;
    scope.dynamicDns = mode == model::OutboundMode::AllowAnyDynamicDns;
    scope.unknownDestination = scope.registryOnly ? names::blackHole : names::passthrough;
    if (!scope.registryOnly && scope.sidecar && scope.sidecar->egressProxy) {
        const model::Destination &egress = *scope.sidecar->egressProxy;
        scope.unknownDestination = names::outbound(egress.port, egress.subset, egress.host);
    }
    static const std::vector<model::Sidecar::Egress> everything = {[] {
        model::Sidecar::Egress egress;
        egress.hosts = {"*/*"};
        return egress;
    }()};
    const bool ownListeners = scope.sidecar && !scope.sidecar->egress.empty();
    const std::vector<model::Sidecar::Egress> &list = ownListeners ? scope.sidecar->egress : everything;
    ServiceCollection services;
    for (std::size_t index = 0; index < list.size(); ++index) {
        if (ownListeners)
            reportUncompiled(*scope.sidecar, index, errors);
        const std::vector<Import> imports = importsOf(list[index], instance.nameSpace);
        EgressListener listener;
        listener.source = ownListeners ? &list[index] : nullptr;
        listener.index = index;
        listener.virtualServices = importedVirtualServices(mesh, imports, instance.nameSpace);
        listener.services = importedServices(mesh, imports, listener.port(), instance.nameSpace);
        for (const Service &service : *listener.services)
            services.add(service);
        for (const model::VirtualService *service : listener.virtualServices) {
            addDestinations(mesh, *service, listener.port(), instance.nameSpace, services);
            if (std::find(scope.virtualServices.begin(), scope.virtualServices.end(), service) ==
                scope.virtualServices.end())
                scope.virtualServices.push_back(service);
        }
        scope.listeners.push_back(std::move(listener));
    }
    // Mostly there is one listener and one entry for each host: it sees what the proxy sees.
    if (scope.listeners.size() == 1 && !services.hadRepetition())
        scope.listeners.front().services.reset();
    scope.services = services.takeImported();
    scope.destinations = services.takeOthers();
    return scope;
}

Scope gatewayScope(const MeshContext &mesh, const Instance &instance)
{
    Scope scope;
    // A gateway does not prefer its own namespace.
    ServiceCollection services;
    for (const Service *service : visibleServices(mesh, instance.nameSpace))
        services.add(*service);
    scope.services = services.takeImported();
    return scope;
}

} // namespace sallyport::compile
