// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/mesh_context.h"

#include "core/compile/names.h"
#include "core/compile/visibility.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

std::map<std::string, std::string> podAddresses(const Placement &placement)
{
    std::map<std::string, std::string> addresses;
    for (const auto &[name, place] : placement.instances)
        addresses.emplace(name, place.meshAddress);
    return addresses;
}

/// Whether two entries of one host and namespace are one service (istio:pilot/pkg/model/sidecar.go).
bool areOne(const Service &a, const Service &b)
{
    return a.resolution == b.resolution && a.kubernetes == b.kubernetes && a.labels == b.labels &&
           a.exportTo == b.exportTo;
}

/// One namespace has a host: the preferred one, else that of a Kubernetes Service, else the first. Entries of
/// it that fit together share their ports, the first that has a port keeps it, and all share their endpoints.
std::vector<Service> withoutRepetition(const std::vector<const Service *> &candidates,
                                       const std::string &preferred)
{
    std::vector<const Service *> order = candidates;
    std::stable_sort(order.begin(), order.end(), [&preferred](const Service *a, const Service *b) {
        const auto rank = [&preferred](const Service *s) {
            return s->nameSpace == preferred ? 0 : s->kubernetes ? 1 : 2;
        };
        return rank(a) < rank(b);
    });
    std::map<std::string, const Service *> chosen;
    std::map<std::pair<std::string, std::uint32_t>, const Service *> owners;
    for (const Service *service : order) {
        const Service *first = chosen.emplace(service->hostname, service).first->second;
        if (service->nameSpace != first->nameSpace || !areOne(*service, *first))
            continue;
        for (const ServicePort &port : service->ports)
            owners.emplace(std::pair(service->hostname, port.number), service);
    }
    std::vector<Service> services;
    for (const Service *service : candidates) {
        Service own = *service;
        own.ports.clear();
        for (const ServicePort &port : service->ports) {
            const auto owner = owners.find({service->hostname, port.number});
            if (owner != owners.end() && owner->second == service)
                own.ports.push_back(port);
        }
        for (const Service *other : candidates) {
            if (other == service || other->hostname != service->hostname ||
                other->nameSpace != service->nameSpace)
                continue;
            for (const Endpoint &endpoint : other->endpoints) {
                const bool useful =
                    std::any_of(own.ports.begin(), own.ports.end(), [&endpoint](const ServicePort &p) {
                        return endpoint.ports.count(p.number) != 0;
                    });
                if (useful)
                    own.endpoints.push_back(endpoint);
            }
        }
        if (!own.ports.empty())
            services.push_back(std::move(own));
    }
    return services;
}

void keepPorts(Service &service, const std::set<std::uint32_t> &numbers)
{
    std::erase_if(service.ports,
                  [&numbers](const ServicePort &port) { return numbers.count(port.number) == 0; });
}

void dropPortless(std::vector<Service> &services)
{
    std::erase_if(services, [](const Service &service) { return service.ports.empty(); });
}

/// Puts a listener's services to those of the listeners before it, port by port.
void addPorts(std::vector<Service> &services, const Service &more)
{
    const auto known = std::find_if(services.begin(), services.end(), [&more](const Service &own) {
        return own.hostname == more.hostname && own.source == more.source;
    });
    if (known == services.end()) {
        services.push_back(more);
        return;
    }
    for (const ServicePort &port : more.ports) {
        if (!known->port(port.number))
            known->ports.push_back(port);
    }
}

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

/// `ns/host` of Sidecar.egress.hosts.
struct Import
{
    std::string nameSpace;
    std::string host;
    bool excluded = false;
};

