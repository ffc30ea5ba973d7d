// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/access_logging.h"

namespace sallyport::compile {

/// Whether the proxy takes part in tracing, so that its requests name the operation of their route. Without
/// Telemetry it does unless the mesh switched tracing off; with it only if a provider is named
/// (istio:pilot/pkg/model/telemetry.go Tracing, networking/core/tracing.go).
bool isTraced(const MeshContext &mesh, const Instance &instance, LogSide side);

} // namespace sallyport::compile
