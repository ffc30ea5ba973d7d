// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/load_balancer.h"

#include "proxy/upstream/consistent_hash.h"
#include "proxy/upstream/edf_scheduler.h"

#include <QJsonDocument>

#include <algorithm>
#include <map>
#include <random>

namespace sallyport::upstream {

namespace {

using Hosts = std::vector<HostPtr>;

std::uint64_t nextRandom()
{
    thread_local std::mt19937_64 random{std::random_device{}()};
    return random();
}

bool equalWeights(const Hosts &hosts)
{
    return std::all_of(hosts.begin(), hosts.end(),
                       [&](const HostPtr &host) { return host->weight() == hosts.front()->weight(); });
}

/// Chooses among hosts that have already been narrowed down to those in question.
class Picker
{
public:
    virtual ~Picker() = default;
    virtual HostPtr pick(const LbContext &context) = 0;
};

class RoundRobinPicker : public Picker
{
public:
    explicit RoundRobinPicker(Hosts hosts)
        : m_hosts(std::move(hosts))
        , m_next(nextRandom())
    {
        if (m_hosts.empty() || equalWeights(m_hosts))
            return;
        for (std::size_t i = 0; i < m_hosts.size(); ++i)
            m_scheduler.add(i, m_hosts[i]->weight());
        for (std::uint64_t skip = m_next % m_hosts.size(); skip > 0; --skip)
            m_scheduler.next([&](std::size_t i) { return m_hosts[i]->weight(); });
    }
    HostPtr pick(const LbContext &) override
    {
        if (m_hosts.empty())
            return nullptr;
        if (!m_scheduler.isEmpty())
            return m_hosts[m_scheduler.next([&](std::size_t i) { return m_hosts[i]->weight(); })];
        return m_hosts[m_next++ % m_hosts.size()];
    }

private:
    Hosts m_hosts;
    std::uint64_t m_next;
    EdfScheduler m_scheduler;
};

class LeastRequestPicker : public Picker
{
public:
    LeastRequestPicker(Hosts hosts, std::uint32_t choices)
        : m_hosts(std::move(hosts))
        , m_choices(choices)
    {
        if (m_hosts.empty() || equalWeights(m_hosts))
            return;
        for (std::size_t i = 0; i < m_hosts.size(); ++i)
            m_scheduler.add(i, weight(i));
    }
    HostPtr pick(const LbContext &) override
    {
        if (m_hosts.empty())
            return nullptr;
        if (!m_scheduler.isEmpty())
            return m_hosts[m_scheduler.next([&](std::size_t i) { return weight(i); })];
        HostPtr best;
        for (std::uint32_t i = 0; i < m_choices; ++i) {
            const HostPtr &sample = m_hosts[nextRandom() % m_hosts.size()];
            if (!best || sample->requestsActive.load(std::memory_order_relaxed) <
                             best->requestsActive.load(std::memory_order_relaxed))
                best = sample;
        }
        return best;
    }

private:
    double weight(std::size_t i) const
    {
        return static_cast<double>(m_hosts[i]->weight()) /
               static_cast<double>(m_hosts[i]->requestsActive.load(std::memory_order_relaxed) + 1);
    }

