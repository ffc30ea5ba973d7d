// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/entry_endpoints.h"

#include "core/compile/locality.h"
#include "core/dataplane/request_view.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

/// The endpoint's port, first that applies: unix path, its own, the entry's targetPort, the number.
std::uint32_t entryPort(const model::WorkloadEntrySpec &endpoint, const ServicePort &port)
{
    if (const auto own = endpoint.ports.find(port.name); own != endpoint.ports.end())
        return own->second;
    return port.targetPort ? port.targetPort : port.number;
}

} // namespace

Endpoint fromWorkloadEntry(const model::WorkloadEntrySpec &source, const Service &service,
                           const std::string &trustDomain, const std::string &workload)
{
    Endpoint endpoint;
    endpoint.address = source.address;
    endpoint.labels = source.labels;
    addTopology(source.locality, source.network, endpoint.labels);
    endpoint.weight = source.weight ? source.weight : 1;
    endpoint.locality = source.locality;
    endpoint.workload = workload + ';' + service.nameSpace + ';' + workload + ";;Kubernetes";
    const auto mode = source.labels.find("security.istio.io/tlsMode");
    endpoint.meshTls = mode != source.labels.end() ? mode->second == "istio" : !source.serviceAccount.empty();
    if (!source.serviceAccount.empty())
        endpoint.spiffeId =
            "spiffe://" + trustDomain + "/ns/" + service.nameSpace + "/sa/" + source.serviceAccount;
    for (const ServicePort &port : service.ports)
        endpoint.ports.push_back({port.number, port.name, entryPort(source, port)});
    return endpoint;
}

std::vector<model::WorkloadEntry> selectedEntries(const model::Mesh &mesh, const std::string &nameSpace,
                                                  const model::Labels &selector)
{
    std::vector<model::WorkloadEntry> selected;
    for (const model::WorkloadEntry &entry : mesh.workloadEntries) {
        if (entry.metadata.resourceNamespace != nameSpace)
            continue;
        model::Labels labels = entry.metadata.labels;
        labels.insert(entry.spec.labels.begin(), entry.spec.labels.end());
        if (!model::selects(selector, labels))
            continue;
        selected.push_back(entry);
        selected.back().spec.labels = std::move(labels);
    }
    return selected;
}

void addWorkloadEntries(Service &service, const model::Service &source, const model::Mesh &mesh)
{
    for (const model::WorkloadEntry &entry : selectedEntries(mesh, service.nameSpace, source.selector)) {
        // A Service's members have addresses.
        if (!dataplane::IpAddress::parse(entry.spec.address).isValid())
            continue;
        Endpoint endpoint =
            fromWorkloadEntry(entry.spec, service, mesh.config.trustDomain, entry.metadata.name);
        endpoint.ports.clear();
        for (const model::Service::Port &port : source.ports) {
            const bool byName = !port.targetPortName.empty();
            const auto own = entry.spec.ports.find(byName ? port.targetPortName : port.name);
            if (own != entry.spec.ports.end())
                endpoint.ports.push_back({port.port, port.name, own->second});
            else if (!byName)
                endpoint.ports.push_back(
                    {port.port, port.name, port.targetPort ? port.targetPort : port.port});
        }
        service.endpoints.push_back(std::move(endpoint));
    }
}

} // namespace sallyport::compile
