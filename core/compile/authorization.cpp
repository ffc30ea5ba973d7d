// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/authorization.h"

#include "core/compile/authorizer_problem.h"
#include "core/compile/names.h"
#include "core/compile/policy_rules.h"

#include <QJsonArray>
#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

constexpr const char *httpRbac = "envoy.filters.http.rbac";
constexpr const char *networkRbac = "envoy.filters.network.rbac";
constexpr const char *shadowAllowPrefix = "istio_dry_run_allow_";
constexpr const char *shadowDenyPrefix = "istio_dry_run_deny_";
constexpr const char *shadowCustomPrefix = "istio_ext_authz_";
constexpr auto defaultTimeout = std::chrono::seconds(600);

/// `ns[istio-system]-policy[test]-rule[0]`: what an access log names.
std::string policyId(const model::AuthorizationPolicy &policy, std::size_t rule)
{
    return "ns[" + policy.metadata.resourceNamespace + "]-policy[" + policy.metadata.name + "]-rule[" +
           std::to_string(rule) + ']';
}

std::string customPrefix(const std::string &provider)
{
    return "istio-ext-authz-" + provider + '-';
}

dataplane::HttpFilter httpFilter(dataplane::Rbac rbac)
{
    dataplane::HttpFilter filter;
    filter.name = httpRbac;
    filter.config = std::move(rbac);
    return filter;
}

/// `namespace/host` or a host.
std::string serviceOf(const model::ExtensionProvider &provider)
{
    return provider.service.substr(provider.service.find('/') + 1);
}

dataplane::StringMatcher headerPattern(const std::string &pattern)
{
    using Kind = dataplane::StringMatchKind;
    if (!pattern.empty() && pattern.front() == '*')
        return {Kind::Suffix, pattern.substr(1), true};
    if (!pattern.empty() && pattern.back() == '*')
        return {Kind::Prefix, pattern.substr(0, pattern.size() - 1), true};
    return {Kind::Exact, pattern, true};
}

std::vector<dataplane::StringMatcher> headerPatterns(const std::vector<std::string> &patterns)
{
    std::vector<dataplane::StringMatcher> result;
    result.reserve(patterns.size());
    for (const std::string &pattern : patterns)
        result.push_back(headerPattern(pattern));
    return result;
}

/// Only requests are asked about that the shadow rules of the provider's policies marked.
dataplane::MetadataMatcher markedBy(const char *rbacFilter, const std::string &provider)
{
    dataplane::MetadataMatcher metadata;
    metadata.filter = rbacFilter;
    metadata.path = {std::string(shadowCustomPrefix) + "shadow_effective_policy_id"};
    metadata.value.kind = dataplane::ValueMatcher::Kind::String;
    metadata.value.string = {dataplane::StringMatchKind::Prefix, "istio-ext-authz-" + provider, false};
    return metadata;
}

/// What both kinds of authorizers have.
void applyCommon(const model::ExtensionProvider &provider, dataplane::ExtAuthz &filter)
{
    filter.failureModeAllow = provider.failOpen;
    filter.clearRouteCache = provider.clearRouteCache;
    if (!provider.statusOnError.empty())
        filter.statusOnError =
            static_cast<std::uint32_t>(std::strtoul(provider.statusOnError.c_str(), nullptr, 10));
    if (provider.maxRequestBytes) {
        filter.maxRequestBytes = *provider.maxRequestBytes;
        filter.allowPartialMessage = provider.allowPartialMessage;
        filter.packAsBytes = provider.packAsBytes;
    }
    filter.transportApiVersion = "V3";
}

