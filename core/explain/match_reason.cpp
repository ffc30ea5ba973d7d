// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/match_reason.h"

#include "core/dataplane/rbac_engine.h"
#include "core/dataplane/route_matcher.h"

#include <algorithm>

namespace sallyport::explain {

namespace {

using dataplane::HeaderMatcher;
using dataplane::RbacRule;
using dataplane::RouteMatch;
using dataplane::StringMatchKind;

std::string joined(const std::vector<std::string> &parts, const std::string &separator)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : separator) + part;
    return text;
}

std::string quoted(std::string_view text)
{
    return '"' + std::string(text) + '"';
}

std::string describe(const HeaderMatcher &matcher)
{
    const std::string name = matcher.name == ":method"      ? "method"
                             : matcher.name == ":authority" ? "host"
                             : matcher.name == ":scheme"    ? "scheme"
                             : matcher.name == ":path"      ? "path"
                                                            : "header " + matcher.name;
    const std::string negation = matcher.invert ? "not " : "";
    switch (matcher.kind) {
    case dataplane::HeaderMatchKind::Present:
        return name + (matcher.present != matcher.invert ? " is there" : " is absent");
    case dataplane::HeaderMatchKind::Range:
        return negation + name + " is a number from " + std::to_string(matcher.rangeStart) + " below " +
               std::to_string(matcher.rangeEnd);
    case dataplane::HeaderMatchKind::String:
        break;
    }
    return negation + name + ' ' + explain::describe(matcher.string);
}

std::string describe(const dataplane::QueryParameterMatcher &matcher)
{
    return "query parameter " + matcher.name + ' ' +
           (matcher.string    ? explain::describe(*matcher.string)
            : matcher.present ? "is there"
                              : "is absent");
}

std::string describePath(const RouteMatch &match)
{
    switch (match.pathKind) {
    case RouteMatch::PathKind::Prefix:
        return match.path == "/" ? "any path" : "path begins with " + match.path;
    case RouteMatch::PathKind::PathSeparatedPrefix:
        return "path is " + match.path + " or below it";
    case RouteMatch::PathKind::Path:
        return "path is " + match.path;
    case RouteMatch::PathKind::Regex:
        return "path matches " + match.path;
    case RouteMatch::PathKind::Template:
        return "path has the form " + match.path;
    case RouteMatch::PathKind::Connect:
        break;
    }
    return "CONNECT";
}

std::string cidr(const dataplane::CidrRange &range)
{
    return range.addressPrefix + '/' + std::to_string(range.prefixLen);
}

std::string childrenOf(const RbacRule &rule, const std::string &separator)
{
    std::vector<std::string> parts;
    for (const RbacRule &child : rule.children) {
        const bool nested = (child.kind == RbacRule::Kind::And || child.kind == RbacRule::Kind::Or) &&
                            child.children.size() > 1 && rule.children.size() > 1;
        const std::string text = explain::describe(child);
        parts.push_back(nested ? '(' + text + ')' : text);
    }
    return joined(parts, separator);
}

std::string describeAny(const std::vector<RbacRule> &rules)
{
    std::vector<std::string> parts;
    parts.reserve(rules.size());
    for (const RbacRule &rule : rules)
        parts.push_back(explain::describe(rule));
    return joined(parts, " or ");
}

std::string describe(const dataplane::MetadataMatcher &matcher)
{
    return "metadata " + joined(matcher.path, ".") + ' ' +
           (matcher.value.kind == dataplane::ValueMatcher::Kind::String
                ? explain::describe(matcher.value.string)
                : "has the wanted value");
}

/// A match that asks for nothing.
RouteMatch anything()
{
    RouteMatch match;
    match.path = "";
    return match;
}

} // namespace

std::string describe(const dataplane::StringMatcher &matcher)
{
    const std::string how = matcher.kind == StringMatchKind::Exact      ? "is "
                            : matcher.kind == StringMatchKind::Prefix   ? "begins with "
                            : matcher.kind == StringMatchKind::Suffix   ? "ends with "
                            : matcher.kind == StringMatchKind::Contains ? "contains "
                                                                        : "matches ";
    return how + (matcher.value.empty() ? "empty" : matcher.value) +
           (matcher.ignoreCase ? " (in any case)" : "");
}

std::string describe(const RouteMatch &match)
{
    std::vector<std::string> parts;
    const bool anyPath = match.pathKind == RouteMatch::PathKind::Prefix && match.path == "/";
    if (!anyPath || (match.headers.empty() && match.queryParameters.empty() && match.dynamicMetadata.empty()))
        parts.push_back(describePath(match));
    for (const HeaderMatcher &header : match.headers)
        parts.push_back(describe(header));
    for (const dataplane::QueryParameterMatcher &parameter : match.queryParameters)
        parts.push_back(describe(parameter));
    for (const dataplane::MetadataMatcher &metadata : match.dynamicMetadata)
        parts.push_back(describe(metadata));
    if (match.grpc)
        parts.emplace_back("gRPC");
    return joined(parts, ", ");
}

std::string describe(const dataplane::FilterChainMatch &match)
{
    std::vector<std::string> parts;
    if (match.destinationPort)
        parts.push_back("destination port " + std::to_string(*match.destinationPort));
    for (const dataplane::CidrRange &range : match.prefixRanges)
        parts.push_back("destination in " + cidr(range));
    if (match.transportProtocol == "tls")
        parts.emplace_back("TLS");
    else if (match.transportProtocol == "raw_buffer")
        parts.emplace_back("no TLS");
    if (!match.serverNames.empty())
        parts.push_back("SNI " + joined(match.serverNames, " or "));
    if (!match.applicationProtocols.empty())
        parts.push_back("protocol " + joined(match.applicationProtocols, " or "));
    for (const dataplane::CidrRange &range : match.sourcePrefixRanges)
        parts.push_back("source in " + cidr(range));
    return parts.empty() ? "any connection" : joined(parts, ", ");
}

