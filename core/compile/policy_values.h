// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/rbac.h"

/// Values of AuthorizationPolicies as Envoy's matchers (istio:pilot/pkg/security/authz/matcher,
/// model/generator.go).
namespace sallyport::compile {

/// `abc` exact, `abc*` prefix, `*abc` suffix, `*` any that is not empty.
dataplane::StringMatcher valueMatcher(const std::string &value);

/// A value of a policy's list as a rule; `*` alone is any, at either end it is a wildcard.
dataplane::RbacRule headerRule(const std::string &name, const std::string &value, bool ignoreCase);
dataplane::RbacRule pathRule(const std::string &value);
/// `spiffe://` is put in front of the value.
dataplane::RbacRule principalRule(const std::string &value);
dataplane::RbacRule namespaceRule(const std::string &value);
dataplane::RbacRule serviceAccountRule(const std::string &value, const std::string &policyNamespace);
dataplane::RbacRule trustDomainRule(const std::string &value);
/// `iss/sub`, split at the last slash, each half with its own wildcards.
dataplane::RbacRule requestPrincipalRule(const std::string &value);
/// A claim of the verified token by its path: a text, or a list with the text.
dataplane::RbacRule claimRule(const std::vector<std::string> &path, const std::string &value);
/// `experimental.envoy.filters.NAME[KEY]`
dataplane::RbacRule filterMetadataRule(const std::string &key, const std::string &value);

/// The names in brackets of `request.auth.claims[a][b]`, `request.headers[X]`.
std::vector<std::string> bracketed(const std::string &key);

} // namespace sallyport::compile
