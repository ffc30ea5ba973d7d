// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// The outbound listeners of a sidecar: one per port or address that its scope knows, none of which is bound,
/// and `virtualOutbound`, which is. It takes the application's connections with a PROXY v2 header in place of
/// iptables and hands them over by their original destination (istio:pilot/pkg/networking/core/listener.go).
std::vector<dataplane::Listener> outboundListeners(const ProxyContext &proxy);

} // namespace sallyport::compile
