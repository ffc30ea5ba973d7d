// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/stream.h"
#include "proxy/net/connection.h"
#include "proxy/telemetry/buffered_bytes.h"
#include "proxy/upstream/cluster.h"

#include <memory>

namespace sallyport::upstream {

/// Gets the events of a TcpUpstream.
class TcpConnectionCallbacks
{
public:
    virtual ~TcpConnectionCallbacks() = default;
    /// Ready for bytes, with TLS after the handshake.
    virtual void onUpstreamConnected() = 0;
    virtual void onUpstreamData(net::Buffer &data, bool endStream) = 0;
    virtual void onUpstreamAboveHighWatermark() = 0;
    virtual void onUpstreamBelowLowWatermark() = 0;
    /// Once, and last. `wasConnected` false: it could not be opened.
    virtual void onUpstreamClosed(bool wasConnected) = 0;
};

/// What carries a connection's bytes to a host of a cluster. Destroying it closes it at once.
class TcpUpstream : public net::Deferred
{
public:
    virtual void start() = 0;
    virtual bool isConnected() const = 0;
    virtual bool isClosed() const = 0;
    /// The connection that it runs on; null: there is none, or none any more.
    virtual net::Connection *wire() = 0;
    /// A tunnel's own bytes; null: the connection has no more than what it carries.
    virtual const http::BytesMeter *meter() const { return nullptr; }
    /// Why it could not be opened, as far as TLS tells.
    virtual std::string failureReason() const = 0;
    virtual bool resetByPeer() const = 0;
    virtual bool connectTimedOut() const { return false; }
    virtual void write(net::Buffer &data, bool endStream) = 0;
    virtual void readDisable(bool disable) = 0;
    /// The other side is gone: closes, and tells nobody any more. `onAbandoned` is called once the connection
    /// is closed, perhaps within this call; with CloseType::Flush what is buffered is written first. What is
    /// closed when this returns need not call it.
    virtual void abandon(net::CloseType type, std::function<void()> onAbandoned) = 0;
};

/// A connection to a host of a cluster that carries plain bytes: counted, limited by the cluster's connect
/// timeout, half-close kept.
class TcpConnection final : public TcpUpstream, public net::ConnectionCallbacks
{
public:
    /// `downstream` fills in the PROXY header, where the cluster asks for one.
    TcpConnection(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, HostPtr host,
                  const net::ConnectionAddresses &downstream, TcpConnectionCallbacks &callbacks);
    ~TcpConnection() override;

    void start() override { m_connection->start(); }
    bool isConnected() const override { return m_connected; }
    bool isClosed() const override { return m_connection->state() == net::Connection::State::Closed; }
    net::Connection *wire() override { return m_connection.get(); }
    std::string failureReason() const override { return m_connection->transportFailureReason(); }
    bool resetByPeer() const override { return m_connection->resetByPeer(); }
    net::Connection &connection() { return *m_connection; }
    const HostPtr &host() const { return m_host; }
    const ClusterInfoPtr &cluster() const { return m_cluster; }
    bool connectTimedOut() const override { return m_connectTimedOut; }

    void write(net::Buffer &data, bool endStream) override;
    void readDisable(bool disable) override { m_connection->readDisable(disable); }
    void abandon(net::CloseType type, std::function<void()> onAbandoned) override;

    void onConnected() override;
    void onData(net::Buffer &data, bool endStream) override;
    void onSent() override;
    void onAboveHighWatermark() override;
    void onBelowLowWatermark() override;
    void onClosed(net::CloseEvent event) override;

private:
    void countBytes();
    void leavePending();

    ClusterInfoPtr m_cluster;
    HostPtr m_host;
    TcpConnectionCallbacks *m_callbacks;
    std::function<void()> m_onAbandoned;
    net::Timer m_connectTimer;
    net::Clock::time_point m_start;
    std::unique_ptr<net::Connection> m_connection;
    std::uint64_t m_countedReceived = 0;
    std::uint64_t m_countedSent = 0;
    telemetry::BufferedBytes m_received;
    telemetry::BufferedBytes m_toSend;
    bool m_pending = true;
    bool m_connected = false;
    bool m_connectTimedOut = false;
    bool m_closed = false;
};

} // namespace sallyport::upstream
