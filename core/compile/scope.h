// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"

namespace sallyport::compile {

/// One of a Sidecar's egress listeners, or the one that a sidecar without them has.
struct EgressListener
{
    const model::Sidecar::Egress *source = nullptr; ///< none: the proxy's only one, for every port
    std::size_t index = 0;                          ///< in the Sidecar's list
    /// Each entry of a host by itself, those of one namespace; none: no host has several, they are the
    /// scope's.
    std::optional<std::vector<Service>> services;
    std::vector<const model::VirtualService *> virtualServices; ///< imported by it, oldest first

    /// The port that it stands for; 0: every port that no other listener stands for.
    std::uint32_t port() const { return source && source->port ? source->port->number : 0; }
};

/// What one proxy can see.
struct Scope
{
    const model::Sidecar *sidecar = nullptr;
    std::vector<EgressListener> listeners; ///< of a sidecar, in the order of the Sidecar resource
    /// What has clusters: one service for each imported host. Entries that fit together are merged, of
    /// others the first has the host: where a listener leads to a port of another one, there is no cluster.
    std::vector<Service> services;
    std::vector<Service> destinations; ///< likewise, not imported: what VirtualServices lead to
    std::vector<const model::VirtualService *> virtualServices; ///< bound to `mesh`, imported, oldest first
    bool registryOnly = false;
    bool dynamicDns = false; ///< hosts that nobody registered are looked up (ALLOW_ANY_DYNAMIC_DNS)
    /// The cluster for what nobody registered: BlackHoleCluster, PassthroughCluster or a Sidecar's
    /// egressProxy.
    std::string unknownDestination;

    /// In services, then in destinations.
    const Service *find(const std::string &hostname) const;
    const std::vector<Service> &servicesOf(const EgressListener &listener) const
    {
        return listener.services ? *listener.services : services;
    }
    /// The listener whose services and VirtualServices make up the routes of a port; null: none.
    const EgressListener *listenerFor(std::uint32_t port) const;
};

/// The scope of a sidecar: its Sidecar resource or the defaults. What the compiler cannot follow is added to
/// `errors`.
Scope sidecarScope(const MeshContext &mesh, const Instance &instance, std::vector<Error> &errors);

/// The scope of a gateway: every service that is exported to its namespace.
Scope gatewayScope(const MeshContext &mesh, const Instance &instance);

} // namespace sallyport::compile
