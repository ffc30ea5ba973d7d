// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/tcp_connection.h"

#include "proxy/upstream/proxy_header.h"

namespace sallyport::upstream {

namespace {

net::ConnectOptions connectOptions(const dataplane::Cluster &cluster,
                                   const dataplane::UpstreamTransport &transport,
                                   const net::ConnectionAddresses &downstream)
{
    net::ConnectOptions options;
    if (cluster.bindAddress) {
        Result<net::Address> address = net::Address::parseIp(
            cluster.bindAddress->address, static_cast<std::uint16_t>(cluster.bindAddress->port));
        if (address)
            options.source = *address;
    }
    options.preamble = proxyHeaderFor(transport, downstream);
    options.keepalive = keepaliveOf(cluster);
    return options;
}

} // namespace

TcpConnection::TcpConnection(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, HostPtr host,
                             const net::ConnectionAddresses &downstream, TcpConnectionCallbacks &callbacks)
    : m_cluster(std::move(cluster))
    , m_host(std::move(host))
    , m_callbacks(&callbacks)
    , m_connectTimer(dispatcher,
                     [this] {
                         m_connectTimedOut = true;
                         m_cluster->stats().cxConnectTimeout.inc();
                         m_connection->close(net::CloseType::NoFlush);
                     })
    , m_start(dispatcher.now())
{
    ClusterStats &stats = m_cluster->stats();
    stats.cxTotal.inc();
    stats.cxActive.inc();
    stats.rqPendingTotal.inc();
    stats.rqPendingActive.inc();
    m_host->requestsPending.fetch_add(1, std::memory_order_relaxed);
    m_host->connectionsTotal.fetch_add(1, std::memory_order_relaxed);
    m_host->connectionsActive.fetch_add(1, std::memory_order_relaxed);
    m_cluster->breakers(false).connections.inc();
    m_cluster->breakers(false).pending.inc();

    const dataplane::Cluster &configuration = m_cluster->configuration();
    const dataplane::UpstreamTransport &transport = m_cluster->transportFor(*m_host);
    m_connection =
        net::Connection::client(dispatcher, m_host->address(), m_cluster->makeTransport(*m_host, {}),
                                connectOptions(configuration, transport, downstream));
    m_connection->setBufferLimit(configuration.perConnectionBufferLimit);
    m_connection->enableHalfClose(true);
    m_connection->setCallbacks(this);
    m_connectTimer.arm(std::chrono::ceil<std::chrono::milliseconds>(configuration.connectTimeout));
}

TcpConnection::~TcpConnection()
{
    if (!m_closed) {
        m_callbacks = nullptr;
        m_connection->close(net::CloseType::NoFlush);
    }
}

void TcpConnection::leavePending()
{
    if (!std::exchange(m_pending, false))
        return;
    m_cluster->stats().rqPendingActive.dec();
    m_host->requestsPending.fetch_sub(1, std::memory_order_relaxed);
    m_cluster->breakers(false).pending.dec();
}

void TcpConnection::countBytes()
{
    const std::uint64_t received = m_connection->bytesReceived();
    const std::uint64_t sent = m_connection->bytesSent();
    ClusterStats &stats = m_cluster->stats();
    // Envoy's gauge stands at what was read last until the next read, or the end.
    if (received > m_countedReceived)
        m_received.note(stats.cxRxBuffered, static_cast<std::size_t>(received - m_countedReceived));
    stats.cxRxBytes.add(received - std::exchange(m_countedReceived, received));
    stats.cxTxBytes.add(sent - std::exchange(m_countedSent, sent));
}

void TcpConnection::onSent()
{
    countBytes();
    m_toSend.note(m_cluster->stats().cxTxBuffered, m_connection->bytesToWrite());
}

void TcpConnection::write(net::Buffer &data, bool endStream)
{
    m_connection->write(data, endStream);
    countBytes();
}

void TcpConnection::abandon(net::CloseType type, std::function<void()> onAbandoned)
{
    m_callbacks = nullptr;
    m_onAbandoned = std::move(onAbandoned);
    if (!m_connected)
        m_cluster->stats().rqCancelled.inc();
    m_connection->close(type);
}

void TcpConnection::onConnected()
{
    m_connectTimer.cancel();
    m_connected = true;
    leavePending();
    ClusterStats &stats = m_cluster->stats();
    stats.rqTotal.inc();
    stats.rqActive.inc();
    m_cluster->breakers(false).requests.touch();
    m_host->requestsTotal.fetch_add(1, std::memory_order_relaxed);
    m_host->requestsActive.fetch_add(1, std::memory_order_relaxed);
    stats.cxConnectMs.record(static_cast<std::uint64_t>((m_connection->dispatcher().now() - m_start) /
                                                        std::chrono::milliseconds(1)));
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamConnected();
}

void TcpConnection::onData(net::Buffer &data, bool endStream)
{
    countBytes();
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamData(data, endStream);
    else
        data.clear();
}

void TcpConnection::onAboveHighWatermark()
{
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamAboveHighWatermark();
}

void TcpConnection::onBelowLowWatermark()
{
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamBelowLowWatermark();
}

void TcpConnection::onClosed(net::CloseEvent event)
{
    m_closed = true;
    m_connectTimer.cancel();
    countBytes();
    ClusterStats &stats = m_cluster->stats();
    m_received.note(stats.cxRxBuffered, 0);
    m_toSend.note(stats.cxTxBuffered, 0);
    const bool local = event == net::CloseEvent::LocalClose;
    stats.cxDestroy.inc();
    (local ? stats.cxDestroyLocal : stats.cxDestroyRemote).inc();
    if (m_connected) {
        stats.cxDestroyWithActive.inc();
        (local ? stats.cxDestroyLocalWithActive : stats.cxDestroyRemoteWithActive).inc();
        stats.rqActive.dec();
        m_host->requestsActive.fetch_sub(1, std::memory_order_relaxed);
    } else if (m_callbacks != nullptr) {
        stats.cxConnectFail.inc();
        if (m_connection->failedToBind())
            stats.bindErrors.inc();
        stats.rqPendingFailureEject.inc();
        m_host->connectFailures.fetch_add(1, std::memory_order_relaxed);
    }
    leavePending();
    stats.cxLengthMs.record(static_cast<std::uint64_t>((m_connection->dispatcher().now() - m_start) /
                                                       std::chrono::milliseconds(1)));
    stats.cxActive.dec();
    m_host->connectionsActive.fetch_sub(1, std::memory_order_relaxed);
    m_cluster->breakers(false).connections.dec();
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamClosed(m_connected);
    else if (m_onAbandoned)
        m_onAbandoned();
}

} // namespace sallyport::upstream
