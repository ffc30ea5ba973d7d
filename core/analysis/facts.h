// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/key_pairs.h"
#include "core/compile/compile.h"
#include "core/compile/gateway_servers.h"
#include "core/explain/explain.h"
#include "core/lab/address_plan.h"

#include <set>

namespace sallyport::analysis {

/// One proxy: its pod, what it can see, what it was given.
struct ProxyFacts
{
    const compile::Instance *instance = nullptr;
    const compile::CompiledProxy *compiled = nullptr;
    compile::Scope scope;
    std::vector<compile::GatewayPort> ports; ///< of a gateway, after istiod's merging

    bool isGateway() const { return instance->proxy == compile::Instance::Proxy::Gateway; }
    const dataplane::Cluster *findCluster(const std::string &name) const;
    /// Every connection manager of its listeners, with the chain that holds it.
    std::vector<std::pair<const dataplane::FilterChain *, const dataplane::HttpConnectionManager *>>
    managers() const;
};

/// A request that a workload could send, and what becomes of it.
struct Flow
{
    const ProxyFacts *client = nullptr;
    std::string host;
    std::uint32_t port = 0;
    explain::Explanation explained;
};

/// What checks ask of one mesh.
class MeshFacts
{
public:
    MeshFacts(const model::Mesh &ofMesh, const lab::AddressPlan &plan,
              const compile::CompiledProject &compiled);
    MeshFacts(const MeshFacts &) = delete;

    const model::Mesh &mesh;
    compile::MeshContext context;
    std::vector<ProxyFacts> proxies;
    std::set<std::string> namespaces; ///< that exist, by a Namespace or by what lies in them
    std::vector<KeyPair> keyPairs;
    std::vector<Flow> flows;
    std::chrono::system_clock::time_point now;

    const model::MeshConfig &config() const { return mesh.config; }
    /// Without any pod nothing can be said of what selects pods.
    bool hasWorkloads() const { return !mesh.workloads.empty(); }
    /// Services of the name, of whatever namespace and visibility.
    std::vector<const compile::Service *> servicesNamed(const std::string &hostname) const;
    const model::Gateway *findGateway(const std::string &resolvedName) const;
    std::vector<const ProxyFacts *> gatewaysOf(const model::Gateway &gateway) const;
    /// Proxies that have the rules of a VirtualService for one of these gateways (`mesh`: the sidecars).
    std::vector<const ProxyFacts *> usersOf(const model::VirtualService &service,
                                            const std::set<std::string> &gateways) const;
    /// A gateway that sends something to a host outside of the mesh.
    bool isEgress(const ProxyFacts &proxy) const;
    const compile::MergedRule *ruleFor(const ProxyFacts &proxy, const compile::Service &service) const;
};

/// The parts of `outbound|443|subset|test.com`; port 0 if it is none.
struct ClusterName
{
    std::uint32_t port = 0;
    std::string subset;
    std::string host;
};
ClusterName parseCluster(const std::string &name);

/// Every cluster that a route may choose.
std::vector<std::string> clustersOf(const dataplane::Route &route);

} // namespace sallyport::analysis
