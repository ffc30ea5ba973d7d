// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/subset_picker.h"

#include "proxy/upstream/lb_stats.h"
#include "proxy/upstream/priority_picker.h"
#include "proxy/upstream/zone_routing.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace sallyport::upstream {

namespace {

using Fallback = dataplane::LbSubsetConfig::Fallback;
using Selector = dataplane::LbSubsetConfig::Selector;

QJsonObject labelsOf(const Host &host)
{
    return host.metadata().filters.value(QLatin1String("envoy.lb")).toObject();
}

/// Labels as a key: QJsonObject keeps them sorted.
QByteArray keyOf(const QJsonObject &labels)
{
    return QJsonDocument(labels).toJson(QJsonDocument::Compact);
}

bool sameKeys(const Selector &selector, const QJsonObject &criteria)
{
    const std::set<std::string> keys(selector.keys.begin(), selector.keys.end());
    return static_cast<qsizetype>(keys.size()) == criteria.size() &&
           std::all_of(keys.begin(), keys.end(), [&](const std::string &key) {
               return criteria.contains(QString::fromStdString(key));
           });
}

/// The subsets a host belongs to by one selector: one, or with lists as alternatives one for each of them.
std::vector<QJsonObject> subsetsOf(const Host &host, const Selector &selector, bool listAsAny)
{
    const QJsonObject labels = labelsOf(host);
    std::vector<QJsonObject> subsets{QJsonObject()};
    for (const std::string &name : selector.keys) {
        const QString key = QString::fromStdString(name);
        if (!labels.contains(key))
            return {};
        const QJsonValue value = labels.value(key);
        QJsonArray alternatives{value};
        if (listAsAny && value.isArray())
            alternatives = value.toArray();
        std::vector<QJsonObject> longer;
        for (const QJsonObject &subset : subsets) {
            for (const QJsonValue &alternative : alternatives) {
                QJsonObject extended = subset;
                extended.insert(key, alternative);
                longer.push_back(extended);
            }
        }
        subsets = std::move(longer);
    }
    return subsets;
}

/// `duplicates`: hosts that found the one place of a single-host subset taken.
std::map<QByteArray, Hosts> partition(const dataplane::LbSubsetConfig &config, const Hosts &hosts,
                                      std::int64_t *duplicates = nullptr)
{
    std::map<QByteArray, Hosts> subsets;
    for (const HostPtr &host : hosts) {
        for (const Selector &selector : config.selectors) {
            for (const QJsonObject &subset : subsetsOf(*host, selector, config.listAsAny)) {
                Hosts &members = subsets[keyOf(subset)];
                // Two selectors of the same keys mean the same subset.
                if (!members.empty() && members.back() == host)
                    continue;
                if (!selector.singleHostPerSubset || members.empty())
                    members.push_back(host);
                else if (duplicates != nullptr)
                    ++*duplicates;
            }
        }
    }
    return subsets;
}

/// How many of `hosts` each locality of each priority has.
std::map<std::pair<std::uint32_t, std::string>, std::size_t> countByLocality(const Hosts &hosts)
{
    std::map<std::pair<std::uint32_t, std::string>, std::size_t> counts;
    for (const HostPtr &host : hosts)
        ++counts[{host->priority(), localityKey(host->locality())}];
    return counts;
}

/// The hosts of one subset and how they are balanced: as the cluster's, but for what localities weigh.
class Subset : public HostPicker
{
public:
    Subset(const dataplane::Cluster &cluster, const Hosts &all, Hosts members, LbStats &stats,
           const ZoneView *zones)
        : m_cluster(cluster)
    {
        m_cluster.localityWeighted = cluster.localityWeighted && cluster.subsets->localityWeightAware;
        if (m_cluster.localityWeighted && cluster.subsets->scaleLocalityWeight)
            scaleWeights(all, members);
        m_picker = makePriorityPicker(m_cluster, std::move(members), stats, zones);
    }
    HostPtr pick(const LbContext &context) override { return m_picker->pick(context); }
    void onHealthChanged() override { m_picker->onHealthChanged(); }

private:
    /// A locality weighs as much of its weight as the subset has of its hosts.
    void scaleWeights(const Hosts &all, const Hosts &members)
    {
        if (!m_cluster.loadAssignment)
            return;
        auto everybody = countByLocality(all);
        auto own = countByLocality(members);
        for (dataplane::LocalityLbEndpoints &locality : m_cluster.loadAssignment->endpoints) {
            const std::pair key{locality.priority, localityKey(locality.locality)};
            if (!locality.weight || everybody[key] == 0)
                continue;
            const double part = static_cast<double>(own[key]) / static_cast<double>(everybody[key]);
            locality.weight = static_cast<std::uint32_t>(std::lround(*locality.weight * part));
        }
    }

