// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/gateway_listeners.h"

#include "core/compile/access_logging.h"
#include "core/compile/authorization.h"
#include "core/compile/config_path.h"
#include "core/compile/connection_manager.h"
#include "core/compile/connection_settings.h"
#include "core/compile/endpoints.h"
#include "core/compile/gateway_routes.h"
#include "core/compile/listener_parts.h"
#include "core/compile/locality.h"
#include "core/compile/names.h"
#include "core/compile/refused_listeners.h"
#include "core/compile/stat_names.h"
#include "core/compile/tls_contexts.h"
#include "core/compile/traffic_policy.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

constexpr auto handshakeLimit = std::chrono::seconds(15);

bool names(const model::L4Match &match, const GatewayServer &server)
{
    return (match.port == 0 || match.port == server.server->portNumber) &&
           (match.gateways.empty() || std::find(match.gateways.begin(), match.gateways.end(),
                                                server.gatewayName()) != match.gateways.end());
}

/// What an AUTO_PASSTHROUGH server may lead to.
struct SniTarget
{
    const Service &service;
    const ServicePort &port;
    const MergedRule *rule;
    std::string subset; ///< empty: the whole service
    model::Labels labels;
};

template<typename Do>
void eachSniTarget(const ProxyContext &proxy, const Do &act)
{
    for (const Service &service : proxy.scope.services) {
        if (service.external || service.resolution == Resolution::Alias)
            continue;
        const MergedRule *rule = proxy.ruleFor(service);
        for (const ServicePort &port : service.ports) {
            if (port.protocol == Protocol::Udp)
                continue;
            act(SniTarget{service, port, rule, {}, {}});
            for (std::size_t index = 0; rule && index < rule->rule.subsets.size(); ++index)
                act(SniTarget{service, port, rule, rule->rule.subsets[index].name,
                              rule->rule.subsets[index].labels});
        }
    }
}

class GatewayListener
{
public:
    GatewayListener(const ProxyContext &proxy, const GatewayPort &port)
        : m_proxy(proxy)
        , m_port(port)
        , m_policies(Authorization(proxy).networkFilters())
        , m_name(names::listener(port.bind.empty() ? "0.0.0.0" : port.bind, port.port))
    {
    }

    std::optional<dataplane::Listener> build()
    {
        dataplane::Listener listener;
        listener.name = m_name;
        listener.address = addressOf(m_port.bind);
        if (m_proxy.config.connectionSettings)
            listener.perConnectionBufferLimit =
                bufferLimit(*m_proxy.config.connectionSettings).value_or(listener.perConnectionBufferLimit);
        bool plainHttpDone = false;
        for (const GatewayServer &server : m_port.servers) {
            if (isHttp(server.protocol())) {
                // All plain HTTP servers of the port are one chain.
                if (!plainHttpDone)
                    listener.filterChains.push_back(httpChain(plainHttpServers()));
                plainHttpDone = true;
            } else if (server.speaksHttp()) {
                listener.filterChains.push_back(httpChain({&server}));
            } else if (server.isPassthrough()) {
                for (dataplane::FilterChain &chain : passthroughChains(server))
                    listener.filterChains.push_back(std::move(chain));
            } else if (auto chain = tcpChain(server)) {
                listener.filterChains.push_back(std::move(*chain));
            }
        }
        if (listener.filterChains.empty())
            return std::nullopt;
        if (m_proxy.config.gatewayProxyProtocol) {
            dataplane::ListenerFilter filter;
            filter.name = "envoy.filters.listener.proxy_protocol";
            filter.kind = dataplane::ListenerFilter::Kind::ProxyProtocol;
            listener.listenerFilters.push_back(std::move(filter));
        }
        const bool inspectsTls =
            std::any_of(listener.filterChains.begin(), listener.filterChains.end(),
                        [](const auto &chain) { return chain.tls || !chain.match.serverNames.empty(); });
        if (inspectsTls)
            listener.listenerFilters.push_back(tlsInspector());
        listener.direction = dataplane::TrafficDirection::Outbound;
        listener.accessLogs = listenerAccessLogs(m_proxy.mesh, m_proxy.instance, LogSide::Client);
        listener.maxConnectionsToAcceptPerSocketEvent = 1;
        const GatewayServer &last = m_port.servers.back();
        if (isRefused(m_proxy, listener, last.gateway->place(last.fieldPath())))
            return std::nullopt;
        return listener;
    }

private:
    /// `unix://PATH` is a socket of this machine.
    dataplane::SocketAddress addressOf(const std::string &bind) const
    {
        constexpr std::string_view scheme = "unix://";
        if (bind.starts_with(scheme))
            return {{}, 0, bind.substr(scheme.size())};
        return {bind.empty() ? m_proxy.place.address : m_proxy.mesh.placement.local(bind),
                m_proxy.mesh.placement.localPort(m_port.port),
                {}};
    }