/// `.` is the workload's own namespace, also in the root namespace's Sidecar.
std::vector<Import> importsOf(const model::Sidecar::Egress &egress, const std::string &workloadNamespace)
{
    std::vector<Import> imports;
    for (const std::string &entry : egress.hosts) {
        const std::size_t slash = entry.find('/');
        if (slash == std::string::npos)
            continue;
        Import import;
        import.nameSpace = entry.substr(0, slash);
        import.host = entry.substr(slash + 1);
        if (import.nameSpace == ".")
            import.nameSpace = workloadNamespace;
        if (!import.nameSpace.empty() && import.nameSpace.front() == '~') {
            if (import.nameSpace == "~")
                continue;
            import.nameSpace.erase(0, 1);
            import.excluded = true;
        }
        imports.push_back(std::move(import));
    }
    return imports;
}

bool imports(const std::vector<Import> &list, const std::string &nameSpace, const std::string &host,
             bool eitherWay)
{
    const auto fits = [&](const Import &import) {
        return (import.nameSpace == "*" || import.nameSpace == nameSpace) &&
               (import.host == "*" ||
                (eitherWay ? model::hostsOverlap(host, import.host) : model::isSubsetOf(host, import.host)));
    };
    bool found = false;
    for (const Import &import : list) {
        if (!fits(import))
            continue;
        if (import.excluded)
            return false;
        found = true;
    }
    return found;
}

/// Ports of an imported service that VirtualServices lead to and its listener does not stand for.
std::optional<Service> otherPorts(const MeshContext &mesh, const Service &known,
                                  const std::set<std::uint32_t> &wanted)
{
    const auto whole =
        std::find_if(mesh.services.begin(), mesh.services.end(), [&known](const Service &service) {
            return service.source == known.source && service.hostname == known.hostname;
        });
    if (whole == mesh.services.end())
        return std::nullopt;
    Service rest = *whole;
    std::erase_if(rest.ports, [&](const ServicePort &port) {
        return known.port(port.number) != nullptr || (wanted.count(0) == 0 && wanted.count(port.number) == 0);
    });
    return rest.ports.empty() ? std::nullopt : std::optional(std::move(rest));
}

/// Services that imported VirtualServices lead to and that are not imported themselves, with the ports that
/// are led to.
std::vector<Service> destinationsOf(const MeshContext &mesh, const Scope &scope, const std::string &nameSpace)
{
    std::vector<const Service *> found;
    std::map<std::string, std::set<std::uint32_t>> ports;
    std::map<const Service *, std::set<std::uint32_t>> partly;
    for (const EgressListener &listener : scope.listeners) {
        for (const model::VirtualService *virtualService : listener.virtualServices) {
            for (const auto &[host, numbers] : destinationPorts(*virtualService)) {
                if (const Service *known = scope.find(host)) {
                    if (listener.port() != 0)
                        partly[known].insert(listener.port());
                    else
                        partly[known].insert(numbers.begin(), numbers.end());
                    continue;
                }
                // A listener that stands for a port leads to that port only.
                if (listener.port() != 0)
                    ports[host].insert(listener.port());
                else
                    ports[host].insert(numbers.begin(), numbers.end());
                for (const Service &service : mesh.services) {
                    if (service.hostname == host &&
                        isVisible(service.exportTo, service.nameSpace, nameSpace) &&
                        std::find(found.begin(), found.end(), &service) == found.end())
                        found.push_back(&service);
                }
            }
        }
    }
    std::vector<Service> services = withoutRepetition(found, nameSpace);
    for (Service &service : services) {
        const std::set<std::uint32_t> &wanted = ports[service.hostname];
        if (wanted.count(0) == 0)
            keepPorts(service, wanted);
    }
    dropPortless(services);
    for (const auto &[known, wanted] : partly) {
        if (auto rest = otherPorts(mesh, *known, wanted))
            services.push_back(std::move(*rest));
    }
    return services;
}

/// An alias that is not imported is no name of the service here.
void keepAliases(Service &service, const std::vector<Import> &list)
{
    std::erase_if(service.aliases,
                  [&](const std::string &alias) { return !imports(list, service.nameSpace, alias, false); });
}

