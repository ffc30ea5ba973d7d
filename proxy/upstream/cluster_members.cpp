// SPDX-License-Identifier: GPL-3.0-or-later
// The hosts of a cluster, as they come and go, and how many of which kind there are.
#include "proxy/upstream/cluster.h"
#include "proxy/upstream/subset_picker.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace sallyport::upstream {

std::vector<HostPtr> ClusterInfo::hosts() const
{
    const std::lock_guard lock(m_mutex);
    return m_hosts;
}

void ClusterInfo::countMembers(const std::vector<HostPtr> &hosts)
{
    const auto count = [&](auto &&test) {
        return static_cast<std::int64_t>(std::count_if(hosts.begin(), hosts.end(), test));
    };
    m_stats.membershipTotal.set(static_cast<std::int64_t>(hosts.size()));
    m_stats.membershipHealthy.set(count([](const HostPtr &host) { return host->isHealthy(); }));
    m_stats.membershipExcluded.set(count([](const HostPtr &host) { return host->isExcluded(); }));
    m_stats.membershipDegraded.set(count([](const HostPtr &host) { return host->isDegraded(); }));
}

void ClusterInfo::countSubsetsOfMainThread(const std::vector<HostPtr> &hosts)
{
    if (!m_configuration.subsets || m_configuration.subsets->selectors.empty())
        return;
    const std::size_t now = countSubsets(*m_configuration.subsets, hosts);
    m_lbStats.subsetsActive.add(static_cast<std::int64_t>(now) - static_cast<std::int64_t>(m_subsets));
    m_lbStats.subsetsCreated.add(now > m_subsets ? now - m_subsets : 0);
    m_lbStats.subsetsRemoved.add(m_subsets > now ? m_subsets - now : 0);
    m_subsets = now;
}

void ClusterInfo::countTransportMatches(const std::vector<HostPtr> &made)
{
    for (const HostPtr &host : made) {
        const dataplane::UpstreamTransport *transport = &transportFor(*host);
        std::string name = "default";
        for (const dataplane::TransportSocketMatch &match : m_configuration.transportMatches) {
            if (&match.transport == transport)
                name = match.name;
        }
        m_store.counter(m_prefix + name + ".total_match_count").inc();
    }
}

void ClusterInfo::setHosts(std::vector<HostPtr> hosts)
{
    const std::vector<HostPtr> before = this->hosts();
    const auto missingIn = [](const std::vector<HostPtr> &list) {
        return
            [&list](const HostPtr &host) { return std::find(list.begin(), list.end(), host) == list.end(); };
    };
    std::vector<HostPtr> added;
    std::copy_if(hosts.begin(), hosts.end(), std::back_inserter(added), missingIn(before));
    awaitHealthChecks(added);
    // A change of each priority counts by itself.
    std::set<std::uint32_t> changed;
    for (const HostPtr &host : added)
        changed.insert(host->priority());
    for (const HostPtr &host : before) {
        if (missingIn(hosts)(host))
            changed.insert(host->priority());
    }
    m_stats.membershipChange.add(changed.size());
    countMembers(hosts);
    countSubsetsOfMainThread(hosts);
    if (m_outliers)
        m_outliers->setHosts(hosts);
    const std::lock_guard lock(m_mutex);
    m_hosts = std::move(hosts);
}

void ClusterInfo::awaitHealthChecks(const std::vector<HostPtr> &added) const
{
    using Type = dataplane::Cluster::Type;
    // As in Envoy, LOGICAL_DNS takes its host for well at first, and fixed hosts do not wait to be counted.
    if (m_healthChecks.empty() || m_configuration.type == Type::LogicalDns)
        return;
    for (const HostPtr &host : added) {
        if (host->activeHealthCheckDisabled())
            continue;
        host->set(HealthFlag::FailedActiveHc);
        if (m_configuration.ignoreNewHostsUntilFirstHc && m_configuration.type != Type::Static)
            host->set(HealthFlag::PendingActiveHc);
    }
}

HostPtr ClusterInfo::destination(const net::Address &address)
{
    HostPtr host;
    std::function<void(const HostPtr &)> onAdded;
    {
        const std::lock_guard lock(m_mutex);
        HostPtr &known = m_destinations[address];
        if (known) {
            known->chosen.store(true, std::memory_order_relaxed);
            return known;
        }
        dataplane::LbEndpoint endpoint;
        endpoint.hostname = name() + address.toString();
        known = std::make_shared<Host>(endpoint, dataplane::Locality(), 0, address);
        m_hosts.push_back(known);
        host = known;
        onAdded = m_onDestinationAdded;
    }
    if (onAdded)
        onAdded(host);
    return host;
}

void ClusterInfo::setOnDestinationAdded(std::function<void(const HostPtr &)> onAdded)
{
    const std::lock_guard lock(m_mutex);
    if (!m_onDestinationAdded)
        m_onDestinationAdded = std::move(onAdded);
}

void ClusterInfo::countDestination(const HostPtr &host)
{
    m_stats.membershipChange.inc();
    countTransportMatches({host});
    const std::vector<HostPtr> now = hosts();
    countMembers(now);
    if (m_outliers)
        m_outliers->setHosts(now);
}

bool ClusterInfo::removeUnusedDestinations()
{
    {
        const std::lock_guard lock(m_mutex);
        const std::size_t before = m_destinations.size();
        std::erase_if(m_destinations, [](const auto &entry) {
            return !entry.second->chosen.exchange(false, std::memory_order_relaxed) &&
                   entry.second->connectionsActive.load(std::memory_order_relaxed) == 0;
        });
        if (m_destinations.size() == before)
            return false;
        std::erase_if(m_hosts,
                      [this](const HostPtr &host) { return !m_destinations.contains(host->address()); });
    }
    m_stats.membershipChange.inc();
    const std::vector<HostPtr> now = hosts();
    countMembers(now);
    if (m_outliers)
        m_outliers->setHosts(now);
    return true;
}

} // namespace sallyport::upstream