/// The authorizer of connections, which speaks gRPC only. This gateway has none: it stands as Envoy has it.
dataplane::NetworkFilter networkAuthorizer(const model::ExtensionProvider &provider)
{
    constexpr const char *type = "envoy.extensions.filters.network.ext_authz.v3.ExtAuthz";
    const QString host = QString::fromStdString(serviceOf(provider));
    const QJsonObject envoyGrpc{
        {QStringLiteral("cluster_name"),
         QString::fromStdString(names::outbound(provider.port, {}, serviceOf(provider)))},
        {QStringLiteral("authority"), host}};
    const auto timeout =
        std::chrono::duration<double>(provider.timeout.value_or(model::Duration(defaultTimeout))).count();
    const QJsonObject segment{{QStringLiteral("key"), QString::fromLatin1(shadowCustomPrefix) +
                                                          QStringLiteral("shadow_effective_policy_id")}};
    const QJsonObject marked{
        {QStringLiteral("filter"), QString::fromLatin1(networkRbac)},
        {QStringLiteral("path"), QJsonArray{segment}},
        {QStringLiteral("value"),
         QJsonObject{{QStringLiteral("string_match"),
                      QJsonObject{{QStringLiteral("prefix"), QStringLiteral("istio-ext-authz-") +
                                                                 QString::fromStdString(provider.name)}}}}}};
    dataplane::NetworkFilter filter;
    filter.name = "envoy.filters.network.ext_authz";
    filter.config = dataplane::OpaqueConfig{
        type,
        QJsonObject{{QStringLiteral("@type"), QStringLiteral("type.googleapis.com/") + QLatin1String(type)},
                    {QStringLiteral("stat_prefix"), QStringLiteral("tcp.")},
                    {QStringLiteral("failure_mode_allow"), provider.failOpen},
                    {QStringLiteral("transport_api_version"), QStringLiteral("V3")},
                    {QStringLiteral("grpc_service"),
                     QJsonObject{{QStringLiteral("envoy_grpc"), envoyGrpc},
                                 {QStringLiteral("timeout"), QString::number(timeout) + QLatin1Char('s')}}},
                    {QStringLiteral("filter_enabled_metadata"), marked}}};
    return filter;
}

} // namespace

Authorization::Authorization(const ProxyContext &proxy)
    : m_proxy(proxy)
{
    for (const model::AuthorizationPolicy &policy : proxy.mesh.mesh.authorizationPolicies) {
        const std::string &nameSpace = policy.metadata.resourceNamespace;
        const bool inScope =
            nameSpace == proxy.mesh.config().rootNamespace || nameSpace == proxy.instance.nameSpace;
        // Policies with a target attach to waypoints and Gateway API gateways, which a lab has not.
        if (!inScope || !policy.targets.empty() ||
            (policy.selector && !model::selects(*policy.selector, proxy.instance.labels)))
            continue;
        switch (policy.action) {
        case model::AuthorizationPolicy::Action::Custom:
            m_custom.push_back(&policy);
            break;
        case model::AuthorizationPolicy::Action::Audit:
            m_audit.push_back(&policy);
            break;
        case model::AuthorizationPolicy::Action::Deny:
            m_deny.push_back(&policy);
            break;
        case model::AuthorizationPolicy::Action::Allow:
            m_allow.push_back(&policy);
            break;
        }
    }
}

dataplane::RbacRules Authorization::rules(const Policies &policies, dataplane::RbacAction action, bool tcp,
                                          const std::string &idPrefix) const
{
    dataplane::RbacRules result;
    result.action = action;
    for (const model::AuthorizationPolicy *policy : policies) {
        PolicyTargetContext context;
        context.policyNamespace = policy->metadata.resourceNamespace;
        context.trustDomains = m_proxy.mesh.trustDomains();
        context.placement = &m_proxy.mesh.placement;
        context.tcp = tcp;
        context.allow = action == dataplane::RbacAction::Allow;
        if (!policy->rules || policy->rules->empty())
            result.policies.emplace(idPrefix + policyId(*policy, 0), neverMatches());
        for (std::size_t index = 0; policy->rules && index < policy->rules->size(); ++index) {
            if (auto compiled = compileRule((*policy->rules)[index], context))
                result.policies.emplace(idPrefix + policyId(*policy, index), std::move(*compiled));
        }
    }
    return result;
}

std::optional<dataplane::Rbac> Authorization::rbac(const Policies &policies, dataplane::RbacAction action,
                                                   bool tcp) const
{
    Policies enforced;
    Policies dryRun;
    for (const model::AuthorizationPolicy *policy : policies)
        (policy->isDryRun() ? dryRun : enforced).push_back(policy);
    if (enforced.empty() && dryRun.empty())
        return std::nullopt;
    dataplane::Rbac rbac;
    if (!enforced.empty())
        rbac.rules = rules(enforced, action, tcp, {});
    // istiod writes the ALLOW prefix wherever there are no shadow rules.
    rbac.shadowRulesStatPrefix = shadowAllowPrefix;
    if (!dryRun.empty()) {
        rbac.shadowRules = rules(dryRun, action, tcp, {});
        if (action == dataplane::RbacAction::Deny)
            rbac.shadowRulesStatPrefix = shadowDenyPrefix;
    }
    if (tcp)
        rbac.statPrefix = "tcp.";
    return rbac;
}