    Hosts m_hosts;
    std::uint32_t m_choices;
    EdfScheduler m_scheduler;
};

class RandomPicker : public Picker
{
public:
    explicit RandomPicker(Hosts hosts)
        : m_hosts(std::move(hosts))
    {
    }
    HostPtr pick(const LbContext &) override
    {
        return m_hosts.empty() ? nullptr : m_hosts[nextRandom() % m_hosts.size()];
    }

private:
    Hosts m_hosts;
};

class HashPicker : public Picker
{
public:
    HashPicker(const dataplane::Cluster &cluster, Hosts hosts, bool maglev)
        : m_hosts(std::move(hosts))
    {
        std::vector<HashedHost> hashed;
        for (const HostPtr &host : m_hosts)
            hashed.push_back(
                {hashKey(*host, cluster.consistentUseHostname), static_cast<double>(host->weight())});
        if (maglev)
            m_table = maglevTable(hashed, cluster.maglevTableSize);
        else
            m_ring = hashRing(hashed, cluster.ringMinimum, cluster.ringMaximum,
                              cluster.ringHashFunction == dataplane::Cluster::HashFunction::MurmurHash2);
    }
    HostPtr pick(const LbContext &context) override
    {
        if (m_hosts.empty())
            return nullptr;
        const std::uint64_t hash = context.hash.value_or(nextRandom());
        if (!m_table.empty())
            return m_hosts[m_table[hash % m_table.size()]];
        const auto found = std::lower_bound(
            m_ring.begin(), m_ring.end(), hash,
            [](const RingPoint &point, std::uint64_t wanted) { return point.hash < wanted; });
        return m_hosts[found == m_ring.end() ? m_ring.front().host : found->host];
    }

private:
    static std::string hashKey(const Host &host, bool useHostname)
    {
        const QJsonValue key = host.metadata()
                                   .filters.value(QLatin1String("envoy.lb"))
                                   .toObject()
                                   .value(QLatin1String("hash_key"));
        if (key.isString())
            return key.toString().toStdString();
        return useHostname ? host.hostname() : host.address().toString();
    }

    Hosts m_hosts;
    std::vector<RingPoint> m_ring;
    std::vector<std::uint32_t> m_table;
};

std::unique_ptr<Picker> makePicker(const dataplane::Cluster &cluster, Hosts hosts)
{
    using Policy = dataplane::Cluster::LbPolicy;
    switch (cluster.lbPolicy) {
    case Policy::LeastRequest:
        return std::make_unique<LeastRequestPicker>(std::move(hosts), cluster.leastRequestChoices);
    case Policy::Random:
        return std::make_unique<RandomPicker>(std::move(hosts));
    case Policy::RingHash:
        return std::make_unique<HashPicker>(cluster, std::move(hosts), false);
    case Policy::Maglev:
        return std::make_unique<HashPicker>(cluster, std::move(hosts), true);
    case Policy::RoundRobin:
    case Policy::ClusterProvided:
        break;
    }
    return std::make_unique<RoundRobinPicker>(std::move(hosts));
}

/// The localities of one priority, weighted, each with its own picker.
class LocalityPicker : public Picker
{
public:
    LocalityPicker(const dataplane::Cluster &cluster, const Hosts &hosts,
                   const std::map<std::string, std::uint32_t> &weights)
    {
        std::map<std::string, Hosts> byLocality;
        for (const HostPtr &host : hosts)
            byLocality[key(host->locality())].push_back(host);
        for (auto &[locality, members] : byLocality) {
            const auto weight = weights.find(locality);
            if (weight == weights.end() || weight->second == 0)
                continue;
            m_scheduler.add(m_pickers.size(), weight->second);
            m_weights.push_back(weight->second);
            m_pickers.push_back(makePicker(cluster, std::move(members)));
        }
    }
    HostPtr pick(const LbContext &context) override
    {
        if (m_pickers.empty())
            return nullptr;
        return m_pickers[m_scheduler.next([&](std::size_t i) { return static_cast<double>(m_weights[i]); })]
            ->pick(context);
    }
    static std::string key(const dataplane::Locality &locality)
    {
        return locality.region + '/' + locality.zone + '/' + locality.subZone;
    }

private:
    std::vector<std::unique_ptr<Picker>> m_pickers;
    std::vector<std::uint32_t> m_weights;
    EdfScheduler m_scheduler;
};

/// Priorities, health and panic over one set of hosts (envoy-behaviour §4.9).
class PriorityPicker : public Picker
{
public:
    PriorityPicker(const dataplane::Cluster &cluster, const Hosts &hosts)
    {
        std::map<std::uint32_t, Hosts> byPriority;
        std::map<std::uint32_t, std::map<std::string, std::uint32_t>> localityWeights;
        if (cluster.loadAssignment) {
            for (const dataplane::LocalityLbEndpoints &locality : cluster.loadAssignment->endpoints)
                localityWeights[locality.priority][LocalityPicker::key(locality.locality)] =
                    locality.weight.value_or(0);
        }
        for (const HostPtr &host : hosts)
            byPriority[host->priority()].push_back(host);
        const double overprovisioning =
            cluster.loadAssignment ? cluster.loadAssignment->overprovisioningFactor : 140;
        double left = 100;
        for (auto &[priority, members] : byPriority) {
            Hosts healthy;
            Hosts degraded;
            Hosts all;
            for (const HostPtr &host : members) {
                if (host->isExcluded())
                    continue;
                all.push_back(host);
                if (host->isHealthy())
                    healthy.push_back(host);
                else if (host->isDegraded())
                    degraded.push_back(host);
            }
            Level level;
            const double share =
                all.empty() ? 0
                            : 100.0 * static_cast<double>(healthy.size()) / static_cast<double>(all.size());
            const double available = all.empty()
                                         ? 0
                                         : 100.0 * static_cast<double>(healthy.size() + degraded.size()) /
                                               static_cast<double>(all.size());
            level.load = std::min(left, share * overprovisioning / 100);
            left -= level.load;
            level.degradedLoad = std::min(
                left, 100.0 * static_cast<double>(degraded.size()) /
                          static_cast<double>(std::max<std::size_t>(all.size(), 1)) * overprovisioning / 100);
            left -= level.degradedLoad;
            level.panic = cluster.panicThreshold > 0 && available < cluster.panicThreshold;
            const auto build = [&](Hosts chosen) -> std::unique_ptr<Picker> {
                if (cluster.localityWeighted)
                    return std::make_unique<LocalityPicker>(cluster, chosen, localityWeights[priority]);
                return makePicker(cluster, std::move(chosen));
            };
            level.healthy = build(healthy);
            level.degraded = build(degraded);
            level.all = build(all);
            level.isEmpty = all.empty();
            m_levels.push_back(std::move(level));
        }
        double total = 0;
        for (const Level &level : m_levels)
            total += level.load + level.degradedLoad;
        m_total = total;
    }

