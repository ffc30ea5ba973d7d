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

} // namespace sallyport::explain
