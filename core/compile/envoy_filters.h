// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/bootstrap.h"

#include <set>

namespace sallyport::compile {

/// Changes a proxy's bootstrap as the EnvoyFilters of the mesh that hold for it say: those of the root
/// namespace and of its own, by priority, then age (istio:pilot/pkg/networking/core/envoyfilter). A patch
/// that leaves something behind which the gateway does not take is left out and said in `errors`, what has no
/// counterpart here in `warnings`. `used` learns which patches made a difference.
using UsedPatches = std::set<std::pair<const model::Resource *, std::size_t>>;
void applyEnvoyFilters(const ProxyContext &proxy, dataplane::Bootstrap &bootstrap, UsedPatches &used);

/// What patches changed no proxy of the mesh, once all of its proxies are there.
std::vector<Error> unusedPatches(const model::Mesh &mesh, const UsedPatches &used);

} // namespace sallyport::compile
