// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/names.h"
#include "core/analysis/policies.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;

void protectsNothing(const MeshFacts &facts, Report &report)
{
    if (!facts.hasWorkloads())
        return;
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (!policy.targets.empty() || !protectedBy(facts, policy).empty())
            continue;
        const bool root = policy.metadata.resourceNamespace == facts.config().rootNamespace;
        const bool selects = policy.selector && !policy.selector->empty();
        report.add(policy, selects ? "spec.selector" : "metadata.namespace",
                   "the policy protects nothing: no workload" +
                       (root ? std::string() : " of " + policy.metadata.resourceNamespace) +
                       (selects ? " carries the labels " + textOf(*policy.selector) : std::string()),
                   "a policy holds where its workload runs: put it into the namespace of the gateway's pods");
    }
}

/// Policies act on who receives a request: one on a client's namespace says nothing of what it sends.
void onTheSendingSide(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (protectedBy(facts, policy).empty() || !gatewaysUnder(facts, policy).empty())
            continue;
        eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
            for (const std::string &host : operation.hosts.values) {
                const auto services = facts.servicesNamed(host);
                if (!services.empty() && services.front()->external)
                    report.add(
                        policy, operationPath(r, t) + ".hosts",
                        "policies act on who receives a request, and these workloads receive none for " +
                            host + ": what they send is decided at the egress gateway",
                        "select the egress gateway instead");
            }
        });
    }
}

/// Gateways that get requests of the mesh without knowing whose they are.
bool knowsNobody(const ProxyFacts &proxy)
{
    bool any = false;
    for (const compile::GatewayPort &port : proxy.ports) {
        for (const compile::GatewayServer &server : port.servers) {
            any = true;
            const auto mode = server.server->tls ? server.server->tls->mode : model::ServerTls::Mode::Simple;
            if (server.terminatesTls() &&
                (mode == model::ServerTls::Mode::IstioMutual || mode == model::ServerTls::Mode::Mutual ||
                 mode == model::ServerTls::Mode::OptionalMutual))
                return false;
        }
    }
    return any;
}

void identityUnknown(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        for (const ProxyFacts *gateway : gatewaysUnder(facts, policy)) {
            if (!knowsNobody(*gateway))
                continue;
            for (std::size_t r = 0; policy.rules && r < policy.rules->size(); ++r) {
                if (asksIdentity((*policy.rules)[r]))
                    report.add(
                        policy, item("spec.rules", r),
                        gateway->instance->name +
                            " does not know who its clients are: no server of it ends mutual TLS. This " +
                            (policy.action == Policy::Action::Deny ? "DENY never matches"
                                                                   : "rule never matches"),
                        "use ISTIO_MUTUAL in the Gateway's server, and a DestinationRule that says so to "
                        "the sidecars");
            }
        }
    }
}

void forTheWholeMesh(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (policy.metadata.resourceNamespace == facts.config().rootNamespace && policy.targets.empty() &&
            (!policy.selector || policy.selector->empty()))
            report.add(policy, "spec", "the policy holds for every workload of the mesh",
                       "add a selector if it is meant for one");
    }
}

const compile::GatewayServer *byteServer(const ProxyFacts &gateway)
{
    for (const compile::GatewayPort &port : gateway.ports) {
        for (const compile::GatewayServer &server : port.servers) {
            if (passesBytes(server))
                return &server;
        }
    }
    return nullptr;
}

/// What a TCP chain cannot ask is left out of a DENY, which then matches more.
void deniesBytes(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (policy.action != Policy::Action::Deny)
            continue;
        for (const ProxyFacts *gateway : gatewaysUnder(facts, policy)) {
            const compile::GatewayServer *server = byteServer(*gateway);
            if (server == nullptr)
                continue;
            eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
                if (operation.ports.isEmpty() && asksHttp(operation))
                    report.add(policy, operationPath(r, t),
                               "the rule also blocks what is passed through port " +
                                   std::to_string(server->server->portNumber) + " of " +
                                   gateway->instance->name + ": hosts, methods and paths are not known there",
                               "add the `ports` of the HTTP servers");
            });
        }
    }
}

void allowsNoBytes(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (policy.action != Policy::Action::Allow || !policy.rules)
            continue;
        for (const ProxyFacts *gateway : gatewaysUnder(facts, policy)) {
            const compile::GatewayServer *server = byteServer(*gateway);
            const bool allHttp =
                !policy.rules->empty() &&
                std::all_of(policy.rules->begin(), policy.rules->end(), [](const Policy::Rule &rule) {
                    return std::any_of(rule.to.begin(), rule.to.end(),
                                       [](const auto &operation) { return asksHttp(operation); }) ||
                           std::any_of(rule.from.begin(), rule.from.end(),
                                       [](const auto &source) { return asksHttp(source); });
                });
            if (server != nullptr && allHttp)
                report.add(policy, "spec.rules",
                           "what is passed through port " + std::to_string(server->server->portNumber) +
                               " of " + gateway->instance->name +
                               " is forbidden: rules about hosts, methods and paths allow nothing there",
                           "add a rule with `ports`, or with `connection.sni`");
        }
    }
}

