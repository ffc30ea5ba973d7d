// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/endpoints.h"

#include "core/compile/mutual_tls.h"
#include "core/model/host_name.h"

#include <QJsonObject>
#include <algorithm>

namespace sallyport::compile {

namespace {

using Address = dataplane::SocketAddress;

constexpr const char *unixPrefix = "unix://";
const QString transportMatch = QStringLiteral("envoy.transport_socket_match");

/// Where an IP address and port of the mesh are on this machine: the pods behind a Service's address, else
/// the one address.
std::vector<Address> placed(const Placement &placement, const std::string &address, std::uint32_t port)
{
    std::vector<Address> result;
    const auto backends = placement.backends.find({address, port});
    if (backends != placement.backends.end()) {
        for (const auto &[pod, podPort] : backends->second)
            result.push_back({placement.local(pod), placement.localPort(podPort), {}});
        return result;
    }
    result.push_back({placement.local(address), placement.localPort(port), {}});
    return result;
}

std::vector<std::string> resolved(const MeshContext &mesh, const std::string &name)
{
    for (const Service &service : mesh.services) {
        if (service.hostname == name && !service.address().empty())
            return {service.address()};
    }
    const auto found = mesh.placement.hosts.find(name);
    return found == mesh.placement.hosts.end() ? std::vector<std::string>() : found->second;
}

std::vector<Address> addressesOf(const MeshContext &mesh, const Endpoint &endpoint, std::uint32_t port)
{
    const std::string prefix = unixPrefix;
    if (endpoint.address.compare(0, prefix.size(), prefix) == 0)
        return {{{}, 0, endpoint.address.substr(prefix.size())}};
    if (model::isIpAddress(endpoint.address)) {
        if (endpoint.instance)
            return {{mesh.placement.local(endpoint.address), mesh.placement.localPort(port), {}}};
        return placed(mesh.placement, endpoint.address, port);
    }
    std::vector<Address> result;
    for (const std::string &address : resolved(mesh, endpoint.address)) {
        for (Address &one : placed(mesh.placement, address, port))
            result.push_back(std::move(one));
    }
    return result;
}

dataplane::Metadata metadataOf(const MeshContext &mesh, const Endpoint &endpoint, std::uint32_t port)
{
    dataplane::Metadata metadata;
    if (!endpoint.workload.empty())
        metadata.filters.insert(
            QStringLiteral("istio"),
            QJsonObject{{QStringLiteral("workload"), QString::fromStdString(endpoint.workload)}});
    // A port whose PeerAuthentication switches mesh TLS off is not offered any.
    const bool refused =
        endpoint.instance != nullptr && inboundTlsMode(mesh, *endpoint.instance, port) == TlsMode::Disable;
    if (endpoint.meshTls && !refused)
        metadata.filters.insert(transportMatch,
                                QJsonObject{{QStringLiteral("tlsMode"), QStringLiteral("istio")}});
    return metadata;
}

} // namespace

dataplane::ClusterLoadAssignment loadAssignment(const MeshContext &mesh, const Service &service,
                                                std::uint32_t port, const model::Labels &subset,
                                                const std::string &cluster, bool firstOnly,
                                                const LocalityBalancing &balancing)
{
    dataplane::ClusterLoadAssignment assignment;
    assignment.clusterName = cluster;
    const bool byName =
        service.resolution == Resolution::Dns || service.resolution == Resolution::DnsRoundRobin;
    const ServicePort *servicePort = service.port(port);
    for (const Endpoint &endpoint : service.endpoints) {
        const std::uint32_t target = servicePort ? service.portOn(endpoint, *servicePort) : 0;
        if (target == 0 || !model::selects(subset, endpoint.labels))
            continue;
        // A host name in an entry that resolves nothing is dropped by istiod.
        if (!byName && !model::isIpAddress(endpoint.address) &&
            endpoint.address.compare(0, 7, unixPrefix) != 0)
            continue;
        const dataplane::Locality locality = localityOf(endpoint.locality);
        const std::uint32_t rank = balancing.rank(endpoint);
        auto group =
            std::find_if(assignment.endpoints.begin(), assignment.endpoints.end(), [&](const auto &other) {
                return other.locality == locality && other.priority == rank;
            });
        for (Address &address : addressesOf(mesh, endpoint, target)) {
            if (group == assignment.endpoints.end()) {
                assignment.endpoints.push_back({locality, {}, 0, rank, {}});
                group = std::prev(assignment.endpoints.end());
            }
            if (firstOnly && !group->endpoints.empty())
                break;
            dataplane::LbEndpoint member;
            member.address = std::move(address);
            member.weight = endpoint.weight;
            member.metadata = metadataOf(mesh, endpoint, target);
            if (endpoint.instance)
                member.health = dataplane::HealthStatus::Healthy;
            group->weight = group->weight.value_or(0) + endpoint.weight;
            group->endpoints.push_back(std::move(member));
        }
    }
    balancing.finish(assignment);
    return assignment;
}

void keepMeshTls(dataplane::ClusterLoadAssignment &assignment)
{
    for (dataplane::LocalityLbEndpoints &group : assignment.endpoints) {
        group.endpoints.erase(std::remove_if(group.endpoints.begin(), group.endpoints.end(),
                                             [](const dataplane::LbEndpoint &member) {
                                                 return !member.metadata.filters.contains(transportMatch);
                                             }),
                              group.endpoints.end());
    }
}

void withholdMeshTls(dataplane::ClusterLoadAssignment &assignment)
{
    for (dataplane::LocalityLbEndpoints &group : assignment.endpoints) {
        for (dataplane::LbEndpoint &member : group.endpoints)
            member.metadata.filters.remove(transportMatch);
    }
}

} // namespace sallyport::compile