    HostPtr pick(const LbContext &context) override
    {
        if (m_levels.empty())
            return nullptr;
        if (m_total <= 0) {
            // Nobody is healthy anywhere: panic, where it is allowed, spreads over the first priority that
            // has hosts.
            for (Level &level : m_levels) {
                if (!level.isEmpty)
                    return level.panic ? level.all->pick(context) : nullptr;
            }
            return nullptr;
        }
        double point =
            static_cast<double>((context.hash ? *context.hash : context.random) % 10'000) / 10'000 * m_total;
        for (Level &level : m_levels) {
            if (point < level.load)
                return (level.panic ? level.all : level.healthy)->pick(context);
            point -= level.load;
            if (point < level.degradedLoad)
                return level.degraded->pick(context);
            point -= level.degradedLoad;
        }
        return m_levels.front().healthy->pick(context);
    }

private:
    struct Level
    {
        double load = 0;
        double degradedLoad = 0;
        bool panic = false;
        bool isEmpty = true;
        std::unique_ptr<Picker> healthy;
        std::unique_ptr<Picker> degraded;
        std::unique_ptr<Picker> all;
    };
    std::vector<Level> m_levels;
    double m_total = 0;
};

/// Subsets by metadata, each balanced by itself; rebuilt by the owner when health changes.
class SubsetPicker : public Picker
{
public:
    SubsetPicker(const dataplane::Cluster &cluster, Hosts hosts)
        : m_cluster(cluster)
        , m_hosts(std::move(hosts))
        , m_any(cluster, m_hosts)
    {
    }

