// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/imported_services.h"

#include "core/compile/visibility.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

/// An alias that is not imported is no name of the service here.
void keepAliases(Service &service, const std::vector<Import> &list)
{
    std::erase_if(service.aliases,
                  [&](const std::string &alias) { return !imports(list, service.nameSpace, alias, false); });
}

/// The entry that stands for a host of a namespace where only one can: a Kubernetes Service, else the oldest.
const Service *representative(const MeshContext &mesh, const std::string &host, const std::string &nameSpace)
{
    const auto found = mesh.servicesByHost.find(host);
    const Service *chosen = nullptr;
    if (found == mesh.servicesByHost.end())
        return nullptr;
    for (const Service *service : found->second) {
        if (service->nameSpace == nameSpace &&
            (chosen == nullptr || (service->kubernetes && !chosen->kubernetes)))
            chosen = service;
    }
    return chosen;
}

/// A list of hosts in full with their namespaces is looked up, one entry for each.
bool namesEachHost(const std::vector<Import> &list)
{
    return std::all_of(list.begin(), list.end(), [](const Import &import) {
        return import.excluded || (import.nameSpace != "*" && !model::isWildcard(import.host));
    });
}

std::vector<const Service *> namedServices(const MeshContext &mesh, const std::vector<Import> &list,
                                           const std::string &viewer)
{
    std::vector<const Service *> services;
    for (const Import &import : list) {
        const Service *service =
            import.excluded ? nullptr : representative(mesh, import.host, import.nameSpace);
        if (service != nullptr && isVisible(service->exportTo, service->nameSpace, viewer) &&
            std::find(services.begin(), services.end(), service) == services.end())
            services.push_back(service);
    }
    std::sort(services.begin(), services.end()); // as the mesh has them
    return services;
}

/// Which namespace has each host.
std::map<std::string, std::string> ownersOf(const std::vector<Service> &services, const std::string &viewer)
{
    struct Owner
    {
        std::string nameSpace;
        bool kubernetes = false;
    };
    std::map<std::string, Owner> owners;
    for (const Service &service : services) {
        const auto [known, isNew] = owners.try_emplace(service.hostname);
        const bool ofKubernetes = service.kubernetes && !known->second.kubernetes;
        if (isNew || service.nameSpace == viewer || (ofKubernetes && known->second.nameSpace != viewer))
            known->second = {service.nameSpace, service.kubernetes};
    }
    std::map<std::string, std::string> result;
    for (auto &[host, owner] : owners)
        result.emplace(host, std::move(owner.nameSpace));
    return result;
}

/// Whether two entries of one host are one service.
bool areOne(const Service &a, const Service &b)
{
    return a.nameSpace == b.nameSpace && a.resolution == b.resolution && a.kubernetes == b.kubernetes &&
           a.labels == b.labels && a.selector == b.selector &&
           std::is_permutation(a.exportTo.begin(), a.exportTo.end(), b.exportTo.begin(), b.exportTo.end());
}

const Service *destinationNamed(const MeshContext &mesh, const std::string &host,
                                const std::string &nameSpace)
{
    if (const Service *own = representative(mesh, host, nameSpace))
        return own;
    const auto found = mesh.servicesByHost.find(host);
    if (found == mesh.servicesByHost.end())
        return nullptr;
    const Service *oldest = nullptr;
    for (const Service *service : found->second) {
        if (representative(mesh, host, service->nameSpace) != service ||
            !isVisible(service->exportTo, service->nameSpace, nameSpace))
            continue;
        if (service->kubernetes)
            return service;
        if (oldest == nullptr)
            oldest = service;
    }
    return oldest;
}

} // namespace

