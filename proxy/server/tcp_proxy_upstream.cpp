// SPDX-License-Identifier: GPL-3.0-or-later
// The way of a TCP proxy's connection to a host.
#include "proxy/server/tcp_proxy_handler.h"

#include <algorithm>

namespace sallyport::server {

using http::Known;
using telemetry::ResponseFlag;

namespace {

http::HeaderMapPtr tunnelRequest(const dataplane::TcpTunneling &configuration,
                                 const TcpProxyConfig::Tunnel &tunnel, const telemetry::StreamInfo &info,
                                 bool tls)
{
    const telemetry::LogContext context{info, nullptr, nullptr, nullptr, {}};
    http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Request);
    headers->add(Known::Method, configuration.usePost ? "POST" : "CONNECT");
    headers->add(Known::Authority, tunnel.hostname.format(context));
    if (configuration.usePost) {
        headers->add(Known::Path,
                     configuration.postPath.empty() ? std::string_view("/") : configuration.postPath);
        headers->add(Known::Scheme, tls ? "https" : "http");
    }
    tunnel.headers.apply(*headers, context);
    return headers;
}

} // namespace

void TcpProxyHandler::findRoute()
{
    if (std::exchange(m_begun, true))
        return;
    m_route = m_config->routeFor(m_worker.random());
    if (!m_sniCluster.empty())
        m_route.cluster = m_sniCluster;
    if (m_chain->sniAddresses && !m_info.requestedServerName.empty())
        findAddress();
    else
        connectUpstream();
}

/// Goes on once the address of the name is known that TLS asks for, or that there is none.
void TcpProxyHandler::findAddress()
{
    const auto take = [this](const net::Address &address) {
        m_info.forwardProxyHost = address;
        connectUpstream();
    };
    // Without a port of the filter's the cluster takes what it knows of the name at its own, and asks nobody.
    constexpr std::uint16_t plainPort = 80;
    const std::uint16_t port = m_chain->sniPort == 0 ? plainPort : m_chain->sniPort;
    if (const auto known = m_chain->sniAddresses->find(m_info.requestedServerName, port)) {
        if (known->address.isIp())
            take(known->address);
        else
            connectUpstream();
        return;
    }
    if (m_chain->sniPort == 0) {
        connectUpstream();
        return;
    }
    m_query = m_chain->sniAddresses->resolve(m_info.requestedServerName, port, m_worker.dispatcher,
                                             [this, take](const net::Address &address, const std::string &) {
                                                 if (address.isIp())
                                                     take(address);
                                                 else
                                                     connectUpstream();
                                             });
}

void TcpProxyHandler::connectUpstream()
{
    m_info.upstreamRequestCreated = m_worker.dispatcher.now();
    const dataplane::TcpProxy &configuration = m_config->configuration;
    const upstream::ClusterInfoPtr cluster = m_worker.clusters.find(m_route.cluster);
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
    ++m_info.attemptCount;
    if (!breakers.pending.canCreate()) {
        // The pool refuses it: an attempt as any other that fails.
        stats.rqPendingOverflow.inc();
        connectUpstream();
        return;
    }
    m_host = host;
    m_info.upstreamAttempted.push_back({host->address(), host->hostname(), 0});
    m_info.upstreamHost = host->address();
    m_info.upstreamHostName = host->hostname().empty() ? host->address().toString() : host->hostname();
    m_info.upstreamMetadata = host->metadata().filters;
    m_upstream = makeUpstream(cluster, host);
    m_upstream->start();
}

std::unique_ptr<upstream::TcpUpstream> TcpProxyHandler::makeUpstream(const upstream::ClusterInfoPtr &cluster,
                                                                     const upstream::HostPtr &host)
{
    if (!m_config->tunnel)
        return std::make_unique<upstream::TcpConnection>(m_worker.dispatcher, cluster, host,
                                                         m_downstream.addresses(), *this);
    finishInfo();
    return std::make_unique<upstream::HttpTunnel>(m_worker.clusters, cluster, host,
                                                  tunnelRequest(*m_config->configuration.tunneling,
                                                                *m_config->tunnel, m_info,
                                                                cluster->speaksTls(*host)),
                                                  *this);
}

upstream::HostPtr TcpProxyHandler::chooseHost(const upstream::ClusterInfoPtr &cluster)
{
    upstream::LbContext context;
    context.random = m_worker.random();
    if (m_route.metadataMatch != nullptr && !m_route.metadataMatch->isEmpty())
        context.metadataMatch = m_route.metadataMatch;
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

void TcpProxyHandler::giveUp(ResponseFlag flag, NoUpstream why)
{
    m_info.flags.set(flag);
    if (flag != ResponseFlag::NoClusterFound)
        m_info.poolReady = m_worker.dispatcher.now();
    m_downstream.close(net::CloseType::NoFlush,
                       "tcp_initializion_failure:" + std::to_string(static_cast<int>(why)));
}

void TcpProxyHandler::onUpstreamConnected()
{
    m_info.poolReady = m_worker.dispatcher.now();
    if (net::Connection *connection = m_upstream->wire()) {
        m_info.upstreamLocalAddress = connection->addresses().local;
        m_info.upstreamRemoteAddress = connection->addresses().remote;
        m_info.upstreamConnectionId = connection->id();
        m_info.upstreamAttempted.back().connectionId = connection->id();
        // Envoy knows nothing of the times of a tunnel's connection, nor of a handshake's end.
        if (!m_config->tunnel) {
            m_info.upstreamConnectStart = connection->startTime();
            m_info.upstreamConnectEnd = connection->connectedTime();
        }
        if (connection->tls() != nullptr && !m_config->logs.empty())
            m_info.upstreamTls = connection->sharedTls();
    }
    m_cluster->onTcpConnected(*m_host);
    restartIdleTimer();
    if (m_config->configuration.logOnConnected)
        writeLogs("TcpUpstreamConnected");
    if (!m_early.isEmpty() || m_earlyEnd) {
        m_carriedUp += m_early.size();
        m_upstream->write(m_early, m_earlyEnd);
    }
    resumeReading();
}

void TcpProxyHandler::onUpstreamData(net::Buffer &data, bool endStream)
{
    restartIdleTimer();
    m_carriedDown += data.size();
    m_info.downstreamWireSent += data.size();
    m_downstream.write(data, endStream);
    countBytes();
}

void TcpProxyHandler::onUpstreamAboveHighWatermark()
{
    m_config->stats.pausedReading.inc();
    m_downstream.readDisable(true);
}

void TcpProxyHandler::onUpstreamBelowLowWatermark()
{
    restartIdleTimer();
    m_config->stats.resumedReading.inc();
    m_downstream.readDisable(false);
}

void TcpProxyHandler::onUpstreamClosed(bool wasConnected)
{
    const std::string reason = m_upstream->failureReason();
    const bool reset = m_upstream->resetByPeer();
    const bool timedOut = m_upstream->connectTimedOut();
    const net::Connection *wire = m_upstream->wire();
    const bool ours = wire != nullptr && wire->failedToBind();
    takeUpstream();
    m_worker.dispatcher.deferredDelete(std::move(m_upstream));
    m_idleTimer.cancel();
    if (!wasConnected) {
        m_cluster->onLocalOriginFailure(*m_host, timedOut ? http::ResetReason::ConnectionTimeout
                                                 : ours   ? http::ResetReason::LocalConnectionFailure
                                                          : http::ResetReason::RemoteConnectionFailure);
        if (!ours)
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
void TcpProxyHandler::abandonUpstream(net::CloseEvent event)
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

} // namespace sallyport::server
