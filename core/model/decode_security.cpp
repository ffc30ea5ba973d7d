// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decode.h"

#include <charconv>

namespace sallyport::model {

namespace {

void decodeSelector(Fields &spec, std::optional<Labels> &selector)
{
    spec.object("selector", [&](Fields &fields) { fields.labels("matchLabels", selector.emplace()); });
}

void decodeTarget(Fields &fields, PolicyTarget &target)
{
    fields.text("group", target.group);
    fields.text("kind", target.kind);
    fields.text("name", target.name);
    fields.text("namespace", target.targetNamespace);
}

void decodeTargets(Fields &spec, std::vector<PolicyTarget> &targets)
{
    spec.object("targetRef", [&](Fields &fields) { decodeTarget(fields, targets.emplace_back()); });
    spec.objects("targetRefs", [&](Fields &fields) { decodeTarget(fields, targets.emplace_back()); });
}

/// Policies with targets are for proxies of the Gateway API and for waypoints, which a lab does not have.
void reportTargets(Fields &spec, std::size_t count)
{
    if (count == 0)
        return;
    const char *key = spec.present("targetRefs") ? "targetRefs" : "targetRef";
    spec.report("EGR0110", Severity::Information,
                std::string("what is attached by ") + key +
                    " has no effect in a lab, but it has one in a cluster",
                key, "gateways and sidecars of Istio's own API are selected by labels: use a selector");
}

void values(Fields &fields, const char *key, const char *notKey, AuthorizationPolicy::Values &into)
{
    fields.texts(key, into.values);
    fields.texts(notKey, into.notValues);
}

void decodeRule(Fields &fields, AuthorizationPolicy::Rule &rule)
{
    rule.hasFrom = fields.present("from");
    rule.hasTo = fields.present("to");
    fields.objects("from", [&](Fields &from) {
        AuthorizationPolicy::Source &source = rule.from.emplace_back();
        from.object("source", [&](Fields &inner) {
            values(inner, "principals", "notPrincipals", source.principals);
            values(inner, "requestPrincipals", "notRequestPrincipals", source.requestPrincipals);
            values(inner, "namespaces", "notNamespaces", source.namespaces);
            values(inner, "serviceAccounts", "notServiceAccounts", source.serviceAccounts);
            values(inner, "ipBlocks", "notIpBlocks", source.ipBlocks);
            values(inner, "remoteIpBlocks", "notRemoteIpBlocks", source.remoteIpBlocks);
            values(inner, "trustDomains", "notTrustDomains", source.trustDomains);
        });
    });
    fields.objects("to", [&](Fields &to) {
        AuthorizationPolicy::Operation &operation = rule.to.emplace_back();
        to.object("operation", [&](Fields &inner) {
            values(inner, "hosts", "notHosts", operation.hosts);
            values(inner, "ports", "notPorts", operation.ports);
            values(inner, "methods", "notMethods", operation.methods);
            values(inner, "paths", "notPaths", operation.paths);
        });
    });
    fields.objects("when", [&](Fields &when) {
        AuthorizationPolicy::Condition &condition = rule.when.emplace_back();
        when.text("key", condition.key);
        values(when, "values", "notValues", condition.values);
    });
}

void decodeMode(Fields &fields, PeerAuthentication::Mode &mode)
{
    fields.word("mode", mode, {"UNSET", "DISABLE", "PERMISSIVE", "STRICT"});
}

} // namespace

void decode(Fields &spec, AuthorizationPolicy &policy)
{
    decodeSelector(spec, policy.selector);
    decodeTargets(spec, policy.targets);
    reportTargets(spec, policy.targets.size());
    spec.word("action", policy.action, {"ALLOW", "DENY", "AUDIT", "CUSTOM"});
    spec.object("provider", [&](Fields &fields) { fields.text("name", policy.providerName); });
    if (spec.present("rules")) {
        policy.rules.emplace();
        spec.objects("rules", [&](Fields &fields) { decodeRule(fields, policy.rules->emplace_back()); });
        // An empty list is the same as none: protobuf cannot tell them apart.
        if (policy.rules->empty())
            policy.rules.reset();
    }
}

void decode(Fields &spec, PeerAuthentication &policy)
{
    decodeSelector(spec, policy.selector);
    spec.object("mtls", [&](Fields &fields) { decodeMode(fields, policy.mode); });
    spec.entries("portLevelMtls", [&](const std::string &port, Fields &fields) {
        std::uint32_t number = 0;
        std::from_chars(port.data(), port.data() + port.size(), number);
        decodeMode(fields, policy.portLevel[number]);
    });
}

void decode(Fields &spec, RequestAuthentication &policy)
{
    decodeSelector(spec, policy.selector);
    decodeTargets(spec, policy.targets);
    reportTargets(spec, policy.targets.size());
    spec.objects("jwtRules", [&](Fields &fields) {
        RequestAuthentication::JwtRule &rule = policy.jwtRules.emplace_back();
        fields.text("issuer", rule.issuer);
        fields.texts("audiences", rule.audiences);
        fields.text("jwksUri", rule.jwksUri);
        fields.text("jwks_uri", rule.jwksUri);
        fields.text("jwks", rule.jwks);
        fields.objects("fromHeaders", [&](Fields &inner) {
            RequestAuthentication::Header &header = rule.fromHeaders.emplace_back();
            inner.text("name", header.name);
            inner.text("prefix", header.prefix);
        });
        fields.texts("fromParams", rule.fromParams);
        fields.texts("fromCookies", rule.fromCookies);
        fields.text("outputPayloadToHeader", rule.outputPayloadToHeader);
        fields.objects("outputClaimToHeaders", [&](Fields &inner) {
            RequestAuthentication::ClaimToHeader &claim = rule.outputClaimToHeaders.emplace_back();
            inner.text("header", claim.header);
            inner.text("claim", claim.claim);
        });
        fields.boolean("forwardOriginalToken", rule.forwardOriginalToken);
        fields.duration("timeout", rule.timeout);
        fields.texts("spaceDelimitedClaims", rule.spaceDelimitedClaims);
    });
}

void decode(Fields &spec, Telemetry &telemetry)
{
    decodeSelector(spec, telemetry.selector);
    std::vector<PolicyTarget> targets;
    decodeTargets(spec, targets);
    for (const PolicyTarget &target : targets)
        telemetry.targetNames.push_back(target.name);
    spec.objects("accessLogging", [&](Fields &fields) {
        Telemetry::AccessLogging &logging = telemetry.accessLogging.emplace_back();
        logging.fieldPath = fields.path();
        fields.objects("providers",
                       [&](Fields &provider) { provider.text("name", logging.providers.emplace_back()); });
        fields.boolean("disabled", logging.disabled);
        fields.object("match", [&](Fields &match) {
            match.word("mode", logging.mode, {"CLIENT_AND_SERVER", "CLIENT", "SERVER"});
        });
        fields.object("filter", [&](Fields &filter) { filter.text("expression", logging.filterExpression); });
    });
    spec.objects("tracing", [&](Fields &fields) {
        Telemetry::Tracing &tracing = telemetry.tracing.emplace_back();
        fields.objects("providers",
                       [&](Fields &provider) { provider.text("name", tracing.providers.emplace_back()); });
        fields.boolean("disableSpanReporting", tracing.disabled);
        fields.real("randomSamplingPercentage", tracing.randomSampling);
        fields.boolean("useRequestIdForTraceSampling", tracing.useRequestIdForTraceSampling);
        fields.boolean("disableContextPropagation", tracing.disableContextPropagation);
        fields.object("match", [&](Fields &match) {
            match.word("mode", tracing.mode, {"CLIENT_AND_SERVER", "CLIENT", "SERVER"});
        });
        fields.withoutEffect({"customTags", "enableIstioTags"});
    });
    spec.withoutEffect({"metrics"});
    reportTargets(spec, telemetry.targetNames.size());
}

} // namespace sallyport::model
