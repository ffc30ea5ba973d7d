// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/connection_handler.h"
#include "proxy/upstream/tcp_connection.h"

#include <algorithm>

namespace sallyport::server {

namespace {

using telemetry::ResponseFlag;

constexpr std::chrono::hours DefaultIdleTimeout{1};

/// `tcp.<prefix>.…`
struct TcpProxyStats
{
    TcpProxyStats(telemetry::StatsStore &store, const std::string &prefix)
        : cxTotal(store.counter(prefix + "downstream_cx_total"))
        , cxNoRoute(store.counter(prefix + "downstream_cx_no_route"))
        , rxBytes(store.counter(prefix + "downstream_cx_rx_bytes_total"))
        , txBytes(store.counter(prefix + "downstream_cx_tx_bytes_total"))
        , pausedReading(store.counter(prefix + "downstream_flow_control_paused_reading_total"))
        , resumedReading(store.counter(prefix + "downstream_flow_control_resumed_reading_total"))
        , idleTimeout(store.counter(prefix + "idle_timeout"))
        , maxDuration(store.counter(prefix + "max_downstream_connection_duration"))
        , flushTotal(store.counter(prefix + "upstream_flush_total"))
        , flushActive(store.gauge(prefix + "upstream_flush_active"))
    {
        for (const char *name : {"downstream_cx_drain_close", "downstream_cx_overload_close",
                                 "early_data_received_count_total", "route_delayed_total"})
            store.counter(prefix + name);
        for (const char *name : {"downstream_cx_rx_bytes_buffered", "downstream_cx_tx_bytes_buffered"})
            store.gauge(prefix + name);
    }
    telemetry::Counter &cxTotal;
    telemetry::Counter &cxNoRoute;
    telemetry::Counter &rxBytes;
    telemetry::Counter &txBytes;
    telemetry::Counter &pausedReading;
    telemetry::Counter &resumedReading;
    telemetry::Counter &idleTimeout;
    telemetry::Counter &maxDuration;
    telemetry::Counter &flushTotal;
    telemetry::Gauge &flushActive;
};

/// What one tcp_proxy filter is configured with.
struct TcpProxyConfig
{
    TcpProxyConfig(const dataplane::TcpProxy &tcpProxy, telemetry::StatsStore &store)
        : configuration(tcpProxy)
        , stats(store, "tcp." + telemetry::sanitizedStatName(tcpProxy.statPrefix) + '.')
        , idleTimeout(
              std::chrono::ceil<std::chrono::milliseconds>(tcpProxy.idleTimeout.value_or(DefaultIdleTimeout)))
    {
        for (const dataplane::TcpProxy::Weighted &weighted : tcpProxy.weightedClusters)
            totalWeight += weighted.weight;
        if (tcpProxy.metadataMatch)
            metadataMatch = tcpProxy.metadataMatch->filters.value(QLatin1String("envoy.lb")).toObject();
    }

    std::string_view clusterFor(std::uint64_t random) const
    {
        if (totalWeight == 0)
            return configuration.cluster;
        std::uint64_t point = random % totalWeight;
        for (const dataplane::TcpProxy::Weighted &weighted : configuration.weightedClusters) {
            if (point < weighted.weight)
                return weighted.name;
            point -= weighted.weight;
        }
        return {};
    }

    dataplane::TcpProxy configuration;
    mutable TcpProxyStats stats;
    std::chrono::milliseconds idleTimeout; ///< 0: never
    std::uint64_t totalWeight = 0;
    QJsonObject metadataMatch;
    std::vector<std::shared_ptr<const telemetry::AccessLogger>> logs;
};

/// One proxied connection.
class TcpProxyHandler final : public ConnectionHandler, public upstream::TcpConnectionCallbacks
{
public:
    TcpProxyHandler(std::shared_ptr<const TcpProxyConfig> config, const ConnectionContext &context)
        : m_config(std::move(config))
        , m_worker(context.worker)
        , m_chain(context.chain)
        , m_downstream(context.connection)
        , m_sniCluster(context.sniCluster)
        , m_idleTimer(context.worker.dispatcher, [this] { onIdleTimeout(); })
        , m_durationTimer(context.worker.dispatcher, [this] { onMaxDuration(); })
    {
        m_info.logType = "TcpConnectionEnd";
        m_info.start = m_downstream.startTime();
        m_info.startWall = std::chrono::system_clock::now();
        m_info.connectionId = m_downstream.id();
        m_info.filterChainName = m_chain->name;
        m_info.filterChainMetadata = m_chain->metadata.filters;
        m_info.requestedServerName = context.requestedServerName;
    }

    void onNewConnection() override
    {
        m_config->stats.cxTotal.inc();
        m_downstream.enableHalfClose(true);
        // Nothing is read before it can be handed on.
        m_downstream.readDisable(true);
        if (m_config->configuration.maxDownstreamConnectionDuration)
            m_durationTimer.arm(std::chrono::ceil<std::chrono::milliseconds>(
                *m_config->configuration.maxDownstreamConnectionDuration));
        m_clusterName =
            m_sniCluster.empty() ? m_config->clusterFor(m_worker.random()) : std::string_view(m_sniCluster);
        connectUpstream();
    }

