// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/route.h"

#include <set>

namespace sallyport::compile {

/// What routes are built for.
struct RouteTarget
{
    std::set<std::string> gateways; ///< `mesh`, or the Gateways of one server
    std::uint32_t port = 0;         ///< the listener's port; for a gateway the declared one
    bool tls = false;               ///< a gateway server that terminates TLS
};

/// The routes of a VirtualService for one proxy and port, in order, up to the first that takes everything
/// (istio:pilot/pkg/networking/core/route/route.go).
std::vector<dataplane::Route> httpRoutes(const ProxyContext &proxy, const model::VirtualService &service,
                                         const RouteTarget &target);

/// The route of a service without a VirtualService.
dataplane::Route defaultRoute(const ProxyContext &proxy, const Service &service, std::uint32_t port);

/// Retries and no timeout: what every generated route to the mesh has.
dataplane::RouteAction routeTo(const std::string &cluster);

/// The cluster of a destination of an HTTP route: its port, else the service's if it has only one, else the
/// listener's.
std::string destinationCluster(const ProxyContext &proxy, const model::Destination &destination,
                               std::uint32_t listenerPort);

/// The same of any route. `service`: the destination's, as far as it is known there.
std::string destinationCluster(const model::Destination &destination, const Service *service,
                               std::uint32_t listenerPort);

} // namespace sallyport::compile
