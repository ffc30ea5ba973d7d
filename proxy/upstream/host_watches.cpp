// SPDX-License-Identifier: GPL-3.0-or-later
// What is watched of hosts, wherever they come from: their health, outliers, those that requests name.
#include "proxy/upstream/cluster_manager.h"

#include <QTimer>

#include <algorithm>

namespace sallyport::upstream {

HealthChecker *HostResolution::checkerOf(const ClusterInfoPtr &cluster) const
{
    const auto found = m_checkers.find(cluster.get());
    return found == m_checkers.end() ? nullptr : found->second.get();
}

void HostResolution::watchHealth(const ClusterInfoPtr &cluster, std::unique_ptr<HealthChecker> running)
{
    if (cluster->healthChecks().empty())
        return;
    if (!running)
        running = std::make_unique<HealthChecker>(*m_dispatcher, cluster, [this, name = cluster->name()] {
            m_onHostsChanged(name, Change::Health);
        });
    m_checkers[cluster.get()] = std::move(running);
}

void HostResolution::takeHosts(const ClusterInfoPtr &cluster, std::vector<HostPtr> hosts)
{
    cluster->setHosts(std::move(hosts));
    m_onHostsChanged(cluster->name(), Change::Members);
    if (HealthChecker *checker = checkerOf(cluster))
        checker->update();
}

void HostResolution::onHostsKnown(const ClusterInfoPtr &cluster)
{
    if (HealthChecker *checker = checkerOf(cluster))
        checker->whenReady([this] { onClusterReady(); });
    else
        onClusterReady();
}

void HostResolution::onClusterReady()
{
    if (--m_waiting == 0 && m_onReady)
        m_onReady();
}

void HostResolution::watchOutliers(const ClusterInfoPtr &cluster)
{
    OutlierDetector *outliers = cluster->outliers();
    if (outliers == nullptr)
        return;
    cluster->setOnEjectionsChanged([this, name = cluster->name()] {
        m_dispatcher->post([this, name] { m_onHostsChanged(name, Change::Health); });
    });
    every(std::chrono::duration_cast<std::chrono::milliseconds>(outliers->interval()),
          [outliers] { outliers->onInterval(net::Clock::now()); });
}

void HostResolution::watchDestinations(const ClusterInfoPtr &cluster)
{
    cluster->setOnDestinationAdded([this, of = cluster.get(), name = cluster->name()](const HostPtr &host) {
        m_dispatcher->post([this, alive = std::weak_ptr<void>(m_alive), of, name, host] {
            if (alive.expired() || m_clusters->find(name).get() != of)
                return;
            of->countDestination(host);
            m_onHostsChanged(name, Change::Members);
            if (const auto checker = m_checkers.find(of); checker != m_checkers.end())
                checker->second->update();
        });
    });
    const auto interval = cluster->configuration().cleanupInterval.value_or(std::chrono::seconds(5));
    every(std::chrono::duration_cast<std::chrono::milliseconds>(interval),
          [this, of = cluster.get(), name = cluster->name()] {
              if (!of->removeUnusedDestinations())
                  return;
              m_onHostsChanged(name, Change::Members);
              if (const auto checker = m_checkers.find(of); checker != m_checkers.end())
                  checker->second->update();
          });
}

void HostResolution::every(std::chrono::milliseconds interval, std::function<void()> task)
{
    auto timer = std::make_unique<QTimer>();
    QObject::connect(timer.get(), &QTimer::timeout, std::move(task));
    timer->start(std::max(interval, std::chrono::milliseconds(1)));
    m_timers.push_back(std::move(timer));
}

} // namespace sallyport::upstream
