// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/bootstrap.h"

namespace sallyport::compile {

/// Changes a proxy's bootstrap as the EnvoyFilters of the mesh that hold for it say: those of the root
/// namespace and of its own, by priority, then age (istio:pilot/pkg/networking/core/envoyfilter). A patch
/// that leaves something behind which the gateway does not take is left out and said in `errors`, what has no
/// counterpart here in `warnings`.
void applyEnvoyFilters(const ProxyContext &proxy, dataplane::Bootstrap &bootstrap);

} // namespace sallyport::compile