    dataplane::Cluster m_cluster;
    std::unique_ptr<HostPicker> m_picker;
};

class SubsetPicker : public HostPicker
{
public:
    SubsetPicker(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats, const ZoneView *zones)
        : m_config(*cluster.subsets)
        , m_stats(stats)
        , m_any(std::make_unique<Subset>(cluster, hosts, hosts, stats, zones))
    {
        std::int64_t duplicates = 0;
        for (auto &[key, members] : partition(m_config, hosts, &duplicates))
            m_subsets.emplace(key, std::make_unique<Subset>(cluster, hosts, members, stats, zones));
        m_stats.setSingleHostDuplicates(duplicates);
        m_stats.subsetsActive.add(static_cast<std::int64_t>(m_subsets.size()));
        m_stats.subsetsCreated.add(m_subsets.size());
        Hosts standard;
        std::copy_if(hosts.begin(), hosts.end(), std::back_inserter(standard), [this](const HostPtr &host) {
            const QJsonObject labels = labelsOf(*host);
            const QJsonObject &wanted = m_config.defaultSubset;
            for (auto it = wanted.constBegin(); it != wanted.constEnd(); ++it) {
                if (labels.value(it.key()) != it.value())
                    return false;
            }
            return true;
        });
        m_default = std::make_unique<Subset>(cluster, hosts, std::move(standard), stats, zones);
    }
    ~SubsetPicker() override
    {
        m_stats.subsetsActive.add(-static_cast<std::int64_t>(m_subsets.size()));
        m_stats.subsetsRemoved.add(m_subsets.size());
    }

    HostPtr pick(const LbContext &context) override
    {
        const QJsonObject criteria =
            context.metadataMatch != nullptr ? *context.metadataMatch : QJsonObject();
        return pick(context, criteria);
    }
    void onHealthChanged() override
    {
        m_any->onHealthChanged();
        m_default->onHealthChanged();
        for (const auto &[key, subset] : m_subsets)
            subset->onHealthChanged();
    }

private:
    HostPtr pick(const LbContext &context, const QJsonObject &criteria)
    {
        if (!criteria.isEmpty()) {
            if (const auto found = m_subsets.find(keyOf(criteria)); found != m_subsets.end()) {
                m_stats.subsetsSelected.inc();
                return found->second->pick(context);
            }
            for (const Selector &selector : m_config.selectors) {
                if (!sameKeys(selector, criteria))
                    continue;
                if (selector.fallback == Fallback::NotDefined)
                    break;
                return pickBySelector(selector, context, criteria);
            }
        }
        HostPtr host = m_config.fallback == Fallback::AnyEndpoint     ? m_any->pick(context)
                       : m_config.fallback == Fallback::DefaultSubset ? m_default->pick(context)
                                                                      : nullptr;
        if (host) {
            m_stats.subsetsFallback.inc();
            return host;
        }
        if (m_config.fallback == Fallback::NoFallback || !m_config.panicModeAny)
            return nullptr;
        host = m_any->pick(context);
        if (host)
            m_stats.subsetsFallbackPanic.inc();
        return host;
    }
    /// A selector's own fallback is not counted as one.
    HostPtr pickBySelector(const Selector &selector, const LbContext &context, const QJsonObject &criteria)
    {
        if (selector.fallback == Fallback::AnyEndpoint)
            return m_any->pick(context);
        if (selector.fallback == Fallback::DefaultSubset)
            return m_default->pick(context);
        if (selector.fallback != Fallback::KeysSubset)
            return nullptr;
        QJsonObject reduced;
        for (const std::string &name : selector.fallbackKeys) {
            const QString key = QString::fromStdString(name);
            if (criteria.contains(key))
                reduced.insert(key, criteria.value(key));
        }
        // Fewer keys each time: validation refuses a fallback that is no true part of the selector.
        return reduced.size() < criteria.size() ? pick(context, reduced) : nullptr;
    }

    dataplane::LbSubsetConfig m_config;
    LbStats &m_stats;
    std::unique_ptr<HostPicker> m_any;
    std::unique_ptr<HostPicker> m_default;
    std::map<QByteArray, std::unique_ptr<HostPicker>> m_subsets;
};

} // namespace

std::unique_ptr<HostPicker> makeSubsetPicker(const dataplane::Cluster &cluster, Hosts hosts, LbStats &stats,
                                             const ZoneView *zones)
{
    return std::make_unique<SubsetPicker>(cluster, std::move(hosts), stats, zones);
}

std::size_t countSubsets(const dataplane::LbSubsetConfig &subsets, const Hosts &hosts)
{
    return partition(subsets, hosts).size();
}

} // namespace sallyport::upstream
