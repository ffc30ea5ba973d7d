// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include "core/dataplane/filter_chain_matcher.h"
#include "core/explain/match_reason.h"

#include <algorithm>

namespace sallyport::explain {

namespace {

using Kind = dataplane::ListenerFilter::Kind;

/// How often one proxy may see a request: as the client's sidecar, as the server's, and on a way back.
constexpr std::ptrdiff_t mostVisits = 4;

bool inspects(const dataplane::Listener &listener, Kind kind, std::uint32_t port)
{
    return std::any_of(listener.listenerFilters.begin(), listener.listenerFilters.end(),
                       [&](const dataplane::ListenerFilter &filter) {
                           const bool disabled = filter.filterDisabled && filter.filterDisabled->holds(port);
                           return filter.kind == kind && !disabled;
                       });
}

bool wantsProxyHeader(const dataplane::Listener &listener)
{
    return std::any_of(listener.listenerFilters.begin(), listener.listenerFilters.end(),
                       [](const auto &filter) {
                           return filter.kind == Kind::ProxyProtocol && !filter.proxyProtocol.optional;
                       });
}

/// What listener filters found out, in words.
std::string seen(const dataplane::ChainFacts &facts)
{
    std::string text = facts.transportProtocol == "tls" ? "TLS" : "no TLS";
    if (!facts.serverName.empty())
        text += ", SNI " + std::string(facts.serverName);
    for (const std::string &protocol : facts.applicationProtocols)
        text += (&protocol == &facts.applicationProtocols.front() ? ", protocol " : " or ") + protocol;
    return text + ", to port " + std::to_string(facts.destinationPort);
}

std::string nameOf(const dataplane::FilterChain &chain, std::size_t index)
{
    return chain.name.empty() ? "filter chain " + std::to_string(index + 1) : "filter chain " + chain.name;
}

TlsServerSide serverSide(const Proxy &proxy, const dataplane::DownstreamTlsContext &context)
{
    TlsServerSide side;
    side.shown = shownBy(proxy, context.common);
    side.check = checkBy(proxy, context.common);
    side.demandsCertificate = context.requireClientCertificate;
    side.alpn = context.common.alpnProtocols;
    side.minimum = context.common.parameters.minimum;
    side.maximum = context.common.parameters.maximum;
    return side;
}

/// An element of x-forwarded-client-cert with what matchers and people look for; the certificate's own text
/// is left out.
std::string clientCertElement(const pki::Certificate &own, const pki::Certificate &peer)
{
    std::string element;
    for (const std::string &uri : own.subjectAltNames().uris)
        element += "By=" + uri + ';';
    element += "Hash=" + peer.fingerprint() + ";Subject=\"" + peer.subject() + '"';
    for (const std::string &uri : peer.subjectAltNames().uris)
        element += ";URI=" + uri;
    for (const std::string &name : peer.subjectAltNames().dns)
        element += ";DNS=" + name;
    return element;
}

std::string clusterOf(const dataplane::TcpProxy &tcp, double &share)
{
    if (tcp.weightedClusters.empty())
        return tcp.cluster;
    double total = 0;
    const auto *heaviest = &tcp.weightedClusters.front();
    for (const auto &weighted : tcp.weightedClusters) {
        total += weighted.weight;
        if (weighted.weight > heaviest->weight)
            heaviest = &weighted;
    }
    share = total > 0 ? heaviest->weight / total : 1;
    return heaviest->name;
}

} // namespace

const dataplane::Listener &Walk::handOver(HopIndex hop, const Proxy &proxy,
                                          const dataplane::Listener &listener, const Wire &wire)
{
    if (!listener.useOriginalDst || !wire.intercepted)
        return listener;
    const dataplane::Listener *ofPort = nullptr;
    for (const dataplane::Listener &other : proxy.bootstrap.listeners) {
        if (other.bindToPort || other.address.port != wire.destination.port)
            continue;
        if (other.address.address == wire.destination.address)
            return other;
        if (other.address.address == "0.0.0.0")
            ofPort = &other;
    }
    if (ofPort == nullptr)
        add(hop, "listener", Mark::Note,
            "no service that this sidecar knows has port " +
                std::to_string(m_scene.plan().overlay.meshPort(static_cast<int>(wire.destination.port))) +
                ": the connection stays with " + listener.name,
            "listener " + listener.name, m_origins.ofMeshConfig(proxy));
    return ofPort == nullptr ? listener : *ofPort;
}

Reply Walk::listen(HopIndex from, const Proxy &proxy, const dataplane::Listener &bound, Wire wire)
{
    const HopIndex hop =
        addHop(proxy.gateway ? Hop::Kind::Gateway : Hop::Kind::Sidecar, proxy.name, from, wire);
    if (wantsProxyHeader(bound) && !wire.intercepted && !wire.proxyHeader) {
        add(hop, "listener", Mark::Refused, "the listener wants a PROXY header, and there is none",
            "listener " + bound.name, m_origins.ofMeshConfig(proxy))
            .reason = "proxy-header-missing";
        Reply reply;
        reply.end = Reply::End::Closed;
        reply.decidedBy = proxy.name;
        return reply;
    }
    const auto visits =
        std::count_if(m_explanation.hops.begin(), m_explanation.hops.end(), [&proxy](const Hop &each) {
            return each.proxy == proxy.name && each.kind != Hop::Kind::Application;
        });
    if (visits > mostVisits) {
        Step &step = add(hop, "listener", Mark::Refused, "the request goes round in circles");
        step.reason = "loop";
        step.why.push_back(proxy.name + " has had it " + std::to_string(visits - 1) + " times before");
        Reply reply;
        reply.end = Reply::End::Loop;
        reply.decidedBy = proxy.name;
        return reply;
    }
    const dataplane::Listener &listener = handOver(hop, proxy, bound, wire);
    const std::uint32_t port = wire.destination.port;
    dataplane::ChainFacts facts;
    facts.destinationIp = dataplane::IpAddress::parse(wire.destination.address);
    facts.destinationPort = static_cast<std::uint16_t>(port);
    facts.transportProtocol = "raw_buffer";
    facts.sourceIp = facts.directSourceIp = dataplane::IpAddress::parse(wire.source);
    std::string sni;
    if (!wire.layers.empty() && inspects(listener, Kind::TlsInspector, port)) {
        sni = lowered(wire.layers.front()->sni);
        facts.transportProtocol = "tls";
        facts.serverName = sni;
        facts.applicationProtocols = wire.layers.front()->alpn;
    } else if (wire.layers.empty() && inspects(listener, Kind::HttpInspector, port)) {
        facts.applicationProtocols = {wire.http2 ? "h2c" : "http/1.1"};
    }
    m_explanation.hops[hop].log.requestedServerName = sni;
    const int index = dataplane::FilterChainMatcher(listener.filterChains).find(facts);
    const dataplane::FilterChain *chain =
        index >= 0 ? &listener.filterChains[static_cast<std::size_t>(index)]
                   : (listener.defaultFilterChain ? &*listener.defaultFilterChain : nullptr);
    const std::string object = "listener " + listener.name;
    if (chain == nullptr) {
        Step &step = add(hop, "filter-chain", Mark::Refused, "no filter chain takes the connection", object);
        step.reason = "no-filter-chain";
        step.why.push_back("it is: " + seen(facts));
        for (std::size_t i = 0; i < listener.filterChains.size(); ++i) {
            const dataplane::FilterChain &other = listener.filterChains[i];
            step.why.push_back(nameOf(other, i) + " wants: " + describe(other.match));
            for (Source &source : m_origins.ofChain(proxy, other))
                step.sources.push_back(std::move(source));
        }
        LogLine &log = m_explanation.hops[hop].log;
        log.written = !listener.accessLogs.empty();
        log.flags = "NR";
        log.details = "filter_chain_not_found";
        Reply reply;
        reply.end = Reply::End::Closed;
        reply.decidedBy = proxy.name;
        reply.flags = log.flags;
        reply.details = log.details;
        return reply;
    }
    std::vector<Source> sources = m_origins.ofChain(proxy, *chain);
    if (sources.empty() && listener.direction == dataplane::TrafficDirection::Inbound)
        sources = m_origins.ofInboundPort(proxy);
    Step &step = add(hop, "filter-chain", Mark::Passed,
                     index < 0 ? "the listener's default filter chain takes the connection"
                               : nameOf(*chain, static_cast<std::size_t>(index)) + " takes the connection",
                     object, std::move(sources));
    step.why.push_back("it is: " + seen(facts));
    if (index < 0)
        step.why.emplace_back("no other filter chain does");
    else if (listener.filterChains.size() > 1)
        step.why.push_back("the filter chain wants: " + describe(chain->match));
    return takeChain(hop, proxy, *chain, std::move(wire));
}

std::optional<Reply> Walk::terminate(HopIndex hop, const Proxy &proxy, const dataplane::FilterChain &chain,
                                     Wire &wire, Connection &connection)
{
    Reply reply;
    reply.end = Reply::End::Closed;
    reply.decidedBy = proxy.name;
    if (wire.layers.empty()) {
        Step &step = add(hop, "handshake", Mark::Refused,
                         "the filter chain speaks TLS, and the client sends plaintext", {},
                         m_origins.ofChain(proxy, chain));
        step.reason = "plaintext-to-tls";
        step.why.emplace_back("the connection is closed before any request is read, and nothing is logged");
        return reply;
    }
    const std::shared_ptr<TlsClientSide> client = wire.layers.front();
    const TlsServerSide side = serverSide(proxy, *chain.tls);
    const Handshake handshake = shakeHands(*client, side);
    const bool agreed = handshake.end == Handshake::End::Agreed;
    Step &step = add(hop, "handshake", agreed ? Mark::Passed : Mark::Refused, handshake.decision, {},
                     m_origins.ofSecret(proxy, side.shown.secret));
    step.reason = handshake.reason;
    step.why = handshake.why;
    if (handshake.end == Handshake::End::ClientFails) {
        reply.end = Reply::End::TlsFailed;
        reply.layer = client.get();
        reply.failure = handshake.clientError;
        return reply;
    }
    client->completed = true;
    if (!agreed) {
        step.why.emplace_back("with TLS 1.3 the client is done by then: it sends its request, and sees the "
                              "connection end");
        return reply;
    }
    wire.layers.erase(wire.layers.begin());
    if (wire.layers.empty() && handshake.alpn == "h2" && client->who == m_explanation.request.from &&
        m_explanation.request.url.compare(0, 5, "https") == 0)
        wire.http2 = true;
    connection.facts.tls = true;
    connection.facts.peerPresented = handshake.peerPresented;
    connection.facts.peerValidated = handshake.peerPresented && handshake.peerValidated;
    if (!handshake.peerPresented)
        return std::nullopt;
    const pki::Certificate &peer = client->shown.chain.front();
    connection.uris = peer.subjectAltNames().uris;
    connection.dnsNames = peer.subjectAltNames().dns;
    connection.subject = peer.subject();
    connection.facts.uriSans = &connection.uris;
    connection.facts.dnsSans = &connection.dnsNames;
    connection.facts.subject = connection.subject;
    connection.clientCert = clientCertElement(side.shown.chain.front(), peer);
    return std::nullopt;
}

Reply Walk::takeChain(HopIndex hop, const Proxy &proxy, const dataplane::FilterChain &chain, Wire wire)
{
    Connection connection;
    connection.facts.localIp = dataplane::IpAddress::parse(wire.destination.address);
    connection.facts.localPort = static_cast<std::uint16_t>(wire.destination.port);
    connection.facts.remoteIp = connection.facts.sourceIp = connection.facts.directRemoteIp =
        dataplane::IpAddress::parse(wire.source);
    // The name is known to who looks into the ClientHello, and to who ends the TLS.
    connection.sni = m_explanation.hops[hop].log.requestedServerName;
    if (chain.tls) {
        if (!wire.layers.empty())
            connection.sni = lowered(wire.layers.front()->sni);
        if (auto ended = terminate(hop, proxy, chain, wire, connection))
            return *ended;
    }
    m_explanation.hops[hop].log.requestedServerName = connection.sni;
    connection.facts.requestedServerName = connection.sni;
    connection.filterChain = chain.name;
    BySni bySni;
    for (const dataplane::NetworkFilter &filter : chain.filters) {
        if (const auto *rbac = std::get_if<dataplane::Rbac>(&filter.config)) {
            if (auto refused = mayConnect(hop, proxy, *rbac, connection)) {
                noteBytes(hop, proxy, chain, wire);
                return *refused;
            }
        } else if (std::holds_alternative<dataplane::SniCluster>(filter.config)) {
            bySni.cluster = connection.sni;
        } else if (const auto *lookUp = std::get_if<dataplane::SniDynamicForwardProxy>(&filter.config)) {
            bySni.lookUp = lookUp;
        } else if (const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config)) {
            return serve(hop, proxy, *manager, connection, std::move(wire));
        } else if (const auto *tcp = std::get_if<dataplane::TcpProxy>(&filter.config)) {
            m_explanation.hops[hop].log.written = !tcp->accessLogs.empty();
            return proxyBytes(hop, proxy, *tcp, bySni, std::move(wire));
        }
    }
    add(hop, "filter-chain", Mark::Refused, "the filter chain has no filter that would answer");
    Reply reply;
    reply.end = Reply::End::Closed;
    reply.decidedBy = proxy.name;
    return reply;
}

