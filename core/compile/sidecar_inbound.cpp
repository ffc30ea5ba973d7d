// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/sidecar_inbound.h"

#include "core/compile/access_logging.h"
#include "core/compile/authorization.h"
#include "core/compile/config_path.h"
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
        return {{plainHttpAlpn, "raw_buffer", true, false}, {{}, "raw_buffer", false, false}};
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
        return {{{}, "raw_buffer", http, false}};
    std::vector<Way> ways = {{meshAlpn, "tls", http, true}};
    // TLS of the application's own passes where bytes are bytes.
    if (!http)
        ways.push_back({{}, "tls", false, false});
    ways.push_back({{}, "raw_buffer", http, false});
    return ways;
}

/// What a trace calls the port's application.
std::string ownerOf(const ProxyContext &proxy, const InboundPort &port)
{
    if (port.ingress)
        return proxy.scope.sidecar->metadata.name + '.' + proxy.scope.sidecar->metadata.resourceNamespace;
    return port.service ? port.service->hostname : std::string();
}

dataplane::RouteConfiguration inboundRoutes(const ProxyContext &proxy, const std::string &cluster,
                                            const InboundPort &port)
{
    dataplane::RouteConfiguration routes;
    routes.name = cluster;
    routes.validateClusters = false;
    dataplane::VirtualHost virtualHost;
    virtualHost.name = "inbound|http|" + std::to_string(port.servicePort);
    virtualHost.domains = {"*"};
    dataplane::Route route;
    route.name = "default";
    route.match.path = "/";
    dataplane::RouteAction action;
    action.cluster = cluster;
    action.timeout = dataplane::Duration::zero();
    if (port.protocol != Protocol::Grpc && port.protocol != Protocol::GrpcWeb)
        action.retryPolicy = inboundRetryPolicy(proxy.mesh.config().defaultInboundHttpRetryPolicy);
    action.maxStreamDuration = dataplane::Duration::zero();
    action.grpcTimeoutHeaderMax = dataplane::Duration::zero();
    route.action = std::move(action);
    route.decoratorOperation = ownerOf(proxy, port) + ':' + std::to_string(port.servicePort) + "/*";
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
        m_listener.accessLogs = listenerAccessLogs(proxy.mesh, proxy.instance, LogSide::Server);
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
        InboundPort port;
        port.port = only.value_or(0);
        port.servicePort = port.port;
        port.servicePortName = names::virtualInbound;
        for (const Way &way : sniffedWays(mode)) {
            dataplane::FilterChain chain = chainOf(way, names::inboundPassthrough, cluster, port);
            chain.name = way.http ? "virtualInbound-catchall-http" : "virtualInbound";
            if (only)
                chain.match.destinationPort = m_proxy.mesh.placement.localPort(*only);
            m_listener.filterChains.push_back(std::move(chain));
        }
    }

    void add(const InboundPort &port)
    {
        for (dataplane::FilterChain &chain : chainsOf(port))
            m_listener.filterChains.push_back(std::move(chain));
    }

    /// A port that a Sidecar's ingress has without capture: a listener of its own.
    dataplane::Listener ownListener(const InboundPort &port)
    {
        dataplane::Listener listener;
        const std::string bind = bindOf(port);
        listener.name = names::listener(bind, port.port);
        // The pod's own addresses are these on this machine.
        const bool loopback = bind.compare(0, 4, "127.") == 0;
        listener.address = {loopback ? m_proxy.place.appAddress : m_proxy.place.address,
                            m_proxy.mesh.placement.localPort(port.port),
                            {}};
        listener.filterChains = chainsOf(port);
        listener.listenerFilters = inboundInspectors(listener.filterChains);
        listener.listenerFiltersTimeout = m_listener.listenerFiltersTimeout;
        listener.continueOnListenerFiltersTimeout = true;
        listener.direction = dataplane::TrafficDirection::Inbound;
        listener.accessLogs = m_listener.accessLogs;
        listener.maxConnectionsToAcceptPerSocketEvent = 1;
        return listener;
    }

    void bind(std::uint32_t port)
    {
        m_listener.additionalAddresses.push_back(
            {m_proxy.place.address, m_proxy.mesh.placement.localPort(port), {}});
    }

    dataplane::Listener take()
    {
        m_listener.listenerFilters = inboundInspectors(m_listener.filterChains);
        return std::move(m_listener);
    }

