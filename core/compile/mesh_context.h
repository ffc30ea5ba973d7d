// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/destination_rules.h"
#include "core/compile/placement.h"
#include "core/compile/service.h"
#include "core/compile/virtual_services.h"

#include <memory>

namespace sallyport::compile {

/// What all proxies of one mesh share. Not copied: its parts point into each other. The mesh and the
/// placement must outlive it.
struct MeshContext
{
    MeshContext(const model::Mesh &ofMesh, const Placement &onMachine);
    MeshContext(const MeshContext &) = delete;
    MeshContext &operator=(const MeshContext &) = delete;

    const model::Mesh &mesh;
    const Placement &placement;
    std::vector<Instance> instances;
    std::vector<Service> services;
    std::map<std::string, std::vector<const Service *>> servicesByHost; ///< oldest first
    std::vector<model::VirtualService> virtualServices;
    DestinationRules destinationRules;

    const model::MeshConfig &config() const { return mesh.config; }
    /// SPIFFE prefixes of the mesh: its trust domain and the aliases.
    std::vector<std::string> trustDomains() const;
};

} // namespace sallyport::compile
