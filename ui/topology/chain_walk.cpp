// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_walk.h"

#include "core/compile/names.h"
#include "core/dataplane/route_matcher.h"
#include "ui/topology/hop_resources.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::topology {

namespace {

constexpr const char *direct = "-"; ///< an application's own connection has no cluster

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

const dataplane::Cluster *findCluster(const compile::CompiledProxy &proxy, const std::string &name)
{
    const auto &clusters = proxy.bootstrap.clusters;
    const auto found =
        std::find_if(clusters.begin(), clusters.end(),
                     [&name](const dataplane::Cluster &cluster) { return cluster.name == name; });
    return found == clusters.end() ? nullptr : &*found;
}

const dataplane::Listener *findListener(const compile::CompiledProxy &proxy, const std::string &address,
                                        int port)
{
    const auto is = [&](const dataplane::SocketAddress &candidate) {
        return candidate.address == address && static_cast<int>(candidate.port) == port;
    };
    for (const dataplane::Listener &listener : proxy.bootstrap.listeners) {
        if (is(listener.address) ||
            std::any_of(listener.additionalAddresses.begin(), listener.additionalAddresses.end(), is))
            return &listener;
    }
    return nullptr;
}

const dataplane::Listener *findListener(const compile::CompiledProxy &proxy, const std::string &name)
{
    const auto &listeners = proxy.bootstrap.listeners;
    const auto found =
        std::find_if(listeners.begin(), listeners.end(),
                     [&name](const dataplane::Listener &listener) { return listener.name == name; });
    return found == listeners.end() ? nullptr : &*found;
}

/// The clusters of a TCP filter.
std::vector<std::string> clustersOf(const dataplane::TcpProxy &proxy)
{
    std::vector<std::string> names;
    if (!proxy.cluster.empty())
        names.push_back(proxy.cluster);
    for (const dataplane::TcpProxy::Weighted &weighted : proxy.weightedClusters)
        names.push_back(weighted.name);
    return names;
}

std::vector<std::string> clustersOf(const dataplane::RouteAction &action, const dataplane::VirtualHost &host,
                                    const dataplane::RouteConfiguration &configuration)
{
    std::vector<std::string> names;
    if (!action.cluster.empty())
        names.push_back(action.cluster);
    for (const dataplane::WeightedCluster &weighted : action.weightedClusters)
        names.push_back(weighted.name);
    for (const dataplane::MirrorPolicy &mirror : dataplane::mirrorsOf(action, host, configuration))
        names.push_back(mirror.cluster);
    return names;
}

} // namespace

ChainWalk::ChainWalk(const model::Project &project, const compile::CompiledProject &compiled,
                     const lab::AddressPlan &addresses)
    : m_project(project)
    , m_addresses(addresses)
    , m_nodes(project, compiled, addresses)
{
}

Chain ChainWalk::run()
{
    for (const Pod &pod : m_nodes.pods()) {
        const ChainNode *node = m_nodes.find(pod.workload);
        if (!node->client || pod.instance.replica != 0)
            continue;
        for (const ApplicationTarget &target : targetsOf(pod, m_project, m_nodes.pods()))
            begin(pod, target);
    }
    Chain chain;
    for (const model::Mesh &mesh : m_project.meshes)
        chain.meshes.push_back({text(mesh.name), text(mesh.config.trustDomain)});
    for (ChainHop &hop : m_hops) {
        hop.number = static_cast<int>(chain.hops.size()) + 1;
        for (const QString &end : {hop.from, hop.to}) {
            if (ChainNode *node = m_nodes.find(end))
                node->reached = true;
        }
        chain.hops.push_back(std::move(hop));
    }
    chain.nodes = std::move(m_nodes.nodes());
    std::stable_sort(chain.nodes.begin(), chain.nodes.end(),
                     [&chain](const ChainNode &a, const ChainNode &b) {
                         const auto rank = [&chain](const ChainNode &node) {
                             if (node.client)
                                 return 0;
                             for (const ChainHop &hop : chain.hops) {
                                 if (hop.to == node.name)
                                     return hop.number;
                             }
                             return static_cast<int>(chain.hops.size()) + 1;
                         };
                         return rank(a) < rank(b);
                     });
    return chain;
}

void ChainWalk::begin(const Pod &client, const ApplicationTarget &target)
{
    const std::vector<std::string> addresses = resolved(target.host, *client.mesh, m_project, m_addresses);
    if (addresses.empty())
        return;
    Journey journey;
    journey.at = &client;
    journey.host = target.host;
    journey.destination = addresses.front();
    journey.port = static_cast<int>(m_addresses.placement.localPort(static_cast<std::uint32_t>(target.port)));
    if (client.proxy)
        enterSidecar(journey);
    else
        sendDirectly(journey);
}

