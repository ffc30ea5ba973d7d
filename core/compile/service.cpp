// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/service.h"

#include "core/compile/entry_endpoints.h"
#include "core/compile/locality.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

constexpr const char *clusterDomain = "cluster.local";

std::vector<std::string> exportOf(const std::vector<std::string> &own,
                                  const std::vector<std::string> &byDefault)
{
    return own.empty() ? byDefault : own;
}

std::vector<std::string> splitAnnotation(const model::Labels &annotations, const char *key)
{
    std::vector<std::string> values;
    const auto found = annotations.find(key);
    if (found == annotations.end())
        return values;
    std::string rest = found->second;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::string value = rest.substr(0, comma);
        value.erase(0, value.find_first_not_of(' '));
        value.erase(value.find_last_not_of(' ') + 1);
        if (!value.empty())
            values.push_back(value);
        rest.erase(0, comma + 1);
    }
    return values;
}

/// In lower case; empty: nothing is said.
std::string writtenDistribution(const model::Resource &resource)
{
    const auto found = resource.metadata.annotations.find("networking.istio.io/traffic-distribution");
    return found == resource.metadata.annotations.end() ? std::string() : model::lowerCase(found->second);
}

/// As a Service's field says, else its annotation, else its namespace's
/// (istio:pilot/pkg/model/service.go GetTrafficDistribution).
TrafficDistribution distributionOf(const model::Resource &source, const std::string &field,
                                   const model::Mesh &mesh)
{
    if (field == "PreferClose" || field == "PreferSameZone")
        return TrafficDistribution::SameZone;
    if (field == "PreferSameNode")
        return TrafficDistribution::SameNode;
    std::string written = writtenDistribution(source);
    const model::Namespace *nameSpace = mesh.findNamespace(source.metadata.resourceNamespace);
    if (written.empty() && nameSpace != nullptr)
        written = writtenDistribution(*nameSpace);
    if (written == "preferclose" || written == "prefersamezone")
        return TrafficDistribution::SameZone;
    return written == "prefersamenode" ? TrafficDistribution::SameNode : TrafficDistribution::Any;
}

Endpoint endpointOf(const Instance &instance, const std::map<std::string, std::string> &podAddresses)
{
    Endpoint endpoint;
    const auto address = podAddresses.find(instance.name);
    endpoint.address = address == podAddresses.end() ? std::string() : address->second;
    endpoint.labels = instance.labels;
    endpoint.meshTls = instance.speaksMeshTls();
    endpoint.spiffeId = instance.spiffeId;
    endpoint.workload =
        instance.workload + ';' + instance.nameSpace + ';' + instance.workload + ";;Kubernetes";
    endpoint.locality = localityLabel(instance.labels);
    addTopology(endpoint.locality, {}, endpoint.labels);
    endpoint.instance = &instance;
    return endpoint;
}

Service fromKubernetes(const model::Service &source, const model::Mesh &mesh,
                       const std::vector<Instance> &instances,
                       const std::map<std::string, std::string> &serviceAddresses,
                       const std::map<std::string, std::string> &podAddresses)
{
    Service service;
    service.hostname = serviceHostname(source);
    service.name = source.metadata.name;
    service.nameSpace = source.metadata.resourceNamespace;
    service.kubernetes = true;
    service.labels = source.metadata.labels;
    service.selector = source.selector;
    service.distribution = distributionOf(source, source.trafficDistribution, mesh);
    service.source = &source;
    service.exportTo = exportOf(splitAnnotation(source.metadata.annotations, "networking.istio.io/exportTo"),
                                mesh.config.defaultServiceExportTo);
    for (const model::Service::Port &port : source.ports)
        service.ports.push_back({port.port, port.name,
                                 kubernetesProtocol(port.protocol, port.appProtocol, port.name, port.port),
                                 port.targetPort});
    if (!source.externalName.empty()) {
        service.resolution = Resolution::Alias;
        service.external = true;
        service.aliasFor = source.externalName;
        return service;
    }
    if (source.clusterIp == "None") {
        service.resolution = Resolution::Passthrough;
    } else if (const auto found = serviceAddresses.find(mesh.name + '/' + service.hostname);
               found != serviceAddresses.end()) {
        service.addresses.push_back(found->second);
    }
    if (source.selector.empty())
        return service;
    for (const Instance &instance : instances) {
        if (instance.nameSpace != service.nameSpace || !model::selects(source.selector, instance.labels))
            continue;
        Endpoint endpoint = endpointOf(instance, podAddresses);
        for (const model::Service::Port &port : source.ports) {
            if (const std::uint32_t target = targetPortOn(port, instance))
                endpoint.ports.push_back({port.port, port.name, target});
        }
        service.endpoints.push_back(std::move(endpoint));
    }
    if (service.resolution == Resolution::ClientSide)
        addWorkloadEntries(service, source, mesh);
    return service;
}

