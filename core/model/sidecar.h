// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/gateway.h"
#include "core/model/traffic_policy.h"
#include "core/model/virtual_service.h"

namespace sallyport::model {

enum class OutboundMode { RegistryOnly, AllowAny, AllowAnyDynamicDns };

/// istio.networking SidecarPort
struct SidecarPort
{
    std::uint32_t number = 0;
    std::string protocol;
    std::string name;
    std::uint32_t targetPort = 0;
};

/// networking.istio.io Sidecar
struct Sidecar : Resource
{
    using Port = SidecarPort;
    struct Egress
    {
        std::optional<Port> port;
        std::string bind;
        std::string captureMode;
        std::vector<std::string> hosts;
    };
    struct Ingress
    {
        Port port;
        std::string bind;
        std::string captureMode;
        std::string defaultEndpoint;
        std::optional<ServerTls> tls;
        std::optional<ConnectionPool> connectionPool;
    };
    std::optional<Labels> workloadSelector;
    std::vector<Ingress> ingress;
    std::vector<Egress> egress;
    std::optional<OutboundMode> outboundMode; ///< `outboundTrafficPolicy: {}` means RegistryOnly
    std::optional<Destination> egressProxy;   ///< where unknown destinations are sent; with AllowAny only
    std::optional<ConnectionPool> inboundConnectionPool;
};

} // namespace sallyport::model
