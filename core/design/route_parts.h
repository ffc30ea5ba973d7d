// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"
#include "core/design/route_design.h"

/// What a mesh has of a route already. Pointers lead into the mesh that was asked.
namespace sallyport::design {

/// The first pod of a workload; null if there is none.
const compile::Instance *findInstance(const std::vector<compile::Instance> &instances,
                                      const WorkloadName &name);

/// The Service that leads to a pod, one that has the port first; null if there is none.
const model::Service *serviceOf(const model::Mesh &mesh, const compile::Instance &pod, std::uint32_t port);

/// The labels that name a gateway in Gateways and policies: as its Gateways do, else `istio`, else its
/// Service's selector.
model::Labels gatewaySelector(const model::Mesh &mesh, const compile::Instance &pod);

/// A Gateway's server on a port of a gateway pod.
struct ServerOnPort
{
    const model::Gateway *gateway = nullptr;
    std::size_t index = 0;
    bool meshMtls = false; ///< HTTP inside of mesh mTLS
    bool anySni = false;   ///< else only its hosts' names
    bool accepts = false;  ///< the host in a VirtualService of the namespace

    const model::Gateway::Server &server() const { return gateway->servers[index]; }
};

/// The server that a route for `host` from a VirtualService in `nameSpace` can use: the one that accepts it,
/// else one for mesh mTLS that can be made to, else whatever stands on the port.
std::optional<ServerOnPort> serverOnPort(const model::Mesh &mesh, const compile::Instance &pod,
                                         std::uint32_t port, const std::string &nameSpace,
                                         const std::string &host);

/// The ServiceEntry that registers exactly this host, one that `viewer` sees first.
const model::ServiceEntry *entryOf(const model::Mesh &mesh, const std::string &host,
                                   const std::string &viewer);

/// Policies that are asked at a gateway pod.
std::vector<const model::AuthorizationPolicy *>
policiesAt(const model::Mesh &mesh, const compile::Instance &pod, model::AuthorizationPolicy::Action action);

} // namespace sallyport::design
