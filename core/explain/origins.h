// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explanation.h"
#include "core/explain/scene.h"

#include "core/compile/workload.h"

namespace sallyport::explain {

/// Finds the resources that Envoy objects were made from: by istiod's reference in their metadata, by names
/// that Istio gives them, and by what selects a workload. What Istio makes by itself has no origin. Refers to
/// the scene's project.
class Origins
{
public:
    explicit Origins(const Scene &scene);

    /// The VirtualService and its rule; of a route without one, nothing.
    std::vector<Source> ofRoute(const Proxy &proxy, const dataplane::Route &route) const;
    /// Of a sidecar: the Service or ServiceEntry with the host, or the mesh's outbound policy; of a gateway:
    /// the server of the Gateway.
    std::vector<Source> ofVirtualHost(const Proxy &proxy, const dataplane::RouteConfiguration &routes,
                                      const dataplane::VirtualHost &host) const;
    /// The DestinationRule, then the Service or ServiceEntry.
    std::vector<Source> ofCluster(const Proxy &proxy, const dataplane::Cluster &cluster) const;
    /// The TLS settings of the DestinationRule, the port's own where there are any; empty without a rule.
    std::vector<Source> ofTransport(const Proxy &proxy, const dataplane::Cluster &cluster) const;
    /// The Service or ServiceEntry of a host name.
    std::vector<Source> ofHost(const Proxy &proxy, const std::string &host) const;
    /// By its id, `ns[istio-system]-policy[test]-rule[0]`.
    std::vector<Source> ofPolicy(const Proxy &proxy, const std::string &id) const;
    /// Servers of Gateways that the chain was made from, or the VirtualService that it forwards by.
    std::vector<Source> ofChain(const Proxy &proxy, const dataplane::FilterChain &chain) const;
    /// PeerAuthentications that say what a sidecar's port demands, the narrowest first.
    std::vector<Source> ofInboundPort(const Proxy &proxy) const;
    /// `kubernetes://NAME`: the Secret, where the project has one.
    std::vector<Source> ofSecret(const Proxy &proxy, const std::string &name) const;
    std::vector<Source> ofMeshConfig(const Proxy &proxy) const;
    /// RequestAuthentications of the workload.
    std::vector<Source> ofTokens(const Proxy &proxy) const;
    /// Why there is no cluster: what a destination's host lacks, one sentence; empty if nothing is known.
    std::string whyNoCluster(const Proxy &proxy, const std::string &cluster) const;

private:
    const model::Mesh *meshOf(const Proxy &proxy) const;
    const compile::Instance *instanceOf(const Proxy &proxy) const;
    std::vector<Source> ofReference(const Proxy &proxy, const dataplane::Metadata &metadata,
                                    const std::string &fieldPath) const;

    const model::Project &m_project;
    std::map<std::string, compile::Instance> m_instances;
    std::map<std::string, std::vector<model::VirtualService>> m_virtualServices; ///< by mesh, resolved
};

} // namespace sallyport::explain
