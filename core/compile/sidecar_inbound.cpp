// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/sidecar_inbound.h"

#include "core/compile/access_logging.h"
#include "core/compile/authorization.h"
#include "core/compile/connection_manager.h"
#include "core/compile/http_routes.h"
#include "core/compile/listener_parts.h"
#include "core/compile/mutual_tls.h"
#include "core/compile/names.h"
#include "core/compile/retry_policy.h"
#include "core/compile/tls_contexts.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

/// One way into a port: what the connection must look like and how it is treated.
struct Way
{
    std::vector<std::string> alpn;
    std::string transport;
    bool http = false;
    bool meshTls = false;
};

const std::vector<std::string> meshHttpAlpn = {"istio-http/1.0", "istio-http/1.1", "istio-h2"};
const std::vector<std::string> meshTcpAlpn = {"istio-peer-exchange", "istio"};
const std::vector<std::string> meshAlpn = {"istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1",
                                           "istio-h2"};
const std::vector<std::string> plainHttpAlpn = {"http/1.1", "h2c"};

std::vector<Way> sniffedWays(TlsMode mode)
{
    switch (mode) {
    case TlsMode::Strict:
        return {{meshHttpAlpn, "tls", true, true}, {{}, "tls", false, true}};
    case TlsMode::Disable:
        return {{plainHttpAlpn, "raw_buffer", true, false}, {{}, {}, false, false}};
    case TlsMode::Unset:
    case TlsMode::Permissive:
        break;
    }
    return {{meshHttpAlpn, "tls", true, true},
            {plainHttpAlpn, "raw_buffer", true, false},
            {meshTcpAlpn, "tls", false, true},
            {{}, "raw_buffer", false, false},
            {{}, "tls", false, false}};
}

std::vector<Way> waysInto(TlsMode mode, Protocol protocol)
{
    if (protocol == Protocol::Sniffed)
        return sniffedWays(mode);
    const bool http = isHttp(protocol);
    if (mode == TlsMode::Strict)
        return {{{}, "tls", http, true}};
    if (mode == TlsMode::Disable)
        return {{{}, {}, http, false}};
    std::vector<Way> ways = {{meshAlpn, "tls", http, true}};
    // TLS of the application's own passes where bytes are bytes.
    if (!http)
        ways.push_back({{}, "tls", false, false});
    ways.push_back({{}, "raw_buffer", http, false});
    return ways;
}

dataplane::RouteConfiguration inboundRoutes(const model::MeshConfig &mesh, const std::string &cluster,
                                            std::uint32_t port, Protocol protocol, const Service *service,
                                            std::uint32_t servicePort)
{
    dataplane::RouteConfiguration routes;
    routes.name = cluster;
    routes.validateClusters = false;
    dataplane::VirtualHost virtualHost;
    virtualHost.name = "inbound|http|" + std::to_string(port);
    virtualHost.domains = {"*"};
    dataplane::Route route;
    route.name = "default";
    route.match.path = "/";
    dataplane::RouteAction action;
    action.cluster = cluster;
    action.timeout = dataplane::Duration::zero();
    if (protocol != Protocol::Grpc && protocol != Protocol::GrpcWeb)
        action.retryPolicy = inboundRetryPolicy(mesh.defaultInboundHttpRetryPolicy);
    action.maxStreamDuration = dataplane::Duration::zero();
    action.grpcTimeoutHeaderMax = dataplane::Duration::zero();
    route.action = std::move(action);
    route.decoratorOperation =
        (service ? service->hostname : std::string()) + ':' + std::to_string(servicePort) + "/*";
    virtualHost.routes.push_back(std::move(route));
    routes.virtualHosts.push_back(std::move(virtualHost));
    return routes;
}

class InboundListener
{
public:
    explicit InboundListener(const ProxyContext &proxy)
        : m_proxy(proxy)
        , m_policies(Authorization(proxy).networkFilters())
    {
        m_listener.name = names::virtualInbound;
        m_listener.address = {proxy.place.address, proxy.place.inboundPort, {}};
        m_listener.listenerFiltersTimeout =
            proxy.mesh.config().protocolDetectionTimeout.value_or(dataplane::Duration::zero());
        m_listener.continueOnListenerFiltersTimeout = true;
        m_listener.direction = dataplane::TrafficDirection::Inbound;
        m_listener.accessLogs = listenerAccessLogs(accessLogs(proxy.mesh, proxy.instance, LogSide::Server));
        m_listener.maxConnectionsToAcceptPerSocketEvent = 1;
        dataplane::FilterChain direct;
        direct.name = "virtualInbound-blackhole";
        direct.match.destinationPort = proxy.place.inboundPort;
        direct.filters.push_back(tcpProxy(proxy, names::blackHole, false));
        m_listener.filterChains.push_back(std::move(direct));
    }

    /// Ports that the mesh does not know: to the application as they are.
    void addUnknown(std::optional<std::uint32_t> only, const std::string &cluster)
    {
        const TlsMode mode = inboundTlsMode(m_proxy.mesh, m_proxy.instance, only.value_or(0));
        for (const Way &way : sniffedWays(mode)) {
            dataplane::FilterChain chain =
                chainOf(way, names::inboundPassthrough,
                        inboundRoutes(m_proxy.mesh.config(), cluster, only.value_or(0), Protocol::Sniffed,
                                      nullptr, only.value_or(0)),
                        cluster, Protocol::Sniffed);
            chain.name = way.http ? "virtualInbound-catchall-http" : "virtualInbound";
            if (only)
                chain.match.destinationPort = m_proxy.mesh.placement.localPort(*only);
            m_listener.filterChains.push_back(std::move(chain));
        }
    }