private:
    std::string bindOf(const InboundPort &port) const
    {
        if (!port.ingress)
            return "0.0.0.0";
        return port.ingress->bind.empty() ? m_proxy.place.meshAddress : port.ingress->bind;
    }

    std::vector<dataplane::FilterChain> chainsOf(const InboundPort &port)
    {
        std::vector<dataplane::FilterChain> chains;
        const std::string listener = names::listener(bindOf(port), port.port);
        const std::string cluster = names::inbound(port.port);
        const TlsMode mode = inboundTlsMode(m_proxy.mesh, m_proxy.instance, port.port);
        for (const Way &way : waysInto(mode, port.protocol)) {
            dataplane::FilterChain chain = chainOf(way, "inbound_" + listener, cluster, port);
            chain.name = listener;
            chain.match.destinationPort = m_proxy.mesh.placement.localPort(port.port);
            if (port.ingress)
                chain.metadata = configMetadata(*m_proxy.scope.sidecar);
            chains.push_back(std::move(chain));
        }
        return chains;
    }

    dataplane::FilterChain chainOf(const Way &way, const std::string &statPrefix, const std::string &cluster,
                                   const InboundPort &port)
    {
        dataplane::FilterChain chain;
        chain.match.applicationProtocols = way.alpn;
        chain.match.transportProtocol = way.transport;
        if (way.http) {
            chain.filters.push_back(connectionManager(m_proxy, HttpSide::SidecarInbound, statPrefix,
                                                      inboundRoutes(m_proxy, cluster, port), port.protocol));
        } else {
            chain.filters = m_policies;
            chain.filters.push_back(tcpProxy(m_proxy, cluster, true, true));
            const std::string &pattern = m_proxy.mesh.config().inboundClusterStatName;
            if (!pattern.empty())
                std::get<dataplane::TcpProxy>(chain.filters.back().config).statPrefix =
                    statName(pattern, port.service, {}, {port.servicePort, port.servicePortName});
        }
        if (way.meshTls)
            chain.tls = meshInboundTls(m_proxy.secrets, m_proxy.mesh, !way.http);
        return chain;
    }

    const ProxyContext &m_proxy;
    std::vector<dataplane::NetworkFilter> m_policies;
    dataplane::Listener m_listener;
};

std::string unknownCluster(std::size_t index, std::uint32_t port)
{
    return index == 0 ? std::string(names::inboundPassthrough)
                      : std::string(names::inboundPassthrough) + '|' + std::to_string(port);
}

} // namespace

namespace {

const Service *serviceOn(const ProxyContext &proxy, std::uint32_t port)
{
    for (const Service &service : proxy.mesh.services) {
        for (const Endpoint &endpoint : service.endpoints) {
            if (endpoint.instance == nullptr || endpoint.foreign ||
                endpoint.instance->name != proxy.instance.name)
                continue;
            const bool leadsThere =
                std::any_of(endpoint.ports.begin(), endpoint.ports.end(),
                            [port](const EndpointPort &each) { return each.number == port; });
            if (leadsThere)
                return &service;
        }
    }
    return nullptr;
}

/// A Sidecar with ingress listeners has those and no others.
void addIngress(const ProxyContext &proxy, std::vector<InboundPort> &ports)
{
    const std::vector<model::Sidecar::Ingress> &list = proxy.scope.sidecar->ingress;
    for (std::size_t index = 0; index < list.size(); ++index) {
        const model::Sidecar::Ingress &ingress = list[index];
        const bool known = std::any_of(ports.begin(), ports.end(), [&ingress](const InboundPort &own) {
            return own.port == ingress.port.number;
        });
        if (known)
            continue;
        InboundPort port;
        port.port = ingress.port.number;
        port.protocol = parseProtocol(ingress.port.protocol);
        port.service = serviceOn(proxy, port.port);
        port.servicePort = port.port;
        port.ingress = &ingress;
        port.ingressIndex = index;
        ports.push_back(port);
    }
}

/// istiod follows it with ENABLE_TLS_ON_SIDECAR_INGRESS only, which is off by default.
void warnOfIgnoredTls(const ProxyContext &proxy, const InboundPort &port)
{
    const std::string place = "spec.ingress[" + std::to_string(port.ingressIndex) + "].tls";
    proxy.warnings.push_back({"Istio ignores the TLS of a Sidecar's ingress unless a cluster administrator "
                              "turns it on, and so does the lab",
                              proxy.scope.sidecar->place(place),
                              {}});
}

} // namespace

