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
    std::vector<model::VirtualService> virtualServices;
    DestinationRules destinationRules;

    const model::MeshConfig &config() const { return mesh.config; }
    /// SPIFFE prefixes of the mesh: its trust domain and the aliases.
    std::vector<std::string> trustDomains() const;
};

/// What one proxy can see.
struct Scope
{
    const model::Sidecar *sidecar = nullptr;
    std::vector<Service>
        services; ///< listeners, virtual hosts and clusters; visible ones with this proxy's ports
    std::vector<Service> destinations; ///< clusters only: what imported VirtualServices lead to
    std::vector<const model::VirtualService *> virtualServices; ///< bound to `mesh`, imported, oldest first
    bool registryOnly = false;
    /// The cluster for what nobody registered: BlackHoleCluster, PassthroughCluster or a Sidecar's
    /// egressProxy.
    std::string unknownDestination;

    /// In services, then in destinations.
    const Service *find(const std::string &hostname) const;
};

/// The scope of a sidecar: its Sidecar resource or the defaults. What the compiler cannot follow is added to
/// `errors`.
Scope sidecarScope(const MeshContext &mesh, const Instance &instance, std::vector<Error> &errors);

/// The scope of a gateway: every service that is exported to its namespace.
Scope gatewayScope(const MeshContext &mesh, const Instance &instance);

} // namespace sallyport::compile