/// Without a sidecar the application's bytes go to the Service's pods as they are.
void ChainWalk::sendDirectly(const Journey &journey)
{
    const std::vector<const Pod *> pods = m_nodes.podsAt(journey.destination, journey.port);
    for (const Pod *pod : pods) {
        ChainHop &hop = hopTo(journey, pod->workload, QString::fromLatin1(direct));
        hop.crossesMeshes = pod->mesh != journey.at->mesh;
        if (hop.flags.empty())
            describeTransport({}, nullptr, journey.host, hop);
        Journey next = journey;
        next.at = pod;
        arriveAt(*pod, {pod->address, static_cast<std::uint32_t>(journey.port), {}}, nullptr, hop, next);
    }
    if (pods.empty()) {
        ChainHop &hop =
            hopTo(journey, m_nodes.external(text(journey.host)).name, QString::fromLatin1(direct));
        hop.port = journey.port;
    }
}

/// Interception: the listener for the original destination, as Envoy's use_original_dst finds it.
void ChainWalk::enterSidecar(const Journey &journey)
{
    const compile::CompiledProxy &proxy = *journey.at->proxy;
    const dataplane::Listener *listener = findListener(proxy, journey.destination, journey.port);
    if (!listener)
        listener = findListener(proxy, "0.0.0.0", journey.port);
    if (!listener)
        listener = findListener(proxy, compile::names::virtualOutbound);
    if (!listener)
        return;
    dataplane::ChainFacts facts;
    facts.destinationIp = dataplane::IpAddress::parse(journey.destination);
    facts.destinationPort = static_cast<std::uint16_t>(journey.port);
    facts.sourceIp = facts.directSourceIp = dataplane::IpAddress::parse(journey.at->address);
    const Arrival arrival = arrive(*listener, facts, nullptr, {});
    if (arrival.chain)
        route(journey, *arrival.chain);
}

/// From a filter chain to every cluster that requests for the host may take.
void ChainWalk::route(const Journey &journey, const dataplane::FilterChain &chain)
{
    for (const dataplane::NetworkFilter &filter : chain.filters) {
        if (const auto *tcp = std::get_if<dataplane::TcpProxy>(&filter.config)) {
            for (const std::string &cluster : clustersOf(*tcp))
                forward(journey, cluster, m_nodes.resourceOf(*journey.at->mesh, chain.metadata),
                        journey.host);
        }
        const auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config);
        if (!manager)
            continue;
        const auto routes = dataplane::CompiledRoutes::compile(manager->routes);
        const dataplane::VirtualHost *host = routes->findHost(journey.host);
        if (!host) {
            refuse(journey, QStringLiteral("404"));
            continue;
        }
        bool passes = false;
        for (const dataplane::Route &each : host->routes) {
            if (const auto *action = std::get_if<dataplane::RouteAction>(&each.action)) {
                passes = true;
                const std::string &rewritten = action->hostRewriteLiteral;
                for (const std::string &cluster : clustersOf(*action, *host, routes->configuration()))
                    forward(journey, cluster, m_nodes.resourceOf(*journey.at->mesh, each.metadata),
                            rewritten.empty() ? journey.host : rewritten);
            }
        }
        if (passes)
            continue;
        for (const dataplane::Route &each : host->routes) {
            if (const auto *answer = std::get_if<dataplane::DirectResponseAction>(&each.action))
                refuse(journey, QString::number(answer->status));
        }
    }
}

void ChainWalk::forward(const Journey &journey, const std::string &name, const model::Resource *route,
                        const std::string &host)
{
    const dataplane::Cluster *cluster = findCluster(*journey.at->proxy, name);
    if (!cluster || name == compile::names::blackHole) {
        refuse(journey, QStringLiteral("503"));
        return;
    }
    if (cluster->type == dataplane::Cluster::Type::OriginalDst ||
        cluster->type == dataplane::Cluster::Type::DynamicForwardProxy) {
        dataplane::LbEndpoint endpoint;
        endpoint.address = {journey.destination, static_cast<std::uint32_t>(journey.port), {}};
        connect(journey, *cluster, endpoint, route, host);
        return;
    }
    if (!cluster->loadAssignment)
        return;
    for (const dataplane::LocalityLbEndpoints &group : cluster->loadAssignment->endpoints) {
        for (const dataplane::LbEndpoint &endpoint : group.endpoints)
            connect(journey, *cluster, endpoint, route, host);
    }
}

