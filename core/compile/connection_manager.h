// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/compile/stat_names.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// What a connection manager stands for; decides its options
/// (istio:pilot/pkg/networking/core/listener_builder.go).
enum class HttpSide { SidecarOutbound, SidecarInbound, Gateway };

/// An HTTP connection manager with Istio's options and filters in Istio's order, without the filters that
/// stock Envoy does not have. `statPrefix` is without Istio's trailing `;`. `owner`: the service for which a
/// sidecar's outbound listener was made, the first on its port; null: none.
dataplane::NetworkFilter connectionManager(const ProxyContext &proxy, HttpSide side,
                                           const std::string &statPrefix,
                                           dataplane::RouteConfiguration routes, Protocol protocol,
                                           const Service *owner = nullptr);

/// Forwards a connection's bytes to one cluster, or to several by weight. `logged`: with the proxy's access
/// logs.
dataplane::NetworkFilter tcpProxy(const ProxyContext &proxy, const std::string &cluster, bool logged,
                                  bool inbound = false);
dataplane::NetworkFilter tcpProxy(const ProxyContext &proxy,
                                  const std::vector<model::RouteDestination> &destinations,
                                  const std::string &statPrefix, const StatPort &listenerPort);

/// What a DestinationRule says of the connections themselves: idle and longest time, the hash of the source
/// address, the tunnel; `subset` (empty: none) may have a hash and a tunnel of its own. Null: nothing.
void applyRule(dataplane::TcpProxy &config, const MergedRule *rule, const std::string &subset);

/// The route configuration options that all of Istio's share.
dataplane::RouteConfiguration routeConfiguration(const std::string &name);

} // namespace sallyport::compile
