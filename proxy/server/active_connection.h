// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/accepted_socket.h"
#include "proxy/server/connection_handler.h"
#include "proxy/server/listener.h"

#include <functional>

namespace sallyport::server {

class ActiveConnection;

/// The downstream connections of one worker.
class DownstreamConnections
{
public:
    DownstreamConnections() = default;
    ~DownstreamConnections();
    DownstreamConnections(const DownstreamConnections &) = delete;
    DownstreamConnections &operator=(const DownstreamConnections &) = delete;

    std::size_t count() const { return m_count; }
    bool isEmpty() const { return m_count == 0; }
    /// Calls `visit` for each; it may close the one that it is given.
    void forEach(const std::function<void(ActiveConnection &)> &visit);

private:
    friend class ActiveConnection;
    ActiveConnection *m_first = nullptr;
    ActiveConnection *m_cursor = nullptr; ///< the one forEach() looks at next
    std::size_t m_count = 0;
};

/// A downstream connection: runs the network filters of its chain and hands its events to the terminal one.
/// Deletes itself (deferred) after the connection was closed.
class ActiveConnection final : public net::ConnectionCallbacks, public net::Deferred
{
public:
    /// Takes over an accepted socket. With TLS the handshake begins with the client's first bytes.
    static void start(WorkerContext &worker, DownstreamConnections &connections,
                      std::shared_ptr<const Listener> listener, FilterChainPtr chain, net::Descriptor fd,
                      net::ConnectionAddresses addresses, InspectedFacts facts);
    ~ActiveConnection() override;

    const FilterChainPtr &chain() const { return m_chain; }
    const Listener &listener() const { return *m_listener; }
    /// The listener was replaced by a version that has no such chain: goes on under `successor` if it can
    /// (null: there is none), else drains.
    void moveTo(const FilterChainPtr &successor);
    /// Goes on unchanged under a new version of its listener.
    void keepUnder(std::shared_ptr<const Listener> listener) { m_listener = std::move(listener); }
    void drain();
    bool isIdle() const;
    void close(std::string_view reason);

    void onConnected() override;
    void onData(net::Buffer &data, bool endStream) override;
    void onSent() override;
    void onAboveHighWatermark() override;
    void onBelowLowWatermark() override;
    void onClosed(net::CloseEvent event) override;

private:
    ActiveConnection(WorkerContext &worker, DownstreamConnections &connections,
                     std::shared_ptr<const Listener> listener, FilterChainPtr chain);
    bool passesFilters();
    void writeListenerLog() const;

    friend class DownstreamConnections;
    WorkerContext &m_worker;
    DownstreamConnections &m_connections;
    ActiveConnection *m_next = nullptr;
    ActiveConnection *m_previous = nullptr;
    std::shared_ptr<const Listener> m_listener;
    FilterChainPtr m_chain;
    std::unique_ptr<net::Connection> m_connection;
    std::unique_ptr<ConnectionHandler> m_handler;
    std::shared_ptr<const telemetry::TlsFingerprints> m_fingerprints;
    std::uint64_t m_bytesHandedOn = 0;
    std::string m_inspectedFailure;
    std::shared_ptr<QJsonObject> m_metadata; ///< null where no filter leaves any
    std::string m_requestedServerName;       ///< only kept where RBAC or the listener's log asks for it
    bool m_firstPassed = false;              ///< those that are asked once have let it pass
    bool m_filtersPassed = false;            ///< and no other is to be asked with more bytes
};

/// Writes a listener's access log for a connection that listener filters refused, or that no chain took
/// (`unmatched`).
void logRefusedConnection(const Listener &listener, const net::ConnectionAddresses &addresses,
                          const InspectedFacts &facts, net::Clock::time_point start,
                          net::Clock::time_point now, bool unmatched);

} // namespace sallyport::server
