// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include "core/explain/match_reason.h"

namespace sallyport::explain {

namespace {

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
