// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/sidecar_outbound.h"

#include "core/compile/access_logging.h"
#include "core/compile/connection_manager.h"
#include "core/compile/listener_parts.h"
#include "core/compile/names.h"
#include "core/compile/outbound_chains.h"
#include "core/compile/sidecar_routes.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

constexpr const char *wildcardAddress = "0.0.0.0";

/// What a listener has taken in so far.
struct Entry
{
    std::string name;
    std::string address; ///< in the mesh
    std::uint32_t port = 0;
    std::vector<dataplane::FilterChain> tcp;
    std::optional<dataplane::FilterChain> http;
};

/// One address and port of a service.
struct Binding
{
    std::string address;
    std::string cidr;
};

std::vector<Binding> bindingsOf(const ProxyContext &proxy, const Service &service, Protocol protocol)
{
    if (isHttp(protocol))
        return {{wildcardAddress, {}}};
    std::vector<Binding> bindings;
    for (const std::string &address : service.addresses) {
        if (address.find('/') == std::string::npos)
            bindings.push_back({address, {}});
        else
            bindings.push_back({wildcardAddress, address});
    }
    // Every pod of a headless Service is a destination of its own.
    if (bindings.empty() && service.kubernetes && service.resolution == Resolution::Passthrough) {
        for (const Endpoint &endpoint : service.endpoints) {
            if (endpoint.instance != nullptr && endpoint.instance->name != proxy.instance.name)
                bindings.push_back({endpoint.address, {}});
        }
        return bindings;
    }
    if (bindings.empty())
        bindings.push_back({wildcardAddress, {}});
    return bindings;
}

class OutboundListeners
{
public:
    explicit OutboundListeners(const ProxyContext &proxy)
        : m_proxy(proxy)
    {
    }

    void add(const Service &service, const ServicePort &port)
    {
        for (const Binding &binding : bindingsOf(m_proxy, service, port.protocol)) {
            Entry &entry = entryFor(binding.address, port.number);
            const bool wildcard = binding.address == wildcardAddress;
            if (isHttpOrSniffed(port.protocol) && !entry.http) {
                // On a service's own address the listener is that service's alone.
                const std::string host =
                    port.protocol == Protocol::Sniffed && !wildcard ? service.hostname : std::string();
                entry.http = outboundHttpChain(m_proxy, entry.name, sidecarRoutes(m_proxy, port.number, host),
                                               port.protocol);
            }
            if (!isHttp(port.protocol))
                mergeTcp(entry, outboundTcpChains(m_proxy, service, port, wildcard, binding.cidr));
        }
    }

    std::vector<dataplane::Listener> take()
    {
        std::vector<dataplane::Listener> listeners;
        for (Entry &entry : m_entries)
            listeners.push_back(listenerOf(entry));
        return listeners;
    }

private:
    Entry &entryFor(const std::string &address, std::uint32_t port)
    {
        const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &entry) {
            return entry.address == address && entry.port == port;
        });
        if (found != m_entries.end())
            return *found;
        m_entries.push_back({names::listener(address, port), address, port, {}, {}});
        return m_entries.back();
    }

    /// The older service keeps what it matches.
    static void mergeTcp(Entry &entry, std::vector<dataplane::FilterChain> chains)
    {
        for (dataplane::FilterChain &chain : chains) {
            const bool taken = std::any_of(entry.tcp.begin(), entry.tcp.end(),
                                           [&chain](const auto &own) { return own.match == chain.match; });
            if (!taken)
                entry.tcp.push_back(std::move(chain));
        }
    }

    dataplane::Listener listenerOf(Entry &entry) const
    {
        dataplane::Listener listener;
        listener.name = entry.name;
        listener.address = {
            m_proxy.mesh.placement.local(entry.address), m_proxy.mesh.placement.localPort(entry.port), {}};
        listener.filterChains = std::move(entry.tcp);
        const bool bySni = std::any_of(listener.filterChains.begin(), listener.filterChains.end(),
                                       [](const auto &chain) { return !chain.match.serverNames.empty(); });
        if (bySni)
            listener.listenerFilters.push_back(tlsInspector());
        if (entry.http) {
            listener.filterChains.push_back(std::move(*entry.http));
            listener.listenerFilters.push_back(httpInspector());
        }
        if (entry.address == wildcardAddress)
            listener.defaultFilterChain = outboundFallback(m_proxy, "PassthroughFilterChain");
        listener.listenerFiltersTimeout =
            m_proxy.mesh.config().protocolDetectionTimeout.value_or(dataplane::Duration::zero());
        listener.continueOnListenerFiltersTimeout = true;
        listener.direction = dataplane::TrafficDirection::Outbound;
        listener.bindToPort = false;
        return listener;
    }

    const ProxyContext &m_proxy;
    std::vector<Entry> m_entries;
};

dataplane::Listener virtualOutbound(const ProxyContext &proxy)
{
    dataplane::Listener listener;
    listener.name = names::virtualOutbound;
    listener.address = {proxy.place.address, proxy.place.outboundPort, {}};
    dataplane::ListenerFilter original;
    original.name = "envoy.filters.listener.proxy_protocol";
    original.kind = dataplane::ListenerFilter::Kind::ProxyProtocol;
    listener.listenerFilters.push_back(std::move(original));
    listener.useOriginalDst = true;
    listener.direction = dataplane::TrafficDirection::Outbound;
    dataplane::FilterChain direct;
    direct.name = "virtualOutbound-blackhole";
    direct.match.destinationPort = proxy.place.outboundPort;
    direct.filters.push_back(tcpProxy(proxy, names::blackHole, false));
    listener.filterChains.push_back(std::move(direct));
    listener.filterChains.push_back(outboundFallback(proxy, "virtualOutbound-catchall-tcp"));
    listener.accessLogs = listenerAccessLogs(accessLogs(proxy.mesh, proxy.instance, LogSide::Client));
    listener.maxConnectionsToAcceptPerSocketEvent = 1;
    return listener;
}

} // namespace

std::vector<dataplane::Listener> outboundListeners(const ProxyContext &proxy)
{
    OutboundListeners builder(proxy);
    for (const Service &service : proxy.scope.services) {
        for (const ServicePort &port : service.ports) {
            if (port.protocol != Protocol::Udp)
                builder.add(service, port);
        }
    }
    std::vector<dataplane::Listener> listeners = builder.take();
    listeners.push_back(virtualOutbound(proxy));
    return listeners;
}

} // namespace sallyport::compile
