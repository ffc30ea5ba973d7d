// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/gateway_servers.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// The listeners of a gateway. One that Envoy would refuse (two chains that match the same) is left out, as
/// it is when istiod sends it to a running Envoy, and said in `warnings`.
std::vector<dataplane::Listener> gatewayListeners(const ProxyContext &proxy);

/// Clusters by SNI name for AUTO_PASSTHROUGH servers; none without such a server.
std::vector<dataplane::Cluster> sniClusters(const ProxyContext &proxy);

} // namespace sallyport::compile
