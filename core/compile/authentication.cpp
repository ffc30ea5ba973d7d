// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/authentication.h"

#include "core/dataplane/key_set.h"

#include <QFile>
#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

/// A public key whose private half was thrown away: Envoy takes no set without a key.
constexpr const char *keyOfNobody =
    R"({"keys":[{"kty":"RSA","e":"AQAB","n":"oeGziKa8D_YA2h_HazMlhgwnYhEeBBz1BAsn2H_iyGzGBPXUOO8pgJNkt7wiezaT)"
    R"(alPL8f5mLXSNgOAY2fyi0y0Rd5Q5q6taPJBOe2itg2WwQXxhJlYQvI3Pv5P-jKsWvDQ2jXt24-9iIRVMOwDKW4lF5jTOG12Qk6pW3SCn)"
    R"(XWr4_faQwO1b08EUoROgsClKO3SCYIC_F4xTilH_utgAkgu9iRX2Fmhh1Lk8nfmJzltk3N8jHPGf-UfuLS7Wj8JiTU745myeQuOsT9NI)"
    R"(_9blRwkB3Ozt1dCC4H1I9tPKd2MrHZGw7LTURhWUeI0nNK-RpetMvrx53GjYJwXJbHBqaw"}]})";

using dataplane::JwtRequirement;

struct SourcedRule
{
    const model::RequestAuthentication *policy;
    const model::RequestAuthentication::JwtRule *rule;
    std::size_t index;
};

std::vector<SourcedRule> rulesFor(const ProxyContext &proxy)
{
    std::vector<const model::RequestAuthentication *> policies;
    for (const model::RequestAuthentication &policy : proxy.mesh.mesh.requestAuthentications) {
        const std::string &nameSpace = policy.metadata.resourceNamespace;
        const bool inScope =
            nameSpace == proxy.mesh.config().rootNamespace || nameSpace == proxy.instance.nameSpace;
        if (inScope && policy.targets.empty() &&
            (!policy.selector || model::selects(*policy.selector, proxy.instance.labels)))
            policies.push_back(&policy);
    }
    // The workload's own namespace before the mesh's, in each the oldest first.
    std::stable_sort(policies.begin(), policies.end(), [&proxy](const auto *a, const auto *b) {
        const bool own = a->metadata.resourceNamespace == proxy.instance.nameSpace;
        if (own != (b->metadata.resourceNamespace == proxy.instance.nameSpace))
            return own;
        return olderThan(*a, *b);
    });
    std::vector<SourcedRule> rules;
    for (const model::RequestAuthentication *policy : policies) {
        for (std::size_t index = 0; index < policy->jwtRules.size(); ++index)
            rules.push_back({policy, &policy->jwtRules[index], index});
    }
    std::stable_sort(rules.begin(), rules.end(), [](const SourcedRule &a, const SourcedRule &b) {
        return a.rule->issuer < b.rule->issuer;
    });
    return rules;
}

/// The key set: inline, or a file of this machine. Others would have to be fetched, and a lab has no
/// internet: like istiod with a server that does not answer, it takes a set that no token fits.
dataplane::DataSource keySet(const ProxyContext &proxy, const SourcedRule &source)
{
    dataplane::DataSource keys;
    keys.inlineString = source.rule->jwks;
    if (!source.rule->jwks.empty())
        return keys;
    const std::string &uri = source.rule->jwksUri;
    const std::string place = "spec.jwtRules[" + std::to_string(source.index) + "].jwksUri";
    if (uri.compare(0, 7, "file://") == 0) {
        QFile file(QString::fromStdString(uri.substr(7)));
        if (file.open(QIODevice::ReadOnly)) {
            keys.inlineString = file.readAll().toStdString();
            const std::string problem = dataplane::keySetProblem(*keys.inlineString);
            if (problem.empty())
                return keys;
            proxy.warnings.push_back({"the key set " + uri + " cannot be used: " + problem,
                                      source.policy->place(place), "no token fits until it can"});
        } else {
            proxy.warnings.push_back(
                {"the key set " + uri + " cannot be read", source.policy->place(place), {}});
        }
    } else {
        proxy.warnings.push_back({"the key set " + uri + " is not fetched in a lab",
                                  source.policy->place(place),
                                  "put the keys into `jwks`, or name a file:// URI"});
    }
    keys.inlineString = keyOfNobody;
    return keys;
}

