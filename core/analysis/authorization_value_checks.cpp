// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/names.h"
#include "core/analysis/policies.h"
#include "core/dataplane/key_set.h"

#include <algorithm>
#include <array>

namespace sallyport::analysis {

namespace {

using model::Severity;

constexpr const char *spiffe = "spiffe://";

/// `cluster.local/ns/default/sa/sleep` in its parts; empty if it has another form or a star.
struct Principal
{
    std::string trustDomain;
    std::string nameSpace;
    std::string account;
};
std::optional<Principal> parsePrincipal(const std::string &text)
{
    const std::size_t ns = text.find("/ns/");
    const std::size_t sa = text.find("/sa/", ns == std::string::npos ? 0 : ns);
    if (ns == std::string::npos || sa == std::string::npos || text.find('*') != std::string::npos)
        return std::nullopt;
    return Principal{text.substr(0, ns), text.substr(ns + 4, sa - ns - 4), text.substr(sa + 4)};
}

/// Calls `use(value, path)` for every principal that a rule names.
template<typename Use>
void eachPrincipal(const Policy &policy, Use use)
{
    eachSource(policy, [&](std::size_t r, std::size_t f, const Policy::Source &source) {
        for (std::size_t i = 0; i < source.principals.values.size(); ++i)
            use(source.principals.values[i], item(sourcePath(r, f) + ".principals", i));
        for (std::size_t i = 0; i < source.principals.notValues.size(); ++i)
            use(source.principals.notValues[i], item(sourcePath(r, f) + ".notPrincipals", i));
    });
}

void writtenWithScheme(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        eachPrincipal(policy, [&](const std::string &value, const std::string &path) {
            if (!value.starts_with(spiffe))
                return;
            const std::string right = value.substr(std::string(spiffe).size());
            Finding &finding =
                report.add(policy, path,
                           "a principal is written without spiffe://, which Istio adds: this one "
                           "never matches");
            finding.fixes.push_back(setScalarFix(policy, path, right, "Write " + right));
        });
    }
}

bool accountExists(const MeshFacts &facts, const std::string &nameSpace, const std::string &account)
{
    const bool declared = std::any_of(
        facts.mesh.serviceAccounts.begin(), facts.mesh.serviceAccounts.end(), [&](const auto &each) {
            return each.metadata.name == account && each.metadata.resourceNamespace == nameSpace;
        });
    return declared || account == "default" ||
           std::any_of(facts.context.instances.begin(), facts.context.instances.end(), [&](const auto &pod) {
               return pod.nameSpace == nameSpace && pod.serviceAccount == account;
           });
}

void unknownAccount(const MeshFacts &facts, Report &report)
{
    if (!facts.hasWorkloads())
        return;
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        eachPrincipal(policy, [&](const std::string &value, const std::string &path) {
            const auto principal = parsePrincipal(value);
            if (!principal || value.starts_with(spiffe))
                return;
            const bool own = principal->trustDomain == facts.config().trustDomain ||
                             principal->trustDomain == "cluster.local";
            if (own && !accountExists(facts, principal->nameSpace, principal->account))
                report.add(policy, path,
                           "there is no service account " + principal->account + " in " +
                               principal->nameSpace);
        });
    }
}

void otherTrustDomain(const MeshFacts &facts, Report &report)
{
    const std::vector<std::string> &aliases = facts.config().trustDomainAliases;
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        eachPrincipal(policy, [&](const std::string &value, const std::string &path) {
            const auto principal = parsePrincipal(value);
            if (!principal || value.starts_with(spiffe) || principal->trustDomain == "cluster.local" ||
                principal->trustDomain == facts.config().trustDomain ||
                std::find(aliases.begin(), aliases.end(), principal->trustDomain) != aliases.end())
                return;
            const std::string right =
                facts.config().trustDomain + value.substr(principal->trustDomain.size());
            Finding &finding = report.add(policy, path,
                                          "the trust domain " + principal->trustDomain +
                                              " is not this mesh's, " + facts.config().trustDomain);
            finding.fixes.push_back(setScalarFix(policy, path, right, "Write " + right));
        });
    }
}

/// A Host header may carry a port, which a policy compares too.
void hostWithoutPortTwin(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
            for (const auto *list : {&operation.hosts.values, &operation.hosts.notValues}) {
                for (const std::string &host : *list) {
                    const std::string twin = host + ":*";
                    if (host.find_first_of(":*") != std::string::npos ||
                        std::find(list->begin(), list->end(), twin) != list->end())
                        continue;
                    const std::string path =
                        operationPath(r, t) + (list == &operation.hosts.values ? ".hosts" : ".notHosts");
                    Finding &finding = report.add(policy, path,
                                                  "a Host header that carries a port, " + host +
                                                      ":80, is another name for a "
                                                      "policy: " +
                                                      (policy.action == Policy::Action::Deny
                                                           ? "it passes this DENY"
                                                           : "this rule does not match it"));
                    const model::ResourceAddress address = model::ResourceAddress::of(policy);
                    finding.fixes.push_back({"Add " + twin, [address, path, twin](model::ProjectEdit &edit) {
                                                 return edit.appendItem(address, path, '"' + twin + '"');
                                             }});
                }
            }
        });
    }
}