    void onData(net::Buffer &data, bool endStream) override
    {
        countBytes();
        if (!m_upstream) {
            data.clear();
            return;
        }
        restartIdleTimer();
        m_upstream->write(data, endStream);
    }

    void onAboveHighWatermark() override
    {
        if (m_upstream)
            m_upstream->readDisable(true);
    }
    void onBelowLowWatermark() override
    {
        restartIdleTimer();
        if (m_upstream)
            m_upstream->readDisable(false);
    }

    void onClosed(net::CloseEvent event) override
    {
        m_idleTimer.cancel();
        m_durationTimer.cancel();
        countBytes();
        finishInfo();
        if (m_upstream)
            abandonUpstream(event);
        const telemetry::LogContext context{m_info, nullptr, nullptr, nullptr, {}};
        for (const auto &log : m_config->logs)
            log->log(context);
    }

    const telemetry::StreamInfo *streamInfo() const override { return &m_info; }

private:
    void connectUpstream()
    {
        const dataplane::TcpProxy &configuration = m_config->configuration;
        const upstream::ClusterInfoPtr cluster = m_worker.clusters.find(m_clusterName);
        if (!cluster) {
            m_config->stats.cxNoRoute.inc();
            giveUp(ResponseFlag::NoClusterFound);
            return;
        }
        m_cluster = cluster;
        m_info.upstreamCluster = cluster->observabilityName();
        m_info.upstreamClusterRaw = cluster->name();
        m_info.clusterMetadata = cluster->configuration().metadata.filters;
        upstream::ClusterStats &stats = cluster->stats();
        upstream::Breakers &breakers = cluster->breakers(false);
        if (!breakers.connections.canCreate()) {
            stats.cxOverflow.inc();
            giveUp(ResponseFlag::UpstreamOverflow);
            return;
        }
        if (m_info.attemptCount >= configuration.maxConnectAttempts) {
            stats.cxConnectAttemptsExceeded.inc();
            giveUp(ResponseFlag::UpstreamRetryLimitExceeded);
            return;
        }
        const upstream::HostPtr host = chooseHost(cluster);
        if (!host) {
            stats.cxNoneHealthy.inc();
            giveUp(ResponseFlag::NoHealthyUpstream);
            return;
        }
        if (!breakers.pending.canCreate()) {
            stats.rqPendingOverflow.inc();
            giveUp(ResponseFlag::UpstreamOverflow);
            return;
        }
        ++m_info.attemptCount;
        m_info.upstreamHost = host->address();
        m_info.upstreamHostName = host->hostname().empty() ? host->address().toString() : host->hostname();
        m_info.upstreamMetadata = host->metadata().filters;
        m_info.upstreamConnectStart = m_worker.dispatcher.now();
        m_upstream = std::make_unique<upstream::TcpConnection>(m_worker.dispatcher, cluster, host,
                                                               m_downstream.addresses(), *this);
        m_upstream->start();
    }

    upstream::HostPtr chooseHost(const upstream::ClusterInfoPtr &cluster)
    {
        upstream::LbContext context;
        context.random = m_worker.random();
        if (!m_config->metadataMatch.isEmpty())
            context.metadataMatch = &m_config->metadataMatch;
        const net::ConnectionAddresses &addresses = m_downstream.addresses();
        for (const dataplane::HashPolicy &policy : m_config->configuration.hashPolicies) {
            if (policy.kind == dataplane::HashPolicy::Kind::SourceIp && addresses.remote.isIp())
                context.hash = upstream::hashText(addresses.remote.ipText());
        }
        return m_worker.clusters.chooseHost(cluster, context,
                                            addresses.localRestored ? addresses.local : net::Address());
    }

    void giveUp(ResponseFlag flag)
    {
        m_info.flags.set(flag);
        m_downstream.close(net::CloseType::NoFlush);
    }

    void onUpstreamConnected() override
    {
        net::Connection &connection = m_upstream->connection();
        m_info.upstreamLocalAddress = connection.addresses().local;
        m_info.upstreamRemoteAddress = connection.addresses().remote;
        m_info.upstreamConnectionId = connection.id();
        m_info.upstreamConnectEnd = connection.connectedTime();
        m_info.poolReady = m_worker.dispatcher.now();
        if (connection.tls() != nullptr) {
            m_info.upstreamHandshakeEnd = connection.transportReadyTime();
            if (!m_config->logs.empty())
                m_info.upstreamTls = connection.sharedTls();
        }
        restartIdleTimer();
        m_downstream.readDisable(false);
    }

    void onUpstreamData(net::Buffer &data, bool endStream) override
    {
        restartIdleTimer();
        m_downstream.write(data, endStream);
        countBytes();
    }

    void onUpstreamAboveHighWatermark() override
    {
        m_config->stats.pausedReading.inc();
        m_downstream.readDisable(true);
    }
    void onUpstreamBelowLowWatermark() override
    {
        restartIdleTimer();
        m_config->stats.resumedReading.inc();
        m_downstream.readDisable(false);
    }

