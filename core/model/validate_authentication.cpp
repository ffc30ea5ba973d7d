// SPDX-License-Identifier: GPL-3.0-or-later
// PeerAuthentication and RequestAuthentication; what policies are attached to.
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace sallyport::model {

namespace {

/// What istiod lets pass; Envoy wants more of it (dataplane::keySetProblem).
bool isKeySet(const std::string &text)
{
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(text));
    return document.object().contains(QLatin1String("keys")) ||
           document.object().contains(QLatin1String("kty"));
}

void validateNames(const std::vector<std::string> &names, const std::string &path, const char *empty,
                   Findings &findings)
{
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty())
            findings.error(Rule::Value, item(path, i), empty);
    }
}

/// A file is what a lab reads and a cluster refuses: no error for those who only run it here.
void validateKeyLocation(std::string_view uri, const std::string &path, Findings &findings)
{
    if (uri.empty() || uri.starts_with("http://") || uri.starts_with("https://"))
        return;
    if (uri.starts_with("file:///"))
        findings.warning(path, "a key set in a file is for a lab only: a cluster takes http:// and https://",
                         "put the keys into jwks before the policy is applied to a cluster");
    else
        findings.error(Rule::Value, path, "jwksUri begins with http:// or https://",
                       "in a lab, file:///absolute/path names a key set of this machine");
}

} // namespace

void validateTargets(const std::vector<PolicyTarget> &targets, bool selector, Findings &findings)
{
    const bool single = findings.given("spec.targetRef");
    constexpr std::size_t mostTargets = 16;
    validateCount(targets.size(), mostTargets, "spec.targetRefs", findings);
    if (selector && !targets.empty())
        findings.error(Rule::Exclusive, "spec.selector", "selector and targetRefs cannot be used together",
                       "keep one of them");
    if (single && findings.given("spec.targetRefs"))
        findings.error(Rule::Exclusive, "spec.targetRef", "targetRef and targetRefs cannot be used together",
                       "keep targetRefs");
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const PolicyTarget &target = targets[i];
        const std::string path =
            single && i == 0 ? "spec.targetRef" : item("spec.targetRefs", single ? i - 1 : i);
        if (target.name.empty())
            findings.error(Rule::Missing, path + ".name", "a target needs a name");
        if (!target.targetNamespace.empty() &&
            target.targetNamespace != findings.resource().metadata.resourceNamespace)
            findings.error(Rule::Value, path + ".namespace", "a target lies in the policy's own namespace");
        const bool gatewayApi = target.group == "gateway.networking.k8s.io" &&
                                (target.kind == "Gateway" || target.kind == "GatewayClass");
        const bool service = (target.group.empty() || target.group == "core") && target.kind == "Service";
        const bool entry = target.group == "networking.istio.io" && target.kind == "ServiceEntry";
        if (!gatewayApi && !service && !entry)
            findings.error(Rule::Value, path + ".kind",
                           "a policy cannot be attached to " +
                               (target.kind.empty() ? "nothing" : target.kind),
                           "Service, ServiceEntry, or a Gateway of gateway.networking.k8s.io");
    }
}

void validate(const PeerAuthentication &policy, Findings &findings)
{
    validateSelector(policy.selector, "spec.selector", findings);
    if (findings.given("spec.portLevelMtls")) {
        if (!policy.selector || policy.selector->empty())
            findings.error(Rule::Missing, "spec.selector", "portLevelMtls needs a selector with labels");
        if (policy.portLevel.empty())
            findings.error(Rule::Missing, "spec.portLevelMtls", "portLevelMtls is empty", "take it out");
    }
    for (const auto &[port, mode] : policy.portLevel) {
        if (!isPort(port))
            findings.error(Rule::Value, "spec.portLevelMtls", "a port number is from 1 to 65535");
    }
}

void validate(const RequestAuthentication &policy, Findings &findings)
{
    validateSelector(policy.selector, "spec.selector", findings);
    validateTargets(policy.targets, policy.selector.has_value(), findings);
    constexpr std::size_t mostRules = 4096;
    validateCount(policy.jwtRules.size(), mostRules, "spec.jwtRules", findings);
    for (std::size_t i = 0; i < policy.jwtRules.size(); ++i) {
        const RequestAuthentication::JwtRule &rule = policy.jwtRules[i];
        const std::string path = item("spec.jwtRules", i);
        // A rule with jwksUri may do without one, but not have an empty one.
        if (rule.issuer.empty() && (rule.jwksUri.empty() || findings.given(path + ".issuer")))
            findings.error(Rule::Missing, path + ".issuer", "a JWT rule needs an issuer");
        if (!rule.jwksUri.empty() && !rule.jwks.empty())
            findings.error(Rule::Exclusive, path + ".jwks", "jwks and jwksUri cannot be used together",
                           "keep one of them");
        if (!rule.jwks.empty() && !isKeySet(rule.jwks))
            findings.error(Rule::Value, path + ".jwks", "jwks is no JSON Web Key Set",
                           "write {\"keys\": [...]}");
        validateKeyLocation(rule.jwksUri, path + ".jwksUri", findings);
        constexpr std::size_t mostClaims = 64;
        validateCount(rule.spaceDelimitedClaims.size(), mostClaims, path + ".spaceDelimitedClaims", findings);
        validateNames(rule.fromParams, path + ".fromParams", "a query parameter needs a name", findings);
        validateNames(rule.fromCookies, path + ".fromCookies", "a cookie needs a name", findings);
        validateNames(rule.audiences, path + ".audiences", "an audience is empty", findings);
        for (std::size_t k = 0; k < rule.fromHeaders.size(); ++k) {
            if (rule.fromHeaders[k].name.empty())
                findings.error(Rule::Missing, item(path + ".fromHeaders", k), "a header needs a name");
        }
        for (std::size_t k = 0; k < rule.outputClaimToHeaders.size(); ++k) {
            const auto &claim = rule.outputClaimToHeaders[k];
            const std::string at = item(path + ".outputClaimToHeaders", k);
            if (claim.header.empty() || claim.claim.empty())
                findings.error(Rule::Missing, at, "a header and a claim are needed");
            else if (!isHeaderToken(claim.header))
                findings.error(Rule::Value, at + ".header",
                               "\"" + claim.header + "\" is no name of a header");
        }
        validateDuration(rule.timeout, path + ".timeout", findings);
    }
}

} // namespace sallyport::model
