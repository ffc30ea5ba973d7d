// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/request_id.h"
#include "proxy/server/tcp_proxy_config.h"
#include "proxy/upstream/dns_cache.h"
#include "proxy/upstream/http_tunnel.h"

#include <algorithm>

namespace sallyport::server {

namespace {

using telemetry::ResponseFlag;

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
        const auto id = randomUuid(m_worker.random);
        m_info.requestId.assign(id.data(), id.size());
        m_info.filterChainName = m_chain->name;
        m_info.filterChainMetadata = m_chain->metadata.filters;
        m_info.requestedServerName = context.requestedServerName;
        m_info.fingerprints = context.fingerprints;
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
        if (m_chain->sniAddresses && !m_info.requestedServerName.empty())
            findAddress();
        else
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
        m_query.reset();
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
    /// Goes on once the address of the name is known that TLS asks for.
    void findAddress()
    {
        const auto take = [this](net::Address address) {
            address.setPort(m_chain->sniPort);
            m_info.forwardProxyHost = address;
            connectUpstream();
        };
        if (const auto known = m_chain->sniAddresses->find(m_info.requestedServerName)) {
            take(*known);
            return;
        }
        m_query =
            m_chain->sniAddresses->resolve(m_info.requestedServerName, m_worker.dispatcher,
                                           [this, take](const net::Address &address, const std::string &) {
                                               if (address.isIp()) {
                                                   take(address);
                                                   return;
                                               }
                                               m_info.flags.set(ResponseFlag::DnsResolutionFailed);
                                               m_downstream.close(net::CloseType::NoFlush);
                                           });
    }

    void connectUpstream()
    {
        m_info.upstreamRequestCreated = m_worker.dispatcher.now();
        const dataplane::TcpProxy &configuration = m_config->configuration;
        const upstream::ClusterInfoPtr cluster = m_worker.clusters.find(m_clusterName);
        if (!cluster) {
            m_config->stats.cxNoRoute.inc();
            giveUp(ResponseFlag::NoClusterFound, NoUpstream::NoRoute);
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
            giveUp(ResponseFlag::UpstreamOverflow, NoUpstream::LimitExceeded);
            return;
        }
        if (m_info.attemptCount >= configuration.maxConnectAttempts) {
            stats.cxConnectAttemptsExceeded.inc();
            giveUp(ResponseFlag::UpstreamRetryLimitExceeded, NoUpstream::ConnectFailed);
            return;
        }
        const upstream::HostPtr host = chooseHost(cluster);
        if (!host) {
            stats.cxNoneHealthy.inc();
            giveUp(ResponseFlag::NoHealthyUpstream, NoUpstream::NoHealthyHost);
            return;
        }
        if (!breakers.pending.canCreate()) {
            stats.rqPendingOverflow.inc();
            giveUp(ResponseFlag::UpstreamOverflow, NoUpstream::LimitExceeded);
            return;
        }
        ++m_info.attemptCount;
        m_host = host;
        m_info.upstreamAttempted.push_back({host->address(), host->hostname(), 0});
        m_info.upstreamHost = host->address();
        m_info.upstreamHostName = host->hostname().empty() ? host->address().toString() : host->hostname();
        m_info.upstreamMetadata = host->metadata().filters;
        m_info.upstreamConnectStart = m_worker.dispatcher.now();
        if (configuration.tunneling)
            m_upstream = std::make_unique<upstream::HttpTunnel>(m_worker.clusters, cluster, host,
                                                                *configuration.tunneling, *this);
        else
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
        if (cluster->configuration().type == dataplane::Cluster::Type::DynamicForwardProxy)
            return m_worker.clusters.chooseHost(cluster, context, m_info.forwardProxyHost);
        return m_worker.clusters.chooseHost(cluster, context,
                                            addresses.localRestored ? addresses.local : net::Address());
    }

    /// Why no upstream was had, by the numbers that Envoy's close reasons end in.
    enum class NoUpstream { ConnectFailed, NoHealthyHost, LimitExceeded, NoRoute };
    void giveUp(ResponseFlag flag, NoUpstream why)
    {
        m_info.flags.set(flag);
        m_info.poolReady = m_worker.dispatcher.now();
        m_downstream.close(net::CloseType::NoFlush,
                           "tcp_initializion_failure:" + std::to_string(static_cast<int>(why)));
    }

    void onUpstreamConnected() override
    {
        m_info.poolReady = m_worker.dispatcher.now();
        if (net::Connection *connection = m_upstream->wire()) {
            m_info.upstreamLocalAddress = connection->addresses().local;
            m_info.upstreamRemoteAddress = connection->addresses().remote;
            m_info.upstreamConnectionId = connection->id();
            m_info.upstreamAttempted.back().connectionId = connection->id();
            m_info.upstreamConnectEnd = connection->connectedTime();
            if (connection->tls() != nullptr) {
                m_info.upstreamHandshakeEnd = connection->transportReadyTime();
                if (!m_config->logs.empty())
                    m_info.upstreamTls = connection->sharedTls();
            }
        }
        m_cluster->onTcpConnected(*m_host);
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
        const std::string reason = m_upstream->failureReason();
        const bool reset = m_upstream->resetByPeer();
        const bool timedOut = m_upstream->connectTimedOut();
        takeUpstream();
        m_worker.dispatcher.deferredDelete(std::move(m_upstream));
        m_idleTimer.cancel();
        if (!wasConnected) {
            m_cluster->onLocalOriginFailure(*m_host, timedOut ? http::ResetReason::ConnectionTimeout
                                                              : http::ResetReason::RemoteConnectionFailure);
            m_info.flags.set(ResponseFlag::UpstreamConnectionFailure);
            m_info.upstreamTransportFailure = reason;
            m_info.poolReady = m_worker.dispatcher.now();
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
        upstream::TcpUpstream *upstream = m_upstream.get();
        const net::Connection *wire = upstream->wire();
        const bool pending = type == net::CloseType::Flush && upstream->isConnected() &&
                             !m_config->configuration.tunneling && wire && wire->bytesToWrite() != 0;
        if (!pending) {
            upstream->abandon(upstream->isConnected() ? type : net::CloseType::NoFlush, {});
            if (upstream->isClosed()) {
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
        if (received > m_info.bytesReceived)
            m_config->stats.rxBuffered.touch();
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
        m_info.downstreamWireReceived = m_info.bytesReceived;
        m_info.downstreamWireSent = m_info.bytesSent;
        m_info.downstreamLocalCloseReason = m_downstream.localCloseReason();
        m_info.downstreamResetByPeer = m_downstream.resetByPeer();
        takeUpstream();
    }

    /// What the log says of the upstream's connection, if one was had.
    void takeUpstream()
    {
        const net::Connection *wire = m_upstream ? m_upstream->wire() : nullptr;
        if (wire == nullptr)
            return;
        m_info.upstreamWireReceived = wire->bytesReceived();
        m_info.upstreamWireSent = wire->bytesSent();
        m_info.upstreamResetByPeer = wire->resetByPeer();
        m_info.upstreamLocalCloseReason = wire->localCloseReason();
    }

    std::shared_ptr<const TcpProxyConfig> m_config;
    WorkerContext &m_worker;
    std::shared_ptr<const ChainInfo> m_chain;
    net::Connection &m_downstream;
    std::string m_sniCluster;
    std::string_view m_clusterName;
    upstream::ClusterInfoPtr m_cluster;
    upstream::HostPtr m_host;
    std::unique_ptr<upstream::DnsCache::Query> m_query;
    std::unique_ptr<upstream::TcpUpstream> m_upstream;
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
