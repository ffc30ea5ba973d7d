// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh.h"

#include <map>
#include <set>

namespace sallyport::compile {

/// DestinationRules of one host in one namespace, merged as istiod merges them.
struct MergedRule
{
    model::DestinationRule rule;    ///< host in full; subsets and policy of all that were merged
    std::set<std::string> exportTo; ///< as written; empty: the mesh's default
    std::vector<const model::DestinationRule *> from; ///< what it was made of, the deciding one first
};

/// The policy that holds for one port (and subset) of a service.
struct EffectivePolicy
{
    model::TrafficPolicy policy;
    const MergedRule *rule = nullptr; ///< none: no DestinationRule applies
    std::string fieldPath;            ///< where the tls block stands, for places
};

/// Finds the rule for a destination (istio:pilot/pkg/model/push_context.go, destination_rule.go).
class DestinationRules
{
public:
    explicit DestinationRules(const model::Mesh &mesh);

    /// The rule that a proxy in `proxyNamespace` with `labels` applies to `hostname`, a service of
    /// `serviceNamespace`: its own namespace's, else the service's, else the root's; in each the most
    /// specific host. A rule whose workloadSelector fits beats one without.
    const MergedRule *find(const std::string &hostname, const std::string &serviceNamespace,
                           const std::string &proxyNamespace, const model::Labels &labels) const;

    /// The same for what a server does for all its clients: rules with a workloadSelector do not count.
    const MergedRule *findForServer(const std::string &hostname, const std::string &serviceNamespace,
                                    const std::string &proxyNamespace) const;

private:
    using Rules = std::vector<MergedRule>;

    /// Rules for the host in the first namespace that has any for this proxy.
    std::vector<const MergedRule *> candidates(const std::string &hostname,
                                               const std::string &serviceNamespace,
                                               const std::string &proxyNamespace) const;

    std::string m_rootNamespace;
    std::map<std::string, Rules> m_own;      ///< by namespace: what its own proxies see
    std::map<std::string, Rules> m_exported; ///< by namespace: what is for others too
    Rules m_rootPrivate;                     ///< what the root namespace keeps to itself
};

/// The top level's policy for a port: its portLevelSettings entry as a whole, if there is one
/// (istio:pilot/pkg/networking/util/util.go).
model::TrafficPolicy policyForPort(const std::optional<model::TrafficPolicy> &policy, std::uint32_t port);

/// The policy of a rule for a port and subset (empty: none).
EffectivePolicy effectivePolicy(const MergedRule *rule, std::uint32_t port, const std::string &subset);

/// The hash of a service's default route: the port's own, else the rule's, also where the port's settings
/// leave the balancer out (istio:pilot/pkg/networking/core/route/route.go hashForService).
std::optional<model::ConsistentHash> defaultRouteHash(const MergedRule *rule, std::uint32_t port);

/// The hash of a VirtualService's destination. A port's settings count only where the destination names the
/// port (same file, HashForHTTPDestination).
std::optional<model::ConsistentHash> destinationHash(const MergedRule *rule, std::uint32_t namedPort,
                                                     const std::string &subset);

} // namespace sallyport::compile
