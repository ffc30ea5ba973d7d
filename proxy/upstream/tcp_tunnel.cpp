// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/tcp_tunnel.h"

#include "proxy/upstream/tcp_connection.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

/// The connection and both its faces: to the one who waits for it, later to the request that is written to
/// it as if it were HTTP.
class Tunnel final : public TcpConnectionCallbacks, public http::RequestEncoder, public http::Stream
{
public:
    Tunnel(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, HostPtr host,
           const net::ConnectionAddresses &downstream, http::ResponseDecoder &decoder,
           PoolCallbacks &callbacks)
        : m_dispatcher(dispatcher)
        , m_decoder(&decoder)
        , m_waiting(&callbacks)
        , m_grantSoon(dispatcher, [this] { grant(); })
        , m_connection(std::make_unique<TcpConnection>(dispatcher, std::move(cluster), std::move(host),
                                                       downstream, *this))
    {
    }
    ~Tunnel() override { release(); }

    void start() { m_connection->start(); }
    TcpConnection *connection() { return m_connection.get(); }
    net::EpollDispatcher &dispatcher() const { return m_dispatcher; }
    /// Nobody listens any more. What the request had to say in full is still written.
    void release()
    {
        m_callbacks = nullptr;
        m_waiting = nullptr;
        end(http::ResetReason::LocalReset);
        letGo(m_writeEnded && m_readEnded ? net::CloseType::Flush : net::CloseType::NoFlush);
    }
    /// The lease that is handed over keeps the tunnel.
    void setHandOver(std::function<std::unique_ptr<StreamLease>()> handOver)
    {
        m_handOver = std::move(handOver);
    }

    // TcpConnectionCallbacks
    void onUpstreamConnected() override
    {
        PoolCallbacks *waiting = std::exchange(m_waiting, nullptr);
        if (waiting != nullptr)
            waiting->onPoolReady(m_handOver());
    }
    void onUpstreamData(net::Buffer &data, bool endStream) override
    {
        grant();
        if (m_decoder == nullptr) {
            data.clear();
            return;
        }
        m_bytes.wireReceived += data.size();
        m_readEnded = m_readEnded || endStream;
        m_decoder->decodeData(data, endStream);
    }
    void onUpstreamAboveHighWatermark() override
    {
        if (m_callbacks != nullptr)
            m_callbacks->onAboveWriteBufferHighWatermark();
    }
    void onUpstreamBelowLowWatermark() override
    {
        if (m_callbacks != nullptr)
            m_callbacks->onBelowWriteBufferLowWatermark();
    }
    void onUpstreamClosed(bool wasConnected) override
    {
        m_closed = true;
        const std::string failure = m_connection->connection().transportFailureReason();
        if (PoolCallbacks *waiting = std::exchange(m_waiting, nullptr)) {
            const http::ResetReason reason = m_connection->connectTimedOut()
                                                 ? http::ResetReason::ConnectionTimeout
                                                 : http::ResetReason::RemoteConnectionFailure;
            waiting->onPoolFailure(reason, failure, m_connection->host());
        } else if (wasConnected) {
            end(http::ResetReason::ConnectionTermination);
        }
    }

    // http::RequestEncoder
    bool encodeHeaders(const http::HeaderMap &, bool endStream) override
    {
        m_grantSoon.schedule();
        if (endStream)
            write({}, true);
        return true;
    }
    void encodeData(net::Buffer &data, bool endStream) override { write(std::move(data), endStream); }
    void encodeTrailers(const http::HeaderMap &) override { write({}, true); }
    http::Stream &stream() override { return *this; }
    http::Protocol protocol() const override { return http::Protocol::Http11; }

