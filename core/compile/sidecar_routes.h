// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/route.h"

namespace sallyport::compile {

/// The route configuration of a sidecar for one port: a virtual host per service and per host of its
/// VirtualServices, then what holds for unknown hosts. `host`: only that service's (a sniffed port has a
/// configuration of its own, named `host:port`) (istio:pilot/pkg/networking/core/httproute.go).
dataplane::RouteConfiguration sidecarRoutes(const ProxyContext &proxy, std::uint32_t port,
                                            const std::string &host = {});

/// What follows a host's name among the domains of its virtual host: with a trailing dot, and what a pod's
/// search list makes of a Service's name.
std::vector<std::string> alternativeNames(const std::string &hostname, const std::string &proxyNamespace);

/// The virtual host for hosts that nobody registered.
dataplane::VirtualHost catchAllHost(const ProxyContext &proxy);

/// Domains of a service's virtual host as seen from a namespace.
std::vector<std::string> serviceDomains(const Service &service, const std::string &proxyNamespace);

} // namespace sallyport::compile
