// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/tcp_proxy_handler.h"

#include "proxy/telemetry/router_stats.h"

namespace sallyport::server {

namespace {

class TcpProxyFilter final : public TerminalFilter
{
public:
    explicit TcpProxyFilter(std::shared_ptr<const TcpProxyConfig> config)
        : m_config(std::move(config))
    {
    }
    std::unique_ptr<ConnectionHandler> create(const ConnectionContext &context) const override
    {
        return std::make_unique<TcpProxyHandler>(m_config, context);
    }

private:
    std::shared_ptr<const TcpProxyConfig> m_config;
};

QJsonObject balancerMetadata(const std::optional<dataplane::Metadata> &metadata)
{
    return metadata ? metadata->filters.value(QLatin1String("envoy.lb")).toObject() : QJsonObject();
}

/// What is the more specific goes before, key by key.
QJsonObject merged(QJsonObject general, const QJsonObject &specific)
{
    for (auto it = specific.constBegin(); it != specific.constEnd(); ++it)
        general.insert(it.key(), it.value());
    return general;
}

} // namespace

TcpProxyConfig::TcpProxyConfig(const dataplane::TcpProxy &tcpProxy, telemetry::StatsStore &store)
    : configuration(tcpProxy)
    , stats(store, "tcp." + telemetry::sanitizedStatName(tcpProxy.statPrefix) + '.')
    , idleTimeout(
          std::chrono::ceil<std::chrono::milliseconds>(tcpProxy.idleTimeout.value_or(DefaultIdleTimeout)))
    , metadataMatch(balancerMetadata(tcpProxy.metadataMatch))
{
    for (const dataplane::TcpProxy::Weighted &weighted : tcpProxy.weightedClusters) {
        totalWeight += weighted.weight;
        weightedMatches.push_back(merged(metadataMatch, balancerMetadata(weighted.metadataMatch)));
    }
}

TcpProxyConfig::Route TcpProxyConfig::routeFor(std::uint64_t random) const
{
    if (totalWeight == 0)
        return {configuration.cluster, &metadataMatch};
    std::uint64_t point = random % totalWeight;
    for (std::size_t i = 0; i < configuration.weightedClusters.size(); ++i) {
        const dataplane::TcpProxy::Weighted &weighted = configuration.weightedClusters[i];
        if (point < weighted.weight)
            return {weighted.name, &weightedMatches[i]};
        point -= weighted.weight;
    }
    return {};
}

Result<std::shared_ptr<const TerminalFilter>> makeTcpProxy(const dataplane::TcpProxy &configuration,
                                                           const FactoryContext &context)
{
    auto config = std::make_shared<TcpProxyConfig>(configuration, context.stats);
    if (configuration.tunneling) {
        auto host = telemetry::TextFormatter::create(configuration.tunneling->hostname);
        if (!host)
            return fail(host.error());
        auto headers = telemetry::HeaderMutator::create(configuration.tunneling->headersToAdd, {});
        if (!headers)
            return fail(headers.error());
        config->tunnel.emplace(TcpProxyConfig::Tunnel{std::move(*host), std::move(*headers)});
        // Envoy's tunnels have a router's statistics, in which nothing is counted.
        const telemetry::RouterStats unused(context.stats,
                                            "tcp." + telemetry::sanitizedStatName(configuration.statPrefix) +
                                                ".tcpproxy_tunneling.");
    }
    for (const dataplane::AccessLog &log : configuration.accessLogs) {
        auto logger = telemetry::AccessLogger::create(log, context.logFiles, context.logListener);
        if (!logger)
            return fail(logger.error());
        config->logs.push_back(*logger);
    }
    return std::make_shared<const TcpProxyFilter>(std::move(config));
}

} // namespace sallyport::server
