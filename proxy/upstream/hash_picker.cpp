// SPDX-License-Identifier: GPL-3.0-or-later
// Ring hash and Maglev (envoy-behaviour.md 4.8).
#include "proxy/upstream/bounded_load.h"
#include "proxy/upstream/consistent_hash.h"
#include "proxy/upstream/host_picker.h"
#include "proxy/upstream/lb_stats.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

std::string hashKey(const Host &host, bool useHostname)
{
    const QJsonValue key =
        host.metadata().filters.value(QLatin1String("envoy.lb")).toObject().value(QLatin1String("hash_key"));
    if (key.isString())
        return key.toString().toStdString();
    return useHostname ? host.hostname() : host.address().toString();
}

std::vector<HashedHost> withKeys(const dataplane::Cluster &cluster, const std::vector<WeightedHost> &hosts)
{
    std::vector<HashedHost> hashed;
    hashed.reserve(hosts.size());
    for (const WeightedHost &each : hosts)
        hashed.push_back({hashKey(*each.host, cluster.consistentUseHostname), each.weight});
    return hashed;
}

/// The fewest and the most entries that one of `hosts` hosts has.
template<typename Entries, typename HostOf>
std::pair<std::uint64_t, std::uint64_t> spread(const Entries &entries, std::size_t hosts, HostOf hostOf)
{
    std::vector<std::uint64_t> counts(hosts, 0);
    for (const auto &entry : entries)
        ++counts[hostOf(entry)];
    const auto [fewest, most] = std::minmax_element(counts.begin(), counts.end());
    return {*fewest, *most};
}

class RingPicker : public HostPicker
{
public:
    RingPicker(const dataplane::Cluster &cluster, std::vector<WeightedHost> hosts, LbStats &stats)
        : m_hosts(std::move(hosts))
        , m_ring(hashRing(withKeys(cluster, m_hosts), cluster.ringMinimum, cluster.ringMaximum,
                          cluster.ringHashFunction == dataplane::Cluster::HashFunction::MurmurHash2))
    {
        if (m_ring.empty())
            return;
        const auto [fewest, most] =
            spread(m_ring, m_hosts.size(), [](const RingPoint &point) { return point.host; });
        stats.setRing(m_ring.size(), fewest, most);
    }
    HostPtr pick(const LbContext &context) override
    {
        if (m_ring.empty())
            return nullptr;
        const std::uint64_t hash = context.hash.value_or(context.random);
        const auto found = std::lower_bound(
            m_ring.begin(), m_ring.end(), hash,
            [](const RingPoint &point, std::uint64_t wanted) { return point.hash < wanted; });
        const auto index =
            found == m_ring.end() ? std::size_t(0) : static_cast<std::size_t>(found - m_ring.begin());
        return m_hosts[m_ring[(index + context.repick) % m_ring.size()].host].host;
    }

private:
    std::vector<WeightedHost> m_hosts;
    std::vector<RingPoint> m_ring;
};

class MaglevPicker : public HostPicker
{
public:
    MaglevPicker(const dataplane::Cluster &cluster, std::vector<WeightedHost> hosts, LbStats &stats)
        : m_hosts(std::move(hosts))
    {
        if (m_hosts.empty())
            return;
        // The hosts take turns in the order of their keys, whatever order they were configured in.
        std::stable_sort(m_hosts.begin(), m_hosts.end(), [&](const WeightedHost &a, const WeightedHost &b) {
            return hashKey(*a.host, cluster.consistentUseHostname) <
                   hashKey(*b.host, cluster.consistentUseHostname);
        });
        // For one host there is nothing to spread, and Envoy says so.
        m_table = m_hosts.size() == 1 ? std::vector<std::uint32_t>{0}
                                      : maglevTable(withKeys(cluster, m_hosts), cluster.maglevTableSize);
        const auto [fewest, most] = spread(m_table, m_hosts.size(), [](std::uint32_t host) { return host; });
        stats.setTable(fewest, most);
    }
    HostPtr pick(const LbContext &context) override
    {
        if (m_table.empty())
            return nullptr;
        std::uint64_t hash = context.hash.value_or(context.random);
        if (context.repick > 0)
            hash ^= ~std::uint64_t(0) - context.repick + 1;
        return m_hosts[m_table[hash % m_table.size()]].host;
    }

private:
    std::vector<WeightedHost> m_hosts;
    std::vector<std::uint32_t> m_table;
};

} // namespace

std::unique_ptr<HostPicker> makeHashPicker(const dataplane::Cluster &cluster, std::vector<WeightedHost> hosts,
                                           LbStats &stats)
{
    std::unique_ptr<HostPicker> picker;
    if (cluster.lbPolicy == dataplane::Cluster::LbPolicy::Maglev)
        picker = std::make_unique<MaglevPicker>(cluster, hosts, stats);
    else
        picker = std::make_unique<RingPicker>(cluster, hosts, stats);
    if (cluster.hashBalanceFactor.value_or(0) == 0)
        return picker;
    return makeBoundedLoadPicker(*cluster.hashBalanceFactor, std::move(picker), std::move(hosts), stats);
}

} // namespace sallyport::upstream