/// Hosts that reach a gateway, and none of an ALLOW policy's.
void forbidsOthers(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &gateway : facts.proxies) {
        if (!facts.isEgress(gateway))
            continue;
        std::vector<const Policy *> allowing;
        for (const Policy &policy : facts.mesh.authorizationPolicies) {
            const auto gateways = gatewaysUnder(facts, policy);
            if (policy.action == Policy::Action::Allow && !policy.isDryRun() && policy.rules &&
                std::find(gateways.begin(), gateways.end(), &gateway) != gateways.end())
                allowing.push_back(&policy);
        }
        std::vector<std::string> patterns;
        bool anyHost = allowing.empty();
        for (const Policy *policy : allowing) {
            for (const Policy::Rule &rule : *policy->rules) {
                anyHost = anyHost || rule.to.empty();
                for (const Policy::Operation &operation : rule.to) {
                    anyHost = anyHost || operation.hosts.values.empty();
                    patterns.insert(patterns.end(), operation.hosts.values.begin(),
                                    operation.hosts.values.end());
                }
            }
        }
        std::vector<std::string> forbidden;
        for (const auto &[chain, manager] : gateway.managers()) {
            for (const dataplane::VirtualHost &host : manager->routes.virtualHosts) {
                for (const std::string &domain : host.domains) {
                    const bool listed =
                        std::any_of(patterns.begin(), patterns.end(),
                                    [&](const auto &pattern) { return matchesPattern(pattern, domain); });
                    if (!anyHost && !listed && domain != "*")
                        forbidden.push_back(domain);
                }
            }
        }
        if (!forbidden.empty() && !allowing.empty())
            report.add(*allowing.front(), "spec.rules",
                       "with this ALLOW policy " + listed(forbidden) + " is forbidden at " +
                           gateway.instance->name + ", which routes it",
                       "add a rule for it, if it should be allowed");
    }
}

void uncovered(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &gateway : facts.proxies) {
        const bool covered =
            std::any_of(facts.mesh.authorizationPolicies.begin(), facts.mesh.authorizationPolicies.end(),
                        [&](const Policy &policy) {
                            const auto gateways = gatewaysUnder(facts, policy);
                            return std::find(gateways.begin(), gateways.end(), &gateway) != gateways.end();
                        });
        if (covered || !facts.isEgress(gateway) || gateway.ports.empty())
            continue;
        report.add(*gateway.ports.front().servers.front().gateway, "spec",
                   "no AuthorizationPolicy covers " + gateway.instance->name +
                       ": any workload of the mesh may use it");
    }
}

void deniesEverything(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (policy.action == Policy::Action::Allow && (!policy.rules || policy.rules->empty()) &&
            policy.targets.empty())
            report.add(policy, "spec", "an ALLOW policy without rules allows nothing: everything is 403",
                       "add rules, if something should be allowed");
    }
}

void notEnforced(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (!policy.isDryRun())
            continue;
        Finding &finding = report.add(policy, "metadata.annotations", "the policy is not enforced: dry run");
        finding.fixes.push_back(
            removeFix(policy, "metadata.annotations[\"istio.io/dry-run\"]", "Enforce it"));
    }
}

constexpr Check authorizationTable[] = {
    {"EGR0601", Severity::Warning, "A policy that protects nothing", protectsNothing},
    {"EGR0602", Severity::Warning, "A policy on who sends", onTheSendingSide},
    {"EGR0604", Severity::Error, "A policy asks for identities that its gateway does not know",
     identityUnknown},
    {"EGR0605", Severity::Warning, "A policy for the whole mesh", forTheWholeMesh},
    {"EGR0608", Severity::Warning, "A DENY that also blocks passed-through traffic", deniesBytes},
    {"EGR0614", Severity::Warning, "An ALLOW that forbids other hosts", forbidsOthers},
    {"EGR0615", Severity::Information, "A policy in dry run", notEnforced},
    {"EGR0621", Severity::Information, "An egress gateway without a policy", uncovered},
    {"EGR0622", Severity::Warning, "An ALLOW that forbids passed-through traffic", allowsNoBytes},
    {"EGR0623", Severity::Warning, "A policy that allows nothing", deniesEverything},
};

} // namespace

std::span<const Check> authorizationChecks()
{
    return authorizationTable;
}

} // namespace sallyport::analysis
