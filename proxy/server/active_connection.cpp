// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/active_connection.h"

#include "proxy/server/connection_facts.h"

namespace sallyport::server {

namespace {

void addConnection(telemetry::StreamInfo &info, const net::ConnectionAddresses &addresses,
                   net::Clock::time_point start, net::Clock::time_point now)
{
    info.logType = "NotSet";
    info.start = start;
    info.startWall = std::chrono::system_clock::now() -
                     std::chrono::duration_cast<std::chrono::system_clock::duration>(now - start);
    info.end = now;
    info.localAddress = addresses.local;
    info.directLocalAddress = addresses.directLocal;
    info.remoteAddress = addresses.remote;
    info.directRemoteAddress = addresses.directRemote;
}

void writeLogs(const Listener &listener, telemetry::StreamInfo &info)
{
    info.listenerMetadata = listener.configuration().metadata.filters;
    info.listenerName = listener.configuration().name;
    const telemetry::LogContext context{info, nullptr, nullptr, nullptr, {}};
    for (const auto &log : listener.accessLogs())
        log->log(context);
}

} // namespace

DownstreamConnections::~DownstreamConnections()
{
    forEach([](ActiveConnection &connection) { connection.close({}); });
}

void DownstreamConnections::forEach(const std::function<void(ActiveConnection &)> &visit)
{
    for (ActiveConnection *connection = m_first; connection != nullptr; connection = m_cursor) {
        m_cursor = connection->m_next;
        visit(*connection);
    }
    m_cursor = nullptr;
}

ActiveConnection::ActiveConnection(WorkerContext &worker, DownstreamConnections &connections,
                                   std::shared_ptr<const Listener> listener, FilterChainPtr chain)
    : m_worker(worker)
    , m_connections(connections)
    , m_listener(std::move(listener))
    , m_chain(std::move(chain))
    , m_filtersPassed(m_chain->rbac().empty())
{
    m_next = connections.m_first;
    if (m_next != nullptr)
        m_next->m_previous = this;
    connections.m_first = this;
    ++connections.m_count;
    telemetry::ListenerStats &stats = m_listener->stats();
    stats.cxTotal.inc();
    stats.cxActive.inc();
    const telemetry::ListenerStats::PerHandler &perWorker = stats.handlers[worker.index - 1];
    perWorker.cxTotal->inc();
    perWorker.cxActive->inc();
    m_listener->openConnections().count.fetch_add(1, std::memory_order_relaxed);
}

ActiveConnection::~ActiveConnection() = default;

void ActiveConnection::start(WorkerContext &worker, DownstreamConnections &connections,
                             std::shared_ptr<const Listener> listener, FilterChainPtr chain,
                             net::Descriptor fd, net::ConnectionAddresses addresses, InspectedFacts facts)
{
    std::unique_ptr<net::Transport> transport = chain->tls() != nullptr
                                                    ? chain->tls()->makeTransport(listener->tlsStats())
                                                    : net::makePlainTransport();
    // Owned by itself from here on: onClosed() hands it to the dispatcher.
    auto *self = new ActiveConnection(worker, connections, std::move(listener), std::move(chain));
    self->m_connection = net::Connection::accepted(worker.dispatcher, std::move(fd), std::move(addresses),
                                                   std::move(transport));
    net::Connection &connection = *self->m_connection;
    connection.setBufferLimit(self->m_listener->configuration().perConnectionBufferLimit);
    connection.setCallbacks(self);
    if (self->m_chain->terminal() == nullptr) {
        self->m_listener->countMissingFilters();
        connection.close(net::CloseType::NoFlush, "no filters");
        return;
    }
    if (self->m_chain->transportConnectTimeout() && self->m_chain->tls() != nullptr)
        connection.setTransportConnectTimeout(*self->m_chain->transportConnectTimeout());
    if (!self->m_filtersPassed || !self->m_listener->accessLogs().empty())
        self->m_requestedServerName = facts.serverName;
    if (!self->m_filtersPassed || !facts.metadata.isEmpty())
        self->m_metadata = std::make_shared<QJsonObject>(std::move(facts.metadata));
    ConnectionContext context{worker,
                              self->m_chain->info(),
                              connection,
                              std::move(facts.serverName),
                              std::move(facts.applicationProtocols),
                              {},
                              facts.fingerprints,
                              facts.transportFailure,
                              self->m_metadata};
    self->m_inspectedFailure = std::move(facts.transportFailure);
    self->m_fingerprints = std::move(facts.fingerprints);
    if (self->m_chain->takesClusterFromSni())
        context.sniCluster = context.requestedServerName;
    self->m_handler = self->m_chain->terminal()->create(context);
    // A handshake that has begun is heard of before what becomes of an upstream's connection.
    if (self->m_chain->tls() != nullptr)
        connection.start();
    self->m_handler->onNewConnection();
    if (self->m_chain->tls() == nullptr && connection.state() != net::Connection::State::Closed)
        connection.start();
}

void ActiveConnection::onConnected()
{
    m_handler->onConnected();
}

bool ActiveConnection::passesFilters()
{
    const dataplane::ConnectionFacts facts = connectionFactsOf(*m_connection, m_requestedServerName);
    bool remain = false;
    for (const NetworkRbac &rbac : m_chain->rbac()) {
        if (m_firstPassed && !rbac.continuous)
            continue;
        remain = remain || rbac.continuous;
        std::string details = rbac.rules->refuse(facts, nullptr, m_metadata.get());
        if (details.empty())
            continue;
        m_connection->setTerminationDetails(std::move(details));
        m_connection->close(net::CloseType::NoFlush, "rbac_deny_close");
        return false;
    }
    m_firstPassed = true;
    m_filtersPassed = !remain;
    return true;
}

void ActiveConnection::onData(net::Buffer &data, bool endStream)
{
    // What a handler leaves for later is counted anew, as in Envoy; what is dropped is not.
    m_bytesHandedOn += data.size();
    if (!m_filtersPassed && !passesFilters())
        return;
    m_handler->onData(data, endStream);
}

void ActiveConnection::onSent()
{
    m_handler->onSent();
}

void ActiveConnection::onAboveHighWatermark()
{
    m_handler->onAboveHighWatermark();
}

void ActiveConnection::onBelowLowWatermark()
{
    m_handler->onBelowLowWatermark();
}

void ActiveConnection::onClosed(net::CloseEvent event)
{
    telemetry::ListenerStats &stats = m_listener->stats();
    if (m_connection->transportConnectTimedOut())
        stats.transportConnectTimeout.inc();
    if (m_handler)
        m_handler->onClosed(event);
    writeListenerLog();
    if (m_handler)
        m_handler->writeLastRecord();
    m_listener->openConnections().count.fetch_sub(1, std::memory_order_relaxed);
    stats.cxActive.dec();
    stats.cxDestroy.inc();
    stats.handlers[m_worker.index - 1].cxActive->dec();
    stats.cxLengthMs.record(static_cast<std::uint64_t>(
        (m_worker.dispatcher.now() - m_connection->startTime()) / std::chrono::milliseconds(1)));

    if (m_connections.m_cursor == this)
        m_connections.m_cursor = m_next;
    if (m_previous != nullptr)
        m_previous->m_next = m_next;
    else
        m_connections.m_first = m_next;
    if (m_next != nullptr)
        m_next->m_previous = m_previous;
    --m_connections.m_count;
    m_worker.dispatcher.deferredDelete(std::unique_ptr<net::Deferred>(this));
}

void ActiveConnection::writeListenerLog() const
{
    if (m_listener->accessLogs().empty())
        return;
    const telemetry::StreamInfo *known = m_handler ? m_handler->streamInfo() : nullptr;
    telemetry::StreamInfo info = known != nullptr ? *known : telemetry::StreamInfo();
    addConnection(info, m_connection->addresses(), m_connection->startTime(), m_worker.dispatcher.now());
    info.requestedServerName = m_requestedServerName;
    info.downstreamTls = m_connection->tls();
    info.fingerprints = m_fingerprints;
    info.downstreamLocalCloseReason = m_connection->localCloseReason();
    info.downstreamResetByPeer = m_connection->resetByPeer();
    info.downstreamTransportFailure = m_connection->transportFailureReason();
    if (info.downstreamTransportFailure.empty())
        info.downstreamTransportFailure = m_inspectedFailure;
    if (m_metadata)
        info.dynamicMetadata = *m_metadata;
    info.connectionTerminationDetails = m_connection->terminationDetails();
    info.connectionId = m_connection->id();
    info.filterChainName = m_chain->info()->name;
    info.filterChainMetadata = m_chain->info()->metadata.filters;
    info.bytesReceived = m_bytesHandedOn;
    info.bytesSent = m_connection->bytesSent();
    if (m_connection->tls() != nullptr)
        info.downstreamHandshakeEnd = m_connection->transportReadyTime();
    writeLogs(*m_listener, info);
}

void ActiveConnection::moveTo(const FilterChainPtr &successor)
{
    if (successor && successor->terminal() != nullptr && m_handler &&
        m_handler->adopt(*successor->terminal(), successor->info())) {
        m_chain = successor;
        return;
    }
    drain();
}

void ActiveConnection::drain()
{
    if (m_handler)
        m_handler->onDrain();
}

bool ActiveConnection::isIdle() const
{
    // A request that has arrived and is not read yet is no idleness.
    return !m_handler || (m_handler->isIdle() && !m_connection->hasUnreadInput());
}

void ActiveConnection::close(std::string_view reason)
{
    m_connection->close(net::CloseType::NoFlush, reason);
}

void logRefusedConnection(const Listener &listener, const net::ConnectionAddresses &addresses,
                          const InspectedFacts &facts, net::Clock::time_point start,
                          net::Clock::time_point now, bool unmatched)
{
    if (listener.accessLogs().empty())
        return;
    telemetry::StreamInfo info;
    addConnection(info, addresses, start, now);
    info.requestedServerName = facts.serverName;
    info.fingerprints = facts.fingerprints;
    info.dynamicMetadata = facts.metadata;
    info.downstreamTransportFailure = facts.transportFailure;
    if (unmatched) {
        info.responseCodeDetails = "filter_chain_not_found";
        info.flags.set(telemetry::ResponseFlag::NoRouteFound);
    }
    writeLogs(listener, info);
}

} // namespace sallyport::server
