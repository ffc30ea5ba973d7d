// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh.h"

#include <set>

namespace sallyport::compile {

/// What istiod sees of a mesh whose MeshConfig has discoverySelectors: only what lies in namespaces whose
/// labels fit one of them. Pods and their proxies stay: they are injected all the same
/// (istio:pkg/kube/namespace/filter.go).
struct DiscoveredMesh
{
    model::Mesh part;
    std::set<std::string> hidden; ///< namespaces of what it does not see
};

/// None: there are no selectors, and istiod sees everything.
std::optional<DiscoveredMesh> discoveredPart(const model::Mesh &mesh);

} // namespace sallyport::compile
