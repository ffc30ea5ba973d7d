// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/destination_rules.h"

#include "core/compile/service.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

void merge(MergedRule &into, const model::DestinationRule &rule)
{
    for (const model::DestinationRule::Subset &subset : rule.subsets) {
        const bool known = std::any_of(into.rule.subsets.begin(), into.rule.subsets.end(),
                                       [&subset](const auto &own) { return own.name == subset.name; });
        if (!known)
            into.rule.subsets.push_back(subset);
    }
    if (!into.rule.trafficPolicy && rule.trafficPolicy) {
        into.rule.trafficPolicy = rule.trafficPolicy;
        into.from.insert(into.from.begin(), &rule);
    } else {
        into.from.push_back(&rule);
    }
}

/// A rule joins older ones that have its exportTo, or a part of it; in the second case it stands for itself
/// too, unless both are for the same workloads (istiod's mergeDestinationRule).
void add(std::vector<MergedRule> &rules, const model::DestinationRule &rule, const std::string &host,
         const std::set<std::string> &exportTo)
{
    bool separately = true;
    for (MergedRule &own : rules) {
        if (own.rule.host != host)
            continue;
        const bool same = own.exportTo == exportTo;
        const bool wider = !own.exportTo.empty() && std::includes(exportTo.begin(), exportTo.end(),
                                                                  own.exportTo.begin(), own.exportTo.end());
        separately = !same;
        if (!same && !wider)
            continue;
        const auto &selector = own.rule.workloadSelector;
        if (selector && rule.workloadSelector && *selector != *rule.workloadSelector) {
            separately = true;
            continue;
        }
        if (selector.has_value() == rule.workloadSelector.has_value())
            separately = false;
        merge(own, rule);
    }
    if (!separately)
        return;
    MergedRule merged{rule, exportTo, {&rule}};
    merged.rule.host = host;
    rules.push_back(std::move(merged));
}

/// Those of the most specific host.
std::vector<const MergedRule *> matching(const std::vector<MergedRule> &rules, const std::string &hostname)
{
    std::vector<std::string> hosts;
    for (const MergedRule &rule : rules)
        hosts.push_back(rule.rule.host);
    std::vector<const MergedRule *> found;
    const auto host = model::mostSpecificMatch(hostname, hosts);
    for (const MergedRule &rule : rules) {
        if (host && rule.rule.host == *host)
            found.push_back(&rule);
    }
    return found;
}

/// Copies what the subset sets over the policy; tls, balancer, pool and outliers each as a whole.
void overlay(model::TrafficPolicy &policy, const model::TrafficPolicy &subset)
{
    const auto take = [](auto &own, const auto &other) {
        if (other)
            own = other;
    };
    take(policy.connectionPool, subset.connectionPool);
    take(policy.outlierDetection, subset.outlierDetection);
    take(policy.loadBalancer, subset.loadBalancer);
    take(policy.tls, subset.tls);
    take(policy.tunnel, subset.tunnel);
    take(policy.proxyProtocolVersion, subset.proxyProtocolVersion);
    take(policy.retryBudget, subset.retryBudget);
}

} // namespace

DestinationRules::DestinationRules(const model::Mesh &mesh)
    : m_rootNamespace(mesh.config.rootNamespace)
{
    const std::vector<std::string> &byDefault = mesh.config.defaultDestinationRuleExportTo;
    const bool defaultIsPrivate = std::find(byDefault.begin(), byDefault.end(), ".") != byDefault.end();
    // Rules with a selector are processed first, then the oldest.
    std::vector<const model::DestinationRule *> order;
    for (const model::DestinationRule &rule : mesh.destinationRules)
        order.push_back(&rule);
    std::stable_sort(order.begin(), order.end(), [](const auto *a, const auto *b) {
        if (a->workloadSelector.has_value() != b->workloadSelector.has_value())
            return a->workloadSelector.has_value();
        return olderThan(*a, *b);
    });
    for (const model::DestinationRule *rule : order) {
        const std::string &nameSpace = rule->metadata.resourceNamespace;
        const std::string host = model::resolveShortName(rule->host, nameSpace);
        std::set<std::string> exportTo(rule->exportTo.begin(), rule->exportTo.end());
        if (rule->workloadSelector)
            exportTo = {"."};
        if (exportTo.empty() || exportTo.count("*") || exportTo.count(".") || exportTo.count(nameSpace))
            add(m_own[nameSpace], *rule, host, exportTo);
        const bool isPrivate =
            exportTo.empty() ? defaultIsPrivate
                             : exportTo.size() == 1 && (exportTo.count(".") || exportTo.count(nameSpace));
        if (!isPrivate)
            add(m_exported[nameSpace], *rule, host, exportTo);
        else if (nameSpace == m_rootNamespace)
            add(m_rootPrivate, *rule, host, exportTo);
    }
}