bool isMethodOrPattern(const std::string &text)
{
    static constexpr std::array methods = {"GET",     "HEAD",  "POST",    "PUT",  "DELETE",
                                           "CONNECT", "TRACE", "OPTIONS", "PATCH"};
    return std::any_of(methods.begin(), methods.end(),
                       [&text](const char *method) { return matchesPattern(text, method); });
}

void unknownMethod(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
            for (std::size_t i = 0; i < operation.methods.values.size(); ++i) {
                const std::string &method = operation.methods.values[i];
                if (isMethodOrPattern(method))
                    continue;
                const std::string path = item(operationPath(r, t) + ".methods", i);
                std::string upper = method;
                std::transform(upper.begin(), upper.end(), upper.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
                Finding &finding =
                    report.add(policy, path, "HTTP has no method " + method + ": the rule never matches");
                if (isMethodOrPattern(upper))
                    finding.fixes.push_back(setScalarFix(policy, path, upper, "Write " + upper));
            }
        });
    }
}

void hostNeverArrives(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        const std::vector<const ProxyFacts *> gateways = gatewaysUnder(facts, policy);
        if (gateways.empty() || gateways.size() != protectedBy(facts, policy).size())
            continue;
        std::vector<std::string> routed;
        for (const ProxyFacts *gateway : gateways) {
            for (const auto &[chain, manager] : gateway->managers()) {
                for (const dataplane::VirtualHost &host : manager->routes.virtualHosts)
                    routed.insert(routed.end(), host.domains.begin(), host.domains.end());
            }
        }
        eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
            for (std::size_t i = 0; i < operation.hosts.values.size(); ++i) {
                const std::string &host = operation.hosts.values[i];
                const std::string bare = host.substr(0, host.find(':'));
                const bool arrives =
                    std::any_of(routed.begin(), routed.end(), [&](const std::string &domain) {
                        return domain == "*" || matchesPattern(bare, domain) ||
                               model::hostsOverlap(bare, domain);
                    });
                if (!arrives && !routed.empty() && !bare.empty() && bare != "*")
                    report.add(policy, item(operationPath(r, t) + ".hosts", i),
                               "no route of " + gateways.front()->instance->name + " is for " + bare +
                                   ": the rule never matches");
            }
        });
    }
}

void otherSpellingsPass(const MeshFacts &facts, Report &report)
{
    using Normalization = model::MeshConfig::PathNormalization;
    const Normalization mode = facts.config().pathNormalization;
    if (mode == Normalization::DecodeAndMergeSlashes || mode == Normalization::MergeSlashes)
        return;
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        if (policy.action != Policy::Action::Deny || protectedBy(facts, policy).empty())
            continue;
        eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
            for (std::size_t i = 0; i < operation.paths.values.size(); ++i) {
                const std::string &path = operation.paths.values[i];
                if (path == "*" || path == "/*" || path.starts_with('*') ||
                    path.find('{') != std::string::npos)
                    continue;
                report.add(policy, item(operationPath(r, t) + ".paths", i),
                           path + " can be written as /" + path + " or with %2F, and passes this DENY",
                           "list what is allowed instead, or set pathNormalization to "
                           "DECODE_AND_MERGE_SLASHES in the mesh configuration");
            }
        });
    }
}

void pathTakenLiterally(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
            for (std::size_t i = 0; i < operation.paths.values.size(); ++i) {
                const std::string &path = operation.paths.values[i];
                const std::size_t star = path.find('*');
                std::string why;
                if (path.find('?') != std::string::npos)
                    why = "the query is no part of the path: this never matches";
                else if (path.find('{') == std::string::npos && star != std::string::npos && star > 0 &&
                         star + 1 < path.size())
                    why = "a star in the middle is taken literally";
                else if (path.size() > 1 && path.ends_with('/'))
                    why = "the path without its last slash is another path";
                if (!why.empty())
                    report.add(policy, item(operationPath(r, t) + ".paths", i), path + ": " + why);
            }
        });
    }
}

