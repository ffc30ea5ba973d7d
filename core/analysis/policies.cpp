// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/policies.h"

#include "core/analysis/check.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

bool holdsFor(const MeshFacts &facts, const Policy &policy, const compile::Instance &pod)
{
    const std::string &nameSpace = policy.metadata.resourceNamespace;
    return (nameSpace == pod.nameSpace || nameSpace == facts.config().rootNamespace) &&
           policy.targets.empty() && (!policy.selector || model::selects(*policy.selector, pod.labels));
}

} // namespace

std::vector<const compile::Instance *> protectedBy(const MeshFacts &facts, const Policy &policy)
{
    std::vector<const compile::Instance *> pods;
    for (const compile::Instance &pod : facts.context.instances) {
        if (holdsFor(facts, policy, pod))
            pods.push_back(&pod);
    }
    return pods;
}

std::vector<const ProxyFacts *> gatewaysUnder(const MeshFacts &facts, const Policy &policy)
{
    std::vector<const ProxyFacts *> gateways;
    for (const ProxyFacts &proxy : facts.proxies) {
        if (proxy.isGateway() && holdsFor(facts, policy, *proxy.instance))
            gateways.push_back(&proxy);
    }
    return gateways;
}

bool asksIdentity(const Policy::Rule &rule)
{
    const bool sources = std::any_of(rule.from.begin(), rule.from.end(), [](const Policy::Source &source) {
        return !source.principals.isEmpty() || !source.namespaces.isEmpty() ||
               !source.serviceAccounts.isEmpty() || !source.trustDomains.isEmpty();
    });
    return sources || std::any_of(rule.when.begin(), rule.when.end(), [](const Policy::Condition &when) {
               return when.key == "source.principal" || when.key == "source.namespace" ||
                      when.key == "source.serviceAccount" || when.key == "source.trustDomain";
           });
}

bool asksHttp(const Policy::Operation &operation)
{
    return !operation.hosts.isEmpty() || !operation.methods.isEmpty() || !operation.paths.isEmpty();
}

bool asksHttp(const Policy::Source &source)
{
    return !source.requestPrincipals.isEmpty();
}

std::string operationPath(std::size_t rule, std::size_t operation)
{
    return item(item("spec.rules", rule) + ".to", operation) + ".operation";
}

std::string sourcePath(std::size_t rule, std::size_t source)
{
    return item(item("spec.rules", rule) + ".from", source) + ".source";
}

bool passesBytes(const compile::GatewayServer &server)
{
    return !server.speaksHttp();
}

} // namespace sallyport::analysis
