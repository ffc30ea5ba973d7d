// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    std::vector<Error> &errors;   ///< what cannot be compiled, with its place in the YAML
    std::vector<Error> &warnings; ///< what is compiled to something else than the YAML asks for

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

dataplane::Cluster blackHoleCluster(const ProxyContext &proxy);
dataplane::Cluster passthroughCluster(const ProxyContext &proxy);

/// The application's own port of a sidecar.
dataplane::Cluster inboundCluster(const ProxyContext &proxy, const std::string &name, std::uint32_t port,
                                  Protocol protocol, const Service *service);

} // namespace sallyport::compile
