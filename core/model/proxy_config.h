// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh_config.h"
#include "core/result/result.h"

namespace sallyport::model {

/// networking.istio.io ProxyConfig: what a pod's proxy is started with. Of it a lab has the worker threads.
struct ProxyConfig : Resource
{
    std::optional<Labels> selector;
    std::optional<std::uint32_t> concurrency; ///< 0: one for each core
};

/// The annotation in which a pod overrides the mesh's `defaultConfig`.
inline constexpr const char *proxyConfigAnnotation = "proxy.istio.io/config";

/// The mesh configuration as it holds for a pod with this annotation: its own ProxyConfig over
/// `defaultConfig`, field by field. An error if the annotation is no YAML mapping: the injector refuses such
/// a pod.
Result<MeshConfig> withProxyConfig(const MeshConfig &mesh, const std::string &annotation);

} // namespace sallyport::model