    std::vector<const GatewayServer *> plainHttpServers() const
    {
        std::vector<const GatewayServer *> servers;
        for (const GatewayServer &server : m_port.servers) {
            if (isHttp(server.protocol()))
                servers.push_back(&server);
        }
        return servers;
    }

    dataplane::FilterChain httpChain(const std::vector<const GatewayServer *> &servers) const
    {
        const GatewayServer &server = *servers.front();
        dataplane::FilterChain chain;
        chain.filters.push_back(connectionManager(m_proxy, HttpSide::Gateway, "outbound_" + m_name,
                                                  gatewayRoutes(m_proxy, servers), server.protocol()));
        if (server.terminatesTls()) {
            chain.match.serverNames = server.sniHosts();
            chain.tls = gatewayTls(m_proxy.secrets, *server.server->tls, m_proxy.config, false);
            // A server's name is what its statistics are called by.
            if (const std::string &name = server.server->name; !name.empty())
                std::get<dataplane::HttpConnectionManager>(chain.filters.front().config).statPrefix = name;
        }
        chain.transportSocketConnectTimeout = handshakeLimit;
        return chain;
    }

    dataplane::FilterChain chainTo(const std::vector<model::RouteDestination> &route,
                                   const GatewayServer &server, const model::VirtualService &service) const
    {
        dataplane::FilterChain chain;
        chain.filters = m_policies;
        chain.filters.push_back(tcpProxy(m_proxy, route,
                                         service.metadata.name + '.' + service.metadata.resourceNamespace,
                                         {server.server->portNumber, server.server->portName}));
        chain.metadata = configMetadata(service);
        chain.transportSocketConnectTimeout = handshakeLimit;
        return chain;
    }

    bool mayUse(const model::VirtualService &service, const GatewayServer &server) const
    {
        return !hostIntersection(hostsFor(server, service.metadata.resourceNamespace), service.hosts).empty();
    }

    /// The first tcp rule that names this server; none: the server has nothing to forward to.
    std::optional<dataplane::FilterChain> tcpChain(const GatewayServer &server) const
    {
        for (const model::VirtualService *service : virtualServicesFor(m_proxy, server.gatewayName())) {
            if (!mayUse(*service, server))
                continue;
            for (const model::L4Route &route : service->tcp) {
                const bool fits = route.match.empty() || std::any_of(route.match.begin(), route.match.end(),
                                                                     [&server](const model::L4Match &match) {
                                                                         return names(match, server);
                                                                     });
                if (!fits)
                    continue;
                dataplane::FilterChain chain = chainTo(route.route, server, *service);
                if (server.terminatesTls()) {
                    chain.match.serverNames = server.sniHosts();
                    chain.tls = gatewayTls(m_proxy.secrets, *server.server->tls, m_proxy.config, true);
                }
                return chain;
            }
        }
        return std::nullopt;
    }

    std::vector<dataplane::FilterChain> passthroughChains(const GatewayServer &server)
    {
        if (server.server->tls->mode == model::ServerTls::Mode::AutoPassthrough)
            return autoPassthroughChains(server);
        std::vector<dataplane::FilterChain> chains;
        for (const model::VirtualService *service : virtualServicesFor(m_proxy, server.gatewayName())) {
            if (!mayUse(*service, server))
                continue;
            for (const model::L4Route &route : service->tls) {
                for (const model::L4Match &match : route.match) {
                    if (!names(match, server) || knownSni(match.sniHosts))
                        continue;
                    dataplane::FilterChain chain = chainTo(route.route, server, *service);
                    if (std::find(match.sniHosts.begin(), match.sniHosts.end(), "*") == match.sniHosts.end())
                        chain.match.serverNames = match.sniHosts;
                    chains.push_back(std::move(chain));
                }
            }
        }
        return chains;
    }

