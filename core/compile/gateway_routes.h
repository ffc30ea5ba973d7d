// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/gateway_servers.h"
#include "core/dataplane/route.h"

namespace sallyport::compile {

/// The route configuration of servers that share one: virtual hosts where a server's hosts and a
/// VirtualService's meet, the narrower name each; several VirtualServices of a host are merged
/// (istio:pilot/pkg/networking/core/gateway.go).
dataplane::RouteConfiguration gatewayRoutes(const ProxyContext &proxy,
                                            const std::vector<const GatewayServer *> &servers);

/// Names in both lists, the narrower of each pair.
std::vector<std::string> hostIntersection(const std::vector<std::string> &serverHosts,
                                          const std::vector<std::string> &virtualServiceHosts);

} // namespace sallyport::compile
