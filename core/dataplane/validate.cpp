// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"
#include "core/dataplane/describe.h"
#include "core/dataplane/request_view.h"

#include <QJsonDocument>

#include <algorithm>

namespace sallyport::dataplane {

namespace {

bool isTerminal(const NetworkFilter &filter)
{
    return std::holds_alternative<HttpConnectionManager>(filter.config) ||
           std::holds_alternative<TcpProxy>(filter.config) ||
           std::holds_alternative<NetworkDirectResponse>(filter.config);
}

Checked checkFilterChain(const FilterChain &filterChain, const std::string &path,
                         const DeclaredNames &clusters)
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
        if (const auto *manager = std::get_if<HttpConnectionManager>(&filter.config)) {
            chain(checkHttpFilters(*manager, at, clusters));
            chain(checkRoutes(manager->routes, at + ".route_config", clusters));
        }
        if (const auto *rbac = std::get_if<Rbac>(&filter.config))
            chain(checkRbac(*rbac, at));
    }
    if (filterChain.tls)
        chain(checkCommonTls(filterChain.tls->common,
                             path + ".transport_socket.typed_config.common_tls_context", true, clusters));
    return chain.take();
}

/// A range is the same however the bits behind its prefix are written.
void clearHostBits(CidrRange &range)
{
    IpAddress address = IpAddress::parse(range.addressPrefix);
    if (!address.isValid())
        return;
    const std::size_t size = address.family == 4 ? 4 : 16;
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t kept =
            std::min<std::size_t>(8, range.prefixLen - std::min<std::size_t>(range.prefixLen, i * 8));
        address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xFFU << (8 - kept)));
    }
    range.addressPrefix = address.toString();
}

Checked checkListener(const Listener &listener, const std::string &path, const DeclaredNames &clusters)
{
    Chain chain;
    std::set<std::string> matches;
    for (std::size_t i = 0; i < listener.filterChains.size(); ++i) {
        const FilterChain &filterChain = listener.filterChains[i];
        const std::string at = path + ".filter_chains[" + std::to_string(i) + ']';
        // Lists are compared name by name: two chains that share one server name and are otherwise alike
        // collide.
        FilterChainMatch match = filterChain.match;
        // SNI has no case.
        std::set<std::string> names;
        for (const std::string &name : match.serverNames) {
            if (name == "*")
                chain(failAt(at + ".filter_chain_match.server_names",
                             "partial wildcards are not supported in \"server_names\""));
            if (!names.insert(QString::fromStdString(name).toLower().toStdString()).second)
                chain(failAt(at + ".filter_chain_match.server_names",
                             "multiple filter chains with overlapping matching rules are defined"));
        }
        for (auto *ranges : {&match.prefixRanges, &match.sourcePrefixRanges, &match.directSourcePrefixRanges})
            std::for_each(ranges->begin(), ranges->end(), clearHostBits);
        if (names.empty())
            names.insert(std::string());
        for (const std::string &name : names) {
            match.serverNames = {name};
            const QByteArray key =
                QJsonDocument(JsonWriter::write(match).toObject()).toJson(QJsonDocument::Compact);
            if (!matches.insert(key.toStdString()).second)
                chain(failAt(at + ".filter_chain_match",
                             "filter chain '" + filterChain.name +
                                 "' has the same matching rules as another one of listener '" +
                                 listener.name + '\''));
        }
        chain(checkFilterChain(filterChain, at, clusters));
    }
    if (listener.defaultFilterChain)
        chain(checkFilterChain(*listener.defaultFilterChain, path + ".default_filter_chain", clusters));
    return chain.take();
}

} // namespace

Result<void> validateBootstrap(const Bootstrap &bootstrap)
{
    Chain chain;
    DeclaredNames clusters;
    for (std::size_t i = 0; i < bootstrap.secrets.size(); ++i) {
        const Secret &secret = bootstrap.secrets[i];
        const auto declare = [&](std::set<std::string, std::less<>> &names, const char *kind) {
            if (!names.insert(secret.name).second)
                chain(failAt("static_resources.secrets[" + std::to_string(i) + "].name",
                             "Duplicate static " + std::string(kind) + " secret name " + secret.name));
        };
        if (secret.certificate)
            declare(clusters.certificates, "TlsCertificate");
        if (secret.validation)
            declare(clusters.validations, "CertificateValidationContext");
    }
    for (std::size_t i = 0; i < bootstrap.clusters.size(); ++i) {
        const Cluster &cluster = bootstrap.clusters[i];
        const std::string path = "static_resources.clusters[" + std::to_string(i) + ']';
        if (!clusters.names.insert(cluster.name).second)
            chain(failAt(path + ".name", "cluster manager: duplicate cluster '" + cluster.name + '\''));
        if (cluster.transport.tls)
            chain(checkCommonTls(cluster.transport.tls->common,
                                 path + ".transport_socket.typed_config.common_tls_context", false,
                                 clusters));
    }
    for (const StringMatcher &pattern : bootstrap.statsConfig.patterns)
        chain(checkString(pattern, "stats_config.stats_matcher"));
    for (const StatsConfig::HistogramBounds &setting : bootstrap.statsConfig.histogramBounds)
        chain(checkString(setting.match, "stats_config.histogram_bucket_settings"));
    std::set<std::string> listeners;
    for (std::size_t i = 0; i < bootstrap.listeners.size() && chain.good(); ++i) {
        const Listener &listener = bootstrap.listeners[i];
        const std::string path = "static_resources.listeners[" + std::to_string(i) + ']';
        if (!listener.name.empty() && !listeners.insert(listener.name).second)
            chain(failAt(path + ".name", "error adding listener: duplicate name '" + listener.name + '\''));
        chain(checkListener(listener, path, clusters));
    }
    return chain.take();
}

} // namespace sallyport::dataplane
