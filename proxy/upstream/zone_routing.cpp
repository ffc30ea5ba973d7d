// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/zone_routing.h"

#include "proxy/upstream/lb_stats.h"
#include "proxy/upstream/priority_picker.h"

#include <algorithm>
#include <map>
#include <set>

namespace sallyport::upstream {

namespace {

constexpr std::uint64_t whole = 10'000;

/// How many of `hosts` are well, by locality; 0 where none is.
std::map<std::string, std::uint64_t> healthyByLocality(const Hosts &hosts)
{
    std::map<std::string, std::uint64_t> counts;
    for (const HostPtr &host : hosts)
        counts[localityKey(host->locality())] += host->isHealthy() ? 1 : 0;
    return counts;
}

std::uint64_t sumOf(const std::map<std::string, std::uint64_t> &counts)
{
    std::uint64_t sum = 0;
    for (const auto &[locality, count] : counts)
        sum += count;
    return sum;
}

bool hasLocality(const Hosts &hosts, const std::string &key)
{
    return std::any_of(hosts.begin(), hosts.end(),
                       [&key](const HostPtr &host) { return localityKey(host->locality()) == key; });
}

} // namespace

std::string localityKey(const dataplane::Locality &locality)
{
    return locality.region + '/' + locality.zone + '/' + locality.subZone;
}

bool ZoneRouting::canRoute(const dataplane::Cluster &cluster, const Hosts &hosts, const ZoneView &view,
                           LbStats &stats) const
{
    if (m_localities.size() < 2 || healthyByLocality(view.peers).size() < 2)
        return false;
    if (!hasLocality(view.peers, localityKey(view.here))) {
        stats.localClusterNotOk.inc();
        return false;
    }
    const auto healthy =
        std::count_if(hosts.begin(), hosts.end(), [](const HostPtr &host) { return host->isHealthy(); });
    const std::uint64_t least = cluster.zoneAware.value_or(dataplane::ZoneAwareLb()).minClusterSize;
    if (static_cast<std::uint64_t>(healthy) < least) {
        stats.zoneClusterTooSmall.inc();
        return false;
    }
    return true;
}

ZoneRouting::ZoneRouting(const dataplane::Cluster &cluster, const Hosts &hosts, const ZoneView &view,
                         LbStats &stats)
{
    stats.zonesRecalculated.inc();
    const std::string own = localityKey(view.here);
    const std::map<std::string, std::uint64_t> upstream = healthyByLocality(hosts);
    m_hasOwn = upstream.contains(own);
    if (m_hasOwn)
        m_localities.push_back(own);
    for (const auto &[locality, count] : upstream) {
        if (locality != own)
            m_localities.push_back(locality);
    }
    if (!canRoute(cluster, hosts, view, stats))
        return;
    m_peersInPanic = isInPanic(view.peers, cluster.panicThreshold);
    const std::map<std::string, std::uint64_t> peers = healthyByLocality(view.peers);
    const auto shareOf = [](const std::map<std::string, std::uint64_t> &counts, const std::string &locality) {
        const std::uint64_t all = sumOf(counts);
        const auto found = counts.find(locality);
        return all == 0 || found == counts.end() ? 0 : found->second * whole / all;
    };
    const std::uint64_t ownUpstream = m_hasOwn ? shareOf(upstream, own) : 0;
    const std::uint64_t ownPeers = m_hasOwn ? shareOf(peers, own) : 0;
    if (ownUpstream > 0 && ownUpstream >= ownPeers) {
        m_state = State::Direct;
        return;
    }
    m_state = State::Residual;
    m_ownShare = ownPeers > 0 ? ownUpstream * whole / ownPeers : 0;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < m_localities.size(); ++i) {
        // This node's own locality has got what it can take.
        if (i > 0 || !m_hasOwn) {
            const std::uint64_t takes = shareOf(upstream, m_localities[i]);
            const std::uint64_t sends = shareOf(peers, m_localities[i]);
            sum += takes > sends ? takes - sends : 0;
        }
        m_residual.push_back(sum);
    }
}

std::size_t ZoneRouting::choose(LbStats &stats) const
{
    if (m_state == State::Direct) {
        stats.zoneAllDirectly.inc();
        return 0;
    }
    if (m_hasOwn && randomNumber() % whole < m_ownShare) {
        stats.zoneSampled.inc();
        return 0;
    }
    stats.zoneCrossZone.inc();
    if (m_residual.back() == 0) {
        // Shares are rounded: nothing may be left over.
        stats.zoneNoCapacityLeft.inc();
        return randomNumber() % m_localities.size();
    }
    const std::uint64_t point = randomNumber() % m_residual.back();
    const auto found = std::upper_bound(m_residual.begin(), m_residual.end(), point);
    return static_cast<std::size_t>(found - m_residual.begin());
}

} // namespace sallyport::upstream