/// Policies on connections are asked when the first byte comes; tcp_proxy has its upstream by then, and logs
/// it.
void Walk::noteBytes(HopIndex hop, const Proxy &proxy, const dataplane::FilterChain &chain, const Wire &wire)
{
    for (const dataplane::NetworkFilter &filter : chain.filters) {
        const auto *tcp = std::get_if<dataplane::TcpProxy>(&filter.config);
        if (tcp == nullptr)
            continue;
        double share = 1;
        const std::string name = clusterOf(*tcp, share);
        LogLine &log = m_explanation.hops[hop].log;
        log.written = !tcp->accessLogs.empty();
        log.cluster = name;
        Way way;
        way.cluster = proxy.findCluster(name);
        if (wire.intercepted)
            way.original = wire.destination;
        dataplane::Metadata metadata;
        const std::size_t told = m_explanation.hops[hop].steps.size();
        if (way.cluster == nullptr)
            return;
        if (const auto to = chooseEndpoint(hop, proxy, way, wire.request, metadata))
            m_explanation.hops[hop].log.upstreamHost = m_scene.nameOf(*to);
        m_explanation.hops[hop].steps.resize(told);
    }
}

std::optional<Reply> Walk::mayConnect(HopIndex hop, const Proxy &proxy, const dataplane::Rbac &rbac,
                                      const Connection &connection)
{
    if (!rbac.rules)
        return std::nullopt;
    const dataplane::RbacEngine engine(*rbac.rules); // the decision names its policy
    const auto decision = engine.decide(connection.facts, nullptr);
    const std::string id(decision.policy);
    Step &step = add(hop, "rbac", decision.allowed ? Mark::Passed : Mark::Refused,
                     decision.allowed ? "policies on connections let it pass"
                     : id.empty()     ? "no policy allows the connection"
                                      : "the connection is refused by " + id,
                     {}, m_origins.ofPolicy(proxy, id));
    for (const auto &[name, policy] : rbac.rules->policies) {
        const PolicySides sides = sidesOf(policy, connection.facts, nullptr);
        if (name == id)
            step.why.push_back(name + " matches: " + describeOperations(policy) + "; " +
                               describeSources(policy));
        else if (id.empty())
            step.why.push_back(name + ": " +
                               (sides.operation
                                    ? "the source does not fit: " + describeSources(policy)
                                    : "the operation does not fit: " + describeOperations(policy)));
    }
    if (decision.allowed)
        return std::nullopt;
    step.reason = "policy";
    Reply reply;
    reply.end = Reply::End::Closed;
    reply.decidedBy = proxy.name;
    reply.details = "rbac_access_denied_matched_policy[" + (id.empty() ? "none" : id) + ']';
    return reply;
}

