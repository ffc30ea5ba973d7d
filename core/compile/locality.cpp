// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/locality.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace sallyport::compile {

namespace {

using dataplane::Locality;

constexpr const char *networkLabel = "topology.istio.io/network";

std::string labelOf(const model::Labels &labels, const std::string &name)
{
    const auto found = labels.find(name);
    return found == labels.end() ? std::string() : found->second;
}

/// `*`, and for the finer parts nothing, stand for any.
bool matches(const Locality &place, const std::string &rule)
{
    const Locality wanted = localityOf(rule);
    const auto fits = [](const std::string &own, const std::string &other) {
        return other == "*" || other == own;
    };
    return fits(place.region, wanted.region) && (wanted.zone.empty() || fits(place.zone, wanted.zone)) &&
           (wanted.subZone.empty() || fits(place.subZone, wanted.subZone));
}

/// 0: the same place, 1: the same zone, 2: the same region, 3: the region to fail over to or any other if
/// none is named, 4: a region that is not the named one.
std::uint32_t distance(const Locality &own, const Locality &other,
                       const std::vector<model::LocalityLb::Failover> &failover)
{
    if (own.region == other.region)
        return own.zone != other.zone ? 2 : own.subZone != other.subZone ? 1 : 0;
    const auto named = std::find_if(failover.begin(), failover.end(),
                                    [&own](const auto &setting) { return setting.from == own.region; });
    return named != failover.end() && named->to != other.region ? 4 : 3;
}

/// 0: the same region, within which Envoy keeps to the zone; 1: the region to fail over to; 2: any other.
std::uint32_t tier(const Locality &own, const Locality &other,
                   const std::vector<model::LocalityLb::Failover> &failover)
{
    if (own.region == other.region)
        return 0;
    const auto named = std::find_if(failover.begin(), failover.end(),
                                    [&own](const auto &setting) { return setting.from == own.region; });
    return named != failover.end() && named->to == other.region ? 1 : 2;
}

/// How soon the endpoint's labels stop being the client's, in the order of failoverPriority. `label=value`
/// asks for that value instead of the client's own. A network in the first place outweighs all the rest.
std::uint32_t unlikeness(const Endpoint &endpoint, const model::Labels &client,
                         const std::vector<std::string> &order)
{
    const auto lowest = static_cast<std::uint32_t>(order.size());
    std::uint32_t otherNetwork = 0;
    for (std::uint32_t index = 0; index < lowest; ++index) {
        const std::size_t equals = order[index].find('=');
        const std::string name = order[index].substr(0, equals);
        const std::string wanted =
            equals == std::string::npos ? labelOf(client, name) : order[index].substr(equals + 1);
        if (labelOf(endpoint.labels, name) == wanted)
            continue;
        if (index == 0 && name == networkLabel && equals == std::string::npos) {
            otherNetwork = lowest;
            continue;
        }
        return lowest - index + otherNetwork;
    }
    return otherNetwork;
}

void distribute(const model::LocalityLb::Distribute &wanted, dataplane::ClusterLoadAssignment &assignment)
{
    std::set<const dataplane::LocalityLbEndpoints *> reached;
    for (const auto &[place, share] : wanted.to) {
        std::vector<dataplane::LocalityLbEndpoints *> groups;
        std::uint32_t total = 0;
        for (dataplane::LocalityLbEndpoints &group : assignment.endpoints) {
            if (reached.count(&group) != 0 || !matches(group.locality, place))
                continue;
            reached.insert(&group);
            groups.push_back(&group);
            total += group.weight.value_or(1);
        }
        for (dataplane::LocalityLbEndpoints *group : groups) {
            const double part = static_cast<double>(group->weight.value_or(1)) * share / total;
            if (part > 0)
                group->weight = static_cast<std::uint32_t>(std::ceil(part));
        }
    }
    std::vector<dataplane::LocalityLbEndpoints> kept;
    for (dataplane::LocalityLbEndpoints &group : assignment.endpoints) {
        if (reached.count(&group) != 0)
            kept.push_back(std::move(group));
    }
    assignment.endpoints = std::move(kept);
}

const model::LocalityLb &nearest(TrafficDistribution distribution)
{
    static const auto by = [](std::vector<std::string> labels) {
        model::LocalityLb setting;
        setting.failoverPriority = std::move(labels);
        return setting;
    };
    static const model::LocalityLb zone =
        by({networkLabel, "topology.kubernetes.io/region", "topology.kubernetes.io/zone"});
    static const model::LocalityLb node =
        by({networkLabel, "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
            "topology.istio.io/subzone", "kubernetes.io/hostname"});
    return distribution == TrafficDistribution::SameNode ? node : zone;
}

} // namespace

