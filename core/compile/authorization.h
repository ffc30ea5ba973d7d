// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/clusters.h"
#include "core/dataplane/listener.h"

namespace sallyport::compile {

/// The filters of all AuthorizationPolicies that hold for a workload: its namespace's and the root
/// namespace's whose selector fits (istio:pilot/pkg/security/authz/builder).
class Authorization
{
public:
    explicit Authorization(const ProxyContext &proxy);

    /// CUSTOM policies: a shadow RBAC and an ext_authz filter per provider; they come before authentication.
    std::vector<dataplane::HttpFilter> customHttpFilters() const;
    /// AUDIT, DENY, ALLOW.
    std::vector<dataplane::HttpFilter> httpFilters() const;
    /// AUDIT, DENY, ALLOW of a chain that does not speak HTTP; before them CUSTOM of a provider that is asked
    /// over gRPC, or of no usable one.
    std::vector<dataplane::NetworkFilter> networkFilters() const;

private:
    using Policies = std::vector<const model::AuthorizationPolicy *>;

    std::optional<dataplane::Rbac> rbac(const Policies &policies, dataplane::RbacAction action,
                                        bool tcp) const;
    dataplane::RbacRules rules(const Policies &policies, dataplane::RbacAction action, bool tcp,
                               const std::string &idPrefix) const;
    std::optional<dataplane::ExtAuthz> externalAuthorizer(const std::string &provider,
                                                          const model::AuthorizationPolicy &policy) const;

    std::map<std::string, Policies> customByProvider() const;
    const model::ExtensionProvider *authorizer(const std::string &name) const;
    /// Null: a provider that is unknown, or whose service is.
    const model::ExtensionProvider *usableProvider(const std::string &name) const;
    /// Whether the mesh has the provider's service, in the namespace that it names or in one alone.
    bool isRegistered(const model::ExtensionProvider &provider) const;
    /// What CUSTOM policies name, denied, with the ids that istiod gives to that.
    dataplane::RbacRules badCustomRules(const std::string &provider, const Policies &policies,
                                        bool tcp) const;

    const ProxyContext &m_proxy;
    Policies m_custom;
    Policies m_audit;
    Policies m_deny;
    Policies m_allow;
};

} // namespace sallyport::compile
