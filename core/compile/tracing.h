// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/access_logging.h"
#include "core/compile/clusters.h"
#include "core/dataplane/bootstrap.h"

namespace sallyport::compile {

/// Makes the proxy take part in tracing, or not: its requests name the operation of their route, carry what
/// the samplings decide and, with a provider, a trace's headers. Without Telemetry it does unless the mesh
/// switched tracing off; with it only if a provider is named (istio:pilot/pkg/model/telemetry.go Tracing,
/// networking/core/tracing.go).
void applyTracing(const ProxyContext &proxy, LogSide side, dataplane::HttpConnectionManager &manager);

/// The cluster of `defaultConfig.tracing.zipkin`, whose address is not looked up here: spans go nowhere.
/// Then takes away what Envoy refuses, a Zipkin whose cluster the proxy does not have.
void settleCollectors(const ProxyContext &proxy, dataplane::Bootstrap &bootstrap);

} // namespace sallyport::compile
