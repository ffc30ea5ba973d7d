// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// A port of the application behind a sidecar.
struct InboundPort
{
    std::uint32_t port = 0; ///< of the workload
    Protocol protocol = Protocol::Sniffed;
    const Service *service = nullptr; ///< the Service it belongs to; none: the mesh does not know the port
    std::uint32_t servicePort = 0;
};

/// Ports that Services lead to on this pod, then container ports that no Service names.
std::vector<InboundPort> inboundPorts(const ProxyContext &proxy);

/// `virtualInbound` on the pod's own address, with all ports of the application; chains by destination port
/// and by what PeerAuthentication allows (istio:pilot/pkg/networking/core/listener_inbound.go).
dataplane::Listener inboundListener(const ProxyContext &proxy, const std::vector<InboundPort> &ports);

/// The application's ports as clusters.
std::vector<dataplane::Cluster> inboundClusters(const ProxyContext &proxy,
                                                const std::vector<InboundPort> &ports);

} // namespace sallyport::compile