std::vector<const MergedRule *> DestinationRules::candidates(const std::string &hostname,
                                                             const std::string &serviceNamespace,
                                                             const std::string &proxyNamespace) const
{
    static const Rules none;
    const auto of = [](const std::map<std::string, Rules> &rules,
                       const std::string &nameSpace) -> const Rules & {
        const auto found = rules.find(nameSpace);
        return found == rules.end() ? none : found->second;
    };
    // Rules of the root namespace are for everybody: for its own proxies they come last, except private ones.
    std::vector<const MergedRule *> found =
        matching(proxyNamespace == m_rootNamespace ? m_rootPrivate : of(m_own, proxyNamespace), hostname);
    const auto exported = [&](const std::string &nameSpace) {
        found = matching(of(m_exported, nameSpace), hostname);
        std::erase_if(found, [&proxyNamespace](const MergedRule *rule) {
            return !rule->exportTo.empty() && !rule->exportTo.count("*") &&
                   !rule->exportTo.count(proxyNamespace);
        });
    };
    if (found.empty() && !serviceNamespace.empty())
        exported(serviceNamespace);
    if (found.empty())
        exported(m_rootNamespace);
    return found;
}

const MergedRule *DestinationRules::findForServer(const std::string &hostname,
                                                  const std::string &serviceNamespace,
                                                  const std::string &proxyNamespace) const
{
    const MergedRule *found = nullptr;
    for (const MergedRule *rule : candidates(hostname, serviceNamespace, proxyNamespace)) {
        if (!rule->rule.workloadSelector)
            found = rule;
    }
    return found;
}

const MergedRule *DestinationRules::find(const std::string &hostname, const std::string &serviceNamespace,
                                         const std::string &proxyNamespace, const model::Labels &labels) const
{
    const MergedRule *byDefault = nullptr;
    for (const MergedRule *rule : candidates(hostname, serviceNamespace, proxyNamespace)) {
        if (!rule->rule.workloadSelector)
            byDefault = rule;
        else if (rule->rule.metadata.resourceNamespace == proxyNamespace &&
                 model::selects(*rule->rule.workloadSelector, labels))
            return rule;
    }
    return byDefault;
}

model::TrafficPolicy policyForPort(const std::optional<model::TrafficPolicy> &policy, std::uint32_t port)
{
    if (!policy)
        return {};
    for (const auto &[number, settings] : policy->portLevel) {
        if (number == port) {
            model::TrafficPolicy result;
            result.loadBalancer = settings.loadBalancer;
            result.connectionPool = settings.connectionPool;
            result.outlierDetection = settings.outlierDetection;
            result.tls = settings.tls;
            return result;
        }
    }
    model::TrafficPolicy result = *policy;
    result.portLevel.clear();
    return result;
}

namespace {

std::optional<model::ConsistentHash> hashOf(const std::optional<model::LoadBalancer> &balancer)
{
    return balancer ? balancer->consistentHash : std::nullopt;
}

template<typename Policy>
std::optional<model::ConsistentHash> portHash(const std::optional<Policy> &policy, std::uint32_t port)
{
    if (policy) {
        for (const auto &[number, settings] : policy->portLevel) {
            if (number == port)
                return hashOf(settings.loadBalancer);
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<model::ConsistentHash> defaultRouteHash(const MergedRule *rule, std::uint32_t port)
{
    if (!rule || !rule->rule.trafficPolicy)
        return std::nullopt;
    const auto own = portHash(rule->rule.trafficPolicy, port);
    return own ? own : hashOf(rule->rule.trafficPolicy->loadBalancer);
}

std::optional<model::ConsistentHash> destinationHash(const MergedRule *rule, std::uint32_t namedPort,
                                                     const std::string &subset)
{
    if (!rule)
        return std::nullopt;
    std::optional<model::ConsistentHash> hash;
    if (rule->rule.trafficPolicy)
        hash = hashOf(rule->rule.trafficPolicy->loadBalancer);
    if (const auto own = portHash(rule->rule.trafficPolicy, namedPort))
        hash = own;
    for (const model::DestinationRule::Subset &candidate : rule->rule.subsets) {
        if (candidate.name != subset || !candidate.trafficPolicy)
            continue;
        if (const auto own = hashOf(candidate.trafficPolicy->loadBalancer))
            hash = own;
        if (const auto own = portHash(candidate.trafficPolicy, namedPort))
            hash = own;
        break;
    }
    return hash;
}

EffectivePolicy effectivePolicy(const MergedRule *rule, std::uint32_t port, const std::string &subset)
{
    EffectivePolicy effective;
    effective.rule = rule;
    if (!rule)
        return effective;
    effective.policy = policyForPort(rule->rule.trafficPolicy, port);
    effective.fieldPath = "spec.trafficPolicy";
    if (subset.empty())
        return effective;
    for (std::size_t index = 0; index < rule->rule.subsets.size(); ++index) {
        const model::DestinationRule::Subset &candidate = rule->rule.subsets[index];
        if (candidate.name != subset || !candidate.trafficPolicy)
            continue;
        const auto &ofPorts = candidate.trafficPolicy->portLevel;
        const auto settings = std::find_if(ofPorts.begin(), ofPorts.end(),
                                           [port](const auto &each) { return each.port == port; });
        if (settings == ofPorts.end()) {
            overlay(effective.policy, *candidate.trafficPolicy);
        } else {
            // A port's settings stand for all that the subset says.
            effective.policy.connectionPool = settings->policy.connectionPool;
            effective.policy.outlierDetection = settings->policy.outlierDetection;
            effective.policy.loadBalancer = settings->policy.loadBalancer;
            effective.policy.tls = settings->policy.tls;
        }
        effective.fieldPath = "spec.subsets[" + std::to_string(index) + "].trafficPolicy";
    }
    return effective;
}

} // namespace sallyport::compile