    /// A chain per service, port and subset of the mesh, by the name that mesh mTLS says as SNI. Policies are
    /// the servers' own: istiod builds these chains without any.
    std::vector<dataplane::FilterChain> autoPassthroughChains(const GatewayServer &server) const
    {
        std::vector<dataplane::FilterChain> chains;
        const std::vector<std::string> allowed = server.sniHosts();
        eachSniTarget(m_proxy, [&](const SniTarget &target) {
            const std::string &host = target.service.hostname;
            if (!allowed.empty() &&
                std::none_of(allowed.begin(), allowed.end(),
                             [&host](const std::string &name) { return model::isSubsetOf(host, name); }))
                return;
            const std::string cluster = names::meshSni(target.port.number, target.subset, host);
            dataplane::FilterChain chain;
            chain.filters.push_back(tcpProxy(m_proxy, cluster, true));
            auto &config = std::get<dataplane::TcpProxy>(chain.filters.back().config);
            config.statPrefix = outboundStatName(m_proxy.mesh.config(), target.service, target.subset,
                                                 {target.port.number, target.port.name}, cluster);
            applyRule(config, target.rule, target.subset);
            // Bytes of somebody else's TLS are not put into a tunnel.
            config.tunneling.reset();
            chain.match.serverNames = {cluster};
            chain.match.applicationProtocols = {"istio", "istio-peer-exchange", "istio-http/1.0",
                                                "istio-http/1.1", "istio-h2"};
            chain.transportSocketConnectTimeout = handshakeLimit;
            chains.push_back(std::move(chain));
        });
        return chains;
    }

    /// A name that an earlier match has; else remembers them.
    bool knownSni(const std::vector<std::string> &hosts)
    {
        for (const std::string &host : hosts) {
            if (m_sni.count(host) != 0)
                return true;
        }
        m_sni.insert(hosts.begin(), hosts.end());
        return false;
    }

    const ProxyContext &m_proxy;
    const GatewayPort &m_port;
    std::vector<dataplane::NetworkFilter> m_policies;
    std::string m_name;
    std::set<std::string> m_sni;
};

bool hasAutoPassthrough(const ProxyContext &proxy)
{
    for (const model::Gateway &gateway : proxy.mesh.mesh.gateways) {
        if (!model::selects(gateway.selector, proxy.instance.labels))
            continue;
        for (const model::Gateway::Server &server : gateway.servers) {
            if (server.tls && server.tls->mode == model::ServerTls::Mode::AutoPassthrough)
                return true;
        }
    }
    return false;
}

} // namespace

std::vector<dataplane::Listener> gatewayListeners(const ProxyContext &proxy)
{
    std::vector<dataplane::Listener> listeners;
    for (const GatewayPort &port : gatewayPorts(proxy)) {
        if (auto listener = GatewayListener(proxy, port).build())
            listeners.push_back(std::move(*listener));
    }
    return listeners;
}

std::vector<dataplane::Cluster> sniClusters(const ProxyContext &proxy)
{
    std::vector<dataplane::Cluster> clusters;
    if (!hasAutoPassthrough(proxy))
        return clusters;
    eachSniTarget(proxy, [&](const SniTarget &target) {
        const Service &service = target.service;
        const std::uint32_t port = target.port.number;
        const model::TrafficPolicy policy = effectivePolicy(target.rule, port, target.subset).policy;
        const LocalityBalancing balancing(policy, service.distribution, proxy.mesh.config(),
                                          proxy.instance.labels);
        dataplane::Cluster cluster;
        cluster.name = names::meshSni(port, target.subset, service.hostname);
        cluster.altStatName = names::statistics(outboundStatName(proxy.mesh.config(), service, target.subset,
                                                                 {port, target.port.name}, cluster.name));
        cluster.lbPolicy = dataplane::Cluster::LbPolicy::LeastRequest;
        cluster.connectTimeout = proxy.mesh.config().connectTimeout;
        cluster.panicThreshold = 0;
        cluster.bindAddress = dataplane::SocketAddress{proxy.place.address, 0, {}};
        cluster.thresholds = {unlimitedThresholds()};
        cluster.localityWeighted = balancing.isWeighted();
        cluster.zoneAware = balancing.zoneAware();
        cluster.loadAssignment = loadAssignment(proxy.mesh, service, port, target.labels, cluster.name, false,
                                                balancing, isHashed(policy));
        keepMeshTls(*cluster.loadAssignment);
        // All but TLS, which passes.
        applyTrafficPolicy(policy, proxy.mesh.config(), cluster);
        cluster.transport.proxyProtocol.reset();
        clusters.push_back(std::move(cluster));
    });
    return clusters;
}

} // namespace sallyport::compile
