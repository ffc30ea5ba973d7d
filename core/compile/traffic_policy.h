// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "core/dataplane/route.h"
#include "core/model/mesh_config.h"

namespace sallyport::compile {

/// The connection limits that hold: the rule's, else those of the mesh's default policy.
const std::optional<model::ConnectionPool> &poolOf(const model::TrafficPolicy &policy,
                                                   const model::MeshConfig &config);

/// Balancer, connection limits, outlier detection, PROXY header and retry budget of a DestinationRule, and
/// the mesh's default policy where the rule is silent
/// (istio:pilot/pkg/networking/core/cluster_traffic_policy.go).
void applyTrafficPolicy(const model::TrafficPolicy &policy, const model::MeshConfig &config,
                        dataplane::Cluster &cluster);

/// The part of it that an application's own port behind a sidecar gets: connection limits and the retry
/// budget.
void applyInboundPolicy(const model::TrafficPolicy &policy, const model::MeshConfig &config,
                        dataplane::Cluster &cluster);

/// What a cluster for unknown destinations gets: the mesh's TCP keepalive and the limits of its default
/// policy.
void applyPassthroughPolicy(const model::MeshConfig &config, dataplane::Cluster &cluster);

/// Whether requests are spread over hosts by a hash.
inline bool isHashed(const model::TrafficPolicy &policy)
{
    return policy.loadBalancer && policy.loadBalancer->consistentHash;
}

/// What a consistent hash means for routes to the cluster; none: nothing.
std::vector<dataplane::HashPolicy> hashPolicies(const std::optional<model::ConsistentHash> &from);

} // namespace sallyport::compile