std::vector<dataplane::HttpFilter> Authorization::httpFilters() const
{
    std::vector<dataplane::HttpFilter> filters;
    const auto add = [&](const Policies &policies, dataplane::RbacAction action) {
        if (auto config = rbac(policies, action, false))
            filters.push_back(httpFilter(std::move(*config)));
    };
    add(m_audit, dataplane::RbacAction::Log);
    add(m_deny, dataplane::RbacAction::Deny);
    add(m_allow, dataplane::RbacAction::Allow);
    return filters;
}

std::vector<dataplane::NetworkFilter> Authorization::networkFilters() const
{
    std::vector<dataplane::NetworkFilter> filters;
    const auto append = [&filters](dataplane::Rbac config) {
        dataplane::NetworkFilter filter;
        filter.name = networkRbac;
        filter.config = std::move(config);
        filters.push_back(std::move(filter));
    };
    const auto add = [&](const Policies &policies, dataplane::RbacAction action) {
        if (auto config = rbac(policies, action, true))
            append(std::move(*config));
    };
    const std::map<std::string, Policies> byProvider = customByProvider();
    for (const auto &[provider, policies] : byProvider) {
        const model::ExtensionProvider *usable = byProvider.size() == 1 ? usableProvider(provider) : nullptr;
        dataplane::Rbac config;
        // Whom only HTTP can be asked about is let pass here; a provider that is of no use denies.
        if (usable && usable->kind == model::ExtensionProvider::Kind::EnvoyExtAuthzHttp)
            continue;
        if (usable) {
            config.shadowRules = rules(policies, dataplane::RbacAction::Deny, true, customPrefix(provider));
            config.shadowRulesStatPrefix = shadowCustomPrefix;
            config.statPrefix = "tcp.";
            append(std::move(config));
            filters.push_back(networkAuthorizer(*usable));
            continue;
        }
        config.rules = badCustomRules(provider, policies, true);
        config.statPrefix = "tcp.";
        append(std::move(config));
    }
    add(m_audit, dataplane::RbacAction::Log);
    add(m_deny, dataplane::RbacAction::Deny);
    add(m_allow, dataplane::RbacAction::Allow);
    return filters;
}

const model::ExtensionProvider *Authorization::authorizer(const std::string &name) const
{
    const auto &providers = m_proxy.mesh.config().extensionProviders;
    const auto found =
        std::find_if(providers.begin(), providers.end(), [&name](const model::ExtensionProvider &p) {
            return p.name == name && isAuthorizer(p);
        });
    return found == providers.end() ? nullptr : &*found;
}

const model::ExtensionProvider *Authorization::usableProvider(const std::string &name) const
{
    const model::ExtensionProvider *found = authorizer(name);
    const bool sound = found && authorizerProblem(*found, m_proxy.mesh.config().extensionProviders).empty();
    return sound && isRegistered(*found) ? found : nullptr;
}