void ChainWalk::connect(const Journey &journey, const dataplane::Cluster &cluster,
                        const dataplane::LbEndpoint &endpoint, const model::Resource *route,
                        const std::string &host)
{
    const dataplane::UpstreamTlsContext *tls = transportTo(cluster, endpoint);
    const std::vector<const Pod *> pods =
        m_nodes.podsAt(endpoint.address.address, static_cast<int>(endpoint.address.port));
    const QString name = text(cluster.name);
    const auto describe = [&](ChainHop &hop) {
        // A statistic's name has no colons, as Envoy writes it.
        hop.statName = text(cluster.altStatName.empty() ? cluster.name : cluster.altStatName)
                           .replace(QLatin1Char(':'), QLatin1Char('_'));
        if (hop.resources.empty() && hop.flags.empty()) {
            describeTransport(cluster, tls, host, hop);
            if (const auto certificate = givenCertificate(
                    *journey.at->proxy, "kubernetes://" + hop.clientCredential.toStdString())) {
                hop.clientNotAfter = certificate->notAfter;
                if (!certificate->notAfter.isValid())
                    hop.flags.push_back(
                        {QCoreApplication::translate("Chain", "certificate missing"),
                         QCoreApplication::translate(
                             "Chain", "The credential %1 is not there: import it, then this hop works.")
                             .arg(hop.clientCredential),
                         true});
            }
        }
        addResource(hop, m_nodes.resourceOf(*journey.at->mesh, cluster.metadata));
        addResource(hop, route);
        addServices(*journey.at, cluster, hop);
    };
    if (pods.empty()) {
        ChainNode &outside =
            m_nodes.external(text(endpoint.hostname.empty() ? journey.host : endpoint.hostname));
        ChainHop &hop = hopTo(journey, outside.name, name);
        hop.crossesMeshes = true;
        hop.port = static_cast<int>(endpoint.address.port);
        describe(hop);
        return;
    }
    for (const Pod *pod : pods) {
        ChainHop &hop = hopTo(journey, pod->workload, name);
        hop.crossesMeshes = pod->mesh != journey.at->mesh;
        describe(hop);
        if (hop.kind == HopKind::MeshMtls && hop.crossesMeshes &&
            std::none_of(hop.flags.begin(), hop.flags.end(), [](const HopFlag &flag) { return flag.broken; }))
            hop.flags.push_back(
                {QCoreApplication::translate("Chain", "other mesh's CA"),
                 QCoreApplication::translate(
                     "Chain", "Mesh identities of one mesh mean nothing to the other: the handshake fails."),
                 true});
        Journey next = journey;
        next.at = pod;
        next.host = host;
        arriveAt(*pod, endpoint.address, tls, hop, next);
    }
}

/// What the receiver does with the connection; a gateway sends it on.
void ChainWalk::arriveAt(const Pod &receiver, const dataplane::SocketAddress &address,
                         const dataplane::UpstreamTlsContext *tls, ChainHop &hop, Journey next)
{
    const auto port = static_cast<int>(address.port);
    hop.port = port;
    addReceiverResources(receiver, port, hop);
    if (!receiver.proxy)
        return;
    const bool gateway = receiver.instance.proxy == compile::Instance::Proxy::Gateway;
    const dataplane::Listener *listener = gateway
                                              ? findListener(*receiver.proxy, receiver.address, port)
                                              : findListener(*receiver.proxy, compile::names::virtualInbound);
    const auto flag = [&hop](const HopFlag &why) {
        const bool known = std::any_of(hop.flags.begin(), hop.flags.end(),
                                       [&why](const HopFlag &each) { return each.text == why.text; });
        if (!known)
            hop.flags.insert(hop.flags.begin(), why);
    };
    if (!listener) {
        flag({QCoreApplication::translate("Chain", "nothing listens"),
              QCoreApplication::translate("Chain",
                                          "The receiver has no server on port %1: the connection is refused.")
                  .arg(port),
              true});
        return;
    }
    dataplane::ChainFacts facts;
    facts.destinationIp = dataplane::IpAddress::parse(receiver.address);
    facts.destinationPort = static_cast<std::uint16_t>(port);
    const Arrival arrival = arrive(*listener, facts, tls, hop.sni.toStdString());
    if (arrival.flag)
        flag(*arrival.flag);
    if (!gateway || !arrival.chain || (arrival.flag && arrival.flag->broken))
        return;
    const auto key = std::tuple(hop.from, hop.to, hop.cluster, next.host);
    if (!m_walked.insert(key).second)
        return;
    next.destination = receiver.address;
    next.port = port;
    route(next, *arrival.chain);
}

ChainHop &ChainWalk::hopTo(const Journey &journey, const QString &to, const QString &cluster)
{
    const QString host = text(journey.host);
    const QString &from = journey.at->workload;
    const auto known = std::find_if(m_hops.begin(), m_hops.end(), [&](const ChainHop &hop) {
        return hop.from == from && hop.to == to && hop.cluster == cluster;
    });
    if (known != m_hops.end()) {
        if (!known->hosts.contains(host))
            known->hosts.append(host);
        return *known;
    }
    ChainHop hop;
    hop.from = from;
    hop.to = to;
    hop.cluster = cluster;
    hop.hosts.append(host);
    return m_hops.emplace_back(std::move(hop));
}

void ChainWalk::refuse(const Journey &journey, const QString &how)
{
    ChainNode *node = m_nodes.find(journey.at->workload);
    const QString line = text(journey.host) + QStringLiteral(": ") + how;
    if (node && !node->refusedHosts.contains(line))
        node->refusedHosts.append(line);
}

} // namespace sallyport::topology
