// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::model {

namespace {

using Action = AuthorizationPolicy::Action;
using Values = AuthorizationPolicy::Values;

void validateNoEmptyText(const Values &values, const std::string &path, const std::string &notPath,
                         Findings &findings)
{
    const auto check = [&](const std::vector<std::string> &list, const std::string &at) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (list[i].empty())
                findings.error(Rule::Value, item(at, i), "an entry of the list is empty", "take it out");
        }
    };
    check(values.values, path);
    check(values.notValues, notPath);
}

/// Applies `problem`, which says what is wrong with one value, to both lists.
template<typename Problem>
void validateEach(const Values &values, const std::string &path, const std::string &notPath,
                  const Problem &problem, Findings &findings)
{
    const auto check = [&](const std::vector<std::string> &list, const std::string &at) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (const std::string text = list[i].empty() ? std::string() : problem(list[i]); !text.empty())
                findings.error(Rule::Value, item(at, i), text);
        }
    };
    check(values.values, path);
    check(values.notValues, notPath);
}

std::string addressProblem(const std::string &value)
{
    return isIpOrCidr(value) ? std::string() : "\"" + value + "\" is no IP address or range";
}

std::string portProblem(const std::string &value)
{
    constexpr std::uint32_t last = 65535;
    std::uint32_t port = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
    const bool number = error == std::errc() && end == value.data() + value.size() && port <= last;
    return number ? std::string() : "\"" + value + "\" is no port number; ranges and wildcards are not taken";
}

std::string serviceAccountProblem(const std::string &value)
{
    constexpr std::size_t longest = 320;
    const auto slashes = std::count(value.begin(), value.end(), '/');
    if (value.size() > longest || slashes > 1 || value.find('*') != std::string::npos ||
        value.front() == '/' || value.back() == '/')
        return "\"" + value + "\" is no service account: write name or namespace/name, without wildcards";
    return {};
}

std::string trustDomainProblem(const std::string &value)
{
    return isTrustDomainPattern(value)
               ? std::string()
               : "\"" + value + "\" is no trust domain; one * may stand at its beginning or end";
}

std::string pathProblem(const std::string &value)
{
    return isPathTemplate(value) ? pathTemplateProblem(value) : std::string();
}

struct Named
{
    const char *field;
    const char *notField;
    const Values &values;
};

void validateSource(const AuthorizationPolicy &policy, const AuthorizationPolicy::Source &source,
                    const std::string &path, Findings &findings)
{
    const std::array<Named, 7> lists{{{"principals", "notPrincipals", source.principals},
                                      {"requestPrincipals", "notRequestPrincipals", source.requestPrincipals},
                                      {"namespaces", "notNamespaces", source.namespaces},
                                      {"serviceAccounts", "notServiceAccounts", source.serviceAccounts},
                                      {"trustDomains", "notTrustDomains", source.trustDomains},
                                      {"ipBlocks", "notIpBlocks", source.ipBlocks},
                                      {"remoteIpBlocks", "notRemoteIpBlocks", source.remoteIpBlocks}}};
    const bool empty =
        std::all_of(lists.begin(), lists.end(), [](const Named &list) { return list.values.isEmpty(); });
    if (empty) {
        findings.error(Rule::Missing, path, "the source is empty", "say who, or take it out");
        return;
    }
    for (const Named &list : lists) {
        const std::string at = path + '.' + list.field;
        const std::string notAt = path + '.' + list.notField;
        validateNoEmptyText(list.values, at, notAt, findings);
        const bool addresses = &list.values == &source.ipBlocks || &list.values == &source.remoteIpBlocks;
        if (addresses)
            validateEach(list.values, at, notAt, addressProblem, findings);
        else if (policy.action == Action::Custom && !list.values.isEmpty())
            findings.error(Rule::Exclusive, list.values.values.empty() ? notAt : at,
                           std::string("CUSTOM cannot be decided by ") + list.field,
                           "the provider decides; add an ALLOW or DENY policy for identities");
    }
    validateEach(source.serviceAccounts, path + ".serviceAccounts", path + ".notServiceAccounts",
                 serviceAccountProblem, findings);
    validateEach(source.trustDomains, path + ".trustDomains", path + ".notTrustDomains", trustDomainProblem,
                 findings);
    constexpr std::size_t mostAccounts = 16;
    if (source.serviceAccounts.values.size() > mostAccounts ||
        source.serviceAccounts.notValues.size() > mostAccounts)
        findings.error(Rule::Value, path + ".serviceAccounts", "16 service accounts at most can be listed");
    if (!source.serviceAccounts.isEmpty() && (!source.principals.isEmpty() || !source.namespaces.isEmpty()))
        findings.error(Rule::Exclusive, path + ".serviceAccounts",
                       "serviceAccounts cannot be used together with principals or namespaces",
                       "a service account already has a namespace");
}

