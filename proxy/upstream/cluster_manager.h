// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/resolver.h"
#include "proxy/telemetry/router_stats.h"
#include "proxy/upstream/health_checker.h"
#include "proxy/upstream/http_pool.h"
#include "proxy/upstream/load_balancer.h"
#include "proxy/upstream/zone_routing.h"

#include <QTimer>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

namespace sallyport::upstream {

/// Where this node is, and of which cluster, if that is named.
struct LocalNode
{
    dataplane::Locality locality;
    std::string cluster;
};

/// The clusters of a configuration by name: made on the main thread, shared by the workers.
class ClusterSet
{
public:
    static Result<std::shared_ptr<const ClusterSet>> create(const std::vector<dataplane::Cluster> &clusters,
                                                            telemetry::StatsStore &store,
                                                            net::SecretStore &secrets, const LocalNode &local,
                                                            const ClusterSet *previous);
    ClusterInfoPtr find(std::string_view name) const;
    const std::map<std::string, ClusterInfoPtr, std::less<>> &all() const { return m_clusters; }
    /// The cluster that this node is one of; null: it is not named.
    const ClusterInfoPtr &localCluster() const { return m_localCluster; }
    /// What `cluster` is balanced by, if its requests may prefer this node's zone; else null.
    std::shared_ptr<const ZoneView> zonesFor(const ClusterInfo &cluster) const;
    /// Envoy's main thread has balancers too, whose zones it counts with the workers': the hosts of `changed`
    /// are others, or otherwise well.
    void recountZones(const std::string &changed) const;
    /// What the requests that the proxy makes itself count.
    telemetry::RouterStats &asyncClientStats() const { return *m_asyncClientStats; }

private:
    std::map<std::string, ClusterInfoPtr, std::less<>> m_clusters;
    ClusterInfoPtr m_localCluster;
    dataplane::Locality m_here;
    std::unique_ptr<telemetry::RouterStats> m_asyncClientStats;
};

/// Keeps the hosts of DNS clusters current, and asks after the health of those that are checked. Lives on
/// the main thread.
class HostResolution
{
public:
    /// What changed of a cluster's hosts.
    enum class Change {
        Members, ///< some came or went
        Health
    };
    using HostsChanged = std::function<void(const std::string &cluster, Change change)>;

    HostResolution(net::EpollDispatcher *dispatcher, telemetry::StatsStore &store,
                   HostsChanged onHostsChanged);
    ~HostResolution();
    /// Sets static hosts at once and begins to resolve names. `onReady`: of every cluster a name has been
    /// answered or has failed once, and then its hosts, where they are checked.
    void start(std::shared_ptr<const ClusterSet> clusters, std::function<void()> onReady);

private:
    struct Entry;
    struct LookupStats;
    void addName(Entry &entry, dataplane::LbEndpoint endpoint,
                 const dataplane::LocalityLbEndpoints &locality);
    net::Resolver &resolverOf(const Entry &entry);
    void resolve(Entry &entry, std::size_t index);
    void onAnswer(Entry &entry, std::size_t index, const net::DnsAnswer &answer);
    void takeAddresses(Entry &entry, std::size_t index, std::vector<net::Address> addresses);
    void watchOutliers(const ClusterInfoPtr &cluster);
    /// Null: its hosts are not checked.
    HealthChecker *checkerOf(const ClusterInfoPtr &cluster) const;
    void watchHealth(const ClusterInfoPtr &cluster, std::unique_ptr<HealthChecker> running);
    /// The cluster's hosts are others now.
    void takeHosts(const ClusterInfoPtr &cluster, std::vector<HostPtr> hosts);
    /// Its hosts are known: it is ready, unless their health is to be found out first.
    void onHostsKnown(const ClusterInfoPtr &cluster);
    void onClusterReady();
    /// The hosts of an ORIGINAL_DST cluster come with the requests, and go when nobody uses them.
    void watchDestinations(const ClusterInfoPtr &cluster);
    void every(std::chrono::milliseconds interval, std::function<void()> task);

    net::EpollDispatcher *m_dispatcher;
    HostsChanged m_onHostsChanged;
    telemetry::StatsStore &m_store;
    std::unique_ptr<LookupStats> m_stats;                    ///< once there is a name to resolve
    std::vector<std::unique_ptr<net::Resolver>> m_resolvers; ///< one for each configuration of them
    std::shared_ptr<const ClusterSet> m_clusters;
    std::vector<std::unique_ptr<Entry>> m_entries;
    std::map<const ClusterInfo *, std::unique_ptr<HealthChecker>> m_checkers;
    std::vector<std::unique_ptr<QTimer>> m_timers; ///< what is done from time to time for some clusters
    std::shared_ptr<void> m_alive = std::make_shared<int>(0); ///< for what other threads have done here
    std::function<void()> m_onReady;
    std::size_t m_waiting = 0;
};

/// One worker's view of the clusters: balancers and pools. Lives on that worker's thread.
class ClusterManager
{
public:
    explicit ClusterManager(net::EpollDispatcher &dispatcher);
    ~ClusterManager();

    /// Takes over a new configuration. Pools of clusters that did not change are kept, others drain.
    void setClusters(std::shared_ptr<const ClusterSet> clusters);
    /// `members`: some came or went; else their health changed.
    void onHostsChanged(const std::string &cluster, bool members);

    ClusterInfoPtr find(std::string_view name) const
    {
        const auto found = m_byName.find(name);
        return found == m_byName.end() ? nullptr : found->second;
    }
    /// The host for a request; null: no healthy upstream. `originalDestination` is for clusters
    /// that find their hosts by the request: ORIGINAL_DST, the dynamic forward proxy.
    HostPtr chooseHost(const ClusterInfoPtr &cluster, const LbContext &context,
                       const net::Address &originalDestination);
    telemetry::RouterStats &asyncClientStats() const { return m_clusters->asyncClientStats(); }
    /// Null: the cluster has as many pools as max_connection_pools allows, and none of them is idle.
    std::shared_ptr<HttpPool> pool(const ClusterInfoPtr &cluster, const HostPtr &host,
                                   http::Protocol downstream, bool highPriority,
                                   const net::TlsClientOverrides &overrides, std::string proxyHeader = {},
                                   std::string sharedState = {});
    net::EpollDispatcher &dispatcher() const { return m_dispatcher; }

private:
    struct Balanced
    {
        ClusterInfoPtr cluster;
        std::unique_ptr<LoadBalancer> balancer;
        std::map<net::Address, HostPtr> destinations; ///< that this worker has met
        std::map<PoolKey, std::shared_ptr<HttpPool>> pools;
        std::set<const Host *> failed; ///< whose connections were closed for it
    };
    Balanced &balanced(const ClusterInfoPtr &cluster);
    /// This node's peers have changed: so has what each zone takes.
    void rebalanceByZones();

    net::EpollDispatcher &m_dispatcher;
    std::shared_ptr<const ClusterSet> m_clusters;
    std::unordered_map<const ClusterInfo *, Balanced> m_balanced;
    /// All of m_clusters, counted apart from the other workers' references.
    std::unordered_map<std::string_view, ClusterInfoPtr> m_byName;
};

} // namespace sallyport::upstream
