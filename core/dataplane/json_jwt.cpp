// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"
#include "core/dataplane/key_set.h"

#include <algorithm>

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, JwtProvider &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtProvider");
    a.field("issuer", m.issuer);
    a.field("audiences", m.audiences);
    a.field("local_jwks", m.localJwks);
    a.field("forward", m.forward);
    a.field("from_headers", m.fromHeaders);
    a.field("from_params", m.fromParams);
    a.field("from_cookies", m.fromCookies);
    a.field("forward_payload_header", m.forwardPayloadHeader);
    a.field("pad_forward_payload_header", m.padForwardPayloadHeader);
    a.field("payload_in_metadata", m.payloadInMetadata);
    a.field("header_in_metadata", m.headerInMetadata);
    a.field("failed_status_in_metadata", m.failedStatusInMetadata);
    a.field("clock_skew_seconds", m.clockSkewSeconds, 60U);
    a.field("claim_to_headers", m.claimToHeaders);
    a.group("normalize_payload_in_metadata",
            [&](A &inner) { inner.field("space_delimited_claims", m.normalizeSpaceDelimitedClaims); });
    a.ignored({"jwt_cache_config"});
    a.field("clear_route_cache", m.clearRouteCache);
    a.refused({"remote_jwks", "subjects", "require_expiration", "max_lifetime"});
    if constexpr (A::reading) {
        a.check(m.localJwks.isSet(), "local_jwks", "keys are required");
        if (m.localJwks.inlineString) {
            if (const std::string problem = keySetProblem(*m.localJwks.inlineString); !problem.empty())
                a.fail("local_jwks", "the provider has invalid local jwks: " + problem);
        }
    }
}
SALLYPORT_DESCRIBED(JwtProvider)

template<typename A>
void describe(A &a, JwtProvider::Header &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtHeader");
    a.field("name", m.name);
    a.field("value_prefix", m.valuePrefix);
}
SALLYPORT_DESCRIBED(JwtProvider::Header)

template<typename A>
void describe(A &a, JwtProvider::ClaimToHeader &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader");
    a.field("header_name", m.headerName);
    a.field("claim_name", m.claimName);
    a.refused({"claim_path"});
    a.check(!m.claimName.empty(), "claim_name", "a claim is required");
}
SALLYPORT_DESCRIBED(JwtProvider::ClaimToHeader)

template<typename A>
void describe(A &a, JwtRequirement &m)
{
    using Kind = JwtRequirement::Kind;
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement");
    const auto is = [&](const char *name, Kind kind) { return takesCase(a, name, kind, m.kind); };
    if (is("provider_name", Kind::Provider))
        a.field("provider_name", m.provider);
    if (is("provider_and_audiences", Kind::ProviderAndAudiences)) {
        a.group("provider_and_audiences", [&](A &inner) {
            inner.field("provider_name", m.provider);
            inner.field("audiences", m.audiences);
        });
    }
    if (is("requires_any", Kind::Any))
        a.group("requires_any", [&](A &inner) { inner.field("requirements", m.requirements); });
    if (is("requires_all", Kind::All))
        a.group("requires_all", [&](A &inner) { inner.field("requirements", m.requirements); });
    if (is("allow_missing_or_failed", Kind::AllowMissingOrFailed))
        a.group(
            "allow_missing_or_failed", [](A &) {}, true);
    if (is("allow_missing", Kind::AllowMissing))
        a.group(
            "allow_missing", [](A &) {}, true);
    a.refused({"extract_only_without_validation"});
}
SALLYPORT_DESCRIBED(JwtRequirement)

template<typename A>
void describe(A &a, JwtRule &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.RequirementRule");
    a.group(
        "match", [&](A &inner) { describe(inner, m.match); }, true);
    a.field("requires", m.requirement);
    a.field("requirement_name", m.requirementName);
}
SALLYPORT_DESCRIBED(JwtRule)

template<typename A>
void describe(A &a, JwtAuthentication &m)
{
    a.message("envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication");
    a.field("providers", m.providers);
    a.field("rules", m.rules);
    a.field("bypass_cors_preflight", m.bypassCorsPreflight);
    a.field("requirement_map", m.requirementMap);
    a.field("stat_prefix", m.statPrefix);
    a.refused({"strip_failure_response"});
    a.refused({"filter_state_rules"});
    if constexpr (A::reading) {
        const auto known = [&](const JwtRequirement &requirement, const auto &self) -> bool {
            const bool named = requirement.kind == JwtRequirement::Kind::Provider ||
                               requirement.kind == JwtRequirement::Kind::ProviderAndAudiences;
            if (named && m.providers.find(requirement.provider) == m.providers.end())
                return false;
            return std::all_of(requirement.requirements.begin(), requirement.requirements.end(),
                               [&](const JwtRequirement &inner) { return self(inner, self); });
        };
        for (const JwtRule &rule : m.rules)
            a.check(rule.requirementName.empty() ||
                        m.requirementMap.find(rule.requirementName) != m.requirementMap.end(),
                    "rules", "Wrong requirement_name: it should be one of requirement_map");
        for (const JwtRule &rule : m.rules)
            a.check(!rule.requirement || known(*rule.requirement, known), "rules",
                    "a rule requires a provider that does not exist");
        for (const auto &[name, requirement] : m.requirementMap)
            a.check(known(requirement, known), "requirement_map",
                    "a requirement names a provider that does not exist");
    }
}
SALLYPORT_DESCRIBED(JwtAuthentication)

} // namespace sallyport::dataplane
