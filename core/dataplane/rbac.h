// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/matcher.h"

#include <QJsonObject>

namespace sallyport::dataplane {

/// envoy.config.rbac.v3.Permission and .Principal share this tree: inner nodes combine, leaves ask one
/// question.
struct RbacRule
{
    enum class Kind {
        Any,
        And,
        Or,
        Not,
        Header,
        UrlPath,          ///< `string` on the path without query
        UriTemplate,      ///< `text`
        DestinationIp,    ///< `cidr`
        DestinationPort,  ///< `port`
        DestinationPorts, ///< [port, portEnd)
        RequestedServerName,
        Authenticated,  ///< principal; `hasString`: its name matches
        SourceIp,       ///< direct peer, after PROXY protocol; also direct_remote_ip
        DirectRemoteIp, ///< the peer on the wire
        RemoteIp,       ///< the trusted client
        Metadata,
        FilterState ///< `text` is the key
    };
    Kind kind = Kind::Any;
    std::vector<RbacRule> children; ///< And, Or; Not has one
    HeaderMatcher header;
    StringMatcher string;
    bool hasString = false;
    std::string text;
    CidrRange cidr;
    std::uint32_t port = 0;
    std::uint32_t portEnd = 0;
    MetadataMatcher metadata;
    bool anyValue = true; ///< Any: `any: false` matches nothing

    bool operator==(const RbacRule &) const = default;
};

/// envoy.config.rbac.v3.Policy: any permission and any principal
struct RbacPolicy
{
    std::vector<RbacRule> permissions;
    std::vector<RbacRule> principals;
    QJsonObject condition; ///< google.api.expr.v1alpha1.Expr that must hold as well; empty: none

    bool operator==(const RbacPolicy &) const = default;
};

enum class RbacAction { Allow, Deny, Log };

/// envoy.config.rbac.v3.RBAC; policies are tried in the order of their ids
struct RbacRules
{
    RbacAction action = RbacAction::Allow;
    std::map<std::string, RbacPolicy> policies;

    bool operator==(const RbacRules &) const = default;
};

/// envoy.extensions.filters.http.rbac.v3.RBAC and .filters.network.rbac.v3.RBAC
struct Rbac
{
    std::optional<RbacRules> rules;
    std::string rulesStatPrefix;
    std::optional<RbacRules> shadowRules;
    std::string shadowRulesStatPrefix;
    std::string statPrefix; ///< network filter only
    bool continuousEnforcement = false;
    bool trackPerRuleStats = false; ///< HTTP filter only

    bool operator==(const Rbac &) const = default;
};

} // namespace sallyport::dataplane
