// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/policy_rules.h"

#include "core/compile/policy_values.h"
#include "core/compile/trust_domains.h"

#include <functional>

namespace sallyport::compile {

namespace {

using dataplane::RbacRule;
using Values = model::AuthorizationPolicy::Values;

/// One field of a rule: how a value becomes matchers (several are alternatives), and whether it needs HTTP.
struct Field
{
    Values values;
    std::function<std::vector<RbacRule>(const std::string &)> compile;
    bool httpOnly = false;
};

RbacRule combined(RbacRule::Kind kind, std::vector<RbacRule> children)
{
    RbacRule rule;
    rule.kind = kind;
    rule.children = std::move(children);
    return rule;
}

std::vector<RbacRule> alternatives(const Field &field, const std::vector<std::string> &values)
{
    std::vector<RbacRule> rules;
    for (const std::string &value : values) {
        for (RbacRule &rule : field.compile(value))
            rules.push_back(std::move(rule));
    }
    return rules;
}

/// All fields of one source or operation; nothing if the whole rule is to be dropped.
std::optional<RbacRule> conjunction(const std::vector<Field> &fields, const PolicyTargetContext &context)
{
    std::vector<RbacRule> all;
    for (const Field &field : fields) {
        if (field.values.isEmpty())
            continue;
        if (field.httpOnly && context.tcp) {
            if (context.allow)
                return std::nullopt;
            continue;
        }
        if (!field.values.values.empty())
            all.push_back(combined(RbacRule::Kind::Or, alternatives(field, field.values.values)));
        if (!field.values.notValues.empty()) {
            RbacRule any = combined(RbacRule::Kind::Or, alternatives(field, field.values.notValues));
            all.push_back(combined(RbacRule::Kind::Not, {std::move(any)}));
        }
    }
    if (all.empty())
        all.emplace_back();
    return combined(RbacRule::Kind::And, std::move(all));
}

class RuleCompiler
{
public:
    explicit RuleCompiler(const PolicyTargetContext &context)
        : m_context(context)
    {
    }

    std::optional<dataplane::RbacPolicy> compile(const model::AuthorizationPolicy::Rule &rule) const
    {
        std::vector<Field> permissionConditions;
        std::vector<Field> principalConditions;
        for (const auto &condition : rule.when) {
            const bool onPermission = condition.key.compare(0, 12, "destination.") == 0 ||
                                      condition.key == "connection.sni" ||
                                      condition.key.compare(0, 13, "experimental.") == 0;
            (onPermission ? permissionConditions : principalConditions).push_back(conditionField(condition));
        }
        dataplane::RbacPolicy policy;
        if (rule.to.empty())
            if (!add(policy.permissions, {}, permissionConditions))
                return std::nullopt;
        for (const auto &operation : rule.to) {
            if (!add(policy.permissions, operationFields(operation), permissionConditions))
                return std::nullopt;
        }
        if (rule.from.empty())
            if (!add(policy.principals, {}, principalConditions))
                return std::nullopt;
        for (const auto &source : rule.from) {
            if (!add(policy.principals, sourceFields(source), principalConditions))
                return std::nullopt;
        }
        return policy;
    }

private:
    bool add(std::vector<RbacRule> &list, std::vector<Field> fields,
             const std::vector<Field> &conditions) const
    {
        fields.insert(fields.end(), conditions.begin(), conditions.end());
        auto rule = conjunction(fields, m_context);
        if (!rule)
            return false;
        list.push_back(std::move(*rule));
        return true;
    }

    static Field single(Values values, std::function<RbacRule(const std::string &)> compile, bool httpOnly)
    {
        return {std::move(values),
                [compile = std::move(compile)](const std::string &value) {
                    return std::vector<RbacRule>{compile(value)};
                },
                httpOnly};
    }

    Field addressField(const Values &values, RbacRule::Kind kind) const
    {
        return {values,
                [this, kind](const std::string &value) {
                    std::vector<RbacRule> rules;
                    for (const auto &[address, length] : m_context.placement->localRanges(value)) {
                        RbacRule rule;
                        rule.kind = kind;
                        rule.cidr = {address, length};
                        rules.push_back(std::move(rule));
                    }
                    return rules;
                },
                false};
    }

