// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/sidecar_outbound.h"

#include "core/compile/access_logging.h"
#include "core/compile/connection_manager.h"
#include "core/compile/listener_parts.h"
#include "core/compile/names.h"
#include "core/compile/outbound_chains.h"
#include "core/compile/refused_listeners.h"
#include "core/compile/sidecar_routes.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <array>
#include <set>

namespace sallyport::compile {

namespace {

constexpr const char *wildcardAddress = "0.0.0.0";
constexpr const char *loopbackAddress = "127.0.0.1";

/// What a listener has taken in so far.
struct Entry
{
    std::string name;
    std::string address; ///< in the mesh
    std::uint32_t port = 0;
    bool bound = false;                      ///< the application connects to it by itself
    bool locked = false;                     ///< a Sidecar gave this port its services
    Protocol protocol = Protocol::Sniffed;   ///< of all that was taken in
    const model::Resource *source = nullptr; ///< of the first service
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

/// The address that a Sidecar's egress listener asks for; empty: those of its services.
std::string bindOf(const EgressListener &egress)
{
    if (!egress.source)
        return {};
    if (egress.source->bind.empty() && egress.source->captureMode == "NONE")
        return loopbackAddress;
    return egress.source->bind;
}

/// The sidecar's own listeners have these ports on every address: its virtual ones, and those for its health
/// and statistics.
bool isReserved(const std::string &bind, const ServicePort &port)
{
    const bool everywhere = bind.empty() ? isHttp(port.protocol) : bind == wildcardAddress;
    constexpr std::array<std::uint32_t, 4> ports = {15001, 15006, 15021, 15090};
    return everywhere && std::find(ports.begin(), ports.end(), port.number) != ports.end();
}

/// Every SNI, also where others are named beside it.
bool takesEveryName(const dataplane::FilterChain &chain)
{
    const std::vector<std::string> &names = chain.match.serverNames;
    return names.empty() || std::find(names.begin(), names.end(), "*") != names.end();
}

bool matchesAll(const dataplane::FilterChain &chain)
{
    return takesEveryName(chain) && chain.match.applicationProtocols.empty() &&
           chain.match.transportProtocol.empty() && chain.match.prefixRanges.empty();
}

/// As istiod compares chains of two services: as sets, and `*` among names counts for nothing.
bool conflict(const dataplane::FilterChainMatch &a, const dataplane::FilterChainMatch &b)
{
    const auto names = [](const dataplane::FilterChainMatch &match) {
        std::set<std::string> set(match.serverNames.begin(), match.serverNames.end());
        set.erase("*");
        return set;
    };
    // 10.1.2.3/8 is 10.0.0.0/8.
    const auto covers = [](const dataplane::FilterChainMatch &match,
                           const dataplane::FilterChainMatch &other) {
        return std::all_of(
            other.prefixRanges.begin(), other.prefixRanges.end(), [&match](const auto &wanted) {
                return std::any_of(
                    match.prefixRanges.begin(), match.prefixRanges.end(), [&wanted](const auto &own) {
                        return own.prefixLen == wanted.prefixLen &&
                               cidrContains(own.addressPrefix + '/' + std::to_string(own.prefixLen),
                                            wanted.addressPrefix);
                    });
            });
    };
    return a.transportProtocol == b.transportProtocol && a.applicationProtocols == b.applicationProtocols &&
           names(a) == names(b) && covers(a, b) && covers(b, a);
}

class OutboundListeners
{
public:
    explicit OutboundListeners(const ProxyContext &proxy)
        : m_proxy(proxy)
    {
    }

    void add(const EgressListener &egress)
    {
        // A listener for all ports leaves alone those that the Sidecar listed before it.
        if (egress.port() == 0) {
            for (Entry &entry : m_entries)
                entry.locked = true;
        }
        for (const Service &service : m_proxy.scope.servicesOf(egress)) {
            if (service.resolution == Resolution::Alias)
                continue;
            if (egress.port() != 0) {
                ServicePort port;
                port.number = egress.port();
                port.name = egress.source->port->name;
                port.protocol = parseProtocol(egress.source->port->protocol);
                add(egress, service, port);
                continue;
            }
            for (const ServicePort &port : service.ports)
                add(egress, service, port);
        }
    }

    std::vector<dataplane::Listener> take()
    {
        std::vector<dataplane::Listener> listeners;
        for (Entry &entry : m_entries) {
            dataplane::Listener listener = listenerOf(entry);
            if (!isRefused(m_proxy, listener, entry.source->place("spec")))
                listeners.push_back(std::move(listener));
        }
        return listeners;
    }

private:
    void add(const EgressListener &egress, const Service &service, const ServicePort &port)
    {
        if (port.protocol == Protocol::Udp)
            return;
        const std::string bind = bindOf(egress);
        if (isReserved(bind, port))
            return;
        const std::vector<Binding> bindings =
            bind.empty() ? bindingsOf(m_proxy, service, port.protocol) : std::vector<Binding>{{bind, {}}};
        for (const Binding &binding : bindings) {
            Entry &entry = entryFor(binding.address, port.number);
            if (entry.locked || !joins(entry, port.protocol))
                continue;
            entry.bound = egress.source && egress.source->captureMode == "NONE";
            if (entry.source == nullptr)
                entry.source = service.source;
            const bool isFirst = entry.tcp.empty() && !entry.http;
            const bool wildcard = binding.address == wildcardAddress;
            if (isHttpOrSniffed(port.protocol) && !entry.http) {
                // On a service's own address the listener is that service's alone.
                const std::string host =
                    port.protocol == Protocol::Sniffed && !wildcard ? service.hostname : std::string();
                // All that comes to the port of an HTTP proxy is HTTP.
                const bool sniffed =
                    (wildcard && port.protocol != Protocol::HttpProxy) || port.protocol == Protocol::Sniffed;
                entry.http = outboundHttpChain(m_proxy, entry.name, sidecarRoutes(m_proxy, port.number, host),
                                               service, port.protocol, sniffed);
            }
            if (!isHttp(port.protocol))
                addTcp(entry, outboundTcpChains(m_proxy, egress, service, port, wildcard, binding.cidr),
                       isFirst);
        }
    }

