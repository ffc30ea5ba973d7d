// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// targetRef(s): attaches a policy to a resource instead of by labels
struct PolicyTarget
{
    std::string group;
    std::string kind;
    std::string name;
    std::string targetNamespace;
};

/// security.istio.io AuthorizationPolicy
struct AuthorizationPolicy : Resource
{
    enum class Action { Allow, Deny, Audit, Custom };
    /// Values and their not-form.
    struct Values
    {
        std::vector<std::string> values;
        std::vector<std::string> notValues;
        bool isEmpty() const { return values.empty() && notValues.empty(); }
    };
    struct Source
    {
        Values principals;
        Values requestPrincipals;
        Values namespaces;
        Values serviceAccounts;
        Values ipBlocks;
        Values remoteIpBlocks;
        Values trustDomains;
    };
    struct Operation
    {
        Values hosts;
        Values ports;
        Values methods;
        Values paths;
    };
    struct Condition
    {
        std::string key;
        Values values;
    };
    struct Rule
    {
        std::vector<Source> from;
        std::vector<Operation> to;
        std::vector<Condition> when;
        bool hasFrom = false;
        bool hasTo = false;
    };
    std::optional<Labels> selector;
    std::vector<PolicyTarget> targets;
    Action action = Action::Allow;
    std::string providerName;
    std::optional<std::vector<Rule>> rules; ///< absent on ALLOW: denies everything

    bool isDryRun() const
    {
        const auto found = metadata.annotations.find("istio.io/dry-run");
        return found != metadata.annotations.end() &&
               (found->second == "true" || found->second == "1" || found->second == "t" ||
                found->second == "T" || found->second == "TRUE" || found->second == "True");
    }
};

/// security.istio.io PeerAuthentication
struct PeerAuthentication : Resource
{
    enum class Mode { Unset, Disable, Permissive, Strict };
    std::optional<Labels> selector;
    Mode mode = Mode::Unset;
    std::map<std::uint32_t, Mode> portLevel;
};

/// security.istio.io RequestAuthentication
struct RequestAuthentication : Resource
{
    struct Header
    {
        std::string name;
        std::string prefix;
    };
    struct ClaimToHeader
    {
        std::string header;
        std::string claim;
    };
    struct JwtRule
    {
        std::string issuer;
        std::vector<std::string> audiences;
        std::string jwksUri;
        std::string jwks;
        std::vector<Header> fromHeaders;
        std::vector<std::string> fromParams;
        std::vector<std::string> fromCookies;
        std::string outputPayloadToHeader;
        std::vector<ClaimToHeader> outputClaimToHeaders;
        bool forwardOriginalToken = false;
        std::optional<Duration> timeout;
        std::vector<std::string> spaceDelimitedClaims;
    };
    std::optional<Labels> selector;
    std::vector<PolicyTarget> targets;
    std::vector<JwtRule> jwtRules;
};

} // namespace sallyport::model
