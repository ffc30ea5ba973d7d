// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/placement.h"
#include "core/compile/workload.h"
#include "core/lab/plan.h"
#include "core/model/project.h"

namespace sallyport::lab {

/// Which loopback addresses a lab takes: 127.A.B.0/24 for its first mesh, 127.A.(B+1).0/24 for the next.
/// Single digits, so that a pod's address is as long as its address in the mesh, 10.10.0.11.
struct AddressBlock
{
    int a = 1;
    int b = 0;
    bool operator==(const AddressBlock &) const = default;
};

/// The blocks that labs with this many meshes can take, the one that the project's path asks for first.
/// Several labs run side by side: take the first whose addresses can be reserved.
std::vector<AddressBlock> candidateBlocks(const std::string &projectPath, std::size_t meshes);

/// The address that a running lab holds bound for each of its meshes, so that no other takes the block.
std::vector<SocketAddress> reservations(const AddressBlock &block, std::size_t meshes);

/// Meshes in the order that numbers their addresses: `primary` first, then by name.
std::vector<const model::Mesh *> orderedMeshes(const model::Project &project);

/// All addresses of a lab.
struct AddressPlan
{
    compile::Placement placement;
    Overlay overlay;
    std::map<std::string, std::string> names; ///< loopback address → whose it is
    std::map<std::string, MeshNames> meshes;
    std::vector<Route> routes;
    std::map<std::string, std::string> taps; ///< pod's own loopback address → the one before it
};

/// Gives every pod and Service an address in the mesh and on this machine. In the mesh, pods of the n-th mesh
/// are 10.(10n).0.11 and on, by namespace and name; Services 10.(10n).0.150 and on, in the order of the
/// files, unless their YAML states a clusterIP. Load-balancer addresses and externalIPs are those of the
/// YAML;
/// `.sallyport/hosts` and ServiceEntries may use them.
/// `taps`: connections between workloads go to addresses beside the pods' own, where bytes can be looked at
/// on their way.
/// `running`: the plan of the lab as it runs now. Its pods and Services keep their addresses, so that a
/// change moves nothing that is not concerned.
AddressPlan planAddresses(const model::Project &project, const AddressBlock &block, int lowPortShift,
                          bool taps = false, const LabPlan *running = nullptr);

} // namespace sallyport::lab
