// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster_manager.h"

#include "proxy/net/counted_apart.h"

#include <algorithm>

namespace sallyport::upstream {

Result<std::shared_ptr<const ClusterSet>>
ClusterSet::create(const std::vector<dataplane::Cluster> &clusters, telemetry::StatsStore &store,
                   net::SecretStore &secrets, const LocalNode &local, const ClusterSet *previous)
{
    auto set = std::make_shared<ClusterSet>();
    set->m_asyncClientStats = std::make_unique<telemetry::RouterStats>(store, "http.async-client.");
    for (std::size_t i = 0; i < clusters.size(); ++i) {
        const dataplane::Cluster &cluster = clusters[i];
        const ClusterInfoPtr old = previous ? previous->find(cluster.name) : nullptr;
        if (old && old->configuration() == cluster) {
            set->m_clusters[cluster.name] = old;
            continue;
        }
        Result<ClusterInfoPtr> info = ClusterInfo::create(cluster, store, secrets);
        if (!info) {
            Error error = info.error();
            error.where.file = "static_resources.clusters[" + std::to_string(i) + "]." + error.where.file;
            return fail(std::move(error));
        }
        (*info)->stats().setLocalZone(local.locality.zone);
        set->m_clusters[cluster.name] = *info;
    }
    set->m_here = local.locality;
    set->m_localCluster = set->find(local.cluster);
    return std::shared_ptr<const ClusterSet>(std::move(set));
}

ClusterInfoPtr ClusterSet::find(std::string_view name) const
{
    const auto found = m_clusters.find(name);
    return found == m_clusters.end() ? nullptr : found->second;
}

std::shared_ptr<const ZoneView> ClusterSet::zonesFor(const ClusterInfo &cluster) const
{
    using Policy = dataplane::Cluster::LbPolicy;
    const Policy policy = cluster.configuration().lbPolicy;
    if (!m_localCluster || m_localCluster.get() == &cluster || policy == Policy::RingHash ||
        policy == Policy::Maglev || policy == Policy::ClusterProvided)
        return nullptr;
    auto view = std::make_shared<ZoneView>(ZoneView{m_here, {}});
    for (const HostPtr &host : m_localCluster->hosts()) {
        if (host->priority() == 0)
            view->peers.push_back(host);
    }
    return view;
}

void ClusterSet::recountZones(const std::string &changed) const
{
    if (!m_localCluster)
        return;
    for (const auto &[name, cluster] : m_clusters) {
        if (name != changed && changed != m_localCluster->name())
            continue;
        const std::shared_ptr<const ZoneView> view = zonesFor(*cluster);
        std::vector<HostPtr> hosts = cluster->hosts();
        std::erase_if(hosts, [](const HostPtr &host) { return host->priority() != 0; });
        if (view && !hosts.empty())
            ZoneRouting(cluster->configuration(), hosts, *view, cluster->lbStats());
    }
}

ClusterManager::ClusterManager(net::EpollDispatcher &dispatcher)
    : m_dispatcher(dispatcher)
{
}

ClusterManager::~ClusterManager() = default;

void ClusterManager::setClusters(std::shared_ptr<const ClusterSet> clusters)
{
    m_clusters = std::move(clusters);
    for (auto it = m_balanced.begin(); it != m_balanced.end();) {
        if (m_clusters->find(it->second.cluster->name()) == it->second.cluster) {
            ++it;
            continue;
        }
        for (const auto &[key, pool] : it->second.pools)
            pool->drain();
        it = m_balanced.erase(it);
    }
    // Before the first request: what a balancer is made of shows in the statistics.
    m_byName.clear();
    for (const auto &[name, cluster] : m_clusters->all()) {
        const ClusterInfoPtr &own = balanced(cluster).cluster;
        m_byName[own->name()] = own;
    }
}

void ClusterManager::onHostsChanged(const std::string &name, bool members)
{
    const ClusterInfoPtr cluster = find(name);
    const auto found = m_balanced.find(cluster.get());
    if (!cluster || found == m_balanced.end())
        return;
    const std::vector<HostPtr> hosts = cluster->hosts();
    if (cluster->configuration().type == dataplane::Cluster::Type::OriginalDst) {
        const std::set<net::Address> there = [&hosts] {
            std::set<net::Address> addresses;
            for (const HostPtr &host : hosts)
                addresses.insert(host->address());
            return addresses;
        }();
        std::erase_if(found->second.destinations,
                      [&there](const auto &entry) { return !there.contains(entry.first); });
    }
    found->second.balancer.reset();
    balanced(cluster);
    if (cluster == m_clusters->localCluster())
        rebalanceByZones();
    std::erase_if(found->second.pools, [&](const auto &entry) {
        const bool gone = std::none_of(hosts.begin(), hosts.end(),
                                       [&](const HostPtr &host) { return host.get() == entry.first.host; });
        if (gone)
            entry.second->drain();
        return gone;
    });
    if (members && cluster->configuration().closeConnectionsOnHostSetChange) {
        for (const auto &[key, pool] : found->second.pools)
            pool->drainConnections();
    }
    // A host that has failed just now loses the connections it has.
    std::set<const Host *> failed;
    for (const HostPtr &host : hosts) {
        if (host->hasFailed())
            failed.insert(host.get());
    }
    for (const auto &[key, pool] : found->second.pools) {
        if (failed.contains(key.host) && !found->second.failed.contains(key.host))
            pool->drainConnections();
    }
    found->second.failed = std::move(failed);
}

void ClusterManager::rebalanceByZones()
{
    for (auto &[info, entry] : m_balanced) {
        if (!m_clusters->zonesFor(*info))
            continue;
        entry.balancer.reset();
        balanced(m_clusters->find(info->name()));
    }
}

ClusterManager::Balanced &ClusterManager::balanced(const ClusterInfoPtr &cluster)
{
    Balanced &entry = m_balanced[cluster.get()];
    if (!entry.cluster)
        entry.cluster = net::countedApart(cluster);
    if (!entry.balancer) {
        std::vector<HostPtr> hosts = cluster->hosts();
        for (HostPtr &host : hosts)
            host = net::countedApart(std::move(host));
        entry.balancer = makeLoadBalancer(cluster->configuration(), std::move(hosts), cluster->lbStats(),
                                          m_clusters->zonesFor(*cluster));
    }
    return entry;
}

HostPtr ClusterManager::chooseHost(const ClusterInfoPtr &cluster, const LbContext &context,
                                   const net::Address &originalDestination)
{
    Balanced &entry = balanced(cluster);
    using Type = dataplane::Cluster::Type;
    const Type type = cluster->configuration().type;
    if (type != Type::OriginalDst && type != Type::DynamicForwardProxy)
        return entry.balancer->choose(context);
    if (!originalDestination.isIp())
        return nullptr;
    net::Address address = originalDestination;
    if (cluster->configuration().originalDstPortOverride)
        address.setPort(static_cast<std::uint16_t>(*cluster->configuration().originalDstPortOverride));
    HostPtr &host = entry.destinations[address];
    if (!host)
        host = type == Type::OriginalDst
                   ? net::countedApart(cluster->destination(address))
                   : std::make_shared<Host>(dataplane::LbEndpoint(), dataplane::Locality(), 0, address);
    if (!host->chosen.load(std::memory_order_relaxed))
        host->chosen.store(true, std::memory_order_relaxed);
    return host;
}

std::shared_ptr<HttpPool> ClusterManager::pool(const ClusterInfoPtr &cluster, const HostPtr &host,
                                               http::Protocol downstream, bool highPriority,
                                               const net::TlsClientOverrides &overrides,
                                               std::string proxyHeader, std::string sharedState)
{
    PoolKey key;
    key.host = host.get();
    const bool http2 =
        cluster->usesHttp2() || (cluster->followsDownstreamProtocol() && downstream == http::Protocol::Http2);
    key.protocol = http2 ? http::Protocol::Http2 : http::Protocol::Http11;
    key.highPriority = highPriority;
    key.tls = overrides;
    key.proxyHeader = std::move(proxyHeader);
    key.sharedState = std::move(sharedState);
    std::map<PoolKey, std::shared_ptr<HttpPool>> &pools = balanced(cluster).pools;
    const auto found = pools.find(key);
    if (found != pools.end() && found->second->hasPlace())
        return found->second;
    if (!cluster->breakers(highPriority).pools.canCreate()) {
        cluster->stats().cxPoolOverflow.inc();
        const auto unused = std::find_if(pools.begin(), pools.end(), [&](const auto &entry) {
            return entry.first.highPriority == highPriority && entry.second->hasPlace() &&
                   entry.second->isUnused();
        });
        if (unused == pools.end())
            return nullptr;
        pools.erase(unused);
    }
    if (found != pools.end()) {
        found->second->takePlace();
        return found->second;
    }
    return pools.emplace(key, std::make_shared<HttpPool>(m_dispatcher, cluster, host, key)).first->second;
}

} // namespace sallyport::upstream
