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

/// An address on this machine, and as a proxy in the mesh would write it (`ip:port`; empty for a path).
struct Placed
{
    Address address;
    std::string inMesh;
};

std::string written(const std::string &address, std::uint32_t port)
{
    const bool bracketed = address.find(':') != std::string::npos;
    return (bracketed ? '[' + address + ']' : address) + ':' + std::to_string(port);
}

Placed place(const Placement &placement, const std::string &address, std::uint32_t port)
{
    return {{placement.local(address), placement.localPort(port), {}}, written(address, port)};
}

/// Where an IP address and port of the mesh are on this machine: the pods behind a Service's address, else
/// the one address.
std::vector<Placed> placed(const Placement &placement, const std::string &address, std::uint32_t port)
{
    const auto backends = placement.backends.find({address, port});
    if (backends == placement.backends.end())
        return {place(placement, address, port)};
    std::vector<Placed> result;
    for (const auto &[pod, podPort] : backends->second)
        result.push_back(place(placement, pod, podPort));
    // The mesh's proxy knows the Service's address alone.
    if (result.size() == 1)
        result.front().inMesh = written(address, port);
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

std::vector<Placed> addressesOf(const MeshContext &mesh, const Endpoint &endpoint, std::uint32_t port)
{
    const std::string prefix = unixPrefix;
    if (endpoint.address.compare(0, prefix.size(), prefix) == 0)
        return {{{{}, 0, endpoint.address.substr(prefix.size())}, {}}};
    if (model::isIpAddress(endpoint.address)) {
        if (endpoint.instance)
            return {place(mesh.placement, endpoint.address, port)};
        return placed(mesh.placement, endpoint.address, port);
    }
    std::vector<Placed> result;
    for (const std::string &address : resolved(mesh, endpoint.address)) {
        for (Placed &one : placed(mesh.placement, address, port))
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

/// A host's places on the ring and in the table come from its address: from the mesh's, not this machine's.
void keepHash(const std::string &inMesh, dataplane::LbEndpoint &member)
{
    if (!inMesh.empty() && inMesh != written(member.address.address, member.address.port))
        member.metadata.filters.insert(
            QStringLiteral("envoy.lb"),
            QJsonObject{{QStringLiteral("hash_key"), QString::fromStdString(inMesh)}});
}

} // namespace

dataplane::ClusterLoadAssignment loadAssignment(const MeshContext &mesh, const Service &service,
                                                std::uint32_t port, const model::Labels &subset,
                                                const std::string &cluster, bool firstOnly,
                                                const LocalityBalancing &balancing, bool hashed)
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
        for (Placed &place : addressesOf(mesh, endpoint, target)) {
            if (group == assignment.endpoints.end()) {
                assignment.endpoints.push_back({locality, {}, 0, rank, {}});
                group = std::prev(assignment.endpoints.end());
            }
            if (firstOnly && !group->endpoints.empty())
                break;
            dataplane::LbEndpoint member;
            member.address = std::move(place.address);
            member.weight = endpoint.weight;
            member.metadata = metadataOf(mesh, endpoint, target);
            if (hashed)
                keepHash(place.inMesh, member);
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
