// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/placement.h"
#include "core/dataplane/rbac.h"
#include "core/model/security_policies.h"

namespace sallyport::compile {

/// What rules of AuthorizationPolicies are compiled for.
struct PolicyTargetContext
{
    std::string policyNamespace; ///< of the policy: default of its service accounts
    std::vector<std::string> trustDomains;
    const Placement *placement = nullptr;
    bool tcp = false;  ///< a chain that does not speak HTTP
    bool allow = true; ///< ALLOW (and CUSTOM) drop a rule with HTTP fields there; DENY and AUDIT widen it
};

/// One rule of an AuthorizationPolicy as Envoy's RBAC policy (istio:pilot/pkg/security/authz/model). Nothing
/// if the rule is dropped.
std::optional<dataplane::RbacPolicy> compileRule(const model::AuthorizationPolicy::Rule &rule,
                                                 const PolicyTargetContext &context);

/// A policy that matches nothing.
dataplane::RbacPolicy neverMatches();

} // namespace sallyport::compile
