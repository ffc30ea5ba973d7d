// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"

namespace sallyport::compile {

/// One server of a Gateway, on a port that its gateway's pod listens on.
struct GatewayServer
{
    const model::Gateway *gateway = nullptr;
    const model::Gateway::Server *server = nullptr;
    std::size_t index = 0;          ///< in the Gateway, for places
    std::uint32_t listenPort = 0;   ///< the declared port, or the target port of the Service port it names
    std::vector<std::string> hosts; ///< `host`, or `namespace/host` where the namespace matters
    std::string routeName;          ///< empty: no HTTP

    std::string gatewayName() const
    {
        return gateway->metadata.resourceNamespace + '/' + gateway->metadata.name;
    }
    Protocol protocol() const { return parseProtocol(server->protocol); }
    bool isPassthrough() const;
    bool isTls() const; ///< the port is chosen by TLS: terminated or passed through
    bool terminatesTls() const { return isTls() && !isPassthrough(); }
    bool speaksHttp() const; ///< HTTP inside, plain or after TLS
    std::string fieldPath() const { return "spec.servers[" + std::to_string(index) + ']'; }
    /// Host names of SNI; empty: any, also none.
    std::vector<std::string> sniHosts() const;
};

/// Servers that share one listener.
struct GatewayPort
{
    std::string bind; ///< an address; empty: all
    std::uint32_t port = 0;
    std::vector<GatewayServer> servers; ///< in the order of their chains
};

/// What all Gateways that select this proxy ask of it, after istiod's merging: what loses a conflict is left
/// out, and said in `warnings` (istio:pilot/pkg/model/gateway.go).
std::vector<GatewayPort> gatewayPorts(const ProxyContext &proxy);

/// Hosts of a server that VirtualServices of this namespace may bind.
std::vector<std::string> hostsFor(const GatewayServer &server, const std::string &virtualServiceNamespace);

/// VirtualServices bound to a Gateway that the proxy's namespace sees: private, exported, public ones, each
/// oldest first.
std::vector<const model::VirtualService *> virtualServicesFor(const ProxyContext &proxy,
                                                              const std::string &gatewayName);

} // namespace sallyport::compile
