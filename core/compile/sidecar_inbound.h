// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// Ports that Services lead to on this pod, or those that its Sidecar's ingress lists; then container ports
/// that neither names.
std::vector<InboundPort> inboundPorts(const ProxyContext &proxy);

/// `virtualInbound` on the pod's own address, with all ports of the application; chains by destination port
/// and by what PeerAuthentication allows (istio:pilot/pkg/networking/core/listener_inbound.go).
/// First, then a listener for each port that a Sidecar has without capture.
std::vector<dataplane::Listener> inboundListeners(const ProxyContext &proxy,
                                                  const std::vector<InboundPort> &ports);

/// The application's ports as clusters.
std::vector<dataplane::Cluster> inboundClusters(const ProxyContext &proxy,
                                                const std::vector<InboundPort> &ports);

} // namespace sallyport::compile