Reply Walk::proxyBytes(HopIndex hop, const Proxy &proxy, const dataplane::TcpProxy &tcp, const BySni &bySni,
                       Wire wire)
{
    double share = 1;
    const std::string name = bySni.cluster.empty() ? clusterOf(tcp, share) : bySni.cluster;
    m_explanation.hops[hop].log.cluster = name;
    Step &step = add(hop, "cluster", share < 1 ? Mark::Uncertain : Mark::Passed,
                     "bytes are passed on, whatever they are, to " + name, "cluster " + name);
    for (const auto &weighted : tcp.weightedClusters)
        step.why.push_back(weighted.name + " has weight " + std::to_string(weighted.weight));
    takeChance(share);
    Reply reply;
    reply.end = Reply::End::Closed;
    reply.decidedBy = proxy.name;
    LogLine &log = m_explanation.hops[hop].log;
    const dataplane::Cluster *cluster = proxy.findCluster(name);
    if (cluster == nullptr) {
        step.mark = Mark::Refused;
        step.reason = "no-cluster";
        step.decision = "there is no cluster " + name;
        if (const std::string why = m_origins.whyNoCluster(proxy, name); !why.empty())
            step.why.push_back(why);
        log.flags = reply.flags = "NC";
        return reply;
    }
    step.sources = m_origins.ofCluster(proxy, *cluster);
    Way way;
    way.cluster = cluster;
    if (wire.intercepted)
        way.original = wire.destination;
    if (cluster->type == dataplane::Cluster::Type::DynamicForwardProxy) {
        const std::string sni = log.requestedServerName;
        way.original = bySni.lookUp != nullptr && !sni.empty() ? addressOf(proxy, sni, bySni.lookUp->port)
                                                               : std::nullopt;
        if (!way.original) {
            add(hop, "name", Mark::Refused,
                sni.empty() ? "no SNI says which name to look up"
                            : "the proxy looks " + sni + " up: there is no such name")
                .reason = "name-unknown";
            log.flags = reply.flags = "UH";
            return reply;
        }
        add(hop, "name", Mark::Passed, "the proxy looks " + sni + " up: " + m_scene.nameOf(*way.original));
    }
    Reply upstream = forward(hop, proxy, way, std::move(wire));
    LogLine &line = m_explanation.hops[hop].log;
    if (upstream.end == Reply::End::Refused && upstream.decidedBy == proxy.name) {
        // The one attempt that tcp_proxy makes.
        line.flags = upstream.flags == "UH" ? "UH" : "UF,URX";
        if (upstream.flags != "UH")
            line.transportFailure = withoutSpaces(upstream.failure);
        upstream.end = Reply::End::Closed;
        upstream.flags = line.flags;
        return upstream;
    }
    if (upstream.end == Reply::End::Reset)
        line.flags = "UR";
    return upstream;
}

} // namespace sallyport::explain
