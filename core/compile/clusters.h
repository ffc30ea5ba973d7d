// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/scope.h"
#include "core/compile/secrets.h"
#include "core/dataplane/cluster.h"

namespace sallyport::compile {

/// What the parts of one proxy's configuration are made with.
struct ProxyContext
{
    const MeshContext &mesh;
    const Instance &instance;
    const InstancePlace &place;
    const Scope &scope;
    SecretCollector &secrets;
    std::vector<Error> &errors;      ///< what cannot be compiled, with its place in the YAML
    std::vector<Error> &warnings;    ///< what is compiled to something else than the YAML asks for
    const model::MeshConfig &config; ///< the mesh's, with what the pod's annotation overrides

    bool isGateway() const { return instance.proxy == Instance::Proxy::Gateway; }
    const MergedRule *ruleFor(const Service &service) const
    {
        return mesh.destinationRules.find(service.hostname, service.nameSpace, instance.nameSpace,
                                          instance.labels);
    }
};

/// Clusters for everything in scope: each port, and each subset of its DestinationRule.
std::vector<dataplane::Cluster> outboundClusters(const ProxyContext &proxy);

/// Limits that Istio lifts: Envoy's defaults would answer 503 at 1024 requests.
dataplane::CircuitBreakerThresholds unlimitedThresholds();

/// The DNS cache of an entry that is resolved by each request's host, and the one for hosts that nobody
/// registered.
dataplane::DnsCache dnsCacheOf(const Service &service);
dataplane::DnsCache anyHostDnsCache();
/// AllowAnyDynamicDNSCluster
dataplane::Cluster dynamicDnsCluster(const ProxyContext &proxy);

/// BlackHoleCluster and PassthroughCluster: for what goes nowhere, and where nobody has said where it goes.
dataplane::Cluster blackHoleCluster(const ProxyContext &proxy);
dataplane::Cluster passthroughCluster(const ProxyContext &proxy);

/// A port of the application behind a sidecar.
struct InboundPort
{
    std::uint32_t port = 0; ///< of the workload
    Protocol protocol = Protocol::Sniffed;
    const Service *service = nullptr; ///< the Service it belongs to; none: the mesh does not know the port
    std::uint32_t servicePort = 0;
    std::string servicePortName;
    const model::Sidecar::Ingress *ingress = nullptr; ///< the Sidecar's listener, if it has any
    std::size_t ingressIndex = 0;                     ///< in the Sidecar's list

    /// The mesh has a listener for it.
    bool isKnown() const { return service != nullptr || ingress != nullptr; }
};

/// The application's own port of a sidecar.
dataplane::Cluster inboundCluster(const ProxyContext &proxy, const std::string &name,
                                  const InboundPort &port);

} // namespace sallyport::compile
