// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/workload.h"
#include "ui/topology/chain.h"

#include <map>
#include <optional>

namespace sallyport::topology {

/// One pod with all that the walk asks about it.
struct Pod
{
    compile::Instance instance;
    const model::Mesh *mesh = nullptr;
    const compile::CompiledProxy *proxy = nullptr; ///< null: none is injected
    std::string address;                           ///< its loopback address
    std::string meshAddress;
    QString workload; ///< full name of its workload
};

/// Every pod of a project, and the workloads that they make as nodes of the picture. References the project
/// and what was compiled from it.
class ChainNodes
{
public:
    ChainNodes(const model::Project &project, const compile::CompiledProject &compiled,
               const lab::AddressPlan &addresses);

    const std::vector<Pod> &pods() const { return m_pods; }
    /// The pods that `address:port` of this machine leads to: a pod's own address, or a Service's.
    std::vector<const Pod *> podsAt(const std::string &address, int port) const;

    std::vector<ChainNode> &nodes() { return m_nodes; }
    ChainNode *find(const QString &name);
    /// A host that no pod of the project stands for.
    ChainNode &external(const QString &host);

    /// The resource that istiod's reference names, in the pod's mesh; null if there is none.
    const model::Resource *resourceOf(const model::Mesh &mesh, const dataplane::Metadata &metadata) const;

private:
    ChainNode makeNode(const Pod &pod) const;
    void addPolicies(const Pod &pod, ChainNode &node) const;
    void addCertificates(const Pod &pod, ChainNode &node) const;

    const lab::AddressPlan &m_addresses;
    std::vector<Pod> m_pods;
    std::map<std::string, std::size_t> m_byAddress;
    std::vector<ChainNode> m_nodes;
    std::map<const model::Mesh *, std::map<QString, const model::Resource *>> m_byReference;
};

/// When the first certificate of a secret ends, and whose it is.
std::optional<GivenCertificate> givenCertificate(const compile::CompiledProxy &proxy,
                                                 const std::string &secretName);

} // namespace sallyport::topology
