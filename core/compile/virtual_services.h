// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh.h"

#include <set>

namespace sallyport::compile {

/// The VirtualServices of a mesh as istiod works with them: short names in full, gateways as `ns/name` or
/// `mesh`, delegates merged into their roots, mesh defaults for exportTo, oldest first. Delegates themselves
/// are left out.
std::vector<model::VirtualService> resolvedVirtualServices(const model::Mesh &mesh);

/// `mesh`, `ns/name`, `name` of the resource's namespace, or the older `name.ns[.svc…]` → `mesh` or
/// `ns/name`.
std::string resolveGatewayName(const std::string &name, const std::string &resourceNamespace);

/// Hosts that its routes lead clients of this namespace to, in order, mirrors included, with their ports; 0:
/// a destination that names none.
std::vector<std::pair<std::string, std::set<std::uint32_t>>>
destinationPorts(const model::VirtualService &service, const std::string &sourceNamespace);

/// The VirtualService names the gateway; `mesh` are the sidecars.
bool isBoundTo(const model::VirtualService &service, const std::string &gateway);

/// What a namespace sees of those that are bound to a gateway or `mesh`: its private ones, those exported to
/// it by name, then public ones.
std::vector<const model::VirtualService *>
seenVirtualServices(const std::vector<model::VirtualService> &services, const std::string &gateway,
                    const std::string &viewer);

} // namespace sallyport::compile
