// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/priority_picker.h"

#include "proxy/upstream/edf_scheduler.h"
#include "proxy/upstream/lb_stats.h"
#include "proxy/upstream/previous_priorities.h"
#include "proxy/upstream/zone_routing.h"

#include <algorithm>
#include <map>

namespace sallyport::upstream {

namespace {

using Policy = dataplane::Cluster::LbPolicy;
/// A locality's configured weight by its key.
using LocalityWeights = std::map<std::string, std::uint32_t>;

bool isConsistent(const dataplane::Cluster &cluster)
{
    return cluster.lbPolicy == Policy::RingHash || cluster.lbPolicy == Policy::Maglev;
}

std::map<std::string, Hosts> byLocality(const Hosts &hosts)
{
    std::map<std::string, Hosts> localities;
    for (const HostPtr &host : hosts)
        localities[localityKey(host->locality())].push_back(host);
    return localities;
}

/// Shares that add up to `total`.
void addNormalised(std::vector<WeightedHost> &to, const Hosts &hosts, double total)
{
    double sum = 0;
    for (const HostPtr &host : hosts)
        sum += host->weight();
    for (const HostPtr &host : hosts)
        to.push_back({host, host->weight() * total / sum});
}

/// A consistent hash weighs localities and hosts together, so that one ring holds all.
std::vector<WeightedHost> normalised(const dataplane::Cluster &cluster, const Hosts &hosts,
                                     const LocalityWeights &weights)
{
    std::vector<WeightedHost> weighted;
    if (!cluster.localityWeighted) {
        addNormalised(weighted, hosts, 1);
        return weighted;
    }
    double sum = 0;
    for (const auto &[locality, weight] : weights)
        sum += weight;
    for (const auto &[locality, members] : byLocality(hosts)) {
        const auto weight = weights.find(locality);
        if (weight != weights.end() && weight->second > 0)
            addNormalised(weighted, members, weight->second / sum);
    }
    return weighted;
}

/// The localities of one priority by their weights, each with its own picker. A locality that lost hosts
/// takes accordingly less.
class LocalityPicker : public HostPicker
{
public:
    LocalityPicker(const dataplane::Cluster &cluster, const Hosts &usable, const Hosts &all,
                   const LocalityWeights &weights, std::uint32_t overprovisioningFactor)
    {
        const std::map<std::string, Hosts> everybody = byLocality(all);
        for (auto &[locality, members] : byLocality(usable)) {
            const auto weight = weights.find(locality);
            if (weight == weights.end() || weight->second == 0)
                continue;
            const Hosts &here = everybody.find(locality)->second;
            const auto counted = std::count_if(here.begin(), here.end(),
                                               [](const HostPtr &host) { return !host->isExcluded(); });
            const double available = static_cast<double>(members.size()) / static_cast<double>(counted);
            const double effective =
                weight->second * std::min(1.0, overprovisioningFactor / 100.0 * available);
            m_scheduler.add(m_pickers.size(), effective);
            m_weights.push_back(effective);
            m_pickers.push_back(makePicker(cluster, members));
        }
    }
    bool isEmpty() const { return m_pickers.empty(); }
    HostPtr pick(const LbContext &context) override
    {
        return m_pickers[m_scheduler.next([&](std::size_t i) { return m_weights[i]; })]->pick(context);
    }

private:
    std::vector<std::unique_ptr<HostPicker>> m_pickers;
    std::vector<double> m_weights;
    EdfScheduler m_scheduler;
};

class PriorityPicker : public HostPicker
{
public:
    PriorityPicker(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats, const ZoneView *zones)
        : m_cluster(cluster)
        , m_hosts(std::move(hosts))
        , m_stats(stats)
        , m_zones(isConsistent(cluster) ? nullptr : zones)
        , m_overprovisioning(cluster.loadAssignment ? cluster.loadAssignment->overprovisioningFactor : 140)
    {
        std::uint32_t last = 0;
        if (cluster.loadAssignment) {
            for (const dataplane::LocalityLbEndpoints &locality : cluster.loadAssignment->endpoints) {
                m_localityWeights[locality.priority][localityKey(locality.locality)] =
                    locality.weight.value_or(0);
                last = std::max(last, locality.priority);
            }
        }
        for (const HostPtr &host : m_hosts)
            last = std::max(last, host->priority());
        m_levels.resize(last + 1);
        onHealthChanged();
    }

    HostPtr pick(const LbContext &context) override
    {
        const std::uint64_t hash =
            isConsistent(m_cluster) ? context.hash.value_or(context.random) : context.random;
        const PriorityLoad &load =
            context.previousPriorities
                ? context.previousPriorities->loadFor(m_members, m_overprovisioning, m_load)
                : m_load;
        const PriorityLoad::Choice choice = load.choose(hash);
        const Level &level = m_levels[choice.priority];
        if (load.levels[choice.priority].panic) {
            m_stats.healthyPanic.inc();
            return failsInPanic() ? nullptr : level.all->pick(context);
        }
        HostPicker *hosts = (choice.degraded ? level.degraded : level.healthy).get();
        if (choice.priority == 0 && m_zoneRouting.isOn() && !level.byWeight) {
            hosts = pickerOfZone(choice.degraded, hosts);
            if (hosts == nullptr)
                return nullptr;
        }
        return hosts->pick(context);
    }

