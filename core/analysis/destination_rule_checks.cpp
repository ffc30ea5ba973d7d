// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/names.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;

std::string fullHost(const model::DestinationRule &rule)
{
    return model::resolveShortName(rule.host, rule.metadata.resourceNamespace);
}

bool sharesSubset(const model::DestinationRule &a, const model::DestinationRule &b)
{
    return std::any_of(a.subsets.begin(), a.subsets.end(), [&b](const auto &own) {
        return std::any_of(b.subsets.begin(), b.subsets.end(),
                           [&own](const auto &other) { return own.name == other.name; });
    });
}

void severalForOneHost(const MeshFacts &facts, Report &report)
{
    const std::vector<model::DestinationRule> &rules = facts.mesh.destinationRules;
    for (std::size_t second = 1; second < rules.size(); ++second) {
        for (std::size_t first = 0; first < second; ++first) {
            const model::DestinationRule &a = rules[first];
            const model::DestinationRule &b = rules[second];
            if (a.metadata.resourceNamespace != b.metadata.resourceNamespace || fullHost(a) != fullHost(b) ||
                a.workloadSelector || b.workloadSelector || a.exportTo != b.exportTo)
                continue;
            if (a.trafficPolicy && b.trafficPolicy)
                report.add(b, "spec.trafficPolicy",
                           "the trafficPolicy of " + a.title() + " is used for " + fullHost(b) +
                               ", and this one is ignored",
                           "write both into one DestinationRule");
            else if (sharesSubset(a, b))
                report.add(b, "spec.subsets", a.title() + " has a subset of the same name for " + fullHost(b),
                           "write both into one DestinationRule");
        }
    }
}

bool isUsed(const MeshFacts &facts, const model::DestinationRule &rule,
            const std::vector<const compile::Service *> &services)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        for (const compile::Service *service : services) {
            const compile::MergedRule *found = facts.ruleFor(proxy, *service);
            if (found != nullptr && std::any_of(found->from.begin(), found->from.end(),
                                                [&rule](const model::DestinationRule *from) {
                                                    return from->title() == rule.title();
                                                }))
                return true;
        }
    }
    return false;
}

void neverLookedUp(const MeshFacts &facts, Report &report)
{
    if (facts.proxies.empty())
        return;
    for (const model::DestinationRule &rule : facts.mesh.destinationRules) {
        const std::vector<const compile::Service *> services = facts.servicesNamed(fullHost(rule));
        if (services.empty() || isUsed(facts, rule, services))
            continue;
        report.add(rule, "metadata",
                   "no proxy of this mesh uses the rule: each looks in its own namespace, then in " +
                       services.front()->nameSpace + ", where " + services.front()->hostname +
                       " is defined, then in " + facts.config().rootNamespace,
                   "move it to one of these namespaces, and export it to the proxies that need it");
    }
}

/// What a port-level block leaves out falls back to the defaults, not to the level above.
void notInherited(const MeshFacts &facts, Report &report)
{
    for (const model::DestinationRule &rule : facts.mesh.destinationRules) {
        if (!rule.trafficPolicy)
            continue;
        const model::TrafficPolicy &top = *rule.trafficPolicy;
        for (std::size_t i = 0; i < top.portLevel.size(); ++i) {
            const model::TrafficPolicy &own = top.portLevel[i].policy;
            std::vector<std::string> lost;
            if (top.loadBalancer && !own.loadBalancer)
                lost.emplace_back("loadBalancer");
            if (top.connectionPool && !own.connectionPool)
                lost.emplace_back("connectionPool");
            if (top.outlierDetection && !own.outlierDetection)
                lost.emplace_back("outlierDetection");
            if (top.tls && !own.tls)
                lost.emplace_back("tls");
            if (!lost.empty())
                report.add(rule, item("spec.trafficPolicy.portLevelSettings", i),
                           "port " + std::to_string(top.portLevel[i].port) + " does not inherit " +
                               listed(lost) + ": a port's settings replace those above as a whole",
                           "repeat them here if they should hold for this port");
        }
    }
}

constexpr Check destinationRuleTable[] = {
    {"EGR0221", Severity::Warning, "Two DestinationRules for one host", severalForOneHost},
    {"EGR0223", Severity::Error, "A DestinationRule that no proxy looks up", neverLookedUp},
    {"EGR0419", Severity::Information, "A port's settings do not inherit", notInherited},
};

} // namespace

std::span<const Check> destinationRuleChecks()
{
    return destinationRuleTable;
}

} // namespace sallyport::analysis