std::vector<InboundPort> inboundPorts(const ProxyContext &proxy)
{
    std::vector<InboundPort> ports;
    const auto known = [&ports](std::uint32_t port) {
        return std::any_of(ports.begin(), ports.end(),
                           [port](const InboundPort &own) { return own.port == port; });
    };
    const bool byIngress = proxy.scope.sidecar && !proxy.scope.sidecar->ingress.empty();
    if (byIngress)
        addIngress(proxy, ports);
    for (const Service &service : proxy.mesh.services) {
        for (const Endpoint &endpoint : service.endpoints) {
            if (byIngress || endpoint.instance == nullptr || endpoint.instance->name != proxy.instance.name)
                continue;
            for (const ServicePort &port : service.ports) {
                const std::uint32_t target = endpoint.portFor(port.number);
                if (target == 0 || known(target))
                    continue;
                InboundPort own;
                own.port = target;
                own.protocol = port.protocol;
                own.service = &service;
                own.servicePort = port.number;
                own.servicePortName = port.name;
                ports.push_back(own);
            }
        }
    }
    for (const std::uint32_t port : proxy.instance.containerPorts) {
        if (known(port))
            continue;
        InboundPort own;
        own.port = port;
        ports.push_back(own);
    }
    return ports;
}

std::vector<dataplane::Listener> inboundListeners(const ProxyContext &proxy,
                                                  const std::vector<InboundPort> &ports)
{
    InboundListener listener(proxy);
    std::vector<dataplane::Listener> own;
    listener.addUnknown(std::nullopt, names::inboundPassthrough);
    std::size_t unknown = 0;
    for (const InboundPort &port : ports) {
        if (port.ingress && port.ingress->tls)
            warnOfIgnoredTls(proxy, port);
        if (port.ingress && port.ingress->captureMode == "NONE") {
            own.push_back(listener.ownListener(port));
            continue;
        }
        listener.bind(port.port);
        if (port.isKnown())
            listener.add(port);
        else if (unknown++ > 0 || inboundTlsMode(proxy.mesh, proxy.instance, port.port) !=
                                      inboundTlsMode(proxy.mesh, proxy.instance, 0))
            listener.addUnknown(port.port, unknownCluster(unknown - 1, port.port));
    }
    std::vector<dataplane::Listener> listeners;
    listeners.push_back(listener.take());
    for (dataplane::Listener &each : own)
        listeners.push_back(std::move(each));
    return listeners;
}

std::vector<dataplane::Cluster> inboundClusters(const ProxyContext &proxy,
                                                const std::vector<InboundPort> &ports)
{
    std::vector<dataplane::Cluster> clusters;
    std::size_t unknown = 0;
    for (const InboundPort &port : ports) {
        const std::string name =
            port.isKnown() ? names::inbound(port.port) : unknownCluster(unknown++, port.port);
        clusters.push_back(inboundCluster(proxy, name, port));
    }
    if (unknown == 0) {
        InboundPort none;
        none.port = proxy.place.inboundPort;
        clusters.push_back(inboundCluster(proxy, names::inboundPassthrough, none));
    }
    return clusters;
}

} // namespace sallyport::compile