    void onHealthChanged() override
    {
        m_members.assign(m_levels.size(), {});
        struct Kinds
        {
            Hosts all;
            Hosts healthy;
            Hosts degraded;
        };
        std::vector<Kinds> kinds(m_levels.size());
        for (const HostPtr &host : m_hosts) {
            Kinds &kind = kinds[host->priority()];
            kind.all.push_back(host);
            if (host->isHealthy())
                kind.healthy.push_back(host);
            else if (host->isDegraded())
                kind.degraded.push_back(host);
        }
        for (std::size_t i = 0; i < kinds.size(); ++i)
            m_members[i] = membersOf(kinds[i].all);
        m_load = PriorityLoad::of(m_members, m_overprovisioning, m_cluster.panicThreshold);
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            const LocalityWeights &weights = m_localityWeights[static_cast<std::uint32_t>(i)];
            Level &level = m_levels[i];
            if (isConsistent(m_cluster)) {
                // One table serves: of all hosts in panic, else of the healthy.
                const Hosts &hosts = m_load.levels[i].panic ? kinds[i].all : kinds[i].healthy;
                level.healthy = makeHashPicker(m_cluster, normalised(m_cluster, hosts, weights), m_stats);
                level.all = level.healthy;
                level.degraded = level.healthy;
                continue;
            }
            level.all = makePicker(m_cluster, kinds[i].all);
            level.healthy = picker(kinds[i].healthy, kinds[i].all, weights);
            level.degraded = picker(kinds[i].degraded, kinds[i].all, weights);
            level.byWeight = m_cluster.localityWeighted && hasWeights(weights);
        }
        if (m_zones != nullptr)
            takeZones(kinds.front().all, kinds.front().healthy, kinds.front().degraded);
    }

private:
    struct Level
    {
        std::shared_ptr<HostPicker> all;
        std::shared_ptr<HostPicker> healthy;
        std::shared_ptr<HostPicker> degraded;
        bool byWeight = false; ///< localities go by their weights
    };
    static bool hasWeights(const LocalityWeights &weights)
    {
        return std::any_of(weights.begin(), weights.end(),
                           [](const auto &entry) { return entry.second > 0; });
    }
    bool failsInPanic() const
    {
        return !isConsistent(m_cluster) && m_cluster.zoneAware && m_cluster.zoneAware->failTrafficOnPanic;
    }
    void takeZones(const Hosts &all, const Hosts &healthy, const Hosts &degraded)
    {
        m_zoneRouting = ZoneRouting(m_cluster, all, *m_zones, m_stats);
        m_healthyByZone.clear();
        m_degradedByZone.clear();
        if (!m_zoneRouting.isOn())
            return;
        for (const std::string &zone : m_zoneRouting.localities()) {
            m_healthyByZone.push_back(makePicker(m_cluster, byLocality(healthy)[zone]));
            m_degradedByZone.push_back(makePicker(m_cluster, byLocality(degraded)[zone]));
        }
    }
    /// Null: the peers are not well, and the cluster is rather to fail then. `everywhere`: where zones do not
    /// count for this request.
    HostPicker *pickerOfZone(bool degraded, HostPicker *everywhere) const
    {
        const double enabled = m_cluster.zoneAware.value_or(dataplane::ZoneAwareLb()).routingEnabledPercent;
        if (static_cast<double>(randomNumber() % 100) >= enabled)
            return everywhere;
        if (m_zoneRouting.arePeersInPanic()) {
            m_stats.localClusterNotOk.inc();
            return failsInPanic() ? nullptr : everywhere;
        }
        const std::size_t zone = m_zoneRouting.choose(m_stats);
        return (degraded ? m_degradedByZone : m_healthyByZone)[zone].get();
    }
    PriorityLoad::Members membersOf(const Hosts &hosts) const
    {
        PriorityLoad::Members members;
        const bool weighed = m_cluster.loadAssignment && m_cluster.loadAssignment->weightedPriorityHealth;
        for (const HostPtr &host : hosts) {
            if (host->isExcluded()) {
                ++members.excluded;
                continue;
            }
            const std::uint64_t weight = weighed ? host->weight() : 0;
            ++members.all;
            members.weight += weight;
            if (host->isHealthy()) {
                ++members.healthy;
                members.healthyWeight += weight;
            } else if (host->isDegraded()) {
                ++members.degraded;
                members.degradedWeight += weight;
            }
        }
        return members;
    }
    std::shared_ptr<HostPicker> picker(const Hosts &usable, const Hosts &all, const LocalityWeights &weights)
    {
        if (m_cluster.localityWeighted) {
            auto localities =
                std::make_unique<LocalityPicker>(m_cluster, usable, all, weights, m_overprovisioning);
            // Without a locality of any weight the weights say nothing.
            if (!localities->isEmpty())
                return localities;
        }
        return makePicker(m_cluster, usable);
    }

    const dataplane::Cluster &m_cluster;
    Hosts m_hosts;
    LbStats &m_stats;
    const ZoneView *m_zones;
    std::uint32_t m_overprovisioning;
    std::map<std::uint32_t, LocalityWeights> m_localityWeights;
    std::vector<Level> m_levels;
    std::vector<PriorityLoad::Members> m_members;
    PriorityLoad m_load;
    ZoneRouting m_zoneRouting; ///< of the first priority
    std::vector<std::unique_ptr<HostPicker>> m_healthyByZone;
    std::vector<std::unique_ptr<HostPicker>> m_degradedByZone;
};

} // namespace

std::unique_ptr<HostPicker> makePriorityPicker(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats,
                                               const ZoneView *zones)
{
    return std::make_unique<PriorityPicker>(cluster, std::move(hosts), stats, zones);
}

} // namespace sallyport::upstream