    // http::Stream
    void setCallbacks(http::StreamCallbacks *callbacks) override { m_callbacks = callbacks; }
    void resetStream(http::ResetReason reason) override
    {
        end(reason);
        letGo(net::CloseType::NoFlush);
    }
    void readDisable(bool disable) override
    {
        if (m_connection && !m_closed)
            m_connection->readDisable(disable);
    }
    std::uint32_t bufferLimit() const override
    {
        return m_connection ? m_connection->connection().bufferLimit() : 0;
    }
    std::string_view responseDetails() const override { return {}; }
    const http::BytesMeter &bytes() const override { return m_bytes; }
    std::uint32_t id() const override { return 0; }

private:
    void grant()
    {
        m_grantSoon.cancel();
        if (std::exchange(m_granted, true) || m_decoder == nullptr)
            return;
        http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Response);
        headers->setStatus(200);
        m_decoder->decodeHeaders(std::move(headers), false);
    }
    void write(net::Buffer data, bool endStream)
    {
        if (!m_connection || m_closed || m_writeEnded)
            return;
        m_writeEnded = endStream;
        m_bytes.wireSent += data.size();
        m_connection->write(data, endStream);
    }
    void end(http::ResetReason reason)
    {
        m_decoder = nullptr;
        m_grantSoon.cancel();
        if (http::StreamCallbacks *callbacks = std::exchange(m_callbacks, nullptr))
            callbacks->onResetStream(reason, {});
    }
    /// The connection outlives the event that it may be handling.
    void letGo(net::CloseType type)
    {
        if (!m_connection)
            return;
        TcpConnection *connection = m_connection.release();
        const auto remove = [connection, &dispatcher = m_dispatcher] {
            dispatcher.deferredDelete(std::unique_ptr<net::Deferred>(connection));
        };
        if (m_closed)
            remove();
        else
            connection->abandon(type, remove);
    }

    net::EpollDispatcher &m_dispatcher;
    http::ResponseDecoder *m_decoder;
    PoolCallbacks *m_waiting; ///< until there is a connection
    std::function<std::unique_ptr<StreamLease>()> m_handOver;
    http::StreamCallbacks *m_callbacks = nullptr;
    net::Soon m_grantSoon;
    http::BytesMeter m_bytes;
    bool m_granted = false;
    bool m_writeEnded = false;
    bool m_readEnded = false;
    bool m_closed = false;
    std::unique_ptr<TcpConnection> m_connection;
};

/// A tunnel may be let go within its own callbacks.
struct Remains final : net::Deferred
{
    explicit Remains(std::shared_ptr<Tunnel> kept)
        : tunnel(std::move(kept))
    {
        tunnel->release();
    }
    static void of(std::shared_ptr<Tunnel> tunnel)
    {
        net::EpollDispatcher &dispatcher = tunnel->dispatcher();
        dispatcher.deferredDelete(std::make_unique<Remains>(std::move(tunnel)));
    }
    std::shared_ptr<Tunnel> tunnel;
};

class TunnelLease final : public StreamLease
{
public:
    TunnelLease(std::shared_ptr<Tunnel> tunnel, ClusterInfoPtr cluster, HostPtr host)
        : m_tunnel(std::move(tunnel))
        , m_cluster(std::move(cluster))
        , m_host(std::move(host))
    {
    }
    ~TunnelLease() override { Remains::of(std::move(m_tunnel)); }
    http::RequestEncoder &encoder() override { return *m_tunnel; }
    void abandon() override
    {
        m_tunnel->setCallbacks(nullptr);
        m_tunnel->resetStream(http::ResetReason::LocalReset);
    }
    void onReset(http::ResetReason) override {} // shows in the connections' counts
    net::Connection *connection() override
    {
        TcpConnection *connection = m_tunnel->connection();
        return connection != nullptr ? &connection->connection() : nullptr;
    }
    const HostPtr &host() const override { return m_host; }
    ClusterInfo &cluster() const override { return *m_cluster; }
    bool speaksHttp() const override { return false; }

private:
    std::shared_ptr<Tunnel> m_tunnel;
    ClusterInfoPtr m_cluster;
    HostPtr m_host;
};

/// Dropped before it is ready: so is the connection.
struct PendingTunnel final : PendingStream
{
    ~PendingTunnel() override
    {
        if (!handedOver)
            Remains::of(std::move(tunnel));
    }
    std::shared_ptr<Tunnel> tunnel;
    bool handedOver = false;
};

} // namespace

std::unique_ptr<PendingStream> openTcpTunnel(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster,
                                             HostPtr host, const net::ConnectionAddresses &downstream,
                                             http::ResponseDecoder &decoder, PoolCallbacks &callbacks)
{
    auto pending = std::make_unique<PendingTunnel>();
    pending->tunnel = std::make_shared<Tunnel>(dispatcher, cluster, host, downstream, decoder, callbacks);
    pending->tunnel->setHandOver([raw = pending.get(), cluster = std::move(cluster),
                                  host = std::move(host)]() -> std::unique_ptr<StreamLease> {
        raw->handedOver = true;
        return std::make_unique<TunnelLease>(raw->tunnel, cluster, host);
    });
    pending->tunnel->start();
    return pending;
}

} // namespace sallyport::upstream
