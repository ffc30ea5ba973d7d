// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/destination_rules.h"

#include "core/compile/service.h"
#include "core/compile/visibility.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

std::vector<std::string> normalisedExport(const model::DestinationRule &rule,
                                          const std::vector<std::string> &byDefault)
{
    if (rule.exportTo.empty())
        return rule.workloadSelector ? std::vector<std::string>{"."} : byDefault;
    return rule.exportTo;
}

bool sameExport(const std::vector<std::string> &a, const std::vector<std::string> &b)
{
    return std::set<std::string>(a.begin(), a.end()) == std::set<std::string>(b.begin(), b.end());
}

bool sameSelector(const std::optional<model::Labels> &a, const std::optional<model::Labels> &b)
{
    return a.has_value() == b.has_value() && (!a || *a == *b);
}

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
        const std::vector<std::string> exportTo =
            normalisedExport(*rule, mesh.config.defaultDestinationRuleExportTo);
        std::vector<MergedRule> &rules = m_byNamespace[nameSpace];
        const auto same = std::find_if(rules.begin(), rules.end(), [&](const MergedRule &merged) {
            return merged.rule.host == host && sameExport(merged.exportTo, exportTo) &&
                   sameSelector(merged.rule.workloadSelector, rule->workloadSelector);
        });
        if (same != rules.end()) {
            merge(*same, *rule);
            continue;
        }
        MergedRule merged{*rule, exportTo, {rule}};
        merged.rule.host = host;
        rules.push_back(std::move(merged));
    }
}

std::vector<const MergedRule *> DestinationRules::matching(const std::string &ruleNamespace,
                                                           const std::string &hostname,
                                                           const std::string &viewer, Pool pool) const
{
    std::vector<const MergedRule *> found;
    const auto rules = m_byNamespace.find(ruleNamespace);
    if (rules == m_byNamespace.end())
        return found;
    const auto isInPool = [&](const MergedRule &rule) {
        const bool isPrivate = exportRank(rule.exportTo, ruleNamespace) == 0;
        const bool visible = isVisible(rule.exportTo, ruleNamespace, viewer);
        return pool == Pool::Own ? visible : pool == Pool::Private ? isPrivate && visible : !isPrivate;
    };
    std::vector<std::string> hosts;
    for (const MergedRule &rule : rules->second) {
        if (isInPool(rule))
            hosts.push_back(rule.rule.host);
    }
    // The most specific host is chosen first, and then must be exported to the viewer.
    const auto host = model::mostSpecificMatch(hostname, hosts);
    if (!host)
        return found;
    for (const MergedRule &rule : rules->second) {
        if (rule.rule.host == *host && isInPool(rule) && isVisible(rule.exportTo, ruleNamespace, viewer))
            found.push_back(&rule);
    }
    return found;
}

std::vector<const MergedRule *> DestinationRules::candidates(const std::string &hostname,
                                                             const std::string &serviceNamespace,
                                                             const std::string &proxyNamespace) const
{
    // Rules of the root namespace are for everybody: for its own proxies they come last, except private ones.
    std::vector<const MergedRule *> found =
        matching(proxyNamespace, hostname, proxyNamespace,
                 proxyNamespace == m_rootNamespace ? Pool::Private : Pool::Own);
    if (found.empty() && !serviceNamespace.empty())
        found = matching(serviceNamespace, hostname, proxyNamespace, Pool::Exported);
    if (found.empty())
        found = matching(m_rootNamespace, hostname, proxyNamespace, Pool::Exported);
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
        overlay(effective.policy, *candidate.trafficPolicy);
        for (const auto &[number, settings] : candidate.trafficPolicy->portLevel) {
            if (number != port)
                continue;
            effective.policy.connectionPool = settings.connectionPool;
            effective.policy.outlierDetection = settings.outlierDetection;
            effective.policy.loadBalancer = settings.loadBalancer;
            effective.policy.tls = settings.tls;
        }
        effective.fieldPath = "spec.subsets[" + std::to_string(index) + "].trafficPolicy";
    }
    return effective;
}

} // namespace sallyport::compile
