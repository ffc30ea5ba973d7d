// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "core/model/mesh_config.h"

namespace sallyport::compile {

/// ProxyConfig.connectionSettings at the connections that a proxy accepts
/// (istio:pilot/pkg/networking/core/connection_settings.go). At a gateway the profile EDGE stands for Envoy's
/// advice for the edge wherever nothing else is said.
void applyConnectionSettings(const model::ConnectionSettings &settings, bool gateway,
                             dataplane::HttpConnectionManager &manager);

/// Of a gateway's listeners, in bytes; none: Envoy's own.
std::optional<std::uint32_t> bufferLimit(const model::ConnectionSettings &settings);

/// globalDownstreamConnectionLimit: what the process accepts in all (istio:pkg/bootstrap/config.go).
void limitConnections(const model::ConnectionSettings &settings, dataplane::Bootstrap &bootstrap);

} // namespace sallyport::compile