    void add(const InboundPort &port)
    {
        const std::string listener = names::listener("0.0.0.0", port.port);
        const std::string cluster = names::inbound(port.port);
        const TlsMode mode = inboundTlsMode(m_proxy.mesh, m_proxy.instance, port.port);
        for (const Way &way : waysInto(mode, port.protocol)) {
            dataplane::FilterChain chain =
                chainOf(way, "inbound_" + listener,
                        inboundRoutes(m_proxy.mesh.config(), cluster, port.port, port.protocol, port.service,
                                      port.servicePort),
                        cluster, port.protocol);
            chain.name = listener;
            chain.match.destinationPort = m_proxy.mesh.placement.localPort(port.port);
            m_listener.filterChains.push_back(std::move(chain));
        }
        if (port.protocol != Protocol::Sniffed)
            m_known.push_back(m_proxy.mesh.placement.localPort(port.port));
    }

    void bind(std::uint32_t port)
    {
        m_listener.additionalAddresses.push_back(
            {m_proxy.place.address, m_proxy.mesh.placement.localPort(port), {}});
    }

    dataplane::Listener take()
    {
        std::vector<std::uint32_t> notHttp = m_known;
        notHttp.push_back(m_proxy.place.inboundPort);
        m_listener.listenerFilters = {tlsInspector({m_proxy.place.inboundPort}), httpInspector(notHttp)};
        return std::move(m_listener);
    }

private:
    dataplane::FilterChain chainOf(const Way &way, const std::string &statPrefix,
                                   dataplane::RouteConfiguration routes, const std::string &cluster,
                                   Protocol protocol)
    {
        dataplane::FilterChain chain;
        chain.match.applicationProtocols = way.alpn;
        chain.match.transportProtocol = way.transport;
        if (way.http) {
            chain.filters.push_back(connectionManager(m_proxy, HttpSide::SidecarInbound, statPrefix,
                                                      std::move(routes), protocol));
        } else {
            chain.filters = m_policies;
            chain.filters.push_back(tcpProxy(m_proxy, cluster, true, true));
        }
        if (way.meshTls)
            chain.tls = meshInboundTls(m_proxy.secrets, m_proxy.mesh, !way.http);
        return chain;
    }

    const ProxyContext &m_proxy;
    std::vector<dataplane::NetworkFilter> m_policies;
    dataplane::Listener m_listener;
    std::vector<std::uint32_t> m_known;
};

std::string unknownCluster(std::size_t index, std::uint32_t port)
{
    return index == 0 ? std::string(names::inboundPassthrough)
                      : std::string(names::inboundPassthrough) + '|' + std::to_string(port);
}

} // namespace

std::vector<InboundPort> inboundPorts(const ProxyContext &proxy)
{
    std::vector<InboundPort> ports;
    const auto known = [&ports](std::uint32_t port) {
        return std::any_of(ports.begin(), ports.end(),
                           [port](const InboundPort &own) { return own.port == port; });
    };
    for (const Service &service : proxy.mesh.services) {
        for (const Endpoint &endpoint : service.endpoints) {
            if (endpoint.instance == nullptr || endpoint.instance->name != proxy.instance.name)
                continue;
            for (const ServicePort &port : service.ports) {
                const auto target = endpoint.ports.find(port.number);
                if (target != endpoint.ports.end() && port.protocol != Protocol::Udp &&
                    !known(target->second))
                    ports.push_back({target->second, port.protocol, &service, port.number});
            }
        }
    }
    for (const std::uint32_t port : proxy.instance.containerPorts) {
        if (!known(port))
            ports.push_back({port, Protocol::Sniffed, nullptr, 0});
    }
    return ports;
}

dataplane::Listener inboundListener(const ProxyContext &proxy, const std::vector<InboundPort> &ports)
{
    InboundListener listener(proxy);
    listener.addUnknown(std::nullopt, names::inboundPassthrough);
    std::size_t unknown = 0;
    for (const InboundPort &port : ports) {
        listener.bind(port.port);
        if (port.service)
            listener.add(port);
        else if (unknown++ > 0 || inboundTlsMode(proxy.mesh, proxy.instance, port.port) !=
                                      inboundTlsMode(proxy.mesh, proxy.instance, 0))
            listener.addUnknown(port.port, unknownCluster(unknown - 1, port.port));
    }
    return listener.take();
}

std::vector<dataplane::Cluster> inboundClusters(const ProxyContext &proxy,
                                                const std::vector<InboundPort> &ports)
{
    std::vector<dataplane::Cluster> clusters;
    std::size_t unknown = 0;
    for (const InboundPort &port : ports) {
        const std::string name =
            port.service ? names::inbound(port.port) : unknownCluster(unknown++, port.port);
        clusters.push_back(inboundCluster(proxy, name, port.port, port.protocol, port.service));
    }
    if (unknown == 0)
        clusters.push_back(inboundCluster(proxy, names::inboundPassthrough, proxy.place.inboundPort,
                                          Protocol::Sniffed, nullptr));
    return clusters;
}

} // namespace sallyport::compile