    HostPtr pick(const LbContext &context) override
    {
        const dataplane::LbSubsetConfig &config = *m_cluster.subsets;
        if (!context.metadataMatch || context.metadataMatch->isEmpty())
            return fallback(config.fallback, context);
        for (const dataplane::LbSubsetConfig::Selector &selector : config.selectors) {
            if (!sameKeys(selector.keys, *context.metadataMatch))
                continue;
            if (Picker *subset = subsetFor(*context.metadataMatch))
                return subset->pick(context);
            const auto policy = selector.fallback == dataplane::LbSubsetConfig::Fallback::NotDefined
                                    ? config.fallback
                                    : selector.fallback;
            return fallback(policy, context);
        }
        return fallback(config.fallback, context);
    }

private:
    static bool sameKeys(const std::vector<std::string> &keys, const QJsonObject &criteria)
    {
        return static_cast<qsizetype>(keys.size()) == criteria.size() &&
               std::all_of(keys.begin(), keys.end(), [&](const std::string &key) {
                   return criteria.contains(QString::fromStdString(key));
               });
    }
    Picker *subsetFor(const QJsonObject &criteria)
    {
        const QByteArray key = QJsonDocument(criteria).toJson(QJsonDocument::Compact);
        std::unique_ptr<Picker> &slot = m_subsets[key];
        if (!slot) {
            Hosts members;
            for (const HostPtr &host : m_hosts) {
                const QJsonObject labels =
                    host->metadata().filters.value(QLatin1String("envoy.lb")).toObject();
                bool all = true;
                for (auto it = criteria.constBegin(); it != criteria.constEnd(); ++it)
                    all = all && labels.value(it.key()) == it.value();
                if (all)
                    members.push_back(host);
            }
            if (members.empty()) {
                m_subsets.erase(key);
                return nullptr;
            }
            slot = std::make_unique<PriorityPicker>(m_cluster, members);
        }
        return slot.get();
    }
    HostPtr fallback(dataplane::LbSubsetConfig::Fallback policy, const LbContext &context)
    {
        using Fallback = dataplane::LbSubsetConfig::Fallback;
        if (policy == Fallback::AnyEndpoint)
            return m_any.pick(context);
        if (policy == Fallback::DefaultSubset) {
            Picker *subset = subsetFor(m_cluster.subsets->defaultSubset);
            return subset ? subset->pick(context) : nullptr;
        }
        return nullptr;
    }

    const dataplane::Cluster &m_cluster;
    Hosts m_hosts;
    PriorityPicker m_any;
    std::map<QByteArray, std::unique_ptr<Picker>> m_subsets;
};

/// Rebuilds its pickers when a host's health has changed since, and re-picks for retries.
class ClusterBalancer : public LoadBalancer
{
public:
    ClusterBalancer(const dataplane::Cluster &cluster, Hosts hosts)
        : m_cluster(cluster)
        , m_hosts(std::move(hosts))
    {
        rebuild();
    }

    HostPtr choose(const LbContext &context) override
    {
        if (healthPattern() != m_pattern)
            rebuild();
        HostPtr host = m_picker->pick(context);
        for (std::int64_t i = 0;
             host && context.shouldRetry && i < context.retryPicks && context.shouldRetry(*host); ++i) {
            LbContext again = context;
            again.random = nextRandom();
            if (again.hash)
                again.hash = *again.hash ^ (~std::uint64_t(0) - static_cast<std::uint64_t>(i));
            host = m_picker->pick(again);
        }
        return host;
    }

private:
    std::vector<bool> healthPattern() const
    {
        std::vector<bool> pattern;
        pattern.reserve(m_hosts.size());
        for (const HostPtr &host : m_hosts)
            pattern.push_back(host->ejected.load(std::memory_order_relaxed));
        return pattern;
    }
    void rebuild()
    {
        m_pattern = healthPattern();
        if (m_cluster.subsets && !m_cluster.subsets->selectors.empty())
            m_picker = std::make_unique<SubsetPicker>(m_cluster, m_hosts);
        else
            m_picker = std::make_unique<PriorityPicker>(m_cluster, m_hosts);
    }

    dataplane::Cluster m_cluster;
    Hosts m_hosts;
    std::vector<bool> m_pattern;
    std::unique_ptr<Picker> m_picker;
};

} // namespace

std::unique_ptr<LoadBalancer> makeLoadBalancer(const dataplane::Cluster &cluster, std::vector<HostPtr> hosts)
{
    return std::make_unique<ClusterBalancer>(cluster, std::move(hosts));
}

} // namespace sallyport::upstream