Resolution resolutionOf(model::ServiceEntry::Resolution resolution)
{
    switch (resolution) {
    case model::ServiceEntry::Resolution::None:
        return Resolution::Passthrough;
    case model::ServiceEntry::Resolution::Static:
        return Resolution::ClientSide;
    case model::ServiceEntry::Resolution::Dns:
        return Resolution::Dns;
    case model::ServiceEntry::Resolution::DnsRoundRobin:
        return Resolution::DnsRoundRobin;
    case model::ServiceEntry::Resolution::DynamicDns:
        return Resolution::Dynamic;
    }
    return Resolution::Passthrough;
}

void addEntryEndpoints(Service &service, const model::ServiceEntry &source, const model::Mesh &mesh,
                       const std::vector<Instance> &instances,
                       const std::map<std::string, std::string> &podAddresses)
{
    if (source.workloadSelector) {
        for (const model::WorkloadEntry &entry :
             selectedEntries(mesh, service.nameSpace, *source.workloadSelector))
            service.endpoints.push_back(
                fromWorkloadEntry(entry.spec, service, mesh.config.trustDomain, entry.metadata.name));
        for (const Instance &instance : instances) {
            if (instance.nameSpace != service.nameSpace ||
                !model::selects(*source.workloadSelector, instance.labels))
                continue;
            Endpoint endpoint = endpointOf(instance, podAddresses);
            for (const ServicePort &port : service.ports)
                endpoint.ports.push_back(
                    {port.number, port.name, port.targetPort ? port.targetPort : port.number});
            service.endpoints.push_back(std::move(endpoint));
        }
        return;
    }
    int index = 0;
    for (const model::WorkloadEntrySpec &spec : source.endpoints)
        service.endpoints.push_back(fromWorkloadEntry(spec, service, mesh.config.trustDomain,
                                                      source.metadata.name + '-' + std::to_string(index++)));
    const bool byName =
        service.resolution == Resolution::Dns || service.resolution == Resolution::DnsRoundRobin;
    if (source.endpoints.empty() && byName) {
        // The host's own name is the single endpoint.
        model::WorkloadEntrySpec spec;
        spec.address = service.hostname;
        service.endpoints.push_back(
            fromWorkloadEntry(spec, service, mesh.config.trustDomain, service.hostname));
        service.endpoints.back().meshTls = false;
    }
}

std::vector<Service> fromEntry(const model::ServiceEntry &source, const model::Mesh &mesh,
                               const std::vector<Instance> &instances,
                               const std::map<std::string, std::string> &podAddresses)
{
    std::vector<Service> services;
    for (const std::string &host : source.hosts) {
        Service service;
        service.hostname = host;
        service.name = host;
        service.nameSpace = source.metadata.resourceNamespace;
        service.labels = source.metadata.labels;
        service.resolution = resolutionOf(source.resolution);
        service.external = source.location == model::ServiceEntry::Location::MeshExternal;
        service.exportTo = exportOf(source.exportTo, mesh.config.defaultServiceExportTo);
        service.subjectAltNames = source.subjectAltNames;
        service.distribution = distributionOf(source, {}, mesh);
        service.source = &source;
        for (const std::string &address : source.addresses) {
            // `a/32` is an address.
            const std::size_t slash = address.find("/32");
            service.addresses.push_back(slash != std::string::npos && slash + 3 == address.size()
                                            ? address.substr(0, slash)
                                            : address);
        }
        for (const model::ServiceEntry::Port &port : source.ports)
            service.ports.push_back({port.number, port.name, parseProtocol(port.protocol), port.targetPort});
        addEntryEndpoints(service, source, mesh, instances, podAddresses);
        services.push_back(std::move(service));
    }
    return services;
}

/// Tells services by which other names they are known; an alias of an alias leads on to what is none
/// (istio:pilot/pkg/model/push_context.go resolveServiceAliases).
void resolveAliases(std::vector<Service> &services)
{
    std::map<std::string, std::string> named;
    for (const Service &service : services) {
        if (service.resolution == Resolution::Alias)
            named.emplace(service.hostname, service.aliasFor);
    }
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> aliases;
    for (const Service &service : services) {
        if (service.resolution != Resolution::Alias)
            continue;
        std::string host = service.aliasFor;
        std::set<std::string> seen = {service.hostname};
        for (auto next = named.find(host); next != named.end() && seen.insert(host).second;
             next = named.find(host))
            host = next->second;
        if (named.count(host) == 0)
            aliases[host].emplace_back(service.nameSpace, service.hostname);
    }
    for (Service &service : services) {
        const auto found = aliases.find(service.hostname);
        if (found == aliases.end())
            continue;
        std::sort(found->second.begin(), found->second.end());
        for (const auto &[nameSpace, host] : found->second)
            service.aliases.push_back(host);
    }
}