std::vector<Import> importsOf(const model::Sidecar::Egress &egress, const std::string &workloadNamespace)
{
    std::vector<Import> imports;
    for (const std::string &entry : egress.hosts) {
        const std::size_t slash = entry.find('/');
        if (slash == std::string::npos)
            continue;
        Import import;
        const std::string_view nameSpace = std::string_view(entry).substr(0, slash);
        import.excluded = nameSpace.starts_with('~');
        import.nameSpace =
            nameSpace == "~" ? std::string("*") : std::string(nameSpace.substr(import.excluded ? 1 : 0));
        import.host = entry.substr(slash + 1);
        if (import.nameSpace == ".")
            import.nameSpace = workloadNamespace;
        imports.push_back(std::move(import));
    }
    return imports;
}

bool imports(const std::vector<Import> &list, const std::string &nameSpace, const std::string &host,
             bool eitherWay)
{
    const auto fits = [&](const Import &import) {
        return (import.nameSpace == "*" || import.nameSpace == nameSpace) &&
               (import.host == "*" || (eitherWay && !import.excluded ? model::hostsOverlap(host, import.host)
                                                                     : model::isSubsetOf(host, import.host)));
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

std::vector<const Service *> visibleServices(const MeshContext &mesh, const std::string &nameSpace)
{
    std::vector<const Service *> services;
    for (const Service &service : mesh.services) {
        if (isVisible(service.exportTo, service.nameSpace, nameSpace))
            services.push_back(&service);
    }
    std::stable_partition(services.begin(), services.end(),
                          [](const Service *service) { return !isPublic(service->exportTo); });
    return services;
}

std::vector<Service> importedServices(const MeshContext &mesh, const std::vector<Import> &list,
                                      std::uint32_t port, const std::string &viewer)
{
    std::vector<Service> services;
    for (const Service *service :
         namesEachHost(list) ? namedServices(mesh, list, viewer) : visibleServices(mesh, viewer)) {
        if (!imports(list, service->nameSpace, service->hostname, false) ||
            (port != 0 && !service->port(port)))
            continue;
        Service &own = services.emplace_back(*service);
        keepAliases(own, list);
        if (port != 0)
            std::erase_if(own.ports, [port](const ServicePort &each) { return each.number != port; });
    }
    const std::map<std::string, std::string> owners = ownersOf(services, viewer);
    std::erase_if(services, [&owners](const Service &service) {
        return owners.at(service.hostname) != service.nameSpace;
    });
    return services;
}

void ServiceCollection::add(const Service &service, bool imported)
{
    std::vector<Service> &list = imported ? m_imported : m_others;
    const auto [known, isNew] = m_known.try_emplace(service.hostname, Where{imported, list.size()});
    if (isNew) {
        list.push_back(service);
        return;
    }
    Service &first = (known->second.imported ? m_imported : m_others)[known->second.index];
    m_repetition = m_repetition || service.source != first.source;
    if (service.kubernetes && !first.kubernetes) {
        first = service;
        return;
    }
    if (!areOne(first, service))
        return;
    for (const ServicePort &port : service.ports) {
        if (first.port(port.number))
            continue;
        first.ports.push_back(port);
        m_repetition = true;
    }
}

void addDestinations(const MeshContext &mesh, const model::VirtualService &virtualService,
                     std::uint32_t listenerPort, const std::string &nameSpace, ServiceCollection &into)
{
    for (auto &[host, numbers] : destinationPorts(virtualService, nameSpace)) {
        const Service *found = destinationNamed(mesh, host, nameSpace);
        if (found == nullptr)
            continue;
        // A listener that stands for a port leads to that port only.
        const std::set<std::uint32_t> wanted =
            listenerPort != 0 ? std::set<std::uint32_t>{listenerPort} : numbers;
        if (wanted.count(0) != 0) {
            into.add(*found, false);
            continue;
        }
        Service service = *found;
        std::erase_if(service.ports,
                      [&wanted](const ServicePort &port) { return wanted.count(port.number) == 0; });
        if (!service.ports.empty())
            into.add(service, false);
    }
}

} // namespace sallyport::compile