void portOfTheService(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        for (const ProxyFacts *gateway : gatewaysUnder(facts, policy)) {
            std::map<std::string, std::string> listens; ///< Service port → what the pod listens on
            std::set<std::string> own;
            for (const compile::GatewayPort &port : gateway->ports) {
                own.insert(std::to_string(port.port));
                for (const compile::GatewayServer &server : port.servers) {
                    if (server.server->portNumber != port.port)
                        listens[std::to_string(server.server->portNumber)] = std::to_string(port.port);
                }
            }
            eachOperation(policy, [&](std::size_t r, std::size_t t, const Policy::Operation &operation) {
                for (std::size_t i = 0; i < operation.ports.values.size(); ++i) {
                    const std::string &port = operation.ports.values[i];
                    const auto listened = listens.find(port);
                    if (listened == listens.end() || own.count(port) != 0)
                        continue;
                    const std::string path = item(operationPath(r, t) + ".ports", i);
                    Finding &finding =
                        report.add(policy, path,
                                   gateway->instance->name + " listens on " + listened->second + ", not on " +
                                       port + ", which is its Service's port: the rule never matches");
                    finding.fixes.push_back(
                        setScalarFix(policy, path, listened->second, "Write " + listened->second));
                }
            });
        }
    }
}

void accountWithoutNamespace(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        eachSource(policy, [&](std::size_t r, std::size_t f, const Policy::Source &source) {
            for (std::size_t i = 0; i < source.serviceAccounts.values.size(); ++i) {
                const std::string &account = source.serviceAccounts.values[i];
                if (account.find('/') == std::string::npos)
                    report.add(policy, item(sourcePath(r, f) + ".serviceAccounts", i),
                               account + " means " + policy.metadata.resourceNamespace + '/' + account +
                                   ", of the policy's own namespace",
                               "write it with its namespace");
            }
        });
    }
}

void tokensNobodyVerifies(const MeshFacts &facts, Report &report)
{
    for (const Policy &policy : facts.mesh.authorizationPolicies) {
        const std::vector<const compile::Instance *> pods = protectedBy(facts, policy);
        for (std::size_t r = 0; policy.rules && r < policy.rules->size(); ++r) {
            const Policy::Rule &rule = (*policy.rules)[r];
            const bool asks =
                std::any_of(rule.from.begin(), rule.from.end(),
                            [](const auto &source) { return !source.requestPrincipals.isEmpty(); }) ||
                std::any_of(rule.when.begin(), rule.when.end(),
                            [](const auto &when) { return when.key.starts_with("request.auth."); });
            if (!asks || pods.empty())
                continue;
            const bool verified = std::any_of(
                facts.mesh.requestAuthentications.begin(), facts.mesh.requestAuthentications.end(),
                [&](const auto &authentication) {
                    const std::string &nameSpace = authentication.metadata.resourceNamespace;
                    return std::any_of(pods.begin(), pods.end(), [&](const auto *pod) {
                        return (nameSpace == pod->nameSpace || nameSpace == facts.config().rootNamespace) &&
                               (!authentication.selector ||
                                model::selects(*authentication.selector, pod->labels));
                    });
                });
            if (!verified)
                report.add(policy, item("spec.rules", r),
                           "the rule asks for a token, and no RequestAuthentication of " +
                               pods.front()->name + " verifies any",
                           "add a RequestAuthentication for these workloads");
        }
    }
}

void keysRefused(const MeshFacts &facts, Report &report)
{
    for (const model::RequestAuthentication &policy : facts.mesh.requestAuthentications) {
        for (std::size_t i = 0; i < policy.jwtRules.size(); ++i) {
            const std::string &keys = policy.jwtRules[i].jwks;
            const std::string problem = keys.empty() ? std::string() : dataplane::keySetProblem(keys);
            if (!problem.empty())
                report.add(policy, item("spec.jwtRules", i) + ".jwks",
                           "Envoy refuses these keys (" + problem +
                               "), and with them every HTTP listener of the workloads that the rule holds "
                               "for: nobody reaches them, with or without a token",
                           "write {\"keys\": [...]} with at least one public key, or leave the rule out");
        }
    }
}

constexpr Check authorizationValueTable[] = {
    {"EGR0606", Severity::Warning, "A policy names an unknown service account", unknownAccount},
    {"EGR0607", Severity::Warning, "A policy names another trust domain", otherTrustDomain},
    {"EGR0609", Severity::Warning, "A host of a policy that does not cover its ports", hostWithoutPortTwin},
    {"EGR0610", Severity::Warning, "A method that HTTP does not have", unknownMethod},
    {"EGR0611", Severity::Warning, "A host of a policy that never arrives", hostNeverArrives},
    {"EGR0612", Severity::Warning, "A denied path that has other spellings", otherSpellingsPass},
    {"EGR0613", Severity::Information, "A path that is taken literally", pathTakenLiterally},
    {"EGR0616", Severity::Warning, "A policy names a Service's port", portOfTheService},
    {"EGR0617", Severity::Error, "A principal with spiffe://", writtenWithScheme},
    {"EGR0618", Severity::Warning, "A service account without its namespace", accountWithoutNamespace},
    {"EGR0619", Severity::Error, "A policy asks for tokens that nobody verifies", tokensNobodyVerifies},
    {"EGR0624", Severity::Error, "Keys that Envoy refuses", keysRefused},
};

} // namespace

std::span<const Check> authorizationValueChecks()
{
    return authorizationValueTable;
}

} // namespace sallyport::analysis
