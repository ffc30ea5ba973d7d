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
    ClusterBalancer(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats)
        : m_cluster(cluster)
        , m_hosts(std::move(hosts))
        , m_ejected(ejections())
    {
        if (m_cluster.subsets && !m_cluster.subsets->selectors.empty())
            m_picker = makeSubsetPicker(m_cluster, m_hosts, stats);
        else
            m_picker = makePriorityPicker(m_cluster, m_hosts, stats);
    }

    HostPtr choose(const LbContext &context) override
    {
        if (std::vector<bool> now = ejections(); now != m_ejected) {
            m_ejected = std::move(now);
            m_picker->onHealthChanged();
        }
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
    std::vector<bool> ejections() const
    {
        std::vector<bool> ejected;
        ejected.reserve(m_hosts.size());
        for (const HostPtr &host : m_hosts)
            ejected.push_back(host->ejected.load(std::memory_order_relaxed));
        return ejected;
    }

    dataplane::Cluster m_cluster;
    Hosts m_hosts;
    std::vector<bool> m_ejected;
    std::unique_ptr<HostPicker> m_picker;
};

} // namespace

std::unique_ptr<LoadBalancer> makeLoadBalancer(const dataplane::Cluster &cluster, std::vector<HostPtr> hosts,
                                               LbStats &stats)
{
    return std::make_unique<ClusterBalancer>(cluster, std::move(hosts), stats);
}

} // namespace sallyport::upstream