dataplane::JwtProvider providerOf(const ProxyContext &proxy, const SourcedRule &source)
{
    const model::RequestAuthentication::JwtRule &rule = *source.rule;
    dataplane::JwtProvider provider;
    provider.issuer = rule.issuer;
    provider.audiences = rule.audiences;
    provider.localJwks = keySet(proxy, source);
    provider.forward = rule.forwardOriginalToken;
    for (const auto &header : rule.fromHeaders)
        provider.fromHeaders.push_back({header.name, header.prefix});
    provider.fromParams = rule.fromParams;
    provider.fromCookies = rule.fromCookies;
    provider.forwardPayloadHeader = rule.outputPayloadToHeader;
    provider.payloadInMetadata = "payload";
    for (const auto &claim : rule.outputClaimToHeaders)
        provider.claimToHeaders.push_back({claim.header, claim.claim});
    std::set<std::string> claims{"scope", "permission"};
    claims.insert(rule.spaceDelimitedClaims.begin(), rule.spaceDelimitedClaims.end());
    provider.normalizeSpaceDelimitedClaims.assign(claims.begin(), claims.end());
    // A gateway may route by claims; behind a sidecar there is one route.
    provider.clearRouteCache = proxy.isGateway();
    return provider;
}

JwtRequirement byProvider(const std::string &name)
{
    JwtRequirement requirement;
    requirement.kind = JwtRequirement::Kind::Provider;
    requirement.provider = name;
    return requirement;
}

JwtRequirement allOrAny(JwtRequirement::Kind kind, std::vector<JwtRequirement> requirements)
{
    JwtRequirement requirement;
    requirement.kind = kind;
    requirement.requirements = std::move(requirements);
    return requirement;
}

JwtRequirement mayBeMissing()
{
    JwtRequirement requirement;
    requirement.kind = JwtRequirement::Kind::AllowMissing;
    return requirement;
}

} // namespace

std::optional<Error> refusedKeys(const ProxyContext &proxy)
{
    for (const SourcedRule &source : rulesFor(proxy)) {
        const std::string &keys = source.rule->jwks;
        const std::string problem = keys.empty() ? std::string() : dataplane::keySetProblem(keys);
        if (!problem.empty())
            return Error{problem,
                         source.policy->place("spec.jwtRules[" + std::to_string(source.index) + "].jwks"),
                         {}};
    }
    return std::nullopt;
}

std::optional<dataplane::HttpFilter> jwtFilter(const ProxyContext &proxy)
{
    const std::vector<SourcedRule> rules = rulesFor(proxy);
    if (rules.empty())
        return std::nullopt;
    dataplane::JwtAuthentication filter;
    std::vector<JwtRequirement> all;
    std::vector<JwtRequirement> any;
    for (std::size_t index = 0; index < rules.size(); ++index) {
        const std::string name = "origins-" + std::to_string(index);
        filter.providers.emplace(name, providerOf(proxy, rules[index]));
        all.push_back(allOrAny(JwtRequirement::Kind::Any, {byProvider(name), mayBeMissing()}));
        any.push_back(byProvider(name));
    }
    dataplane::JwtRule rule;
    rule.match.path = "/";
    if (rules.size() == 1) {
        rule.requirement = all.front();
    } else {
        // Providers may share a location: one that takes the token is enough, and each token must be valid.
        any.push_back(allOrAny(JwtRequirement::Kind::All, std::move(all)));
        rule.requirement = allOrAny(JwtRequirement::Kind::Any, std::move(any));
    }
    filter.rules.push_back(std::move(rule));
    filter.bypassCorsPreflight = true;
    dataplane::HttpFilter result;
    result.name = "envoy.filters.http.jwt_authn";
    result.config = std::move(filter);
    return result;
}

} // namespace sallyport::compile