    Field portField(const Values &values) const
    {
        return single(
            values,
            [this](const std::string &value) {
                RbacRule rule;
                rule.kind = RbacRule::Kind::DestinationPort;
                rule.port = m_context.placement->localPort(static_cast<std::uint32_t>(std::stoul(value)));
                return rule;
            },
            false);
    }

    Values migrated(const Values &values) const
    {
        return {withTrustDomainAliases(values.values, m_context.trustDomains),
                withTrustDomainAliases(values.notValues, m_context.trustDomains)};
    }

    Values expanded(const Values &values) const
    {
        return {expandedTrustDomains(values.values, m_context.trustDomains),
                expandedTrustDomains(values.notValues, m_context.trustDomains)};
    }

    Field serviceAccountField(const Values &values) const
    {
        return single(
            values,
            [this](const std::string &value) { return serviceAccountRule(value, m_context.policyNamespace); },
            false);
    }

    std::vector<Field> sourceFields(const model::AuthorizationPolicy::Source &source) const
    {
        return {single(migrated(source.principals), principalRule, false),
                single(source.requestPrincipals, requestPrincipalRule, true),
                serviceAccountField(source.serviceAccounts),
                single(source.namespaces, namespaceRule, false),
                single(expanded(source.trustDomains), trustDomainRule, false),
                addressField(source.remoteIpBlocks, RbacRule::Kind::RemoteIp),
                addressField(source.ipBlocks, RbacRule::Kind::DirectRemoteIp)};
    }

    std::vector<Field> operationFields(const model::AuthorizationPolicy::Operation &operation) const
    {
        const auto header = [](const char *name, bool ignoreCase) {
            return
                [name, ignoreCase](const std::string &value) { return headerRule(name, value, ignoreCase); };
        };
        return {single(operation.hosts, header(":authority", true), true),
                single(operation.methods, header(":method", false), true),
                single(operation.paths, pathRule, true), portField(operation.ports)};
    }

    Field conditionField(const model::AuthorizationPolicy::Condition &condition) const
    {
        const std::string &key = condition.key;
        const Values &values = condition.values;
        if (key == "destination.ip")
            return addressField(values, RbacRule::Kind::DestinationIp);
        if (key == "destination.port")
            return portField(values);
        if (key == "connection.sni")
            return single(
                values,
                [](const std::string &value) {
                    RbacRule rule;
                    rule.kind = RbacRule::Kind::RequestedServerName;
                    rule.string = valueMatcher(value);
                    rule.hasString = true;
                    return rule;
                },
                false);
        if (key.compare(0, 13, "experimental.") == 0)
            return single(
                values, [key](const std::string &value) { return filterMetadataRule(key, value); }, false);
        if (key == "source.ip")
            return addressField(values, RbacRule::Kind::DirectRemoteIp);
        if (key == "remote.ip")
            return addressField(values, RbacRule::Kind::RemoteIp);
        if (key == "source.namespace")
            return single(values, namespaceRule, false);
        if (key == "source.serviceAccount")
            return serviceAccountField(values);
        if (key == "source.principal")
            return single(migrated(values), principalRule, false);
        if (key == "source.trustDomain")
            return single(expanded(values), trustDomainRule, false);
        if (key == "request.auth.principal")
            return single(values, requestPrincipalRule, true);
        if (key == "request.auth.audiences")
            return claimField(values, {"aud"});
        if (key == "request.auth.presenter")
            return claimField(values, {"azp"});
        if (key.compare(0, 20, "request.auth.claims[") == 0)
            return claimField(values, bracketed(key));
        const std::vector<std::string> names = bracketed(key);
        const std::string name = names.empty() ? std::string() : names.front();
        return single(
            values, [name](const std::string &value) { return headerRule(name, value, false); }, true);
    }

    static Field claimField(const Values &values, std::vector<std::string> path)
    {
        return single(
            values, [path = std::move(path)](const std::string &value) { return claimRule(path, value); },
            true);
    }

    const PolicyTargetContext &m_context;
};

} // namespace

std::optional<dataplane::RbacPolicy> compileRule(const model::AuthorizationPolicy::Rule &rule,
                                                 const PolicyTargetContext &context)
{
    return RuleCompiler(context).compile(rule);
}

dataplane::RbacPolicy neverMatches()
{
    const RbacRule never = combined(RbacRule::Kind::Not, {RbacRule()});
    return {{never}, {never}, {}};
}

} // namespace sallyport::compile