std::vector<const model::VirtualService *> importedVirtualServices(const MeshContext &mesh,
                                                                   const std::vector<Import> &list,
                                                                   const std::string &nameSpace)
{
    std::vector<const model::VirtualService *> found;
    for (const model::VirtualService &candidate : mesh.virtualServices) {
        if (!isBoundTo(candidate, "mesh") ||
            !isVisible(candidate.exportTo, candidate.metadata.resourceNamespace, nameSpace))
            continue;
        const bool imported =
            std::any_of(candidate.hosts.begin(), candidate.hosts.end(), [&](const std::string &host) {
                return imports(list, candidate.metadata.resourceNamespace, host, true);
            });
        if (imported)
            found.push_back(&candidate);
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

std::vector<const Service *> visibleServices(const MeshContext &mesh, const std::string &nameSpace)
{
    std::vector<const Service *> services;
    for (const Service &service : mesh.services) {
        if (isVisible(service.exportTo, service.nameSpace, nameSpace))
            services.push_back(&service);
    }
    // What is exported to this namespace in particular comes before what everybody sees.
    std::stable_partition(services.begin(), services.end(), [](const Service *service) {
        return exportRank(service->exportTo, service->nameSpace) < 2;
    });
    return services;
}

} // namespace

MeshContext::MeshContext(const model::Mesh &ofMesh, const Placement &onMachine)
    : mesh(ofMesh)
    , placement(onMachine)
    , instances(instancesOf(ofMesh))
    , services(servicesOf(ofMesh, instances, onMachine.serviceAddresses, podAddresses(onMachine)))
    , virtualServices(resolvedVirtualServices(ofMesh))
    , destinationRules(ofMesh)
{
}

std::vector<std::string> MeshContext::trustDomains() const
{
    std::vector<std::string> domains = {mesh.config.trustDomain};
    for (const std::string &alias : mesh.config.trustDomainAliases) {
        if (std::find(domains.begin(), domains.end(), alias) == domains.end())
            domains.push_back(alias);
    }
    return domains;
}

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
    const std::vector<const Service *> visible = visibleServices(mesh, instance.nameSpace);
    if (!scope.sidecar || scope.sidecar->egress.empty()) {
        scope.listeners.push_back(
            {nullptr, 0, {}, importedVirtualServices(mesh, {{"*", "*", false}}, instance.nameSpace)});
        scope.services = withoutRepetition(visible, instance.nameSpace);
    } else {
        for (std::size_t index = 0; index < scope.sidecar->egress.size(); ++index) {
            const model::Sidecar::Egress &egress = scope.sidecar->egress[index];
            reportUncompiled(*scope.sidecar, index, errors);
            const std::vector<Import> list = importsOf(egress, instance.nameSpace);
            std::vector<const Service *> services;
            for (const Service *service : visible) {
                if (imports(list, service->nameSpace, service->hostname, false))
                    services.push_back(service);
            }
            EgressListener listener{&egress, index, withoutRepetition(services, instance.nameSpace),
                                    importedVirtualServices(mesh, list, instance.nameSpace)};
            for (Service &service : *listener.services) {
                keepAliases(service, list);
                if (listener.port() != 0)
                    keepPorts(service, {listener.port()});
            }
            dropPortless(*listener.services);
            for (const Service &service : *listener.services)
                addPorts(scope.services, service);
            scope.listeners.push_back(std::move(listener));
        }
        // The usual Sidecar has one listener, for all ports: it sees what the proxy sees.
        if (scope.listeners.size() == 1)
            scope.listeners.front().services.reset();
    }
    for (const EgressListener &listener : scope.listeners) {
        for (const model::VirtualService *service : listener.virtualServices) {
            if (std::find(scope.virtualServices.begin(), scope.virtualServices.end(), service) ==
                scope.virtualServices.end())
                scope.virtualServices.push_back(service);
        }
    }
    scope.destinations = destinationsOf(mesh, scope, instance.nameSpace);
    return scope;
}

Scope gatewayScope(const MeshContext &mesh, const Instance &instance)
{
    Scope scope;
    // A gateway does not prefer its own namespace.
    scope.services = withoutRepetition(visibleServices(mesh, instance.nameSpace), {});
    return scope;
}

} // namespace sallyport::compile