/// Endpoints belong to the host in its namespace: each entry of it has them all, of round-robin entries only
/// the first for a port (istio:pilot/pkg/serviceregistry/serviceentry/conversion.go
/// mergeServicesInstancesByNamespaceHost).
void shareEndpoints(std::vector<Service> &services)
{
    std::map<std::pair<std::string, std::string>, std::vector<Service *>> entries;
    for (Service &service : services)
        entries[{service.nameSpace, service.hostname}].push_back(&service);
    for (auto &[host, list] : entries) {
        if (list.size() < 2)
            continue;
        std::set<std::uint32_t> taken;
        for (Service *service : list) {
            for (Endpoint &endpoint : service->endpoints) {
                if (service->resolution == Resolution::DnsRoundRobin)
                    std::erase_if(endpoint.ports, [&taken](const EndpointPort &port) {
                        return taken.count(port.servicePort) != 0;
                    });
                for (const EndpointPort &port : endpoint.ports)
                    taken.insert(port.servicePort);
            }
        }
        std::vector<std::vector<Endpoint>> own;
        for (const Service *service : list)
            own.push_back(service->endpoints);
        for (std::size_t index = 0; index < list.size(); ++index) {
            list[index]->endpoints.clear();
            for (std::size_t from = 0; from < own.size(); ++from) {
                for (Endpoint endpoint : own[from]) {
                    endpoint.foreign = from != index;
                    list[index]->endpoints.push_back(std::move(endpoint));
                }
            }
            // The names that may answer are known by host and namespace: those of the last entry count.
            list[index]->subjectAltNames = list.back()->subjectAltNames;
        }
    }
}

} // namespace

std::uint32_t Endpoint::portFor(std::uint32_t servicePort) const
{
    const auto found = std::find_if(ports.begin(), ports.end(), [servicePort](const EndpointPort &port) {
        return port.servicePort == servicePort;
    });
    return foreign || found == ports.end() ? 0 : found->number;
}

std::uint32_t Service::portOn(const Endpoint &endpoint, const ServicePort &port) const
{
    const bool byNumber = resolution == Resolution::Dns || resolution == Resolution::DnsRoundRobin;
    const auto found =
        std::find_if(endpoint.ports.begin(), endpoint.ports.end(), [&](const EndpointPort &each) {
            return byNumber ? each.servicePort == port.number : each.name == port.name;
        });
    return found == endpoint.ports.end() ? 0 : found->number;
}

const ServicePort *Service::port(std::uint32_t number) const
{
    const auto found = std::find_if(ports.begin(), ports.end(),
                                    [number](const ServicePort &p) { return p.number == number; });
    return found == ports.end() ? nullptr : &*found;
}

std::vector<std::string> Service::identities() const
{
    std::vector<std::string> names;
    for (const Endpoint &endpoint : endpoints) {
        if (!endpoint.spiffeId.empty())
            names.push_back(endpoint.spiffeId);
    }
    names.insert(names.end(), subjectAltNames.begin(), subjectAltNames.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string Service::address() const
{
    for (const std::string &candidate : addresses) {
        if (candidate.find('/') == std::string::npos)
            return candidate;
    }
    return {};
}

std::string serviceHostname(const model::Service &service)
{
    return service.metadata.name + '.' + service.metadata.resourceNamespace + ".svc." + clusterDomain;
}

std::uint32_t targetPortOn(const model::Service::Port &port, const Instance &instance)
{
    if (!port.targetPortName.empty()) {
        const auto named = instance.containerPortNames.find(port.targetPortName);
        return named == instance.containerPortNames.end() ? 0 : named->second;
    }
    return port.targetPort ? port.targetPort : port.port;
}

bool olderThan(const model::Resource &a, const model::Resource &b)
{
    // RFC 3339 times in UTC compare as text; files without times come first, as one moment.
    if (a.metadata.creationTimestamp != b.metadata.creationTimestamp)
        return a.metadata.creationTimestamp < b.metadata.creationTimestamp;
    if (a.metadata.name != b.metadata.name)
        return a.metadata.name < b.metadata.name;
    return a.metadata.resourceNamespace < b.metadata.resourceNamespace;
}

std::vector<Service> servicesOf(const model::Mesh &mesh, const std::vector<Instance> &instances,
                                const std::map<std::string, std::string> &serviceAddresses,
                                const std::map<std::string, std::string> &podAddresses)
{
    std::vector<Service> services;
    for (const model::Service &source : mesh.services)
        services.push_back(fromKubernetes(source, mesh, instances, serviceAddresses, podAddresses));
    for (const model::ServiceEntry &source : mesh.serviceEntries) {
        for (Service &service : fromEntry(source, mesh, instances, podAddresses))
            services.push_back(std::move(service));
    }
    std::stable_sort(services.begin(), services.end(), [](const Service &a, const Service &b) {
        const std::string &left = a.source->metadata.creationTimestamp;
        const std::string &right = b.source->metadata.creationTimestamp;
        return std::tie(left, a.name, a.nameSpace) < std::tie(right, b.name, b.nameSpace);
    });
    shareEndpoints(services);
    resolveAliases(services);
    return services;
}

} // namespace sallyport::compile