Locality localityOf(const std::string &text)
{
    Locality locality;
    const std::size_t first = text.find('/');
    locality.region = text.substr(0, first);
    if (first == std::string::npos)
        return locality;
    const std::size_t second = text.find('/', first + 1);
    locality.zone = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
    if (second != std::string::npos)
        locality.subZone = text.substr(second + 1);
    return locality;
}

std::string localityLabel(const model::Labels &labels)
{
    std::string text = labelOf(labels, "istio-locality");
    if (text.find('/') == std::string::npos)
        std::replace(text.begin(), text.end(), '.', '/');
    return text;
}

void addTopology(const std::string &locality, const std::string &network, model::Labels &labels)
{
    const Locality place = localityOf(locality);
    const std::pair<const char *, const std::string &> parts[] = {
        {"topology.kubernetes.io/region", place.region},
        {"topology.kubernetes.io/zone", place.zone},
        {"topology.istio.io/subzone", place.subZone},
        {networkLabel, network}};
    for (const auto &[name, value] : parts) {
        if (!value.empty())
            labels[name] = value;
    }
}

LocalityBalancing::LocalityBalancing(const model::TrafficPolicy &policy, TrafficDistribution distribution,
                                     const model::MeshConfig &config, const model::Labels &client)
    : m_client(client)
    , m_place(localityOf(localityLabel(client)))
    , m_failsOver(policy.outlierDetection.has_value())
{
    addTopology(localityLabel(client), {}, m_client);
    static const model::LocalityLb byDefault;
    const bool ruled = policy.loadBalancer && policy.loadBalancer->locality;
    const bool zoned = policy.loadBalancer && policy.loadBalancer->zoneAware;
    if (zoned)
        m_zones = &*policy.loadBalancer->zoneAware;
    else if (!ruled && distribution == TrafficDistribution::Any && config.zoneAware)
        m_zones = &*config.zoneAware;
    if (m_zones)
        return;
    m_setting = ruled               ? &*policy.loadBalancer->locality
                : config.localityLb ? &*config.localityLb
                                    : &byDefault;
    if (!ruled && distribution != TrafficDistribution::Any) {
        m_setting = &nearest(distribution);
        m_failsOver = true;
    }
    if (!m_setting->enabled.value_or(true))
        m_setting = nullptr;
}

bool LocalityBalancing::isWeighted() const
{
    return m_setting &&
           (!m_setting->distribute.empty() ||
            (m_failsOver && (!m_setting->failover.empty() || !m_setting->failoverPriority.empty())));
}

std::optional<dataplane::ZoneAwareLb> LocalityBalancing::zoneAware() const
{
    if (!m_zones)
        return std::nullopt;
    dataplane::ZoneAwareLb zones;
    if (m_zones->minClusterSize)
        zones.minClusterSize = *m_zones->minClusterSize;
    if (!m_zones->enabled.value_or(true))
        zones.routingEnabledPercent = 0;
    return zones;
}

std::uint32_t LocalityBalancing::rank(const Endpoint &endpoint) const
{
    if (m_zones) {
        if (!m_zones->enabled.value_or(true))
            return 0;
        constexpr std::uint32_t tiers = 3;
        const std::uint32_t region = tier(m_place, localityOf(endpoint.locality), m_zones->failover);
        return unlikeness(endpoint, m_client, m_zones->failoverPriority) * tiers + region;
    }
    if (!m_setting || !m_failsOver || !m_setting->distribute.empty())
        return 0;
    const auto place = [&] { return distance(m_place, localityOf(endpoint.locality), m_setting->failover); };
    if (m_setting->failoverPriority.empty())
        return place();
    const std::uint32_t labels = unlikeness(endpoint, m_client, m_setting->failoverPriority);
    return m_setting->failover.empty() ? labels : labels * 5 + place();
}

void LocalityBalancing::finish(dataplane::ClusterLoadAssignment &assignment) const
{
    if (!m_setting && !m_zones)
        return;
    for (std::size_t index = 0; m_setting && index < m_setting->distribute.size(); ++index) {
        const model::LocalityLb::Distribute &wanted = m_setting->distribute[index];
        if (!matches(m_place, wanted.from))
            continue;
        distribute(wanted, assignment);
        break;
    }
    std::set<std::uint32_t> ranks;
    for (const dataplane::LocalityLbEndpoints &group : assignment.endpoints)
        ranks.insert(group.priority);
    for (dataplane::LocalityLbEndpoints &group : assignment.endpoints)
        group.priority = static_cast<std::uint32_t>(std::distance(ranks.begin(), ranks.find(group.priority)));
}

} // namespace sallyport::compile