void validateOperation(const AuthorizationPolicy::Operation &operation, const std::string &path,
                       Findings &findings)
{
    const std::array<Named, 4> lists{{{"hosts", "notHosts", operation.hosts},
                                      {"ports", "notPorts", operation.ports},
                                      {"methods", "notMethods", operation.methods},
                                      {"paths", "notPaths", operation.paths}}};
    const bool empty =
        std::all_of(lists.begin(), lists.end(), [](const Named &list) { return list.values.isEmpty(); });
    if (empty) {
        findings.error(Rule::Missing, path, "the operation is empty", "say what, or take it out");
        return;
    }
    for (const Named &list : lists)
        validateNoEmptyText(list.values, path + '.' + list.field, path + '.' + list.notField, findings);
    validateEach(operation.ports, path + ".ports", path + ".notPorts", portProblem, findings);
    validateEach(operation.paths, path + ".paths", path + ".notPaths", pathProblem, findings);
}

bool isConditionKey(std::string_view key)
{
    static constexpr std::array<std::string_view, 12> plain{"source.ip",
                                                            "remote.ip",
                                                            "source.namespace",
                                                            "source.serviceAccount",
                                                            "source.principal",
                                                            "source.trustDomain",
                                                            "request.auth.principal",
                                                            "request.auth.audiences",
                                                            "request.auth.presenter",
                                                            "destination.ip",
                                                            "destination.port",
                                                            "connection.sni"};
    if (std::find(plain.begin(), plain.end(), key) != plain.end())
        return true;
    const auto bracketed = [key](std::string_view prefix) {
        return key.starts_with(prefix) && key.ends_with(']') && key.size() > prefix.size() + 1;
    };
    if (bracketed("request.headers[") || bracketed("request.auth.claims["))
        return true;
    constexpr std::string_view filters = "experimental.envoy.filters.";
    return key.starts_with(filters) && key.size() > filters.size();
}

void validateCondition(const AuthorizationPolicy &policy, const AuthorizationPolicy::Condition &condition,
                       const std::string &path, Findings &findings)
{
    const std::string &key = condition.key;
    if (key.empty()) {
        findings.error(Rule::Missing, path + ".key", "a condition needs a key");
        return;
    }
    if (!isConditionKey(key))
        findings.error(Rule::Value, path + ".key", "\"" + key + "\" is no key of a condition",
                       "such as request.headers[x-name], source.ip, destination.port or connection.sni");
    if (condition.values.isEmpty())
        findings.error(Rule::Missing, path, "a condition needs values or notValues");
    validateNoEmptyText(condition.values, path + ".values", path + ".notValues", findings);
    if (key == "source.ip" || key == "remote.ip" || key == "destination.ip")
        validateEach(condition.values, path + ".values", path + ".notValues", addressProblem, findings);
    else if (key == "destination.port")
        validateEach(condition.values, path + ".values", path + ".notValues", portProblem, findings);
    else if (key == "source.serviceAccount")
        validateEach(condition.values, path + ".values", path + ".notValues", serviceAccountProblem,
                     findings);
    else if (key == "source.trustDomain")
        validateEach(condition.values, path + ".values", path + ".notValues", trustDomainProblem, findings);
    const bool identity = key == "source.namespace" || key == "source.serviceAccount" ||
                          key == "source.principal" || key == "source.trustDomain" ||
                          key.starts_with("request.auth.");
    if (policy.action == Action::Custom && identity)
        findings.error(Rule::Exclusive, path + ".key", "CUSTOM cannot be decided by " + key,
                       "the provider decides; add an ALLOW or DENY policy for identities");
}

/// Whether the source says anything that a TCP connection can be judged by.
/// Istio does not count trust domains among them (pkg/config/validation/validation.go).
bool judgesConnections(const AuthorizationPolicy::Source &source)
{
    return !source.principals.isEmpty() || !source.namespaces.isEmpty() ||
           !source.serviceAccounts.isEmpty() || !source.ipBlocks.isEmpty() ||
           !source.remoteIpBlocks.isEmpty();
}