std::optional<dataplane::ExtAuthz>
Authorization::externalAuthorizer(const std::string &name, const model::AuthorizationPolicy &policy) const
{
    const model::ExtensionProvider *found = authorizer(name);
    if (!found) {
        m_proxy.warnings.push_back(
            {"the mesh has no external authorizer named `" + name + '`', policy.place("spec.provider.name"),
             "add it to extensionProviders in the mesh configuration, as envoyExtAuthzHttp"});
        return std::nullopt;
    }
    const std::string problem = authorizerProblem(*found, m_proxy.mesh.config().extensionProviders);
    if (!problem.empty()) {
        m_proxy.warnings.push_back({"the external authorizer `" + name + "` cannot be used: " + problem,
                                    m_proxy.mesh.config().place,
                                    "mend it: until then what CUSTOM policies name is denied"});
        return std::nullopt;
    }
    const std::string host = serviceOf(*found);
    if (!isRegistered(*found)) {
        m_proxy.warnings.push_back(
            {"the mesh has no service, or several in different namespaces, for the external authorizer's " +
                 found->service,
             m_proxy.mesh.config().place, "name one Service or ServiceEntry, as namespace/host"});
        return std::nullopt;
    }
    dataplane::ExtAuthz filter;
    if (found->kind == model::ExtensionProvider::Kind::EnvoyExtAuthzGrpc) {
        m_proxy.warnings.push_back(
            {"the external authorizer `" + name +
                 "` is asked over gRPC, which Envoy can and Sallyport's own "
                 "gateway cannot: it refuses the configuration of " +
                 m_proxy.instance.name,
             policy.place("spec.provider.name"),
             "run the lab with Envoy, or ask an authorizer over HTTP (envoyExtAuthzHttp)"});
        filter.grpcCluster = names::outbound(found->port, {}, host);
        filter.grpcAuthority = host;
        filter.timeout = found->timeout.value_or(defaultTimeout);
        applyCommon(*found, filter);
        filter.enabledMetadata = markedBy(httpRbac, name);
        return filter;
    }
    filter.cluster = names::outbound(found->port, {}, host);
    filter.uri = "http://" + host;
    filter.timeout = found->timeout.value_or(defaultTimeout);
    filter.pathPrefix = found->pathPrefix;
    filter.allowedRequestHeaders = headerPatterns(found->includeRequestHeadersInCheck);
    for (const auto &[key, value] : found->includeAdditionalHeadersInCheck) {
        dataplane::HeaderValueOption header;
        header.key = key;
        header.value = value;
        header.action = dataplane::HeaderAppendAction::OverwriteIfExistsOrAdd;
        filter.requestHeadersToAdd.push_back(std::move(header));
    }
    filter.allowedUpstreamHeaders = headerPatterns(found->headersToUpstreamOnAllow);
    filter.allowedClientHeaders = headerPatterns(found->headersToDownstreamOnDeny);
    filter.allowedClientHeadersOnSuccess = headerPatterns(found->headersToDownstreamOnAllow);
    applyCommon(*found, filter);
    filter.enabledMetadata = markedBy(httpRbac, name);
    return filter;
}

bool Authorization::isRegistered(const model::ExtensionProvider &provider) const
{
    const std::size_t slash = provider.service.find('/');
    std::set<std::string> namespaces;
    for (const Service &service : m_proxy.mesh.services) {
        if (service.hostname == serviceOf(provider))
            namespaces.insert(service.nameSpace);
    }
    return slash == std::string::npos ? namespaces.size() == 1
                                      : namespaces.count(provider.service.substr(0, slash)) != 0;
}

std::map<std::string, Authorization::Policies> Authorization::customByProvider() const
{
    std::map<std::string, Policies> byProvider;
    for (const model::AuthorizationPolicy *policy : m_custom)
        byProvider[policy->providerName].push_back(policy);
    return byProvider;
}

dataplane::RbacRules Authorization::badCustomRules(const std::string &provider, const Policies &policies,
                                                   bool tcp) const
{
    dataplane::RbacRules denied;
    denied.action = dataplane::RbacAction::Deny;
    for (auto &[id, policy] :
         rules(policies, dataplane::RbacAction::Deny, tcp, customPrefix(provider)).policies)
        denied.policies.emplace(id + "-deny-due-to-bad-CUSTOM-action", std::move(policy));
    return denied;
}

std::vector<dataplane::HttpFilter> Authorization::customHttpFilters() const
{
    const std::map<std::string, Policies> byProvider = customByProvider();
    std::vector<dataplane::HttpFilter> filters;
    for (const auto &[provider, policies] : byProvider) {
        // One workload has one provider: istiod allows several only behind a switch that is off.
        std::optional<dataplane::ExtAuthz> authorizer;
        if (byProvider.size() == 1)
            authorizer = externalAuthorizer(provider, *policies.front());
        else
            m_proxy.warnings.push_back({"policies of several external authorizers meet at " +
                                            m_proxy.instance.name + ": what they name is denied",
                                        policies.front()->place("spec.provider.name"),
                                        "let one workload have one provider"});
        dataplane::Rbac rbac;
        if (!authorizer) {
            // As istiod does for a provider that it cannot use: what the policies name is denied.
            rbac.rules = badCustomRules(provider, policies, false);
            filters.push_back(httpFilter(std::move(rbac)));
            continue;
        }
        rbac.shadowRules = rules(policies, dataplane::RbacAction::Deny, false, customPrefix(provider));
        rbac.shadowRulesStatPrefix = shadowCustomPrefix;
        filters.push_back(httpFilter(std::move(rbac)));
        dataplane::HttpFilter filter;
        filter.name = "envoy.filters.http.ext_authz";
        filter.config = std::move(*authorizer);
        filters.push_back(std::move(filter));
    }
    return filters;
}

} // namespace sallyport::compile
