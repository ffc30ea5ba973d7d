// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"

namespace sallyport::compile {

/// A port as MeshConfig's patterns may name it.
struct StatPort
{
    std::uint32_t number = 0;
    std::string name;
    std::uint32_t target = 0; ///< Istio tells it of inbound clusters only
};

/// What statistics are called by a pattern of MeshConfig's (`%SERVICE%_%SERVICE_PORT%`); the names of no
/// service are empty (istio:pilot/pkg/networking/telemetry/telemetry.go).
std::string statName(const std::string &pattern, const Service *service, const std::string &subset,
                     const StatPort &port);

/// What those of traffic to a service are called: by `outboundClusterStatName`, else as the cluster.
std::string outboundStatName(const model::MeshConfig &config, const Service &service,
                             const std::string &subset, const StatPort &port, const std::string &cluster);

} // namespace sallyport::compile