/// On a TCP chain, DENY drops the conditions that only HTTP has: the rest of the rule matches more than was
/// meant. Istio is content when one operation of the rule names ports.
bool widensOnTcp(const AuthorizationPolicy::Rule &rule)
{
    if (!rule.to.empty())
        return std::all_of(rule.to.begin(), rule.to.end(),
                           [](const auto &operation) { return operation.ports.isEmpty(); });
    return !rule.from.empty() && std::none_of(rule.from.begin(), rule.from.end(), judgesConnections);
}

void validateRule(const AuthorizationPolicy &policy, std::size_t index, Findings &findings)
{
    const AuthorizationPolicy::Rule &rule = (*policy.rules)[index];
    const std::string path = item("spec.rules", index);
    constexpr std::size_t most = 512;
    validateCount(rule.from.size(), most, path + ".from", findings);
    if (rule.hasFrom && rule.from.empty())
        findings.error(Rule::Missing, path + ".from", "\"from\" is empty", "take it out");
    for (std::size_t i = 0; i < rule.from.size(); ++i) {
        const std::string at = item(path + ".from", i);
        if (!findings.given(at + ".source"))
            findings.error(Rule::Missing, at, "\"from\" needs a source");
        else
            validateSource(policy, rule.from[i], at + ".source", findings);
    }
    if (rule.hasTo && rule.to.empty())
        findings.error(Rule::Missing, path + ".to", "\"to\" is empty", "take it out");
    for (std::size_t i = 0; i < rule.to.size(); ++i) {
        const std::string at = item(path + ".to", i);
        if (!findings.given(at + ".operation"))
            findings.error(Rule::Missing, at, "\"to\" needs an operation");
        else
            validateOperation(rule.to[i], at + ".operation", findings);
    }
    for (std::size_t i = 0; i < rule.when.size(); ++i)
        validateCondition(policy, rule.when[i], item(path + ".when", i), findings);
    if (policy.action == Action::Deny && widensOnTcp(rule))
        findings.warning(
            path,
            "on TCP ports the HTTP conditions of this DENY rule are dropped: it will deny all traffic "
            "to TCP ports that its other conditions match",
            "name the ports in to.operation.ports, if the workload has TCP ports");
}

void validateDryRun(const AuthorizationPolicy &policy, Findings &findings)
{
    const auto found = policy.metadata.annotations.find("istio.io/dry-run");
    if (found == policy.metadata.annotations.end())
        return;
    static constexpr std::array<std::string_view, 12> words{"1", "t", "T", "TRUE",  "true",  "True",
                                                            "0", "f", "F", "FALSE", "false", "False"};
    const std::string path = "metadata.annotations[\"istio.io/dry-run\"]";
    if (std::find(words.begin(), words.end(), found->second) == words.end())
        findings.error(Rule::Value, path, "istio.io/dry-run is true or false");
    if (policy.action != Action::Allow && policy.action != Action::Deny)
        findings.error(Rule::Exclusive, path, "only ALLOW and DENY policies can run dry");
}

} // namespace

void validate(const AuthorizationPolicy &policy, Findings &findings)
{
    validateSelector(policy.selector, "spec.selector", findings);
    validateTargets(policy.targets, policy.selector.has_value(), findings);
    validateDryRun(policy, findings);
    if (!policy.rules && policy.action == Action::Deny)
        findings.error(Rule::Missing, "spec.rules", "a DENY policy needs rules",
                       "rules: [{}] denies everything");
    if (policy.action == Action::Custom) {
        if (!policy.rules)
            findings.error(Rule::Missing, "spec.rules", "a CUSTOM policy needs rules");
        if (policy.providerName.empty())
            findings.error(Rule::Missing, "spec.provider.name",
                           "a CUSTOM policy needs the name of a provider");
    } else if (findings.given("spec.provider")) {
        findings.error(Rule::Exclusive, "spec.provider", "only CUSTOM policies have a provider",
                       "take it out");
    }
    constexpr std::size_t mostRules = 512;
    validateCount(policy.rules ? policy.rules->size() : 0, mostRules, "spec.rules", findings);
    for (std::size_t i = 0; policy.rules && i < policy.rules->size(); ++i)
        validateRule(policy, i, findings);
}

} // namespace sallyport::model
