// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/listener_parts.h"

#include "core/model/host_name.h"

#include <algorithm>
#include <set>

namespace sallyport::compile {

namespace {

dataplane::ListenerFilter inspector(const char *name, dataplane::ListenerFilter::Kind kind)
{
    dataplane::ListenerFilter filter;
    filter.name = name;
    filter.kind = kind;
    return filter;
}

using PortSet = std::set<std::uint32_t>;

dataplane::ListenerPredicate onPort(std::uint32_t port)
{
    using Predicate = dataplane::ListenerPredicate;
    return {Predicate::Kind::DestinationPorts, {}, port, port + 1};
}

std::optional<dataplane::ListenerPredicate> onAny(const PortSet &ports)
{
    if (ports.empty())
        return std::nullopt;
    if (ports.size() == 1)
        return onPort(*ports.begin());
    dataplane::ListenerPredicate any;
    any.kind = dataplane::ListenerPredicate::Kind::Or;
    for (const std::uint32_t port : ports)
        any.rules.push_back(onPort(port));
    return any;
}

std::optional<dataplane::ListenerPredicate> onNone(const PortSet &ports)
{
    std::optional<dataplane::ListenerPredicate> any = onAny(ports);
    if (!any)
        return std::nullopt;
    return dataplane::ListenerPredicate{dataplane::ListenerPredicate::Kind::Not, {*any}};
}

/// Those of `ports` that are not in `taken`.
PortSet namedWithout(const PortSet &ports, const PortSet &taken)
{
    PortSet rest;
    for (const std::uint32_t port : ports) {
        if (port != 0 && taken.count(port) == 0)
            rest.insert(port);
    }
    return rest;
}

/// Names have no case.
bool overlaps(const std::vector<std::string> &a, const std::vector<std::string> &b)
{
    if (a.empty() && b.empty())
        return true;
    for (const std::string &item : a) {
        for (const std::string &other : b) {
            if (model::lowerCase(item) == model::lowerCase(other))
                return true;
        }
    }
    return false;
}

/// Envoy spreads a chain's match over its server names and protocols: one shared combination is a duplicate.
bool collides(const dataplane::FilterChainMatch &a, const dataplane::FilterChainMatch &b)
{
    return a.destinationPort == b.destinationPort && a.prefixRanges == b.prefixRanges &&
           a.transportProtocol == b.transportProtocol && a.sourceType == b.sourceType &&
           a.directSourcePrefixRanges == b.directSourcePrefixRanges &&
           a.sourcePrefixRanges == b.sourcePrefixRanges && a.sourcePorts == b.sourcePorts &&
           overlaps(a.serverNames, b.serverNames) && overlaps(a.applicationProtocols, b.applicationProtocols);
}

} // namespace

dataplane::ListenerFilter tlsInspector()
{
    return inspector("envoy.filters.listener.tls_inspector", dataplane::ListenerFilter::Kind::TlsInspector);
}

dataplane::ListenerFilter httpInspector()
{
    return inspector("envoy.filters.listener.http_inspector", dataplane::ListenerFilter::Kind::HttpInspector);
}

std::vector<dataplane::ListenerFilter> inboundInspectors(const std::vector<dataplane::FilterChain> &chains)
{
    PortSet ports; // 0 stands for all that no chain names
    PortSet tls;
    PortSet http;
    for (const dataplane::FilterChain &chain : chains) {
        const std::uint32_t port = chain.match.destinationPort.value_or(0);
        const auto &alpn = chain.match.applicationProtocols;
        ports.insert(port);
        if (chain.match.transportProtocol == "tls")
            tls.insert(port);
        if (std::any_of(alpn.begin(), alpn.end(),
                        [](const std::string &name) { return name == "http/1.1" || name == "h2c"; }))
            http.insert(port);
    }
    std::vector<dataplane::ListenerFilter> filters;
    if (!tls.empty()) {
        dataplane::ListenerFilter filter = tlsInspector();
        filter.filterDisabled = tls.count(0) > 0 ? onAny(namedWithout(ports, tls)) : onNone(tls);
        filters.push_back(std::move(filter));
    }
    if (!http.empty()) {
        dataplane::ListenerFilter filter = httpInspector();
        filter.filterDisabled = onAny(namedWithout(ports, http));
        filters.push_back(std::move(filter));
    }
    return filters;
}

std::optional<std::string> duplicateMatch(const dataplane::Listener &listener)
{
    const auto nameOf = [&listener](std::size_t index) {
        const std::string &name = listener.filterChains[index].name;
        return name.empty() ? "chain " + std::to_string(index + 1) : name;
    };
    for (std::size_t first = 0; first < listener.filterChains.size(); ++first) {
        for (std::size_t second = first + 1; second < listener.filterChains.size(); ++second) {
            if (collides(listener.filterChains[first].match, listener.filterChains[second].match))
                return nameOf(first) + " and " + nameOf(second);
        }
    }
    return std::nullopt;
}

} // namespace sallyport::compile
