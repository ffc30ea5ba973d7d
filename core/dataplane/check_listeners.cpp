// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"
#include "core/dataplane/request_view.h"

#include <QString>

#include <algorithm>

namespace sallyport::dataplane {

namespace {

bool isTerminal(const NetworkFilter &filter)
{
    return std::holds_alternative<HttpConnectionManager>(filter.config) ||
           std::holds_alternative<TcpProxy>(filter.config) ||
           std::holds_alternative<NetworkDirectResponse>(filter.config);
}

Checked checkTracer(const std::optional<TraceHeaders> &tracer, const std::string &path,
                    const DeclaredNames &clusters)
{
    if (!tracer || tracer->kind != TraceHeaders::Kind::B3 || clusters.has(tracer->collectorCluster))
        return {};
    return failAt(path, "envoy.tracers.zipkin: unknown cluster '" + tracer->collectorCluster + '\'');
}

Checked checkFilterChain(const FilterChain &filterChain, const std::string &path,
                         const DeclaredNames &declared)
{
    Chain chain;
    for (std::size_t i = 0; i < filterChain.filters.size(); ++i) {
        const NetworkFilter &filter = filterChain.filters[i];
        const std::string at = path + ".filters[" + std::to_string(i) + ']';
        const bool last = i + 1 == filterChain.filters.size();
        if (isTerminal(filter) && !last)
            chain(failAt(at, "terminal filter named " + filter.name +
                                 " must be the last filter in a network filter chain."));
        if (!isTerminal(filter) && last)
            chain(failAt(at, "non-terminal filter named " + filter.name +
                                 " is the last filter in a network filter chain."));
        const std::string config = at + ".typed_config";
        if (const auto *manager = std::get_if<HttpConnectionManager>(&filter.config)) {
            chain(checkHttpFilters(*manager, config));
            chain(checkRoutes(manager->routes, config + ".route_config", declared));
            chain(checkTracer(manager->traceHeaders, config + ".tracing.provider", declared));
        }
        if (const auto *rbac = std::get_if<Rbac>(&filter.config))
            chain(checkNetworkRbac(*rbac, config));
    }
    if (filterChain.tls)
        chain(checkDownstreamTls(*filterChain.tls, path + ".transport_socket.typed_config", declared));
    return chain.take();
}

/// A range is the same however the bits behind its prefix are written.
std::string rangeKey(const CidrRange &range)
{
    IpAddress address = IpAddress::parse(range.addressPrefix);
    if (!address.isValid())
        return range.addressPrefix;
    const std::size_t size = address.family == 4 ? 4 : 16;
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t kept =
            std::min<std::size_t>(8, range.prefixLen - std::min<std::size_t>(range.prefixLen, i * 8));
        address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xFFU << (8 - kept)));
    }
    return address.toString() + '/' + std::to_string(range.prefixLen);
}

std::vector<std::string> rangeKeys(const std::vector<CidrRange> &ranges)
{
    std::vector<std::string> keys;
    std::transform(ranges.begin(), ranges.end(), std::back_inserter(keys), rangeKey);
    return keys;
}

/// Every connection that `match` is for, by one value of each list.
std::vector<std::string> combinations(const FilterChainMatch &match)
{
    std::vector<std::string> keys{match.destinationPort ? std::to_string(*match.destinationPort)
                                                        : std::string()};
    const auto multiply = [&](std::vector<std::string> values) {
        if (values.empty())
            values.emplace_back();
        std::vector<std::string> longer;
        for (const std::string &key : keys) {
            for (const std::string &value : values)
                longer.push_back(key + '\n' + value);
        }
        keys = std::move(longer);
    };
    multiply(rangeKeys(match.prefixRanges));
    std::vector<std::string> names;
    // SNI has no case.
    for (const std::string &name : match.serverNames)
        names.push_back(QString::fromStdString(name).toLower().toStdString());
    multiply(names);
    multiply({match.transportProtocol});
    multiply(match.applicationProtocols);
    multiply(rangeKeys(match.directSourcePrefixRanges));
    multiply({std::to_string(static_cast<int>(match.sourceType))});
    multiply(rangeKeys(match.sourcePrefixRanges));
    std::vector<std::string> ports;
    for (const std::uint32_t port : match.sourcePorts)
        ports.push_back(std::to_string(port));
    multiply(ports);
    return keys;
}

} // namespace

Checked checkAddress(const SocketAddress &address, const std::string &path)
{
    return !address.pipe.empty() || IpAddress::parse(address.address).isValid()
               ? Checked()
               : failAt(path + ".socket_address.address", "malformed IP address: " + address.address);
}

Checked checkListener(const Listener &listener, const std::string &path, const DeclaredNames &declared)
{
    Chain chain;
    chain(checkAddress(listener.address, path + ".address"));
    for (std::size_t i = 0; i < listener.additionalAddresses.size(); ++i)
        chain(checkAddress(listener.additionalAddresses[i],
                           path + ".additional_addresses[" + std::to_string(i) + "].address"));
    std::set<std::string> matched;
    for (std::size_t i = 0; i < listener.filterChains.size(); ++i) {
        const FilterChain &filterChain = listener.filterChains[i];
        const std::string at = path + ".filter_chains[" + std::to_string(i) + ']';
        const std::vector<std::string> &names = filterChain.match.serverNames;
        if (std::find(names.begin(), names.end(), "*") != names.end())
            chain(failAt(at + ".filter_chain_match.server_names",
                         "partial wildcards are not supported in \"server_names\""));
        for (std::string &key : combinations(filterChain.match)) {
            if (!matched.insert(std::move(key)).second)
                chain(failAt(
                    at + ".filter_chain_match",
                    "multiple filter chains with overlapping matching rules are defined in listener '" +
                        listener.name + '\''));
        }
        chain(checkFilterChain(filterChain, at, declared));
    }
    if (listener.defaultFilterChain)
        chain(checkFilterChain(*listener.defaultFilterChain, path + ".default_filter_chain", declared));
    return chain.take();
}

} // namespace sallyport::dataplane