std::string describe(const RbacRule &rule)
{
    using Kind = RbacRule::Kind;
    switch (rule.kind) {
    case Kind::Any:
        return rule.anyValue ? "anything" : "nothing";
    case Kind::And:
        return childrenOf(rule, " and ");
    case Kind::Or:
        return childrenOf(rule, " or ");
    case Kind::Not:
        return "not (" + childrenOf(rule, " and ") + ')';
    case Kind::Header:
        return describe(rule.header);
    case Kind::UrlPath:
        return "path " + describe(rule.string);
    case Kind::UriTemplate:
        return "path has the form " + rule.text;
    case Kind::DestinationIp:
        return "destination in " + cidr(rule.cidr);
    case Kind::DestinationPort:
        return "destination port " + std::to_string(rule.port);
    case Kind::DestinationPorts:
        return "destination port from " + std::to_string(rule.port) + " below " +
               std::to_string(rule.portEnd);
    case Kind::RequestedServerName:
        return "SNI " + describe(rule.string);
    case Kind::Authenticated:
        return rule.hasString ? "principal " + describe(rule.string) : "any TLS client";
    case Kind::SourceIp:
    case Kind::DirectRemoteIp:
        return "source in " + cidr(rule.cidr);
    case Kind::RemoteIp:
        return "client in " + cidr(rule.cidr);
    case Kind::Metadata:
        return (rule.metadata.invert ? "not " : "") + describe(rule.metadata);
    case Kind::FilterState:
        return "principal " + describe(rule.string);
    }
    return {};
}

std::vector<std::string> unmet(const dataplane::Route &route, const dataplane::VirtualHost &host,
                               const dataplane::RouteConfiguration &routes,
                               const dataplane::RequestView &request)
{
    std::vector<std::string> reasons;
    const auto ask = [&](const RouteMatch &criterion, const std::string &reason) {
        dataplane::Route probe;
        probe.match = criterion;
        if (!dataplane::CompiledRoute(probe, host, routes).matches(request, 0))
            reasons.push_back(reason);
    };
    RouteMatch path = anything();
    path.pathKind = route.match.pathKind;
    path.path = route.match.path;
    path.caseSensitive = route.match.caseSensitive;
    ask(path,
        "wants: " + describePath(path) + "; the path is " + std::string(dataplane::pathOnly(request.path())));
    for (const HeaderMatcher &header : route.match.headers) {
        RouteMatch criterion = anything();
        criterion.headers = {header};
        std::string scratch;
        const auto value = request.header(header.name, scratch);
        ask(criterion,
            "wants: " + describe(header) + "; it is " + (value ? quoted(*value) : std::string("absent")));
    }
    for (const dataplane::QueryParameterMatcher &parameter : route.match.queryParameters) {
        RouteMatch criterion = anything();
        criterion.queryParameters = {parameter};
        const auto value = dataplane::queryParameter(request.path(), parameter.name);
        ask(criterion,
            "wants: " + describe(parameter) + "; it is " + (value ? quoted(*value) : std::string("absent")));
    }
    for (const dataplane::MetadataMatcher &metadata : route.match.dynamicMetadata) {
        RouteMatch criterion = anything();
        criterion.dynamicMetadata = {metadata};
        ask(criterion, "wants: " + describe(metadata) + "; no token said so");
    }
    if (route.match.grpc) {
        RouteMatch criterion = anything();
        criterion.grpc = true;
        ask(criterion, "wants gRPC");
    }
    return reasons;
}

std::string domainOf(const dataplane::RouteConfiguration &routes, const dataplane::VirtualHost &host,
                     std::string_view authority)
{
    for (const std::string &domain : host.domains) {
        dataplane::RouteConfiguration probe;
        probe.ignorePortInHostMatching = routes.ignorePortInHostMatching;
        probe.virtualHosts.emplace_back().domains = {domain};
        if (dataplane::HostMatcher(probe, probe.ignorePortInHostMatching).find(authority) < 0)
            continue;
        if (domain == "*")
            return "no other virtual host has the name " + std::string(authority) + ", and * takes the rest";
        if (domain.starts_with('*'))
            return "the longest wildcard that covers " + std::string(authority) + " is " + domain;
        if (domain.ends_with('*'))
            return "the longest prefix of " + std::string(authority) + " is " + domain;
        return "it has the domain " + domain;
    }
    return {};
}

PolicySides sidesOf(const dataplane::RbacPolicy &policy, const dataplane::ConnectionFacts &connection,
                    const dataplane::RequestView *request)
{
    const auto matches = [&](std::vector<RbacRule> permissions, std::vector<RbacRule> principals) {
        dataplane::RbacRules rules;
        rules.policies.emplace("probe",
                               dataplane::RbacPolicy{std::move(permissions), std::move(principals), {}});
        return dataplane::RbacEngine(rules).decide(connection, request).allowed;
    };
    return {matches(policy.permissions, {RbacRule()}), matches({RbacRule()}, policy.principals)};
}

std::string describeOperations(const dataplane::RbacPolicy &policy)
{
    return describeAny(policy.permissions);
}

std::string describeSources(const dataplane::RbacPolicy &policy)
{
    return describeAny(policy.principals);
}

} // namespace sallyport::explain
