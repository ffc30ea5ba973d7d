// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/locality.h"
#include "core/compile/mesh_context.h"
#include "core/dataplane/cluster.h"

namespace sallyport::compile {

/// The endpoints of a service port (of a subset: with these labels), placed on this machine and grouped by
/// locality. Names are resolved here, by `.sallyport/hosts` and the mesh's own Services: there is no DNS in a
/// lab. `firstOnly`: one address, as a LOGICAL_DNS cluster has. `balancing`: which of them the client
/// prefers. `hashed`: requests are spread by hash, so each says the address that it has in the mesh
/// (`envoy.lb: hash_key`): a key leads to the host that it leads to there, on every machine.
dataplane::ClusterLoadAssignment loadAssignment(const MeshContext &mesh, const Service &service,
                                                std::uint32_t port, const model::Labels &subset,
                                                const std::string &cluster, bool firstOnly,
                                                const LocalityBalancing &balancing, bool hashed);

/// Leaves the endpoints that speak the mesh's TLS: what passes on by its SNI reaches no others.
void keepMeshTls(dataplane::ClusterLoadAssignment &assignment);

/// Takes from all endpoints that they speak the mesh's TLS.
void withholdMeshTls(dataplane::ClusterLoadAssignment &assignment);

} // namespace sallyport::compile