    Entry &entryFor(const std::string &address, std::uint32_t port)
    {
        const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &entry) {
            return entry.address == address && entry.port == port;
        });
        if (found != m_entries.end())
            return *found;
        Entry &entry = m_entries.emplace_back();
        entry.name = names::listener(address, port);
        entry.address = address;
        entry.port = port;
        return entry;
    }

    /// Takes the protocol in, unless looking at the first bytes would hold up servers that speak first.
    static bool joins(Entry &entry, Protocol protocol)
    {
        if (entry.tcp.empty() && !entry.http) {
            entry.protocol = protocol;
            return true;
        }
        if (isHttp(protocol) && isHttpOrSniffed(entry.protocol))
            return true;
        const auto speaksFirst = [](Protocol one) {
            return one == Protocol::Mongo || one == Protocol::MySql;
        };
        if (entry.protocol != protocol && (speaksFirst(entry.protocol) || speaksFirst(protocol)))
            return false;
        if (isHttpOrSniffed(entry.protocol) || isHttpOrSniffed(protocol))
            entry.protocol = Protocol::Sniffed;
        return true;
    }

    /// The older service keeps what it matches. Chains of the first are not compared among themselves.
    static void addTcp(Entry &entry, std::vector<dataplane::FilterChain> chains, bool isFirst)
    {
        for (dataplane::FilterChain &chain : chains) {
            const bool taken =
                !isFirst && std::any_of(entry.tcp.begin(), entry.tcp.end(),
                                        [&](const auto &own) { return conflict(own.match, chain.match); });
            if (!taken)
                entry.tcp.push_back(std::move(chain));
        }
    }

    /// The pod's own addresses are these on this machine.
    std::string placeOf(const Entry &entry) const
    {
        if (!entry.bound)
            return m_proxy.mesh.placement.local(entry.address);
        const bool loopback = entry.address.compare(0, 4, "127.") == 0;
        return loopback ? m_proxy.place.appAddress : m_proxy.place.address;
    }

    dataplane::Listener listenerOf(Entry &entry) const
    {
        dataplane::Listener listener;
        listener.name = entry.name;
        listener.address = {placeOf(entry), m_proxy.mesh.placement.localPort(entry.port), {}};
        std::vector<dataplane::FilterChain> chains = std::move(entry.tcp);
        if (entry.http)
            chains.push_back(std::move(*entry.http));
        addLocalRanges(m_proxy.mesh.placement, chains);
        bool bySni = false;
        bool byProtocol = false;
        for (dataplane::FilterChain &chain : chains) {
            bySni = bySni || !chain.match.serverNames.empty();
            byProtocol = byProtocol || !chain.match.applicationProtocols.empty();
            const bool takesAll = matchesAll(chain);
            if (takesEveryName(chain))
                chain.match.serverNames.clear();
            // Whatever begins like another chain's connections and is none of them comes here.
            if (takesAll)
                listener.defaultFilterChain = std::move(chain);
            else
                listener.filterChains.push_back(std::move(chain));
        }
        if (listener.defaultFilterChain && listener.filterChains.empty()) {
            listener.filterChains.push_back(std::move(*listener.defaultFilterChain));
            listener.defaultFilterChain.reset();
        } else if (!listener.defaultFilterChain) {
            listener.defaultFilterChain = outboundFallback(m_proxy, "PassthroughFilterChain");
        }
        if (bySni)
            listener.listenerFilters.push_back(tlsInspector());
        if (byProtocol)
            listener.listenerFilters.push_back(httpInspector());
        const auto &limit = m_proxy.mesh.config().protocolDetectionTimeout;
        listener.listenerFiltersTimeout = byProtocol && limit ? *limit : dataplane::Duration::zero();
        listener.continueOnListenerFiltersTimeout = true;
        listener.direction = dataplane::TrafficDirection::Outbound;
        listener.bindToPort = entry.bound;
        if (entry.bound)
            listener.maxConnectionsToAcceptPerSocketEvent = 1;
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
    if (proxy.scope.dynamicDns) {
        listener.listenerFilters.push_back(httpInspector());
        listener.filterChains.push_back(dynamicDnsChain(proxy));
    }
    listener.filterChains.push_back(outboundFallback(proxy, "virtualOutbound-catchall-tcp"));
    listener.accessLogs = listenerAccessLogs(proxy.mesh, proxy.instance, LogSide::Client);
    listener.maxConnectionsToAcceptPerSocketEvent = 1;
    return listener;
}

} // namespace

std::vector<dataplane::Listener> outboundListeners(const ProxyContext &proxy)
{
    OutboundListeners builder(proxy);
    for (const EgressListener &egress : proxy.scope.listeners)
        builder.add(egress);
    std::vector<dataplane::Listener> listeners = builder.take();
    listeners.push_back(virtualOutbound(proxy));
    return listeners;
}

} // namespace sallyport::compile
