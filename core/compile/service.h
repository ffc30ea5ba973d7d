// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/protocol.h"
#include "core/compile/workload.h"

#include <optional>

namespace sallyport::compile {

/// A port of a Service or ServiceEntry.
struct ServicePort
{
    std::uint32_t number = 0;
    std::string name;
    Protocol protocol = Protocol::Sniffed;
    std::uint32_t targetPort = 0; ///< ServiceEntry: 0 if not given
};

/// A port of an endpoint.
struct EndpointPort
{
    std::uint32_t servicePort = 0; ///< of the resource that brought the endpoint
    std::string name;              ///< its name there
    std::uint32_t number = 0;      ///< on the endpoint
};

/// One place that answers for a Service.
struct Endpoint
{
    std::string address; ///< in the mesh: an IP, a name (DNS entries) or `unix:///path`
    std::vector<EndpointPort> ports;
    model::Labels labels;
    bool meshTls = false; ///< `tlsMode: istio`
    std::string spiffeId; ///< empty if no service account is known
    std::uint32_t weight = 1;
    std::string locality;               ///< `region/zone/subzone`
    std::string workload;               ///< istiod's endpoint metadata, `sleep-0;default;sleep;;Kubernetes`
    const Instance *instance = nullptr; ///< the pod, if it is one
    bool foreign = false;               ///< brought by another entry of the host in the same namespace

    /// Where it answers for a port of the resource that brought it; 0: nowhere.
    std::uint32_t portFor(std::uint32_t servicePort) const;
};

/// Alias: an ExternalName Service, another name of the service that it names.
enum class Resolution { ClientSide, Dns, DnsRoundRobin, Passthrough, Dynamic, Alias };

/// Whose endpoints a service prefers by itself: those near the client.
enum class TrafficDistribution { Any, SameZone, SameNode };

/// A Kubernetes Service or one host of a ServiceEntry: what a destination names (istio: model.Service).
struct Service
{
    std::string hostname;
    std::string name; ///< of the resource; of a ServiceEntry the host
    std::string nameSpace;
    std::vector<std::string> addresses; ///< VIPs, IPs and CIDR ranges; none: every address
    std::vector<ServicePort> ports;
    Resolution resolution = Resolution::ClientSide;
    bool external = false;   ///< MESH_EXTERNAL
    bool kubernetes = false; ///< a Service, not a ServiceEntry
    std::vector<std::string> exportTo;
    std::string aliasFor;             ///< Alias: the host that it names
    std::vector<std::string> aliases; ///< hosts of the ExternalName Services that name this one
    std::vector<Endpoint> endpoints;
    std::vector<std::string> subjectAltNames;
    model::Labels labels;
    model::Labels selector;
    TrafficDistribution distribution = TrafficDistribution::Any;
    const model::Resource *source = nullptr;

    const ServicePort *port(std::uint32_t number) const;
    /// Where an endpoint, also a foreign one, answers for one of the ports; 0: nowhere. Ports of DNS entries
    /// go by their numbers, others by their names, as in istiod.
    std::uint32_t portOn(const Endpoint &endpoint, const ServicePort &port) const;
    /// SPIFFE identities that may answer: of the endpoints, then the entry's subjectAltNames.
    std::vector<std::string> identities() const;
    /// Its single address, if there is one that is an IP.
    std::string address() const;
};

/// All services of a mesh, oldest first (then by name and namespace, as istiod sorts them). Those of one host
/// and namespace have all their endpoints in common.
/// `serviceAddresses` gives ClusterIPs, `podAddresses` pod addresses by full name. `instances` must outlive
/// the result.
std::vector<Service> servicesOf(const model::Mesh &mesh, const std::vector<Instance> &instances,
                                const std::map<std::string, std::string> &serviceAddresses,
                                const std::map<std::string, std::string> &podAddresses);

/// `name.ns.svc.cluster.local`
std::string serviceHostname(const model::Service &service);

/// The container port that a Service port leads to on this pod.
std::uint32_t targetPortOn(const model::Service::Port &port, const Instance &instance);

/// istiod's order of configuration: creation time, then name, then namespace.
bool olderThan(const model::Resource &a, const model::Resource &b);

} // namespace sallyport::compile
