// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/listener_parts.h"

#include "core/model/host_name.h"

namespace sallyport::compile {

namespace {

dataplane::ListenerFilter inspector(const char *name, dataplane::ListenerFilter::Kind kind,
                                    const std::vector<std::uint32_t> &disabledPorts)
{
    dataplane::ListenerFilter filter;
    filter.name = name;
    filter.kind = kind;
    for (const std::uint32_t port : disabledPorts)
        filter.disabledPorts.emplace_back(port, port + 1);
    return filter;
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

dataplane::ListenerFilter tlsInspector(const std::vector<std::uint32_t> &disabledPorts)
{
    return inspector("envoy.filters.listener.tls_inspector", dataplane::ListenerFilter::Kind::TlsInspector,
                     disabledPorts);
}

dataplane::ListenerFilter httpInspector(const std::vector<std::uint32_t> &disabledPorts)
{
    return inspector("envoy.filters.listener.http_inspector", dataplane::ListenerFilter::Kind::HttpInspector,
                     disabledPorts);
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
