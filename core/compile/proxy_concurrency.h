// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"

namespace sallyport::compile {

/// The worker threads that a pod's proxy is to have: of the ProxyConfig that selects it, else of its own
/// annotation, else of its namespace's ProxyConfig, the root namespace's, the mesh's `defaultConfig`; of
/// several ProxyConfigs the oldest (istio:pilot/pkg/model/proxy_config.go). 0: one for each core; none:
/// nobody says.
std::optional<std::uint32_t> concurrencyOf(const MeshContext &mesh, const Instance &instance);

} // namespace sallyport::compile
