// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/load_balancer.h"

#include "proxy/upstream/priority_picker.h"
#include "proxy/upstream/subset_picker.h"

namespace sallyport::upstream {

namespace {

/// Follows the hosts' health, and picks again where a retry wants another host.
class ClusterBalancer : public LoadBalancer
{
public:
    ClusterBalancer(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats,
                    std::shared_ptr<const ZoneView> zones)
        : m_cluster(cluster)
        , m_zones(std::move(zones))
        , m_hosts(std::move(hosts))
        , m_ejected(m_hosts.size())
    {
        ejectionsChanged();
        if (m_cluster.subsets && !m_cluster.subsets->selectors.empty())
            m_picker = makeSubsetPicker(m_cluster, m_hosts, stats, m_zones.get());
        else
            m_picker = makePriorityPicker(m_cluster, m_hosts, stats, m_zones.get());
    }

    HostPtr choose(const LbContext &context) override
    {
        // Nothing else ejects hosts, and with thousands of them looking at each takes its time.
        if (m_cluster.outlierDetection && ejectionsChanged())
            m_picker->onHealthChanged();
        HostPtr host = m_picker->pick(context);
        LbContext again = context;
        while (host && context.shouldRetry && again.repick < context.retryPicks &&
               context.shouldRetry(*host)) {
            ++again.repick;
            if (!context.hash)
                again.random = randomNumber();
            host = m_picker->pick(again);
        }
        return host;
    }

private:
    bool ejectionsChanged()
    {
        bool changed = false;
        for (std::size_t i = 0; i < m_hosts.size(); ++i) {
            const bool now = m_hosts[i]->ejected.load(std::memory_order_relaxed);
            changed = changed || m_ejected[i] != now;
            m_ejected[i] = now;
        }
        return changed;
    }

    dataplane::Cluster m_cluster;
    std::shared_ptr<const ZoneView> m_zones;
    Hosts m_hosts;
    std::vector<bool> m_ejected;
    std::unique_ptr<HostPicker> m_picker;
};

} // namespace

std::unique_ptr<LoadBalancer> makeLoadBalancer(const dataplane::Cluster &cluster, std::vector<HostPtr> hosts,
                                               LbStats &stats, std::shared_ptr<const ZoneView> zones)
{
    return std::make_unique<ClusterBalancer>(cluster, std::move(hosts), stats, std::move(zones));
}

} // namespace sallyport::upstream
