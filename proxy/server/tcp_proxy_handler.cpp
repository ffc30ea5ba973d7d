// SPDX-License-Identifier: GPL-3.0-or-later
// What the client does, what time does, and what is written of a connection.
#include "proxy/server/tcp_proxy_handler.h"

#include "proxy/server/request_id.h"

namespace sallyport::server {

using telemetry::ResponseFlag;

TcpProxyHandler::TcpProxyHandler(std::shared_ptr<const TcpProxyConfig> config,
                                 const ConnectionContext &context)
    : m_config(std::move(config))
    , m_worker(context.worker)
    , m_chain(context.chain)
    , m_downstream(context.connection)
    , m_sniCluster(context.sniCluster)
    , m_inspectedFailure(context.inspectedFailure)
    , m_metadata(context.metadata)
    , m_idleTimer(context.worker.dispatcher, [this] { onIdleTimeout(); })
    , m_durationTimer(context.worker.dispatcher, [this] { onMaxDuration(); })
    , m_logTimer(context.worker.dispatcher, [this] {
        writeLogs("TcpPeriodic");
        armLogTimer();
    })
{
    m_info.start = m_downstream.startTime();
    m_info.startWall = std::chrono::system_clock::now();
    m_info.connectionId = m_downstream.id();
    const auto id = randomUuid(m_worker.random);
    m_info.requestId.assign(id.data(), id.size());
    m_info.filterChainName = m_chain->name;
    m_info.listenerName = m_chain->listenerName;
    m_info.filterChainMetadata = m_chain->metadata.filters;
    m_info.listenerMetadata = m_chain->listenerMetadata.filters;
    m_info.requestedServerName = context.requestedServerName;
    m_info.fingerprints = context.fingerprints;
}

void TcpProxyHandler::onNewConnection()
{
    const dataplane::TcpProxy &configuration = m_config->configuration;
    m_config->stats.cxTotal.inc();
    m_downstream.enableHalfClose(true);
    // Nothing is read before it can be handed on, or kept.
    if (!takesEarlyData())
        pauseReading();
    if (configuration.maxDownstreamConnectionDuration)
        m_durationTimer.arm(
            std::chrono::ceil<std::chrono::milliseconds>(*configuration.maxDownstreamConnectionDuration));
    armLogTimer();
    const bool waits = configuration.connectMode == ConnectMode::OnDownstreamData ||
                       (configuration.connectMode == ConnectMode::OnDownstreamTlsHandshake && m_chain->tls);
    if (!waits)
        findRoute();
}

void TcpProxyHandler::onConnected()
{
    if (m_config->configuration.connectMode == ConnectMode::OnDownstreamTlsHandshake)
        findRoute();
}

void TcpProxyHandler::pauseReading()
{
    if (!std::exchange(m_paused, true))
        m_downstream.readDisable(true);
}

void TcpProxyHandler::resumeReading()
{
    if (std::exchange(m_paused, false))
        m_downstream.readDisable(false);
}

void TcpProxyHandler::onData(net::Buffer &data, bool endStream)
{
    countBytes();
    m_info.downstreamWireReceived += data.size();
    if (m_upstream && m_upstream->isConnected()) {
        m_carriedUp += data.size();
        restartIdleTimer();
        m_upstream->write(data, endStream);
        return;
    }
    if (takesEarlyData())
        keepEarlyData(data, endStream);
    else
        data.clear();
}

void TcpProxyHandler::keepEarlyData(net::Buffer &data, bool endStream)
{
    m_config->stats.earlyData.inc();
    m_early.move(data);
    m_earlyEnd = m_earlyEnd || endStream;
    if (m_early.size() > *m_config->configuration.maxEarlyDataBytes)
        pauseReading();
    if (m_config->configuration.connectMode == ConnectMode::OnDownstreamData && !m_early.isEmpty())
        findRoute();
}

void TcpProxyHandler::onSent()
{
    m_toSend.note(m_config->stats.txBuffered, m_downstream.bytesToWrite());
}

void TcpProxyHandler::onAboveHighWatermark()
{
    if (!m_upstream)
        return;
    m_cluster->stats().flowPausedReading.inc();
    m_upstream->readDisable(true);
}

void TcpProxyHandler::onBelowLowWatermark()
{
    restartIdleTimer();
    if (!m_upstream)
        return;
    m_cluster->stats().flowResumedReading.inc();
    m_upstream->readDisable(false);
}

void TcpProxyHandler::onClosed(net::CloseEvent event)
{
    m_idleTimer.cancel();
    m_durationTimer.cancel();
    m_logTimer.cancel();
    m_query.reset();
    countBytes();
    m_received.note(m_config->stats.rxBuffered, 0);
    m_toSend.note(m_config->stats.txBuffered, 0);
    finishInfo();
    if (m_upstream)
        abandonUpstream(event);
}

void TcpProxyHandler::writeLastRecord()
{
    writeLogs("TcpConnectionEnd");
}

void TcpProxyHandler::onIdleTimeout()
{
    m_config->stats.idleTimeout.inc();
    m_downstream.close(net::CloseType::NoFlush, "tcp_session_idle_timeout");
}

void TcpProxyHandler::onMaxDuration()
{
    m_info.flags.set(ResponseFlag::DurationTimeout);
    m_config->stats.maxDuration.inc();
    m_downstream.close(net::CloseType::NoFlush, "max_connection_duration_reached");
}

void TcpProxyHandler::restartIdleTimer()
{
    if (m_config->idleTimeout.count() > 0)
        m_idleTimer.arm(m_config->idleTimeout);
}

void TcpProxyHandler::armLogTimer()
{
    if (const auto &interval = m_config->configuration.logInterval)
        m_logTimer.arm(std::chrono::ceil<std::chrono::milliseconds>(*interval));
}

/// The last record is written when all is known; one before tells what is known by then.
void TcpProxyHandler::writeLogs(std::string_view type)
{
    if (type != "TcpConnectionEnd") {
        countBytes();
        finishInfo();
    }
    m_info.logType = type;
    const telemetry::LogContext context{m_info, nullptr, nullptr, nullptr, {}};
    for (const auto &log : m_config->logs)
        log->log(context);
}

void TcpProxyHandler::countBytes()
{
    const std::uint64_t received = m_downstream.bytesReceived();
    const std::uint64_t sent = m_downstream.bytesSent();
    // Envoy's gauge stands at what was read last until the next read, or the end.
    if (received > m_info.bytesReceived)
        m_received.note(m_config->stats.rxBuffered,
                        static_cast<std::size_t>(received - m_info.bytesReceived));
    m_config->stats.rxBytes.add(received - std::exchange(m_info.bytesReceived, received));
    m_config->stats.txBytes.add(sent - std::exchange(m_info.bytesSent, sent));
}

void TcpProxyHandler::finishInfo()
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
    if (m_info.downstreamTransportFailure.empty())
        m_info.downstreamTransportFailure = m_inspectedFailure;
    m_info.downstreamLocalCloseReason = m_downstream.localCloseReason();
    m_info.downstreamResetByPeer = m_downstream.resetByPeer();
    if (m_metadata)
        m_info.dynamicMetadata = *m_metadata;
    takeUpstream();
    // What a tunnel carries counts with its stream and by itself (measured, 1.40).
    m_info.upstreamWireReceived = m_tunnelMeter.wireReceived + m_carriedDown;
    m_info.upstreamWireSent = m_tunnelMeter.wireSent + m_carriedUp;
    m_info.upstreamHeaderReceived = m_tunnelMeter.headerReceived;
    m_info.upstreamHeaderSent = m_tunnelMeter.headerSent;
    m_info.upstreamDecompressedHeaderReceived = m_tunnelMeter.decompressedHeaderReceived;
    m_info.upstreamDecompressedHeaderSent = m_tunnelMeter.decompressedHeaderSent;
}

/// What the log says of the upstream's connection, if one was had.
void TcpProxyHandler::takeUpstream()
{
    if (!m_upstream)
        return;
    if (const http::BytesMeter *meter = m_upstream->meter())
        m_tunnelMeter = *meter;
    const net::Connection *wire = m_upstream->wire();
    if (wire == nullptr)
        return;
    m_info.upstreamResetByPeer = wire->resetByPeer();
    m_info.upstreamLocalCloseReason = wire->localCloseReason();
    // It goes with the client's, and for the same reason.
    if (m_info.upstreamLocalCloseReason.empty() && m_downstream.state() == net::Connection::State::Closed)
        m_info.upstreamLocalCloseReason = m_downstream.localCloseReason();
}

} // namespace sallyport::server
