// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include "core/dataplane/authority.h"

#include <QUrl>
#include <algorithm>

namespace sallyport::explain {

namespace {

using dataplane::Cluster;

constexpr std::uint32_t plainPort = 80;
constexpr std::uint32_t tlsPort = 443;

/// Whether a filter of the connection manager does the looking up; else the cluster does.
bool looksUpByFilter(const dataplane::HttpConnectionManager &manager)
{
    return std::any_of(
        manager.filters.begin(), manager.filters.end(), [](const dataplane::HttpFilter &filter) {
            return !filter.disabled && std::holds_alternative<dataplane::DynamicForwardProxy>(filter.config);
        });
}

std::uint32_t portOf(std::string_view authority, std::uint32_t otherwise)
{
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string_view::npos || colon < authority.rfind(']') + 1)
        return otherwise;
    const std::uint32_t port =
        QByteArray(authority.substr(colon + 1).data(), static_cast<qsizetype>(authority.size() - colon - 1))
            .toUInt();
    return port == 0 ? otherwise : port;
}

} // namespace

std::optional<dataplane::SocketAddress> Walk::addressOf(const Proxy &proxy, const std::string &name,
                                                        std::uint32_t port) const
{
    if (dataplane::IpAddress::parse(name).isValid())
        return dataplane::SocketAddress{name, port, {}};
    for (const lab::NameServer &server : m_scene.plan().nameServers) {
        const auto &resolver = proxy.bootstrap.dnsResolver;
        if (!resolver || resolver->resolvers.empty() ||
            resolver->resolvers.front().address != server.at.address)
            continue;
        const auto found = server.addresses.find(lowered(name));
        if (found != server.addresses.end() && !found->second.empty())
            return dataplane::SocketAddress{found->second.front(), port, {}};
    }
    return std::nullopt;
}

std::optional<Reply> Walk::lookUp(Stream &stream, const Cluster &cluster, Way &way)
{
    const std::string authority(stream.request.authority());
    const std::string name = dataplane::hostOf(authority);
    way.original =
        addressOf(stream.proxy, name, portOf(authority, cluster.transport.tls ? tlsPort : plainPort));
    if (way.original) {
        add(stream.hop, "name", Mark::Passed,
            "the proxy looks " + name + " up: " + m_scene.nameOf(*way.original), "cluster " + cluster.name);
        return std::nullopt;
    }
    Step &step =
        add(stream.hop, "name", Mark::Refused, "the proxy looks " + name + " up: there is no such name",
            "cluster " + cluster.name, m_origins.ofCluster(stream.proxy, cluster));
    step.reason = "name-unknown";
    step.why = {"it is no Service of the mesh in full",
                "it is not in .sallyport/hosts, which stands for the rest of the world's names"};
    const bool byFilter = looksUpByFilter(stream.manager);
    return local(stream.hop, 503, byFilter ? "DNS resolution failure" : "no healthy upstream",
                 "dns_resolution_failure{cares_norecords:Domain_name_not_found}", byFilter ? "DF" : "UH");
}

std::optional<Reply> Walk::turnAway(Stream &stream, const Cluster &cluster)
{
    const std::vector<Source> sources = m_origins.ofCluster(stream.proxy, cluster);
    const std::string object = "cluster " + cluster.name;
    // Whether it hits, if chance decides: the likelier of the two is followed.
    const auto hits = [&](double share, const std::string &what) {
        if (share <= 0)
            return false;
        const bool followed = share >= 0.5;
        Step &step = add(stream.hop, "limit", share < 1 ? Mark::Uncertain : Mark::Refused,
                         what + " turns " + percentText(std::min(share, 1.0)) + " of such requests away",
                         object, sources);
        if (share < 1)
            step.why.emplace_back(followed ? "followed: this one too" : "followed: not this one");
        if (followed)
            step.reason = "limit";
        takeChance(std::max(std::min(share, 1.0), 1 - share));
        return followed;
    };
    const auto percent = dataplane::RuntimeLayers::read(stream.proxy.bootstrap.runtimeLayers)
                             .number("upstream.maintenance_mode." + cluster.name);
    if (percent && hits(static_cast<double>(*percent) / 100, "the maintenance mode of the runtime"))
        return local(stream.hop, 503, "maintenance mode", "maintenance_mode", "UO");
    if (cluster.loadAssignment && !cluster.loadAssignment->dropOverloads.empty()) {
        const dataplane::FractionalPercent &drop = cluster.loadAssignment->dropOverloads.front().percentage;
        const double share = static_cast<double>(drop.numerator) / drop.denominatorValue();
        if (hits(share, "drop_overloads of its endpoints"))
            return share >= 1 ? local(stream.hop, 503, "unconditional drop overload",
                                      "unconditional_drop_overload", "UDO")
                              : local(stream.hop, 503, "drop overload", "drop_overload", "DO");
    }
    return std::nullopt;
}

} // namespace sallyport::explain