    void onUpstreamClosed(bool wasConnected) override
    {
        const std::string reason = m_upstream->connection().transportFailureReason();
        const bool reset = m_upstream->connection().resetByPeer();
        m_worker.dispatcher.deferredDelete(std::move(m_upstream));
        m_idleTimer.cancel();
        if (!wasConnected) {
            m_info.flags.set(ResponseFlag::UpstreamConnectionFailure);
            m_info.upstreamTransportFailure = reason;
            connectUpstream();
            return;
        }
        if (reset) {
            m_info.flags.set(ResponseFlag::UpstreamRemoteReset);
            m_downstream.close(net::CloseType::Reset);
            return;
        }
        m_downstream.close(net::CloseType::Flush);
    }

    /// The client is gone. What it sent before its FIN still reaches the host; a reset goes on as a reset.
    void abandonUpstream(net::CloseEvent event)
    {
        net::CloseType type = event == net::CloseEvent::RemoteClose && m_worker.lingering != nullptr
                                  ? net::CloseType::Flush
                                  : net::CloseType::NoFlush;
        if (m_downstream.resetByPeer())
            type = net::CloseType::Reset;
        upstream::TcpConnection *upstream = m_upstream.get();
        const bool pending = type == net::CloseType::Flush && upstream->isConnected() &&
                             upstream->connection().bytesToWrite() != 0;
        if (!pending) {
            upstream->abandon(upstream->isConnected() ? type : net::CloseType::NoFlush, {});
            if (upstream->connection().state() == net::Connection::State::Closed) {
                m_worker.dispatcher.deferredDelete(std::move(m_upstream));
                return;
            }
        }
        // TLS or the socket still holds bytes.
        m_config->stats.flushTotal.inc();
        m_config->stats.flushActive.inc();
        WorkerContext &worker = m_worker;
        worker.lingering->keep(std::move(m_upstream));
        upstream->abandon(type, [&worker, upstream, config = m_config] {
            config->stats.flushActive.dec();
            worker.dispatcher.deferredDelete(worker.lingering->release(upstream));
        });
    }

    void onIdleTimeout()
    {
        m_config->stats.idleTimeout.inc();
        m_downstream.close(net::CloseType::NoFlush, "tcp_session_idle_timeout");
    }
    void onMaxDuration()
    {
        m_info.flags.set(ResponseFlag::DurationTimeout);
        m_config->stats.maxDuration.inc();
        m_downstream.close(net::CloseType::NoFlush, "tcp_session_max_duration");
    }
    void restartIdleTimer()
    {
        if (m_config->idleTimeout.count() > 0)
            m_idleTimer.arm(m_config->idleTimeout);
    }

    void countBytes()
    {
        const std::uint64_t received = m_downstream.bytesReceived();
        const std::uint64_t sent = m_downstream.bytesSent();
        m_config->stats.rxBytes.add(received - std::exchange(m_info.bytesReceived, received));
        m_config->stats.txBytes.add(sent - std::exchange(m_info.bytesSent, sent));
    }

    void finishInfo()
    {
        const net::ConnectionAddresses &addresses = m_downstream.addresses();
        m_info.end = m_worker.dispatcher.now();
        m_info.localAddress = addresses.local;
        m_info.directLocalAddress = addresses.directLocal;
        m_info.remoteAddress = addresses.remote;
        m_info.directRemoteAddress = addresses.directRemote;
        m_info.connectionTerminationDetails = m_downstream.terminationDetails();
        m_info.downstreamTls = m_downstream.tls();
        m_info.downstreamTransportFailure = m_downstream.transportFailureReason();
        if (m_downstream.tls() != nullptr)
            m_info.downstreamHandshakeEnd = m_downstream.transportReadyTime();
        m_info.downstreamWireReceived = m_info.bytesReceived;
        m_info.downstreamWireSent = m_info.bytesSent;
        if (m_upstream) {
            m_info.upstreamWireReceived = m_upstream->connection().bytesReceived();
            m_info.upstreamWireSent = m_upstream->connection().bytesSent();
        }
    }

    std::shared_ptr<const TcpProxyConfig> m_config;
    WorkerContext &m_worker;
    std::shared_ptr<const ChainInfo> m_chain;
    net::Connection &m_downstream;
    std::string m_sniCluster;
    std::string_view m_clusterName;
    upstream::ClusterInfoPtr m_cluster;
    std::unique_ptr<upstream::TcpConnection> m_upstream;
    telemetry::StreamInfo m_info;
    net::Timer m_idleTimer;
    net::Timer m_durationTimer;
};

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

} // namespace

Result<std::shared_ptr<const TerminalFilter>> makeTcpProxy(const dataplane::TcpProxy &configuration,
                                                           const FactoryContext &context)
{
    auto config = std::make_shared<TcpProxyConfig>(configuration, context.stats);
    for (const dataplane::AccessLog &log : configuration.accessLogs) {
        auto logger = telemetry::AccessLogger::create(log, context.logFiles, context.logListener);
        if (!logger)
            return fail(logger.error());
        config->logs.push_back(*logger);
    }
    return std::make_shared<const TcpProxyFilter>(std::move(config));
}

} // namespace sallyport::server
