// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/buffered_bytes.h"
#include "proxy/upstream/http_pool.h"
#include "proxy/upstream/proxy_header.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace sallyport::upstream {

/// What connections of the cluster bind to; invalid: nothing.
inline net::Address sourceAddress(const dataplane::Cluster &cluster)
{
    if (!cluster.bindAddress)
        return {};
    Result<net::Address> address = net::Address::parseIp(
        cluster.bindAddress->address, static_cast<std::uint16_t>(cluster.bindAddress->port));
    return address ? *address : net::Address();
}

/// Keeps a connection alive until the event that ends it has been handled.
struct DeferredClient : net::Deferred
{
    explicit DeferredClient(std::shared_ptr<PoolClient> kept)
        : client(std::move(kept))
    {
    }
    std::shared_ptr<PoolClient> client;
};

/// One pooled connection with its codec.
class PoolClient : public net::ConnectionCallbacks,
                   public http::ConnectionObserver,
                   public std::enable_shared_from_this<PoolClient>
{
public:
    PoolClient(const std::shared_ptr<HttpPool> &pool,
               std::shared_ptr<const telemetry::FilterState> sharedState)
        : m_pool(pool)
        , m_sharedState(std::move(sharedState))
        , m_cluster(pool->m_cluster)
        , m_host(pool->m_host)
        , m_breakers(m_cluster->breakers(pool->m_key.highPriority))
        , m_connectTimer(pool->m_dispatcher, [this] { onConnectTimeout(); })
        , m_idleTimer(pool->m_dispatcher, [this] { onIdleTimeout(); })
        , m_streamLimit(m_cluster->codecSettings().maxConcurrentStreams)
    {
        ClusterStats &stats = m_cluster->stats();
        stats.cxTotal.inc();
        stats.cxActive.inc();
        m_host->connectionsTotal.fetch_add(1, std::memory_order_relaxed);
        m_host->connectionsActive.fetch_add(1, std::memory_order_relaxed);
        m_breakers.connections.inc();
        // With ALPN the protocol is known after the handshake only.
        if (!m_cluster->usesAlpnProtocol()) {
            countProtocol(pool->m_key.protocol);
            m_cluster->codecStats().nameProtocol(pool->m_key.protocol);
        }
        net::ConnectOptions options;
        options.source = sourceAddress(m_cluster->configuration());
        options.keepalive = keepaliveOf(m_cluster->configuration());
        options.preamble = pool->m_key.proxyHeader;
        if (options.preamble.empty())
            nameNoClient(options, m_cluster->transportFor(*m_host));
        m_start = pool->m_dispatcher.now();
        m_connection =
            net::Connection::client(pool->m_dispatcher, m_host->address(),
                                    m_cluster->makeTransport(*m_host, pool->m_key.tls), std::move(options));
        m_connection->setBufferLimit(m_cluster->configuration().perConnectionBufferLimit);
        // An answer is whole though its client reads slowly and the server has left.
        m_connection->detectEarlyCloseWhenReadDisabled(false);
        m_connection->setCallbacks(this);
        m_connection->goesThrough(net::IoHandler::Step::User, this);
        m_connectTimer.arm(
            std::chrono::duration_cast<std::chrono::milliseconds>(m_cluster->configuration().connectTimeout));
    }
    void start() { m_connection->start(); }

    ~PoolClient() override
    {
        ClusterStats &stats = m_cluster->stats();
        stats.cxActive.dec();
        m_host->connectionsActive.fetch_sub(1, std::memory_order_relaxed);
        m_breakers.connections.dec();
    }

    bool isConnected() const { return m_codec != nullptr; }
    bool isHttp2() const { return m_codec && m_codec->protocol() == http::Protocol::Http2; }
    bool canTakeStream() const
    {
        if (!m_codec || m_closed || m_retired || !m_codec->reusable())
            return false;
        return isHttp2() ? m_active < m_streamLimit : m_active == 0;
    }
    std::uint32_t active() const { return m_active; }
    /// How many streams it could take beside those that it has.
    std::uint32_t capacity() const
    {
        if (!canTakeStream())
            return 0;
        const std::uint32_t most = m_cluster->maxRequestsPerConnection();
        const std::uint32_t free = isHttp2() ? m_streamLimit - m_active : 1;
        return most == 0 ? free : std::min(free, most - m_streams);
    }
    /// Whether the pool has it among those that may take a stream.
    bool isListedIdle() const { return m_listedIdle; }
    void setListedIdle(bool listed) { m_listedIdle = listed; }
    net::Connection *connection() { return m_closed ? nullptr : m_connection.get(); }
    const HostPtr &host() const { return m_host; }
    ClusterInfo &cluster() const { return *m_cluster; }
    /// The filter state of the stream that it was made for, as far as that shares it; may be null.
    const std::shared_ptr<const telemetry::FilterState> &sharedState() const { return m_sharedState; }

    std::unique_ptr<StreamLease> newStream(http::ResponseDecoder &decoder);

    void releaseStream()
    {
        --m_active;
        m_cluster->stats().rqActive.dec();
        m_breakers.requests.dec();
        m_host->requestsActive.fetch_sub(1, std::memory_order_relaxed);
        if (m_closed)
            return;
        const bool reusable = m_codec->reusable() && !m_retired;
        if (!reusable && m_active == 0) {
            // The codec that is told so while it reads takes it for an error (measured, 1.40).
            if (m_dispatching && isHttp2())
                m_cluster->stats().cxProtocolError.inc();
            m_connection->close(net::CloseType::NoFlush);
            return;
        }
        if (const std::shared_ptr<HttpPool> pool = m_pool.lock()) {
            if (m_active == 0)
                armIdle();
            pool->onClientReady(*this);
        } else if (m_active == 0) {
            m_connection->close(net::CloseType::NoFlush);
        }
    }

    void abandonStream(http::RequestEncoder &encoder)
    {
        encoder.stream().setCallbacks(nullptr);
        // HTTP/1 has no other way than to close the connection, with its request under way.
        if (!isHttp2())
            m_abandoned = true;
        countReset(http::ResetReason::LocalReset);
        encoder.stream().resetStream(http::ResetReason::LocalReset);
    }
    /// Only HTTP/2 can reset a stream; what becomes of an HTTP/1 stream shows in the connections' counts.
    void countReset(http::ResetReason reason)
    {
        using Reason = http::ResetReason;
        if (!isHttp2())
            return;
        ClusterStats &stats = m_cluster->stats();
        if (reason == Reason::ConnectionTermination || reason == Reason::LocalConnectionFailure ||
            reason == Reason::RemoteConnectionFailure || reason == Reason::ConnectionTimeout)
            stats.rqPendingFailureEject.inc();
        else if (reason == Reason::LocalReset || reason == Reason::ProtocolError)
            stats.rqTxReset.inc();
        else if (reason == Reason::RemoteReset)
            stats.rqRxReset.inc();
    }

    void retire()
    {
        m_retired = true;
        if (m_active == 0 && !m_closed)
            m_connection->close(net::CloseType::NoFlush);
    }

    // net::ConnectionCallbacks
    void onConnected() override
    {
        m_connectTimer.cancel();
        const std::shared_ptr<HttpPool> pool = m_pool.lock();
        if (!pool)
            return;
        ClusterStats &stats = m_cluster->stats();
        stats.cxConnectMs.record(static_cast<std::uint64_t>((pool->m_dispatcher.updateNow() - m_start) /
                                                            std::chrono::milliseconds(1)));
        http::Protocol protocol = pool->m_key.protocol;
        if (m_cluster->usesAlpnProtocol()) {
            protocol = m_connection->tls() && m_connection->tls()->alpn() == "h2" ? http::Protocol::Http2
                                                                                  : http::Protocol::Http11;
            countProtocol(protocol);
            // Envoy's client of the protocol takes the connection over from one that only shook hands.
            stats.cxTotal.inc();
            m_host->connectionsTotal.fetch_add(1, std::memory_order_relaxed);
        }
        m_codec = http::makeClientCodec(protocol, *m_connection, *this, m_cluster->codecSettings(),
                                        &m_cluster->codecStats());
        armIdle();
        limitDuration(pool->m_dispatcher);
        --pool->m_connecting;
        pool->onClientReady(*this);
    }
    void onData(net::Buffer &data, bool endStream) override
    {
        const std::shared_ptr<PoolClient> self = shared_from_this();
        // A head that came in part is still in the buffer: it was counted.
        const std::uint64_t received = m_connection->bytesReceived();
        const std::uint64_t fresh = received - std::exchange(m_receivedCounted, received);
        m_cluster->stats().cxRxBytes.add(fresh);
        // Envoy's gauge stands at what was read last until the next read, or the end.
        m_received.note(m_cluster->stats().cxRxBuffered, static_cast<std::size_t>(fresh));
        if (!m_codec) {
            data.clear();
            return;
        }
        m_dispatching = true;
        const http::CodecStatus status = m_codec->dispatch(data);
        m_dispatching = false;
        if (!status.ok())
            onCodecError(status);
        // Only a tunnel's connection is half-closed: the end of one direction is the end of the tunnel.
        if (endStream && !m_closed)
            m_connection->close(net::CloseType::NoFlush);
    }
    void onSent() override
    {
        const std::uint64_t sent = m_connection->bytesSent();
        m_cluster->stats().cxTxBytes.add(sent - m_sentCounted);
        m_sentCounted = sent;
        m_toSend.note(m_cluster->stats().cxTxBuffered, m_connection->bytesToWrite());
    }
    void onAboveHighWatermark() override
    {
        if (m_codec)
            m_codec->onConnectionAboveHighWatermark();
    }
    void onBelowLowWatermark() override
    {
        if (m_codec)
            m_codec->onConnectionBelowLowWatermark();
    }
    void onClosed(net::CloseEvent event) override
    {
        const std::shared_ptr<PoolClient> self = shared_from_this();
        m_closed = true;
        m_connectTimer.cancel();
        m_idleTimer.cancel();
        m_durationTimer.reset();
        const bool connected = m_codec != nullptr;
        const std::string failure = m_connection->transportFailureReason();
        // An end in the middle of a message breaks the protocol, an end before it only the connection; and it
        // may be just what ends a body.
        if (connected && event == net::CloseEvent::RemoteClose && !m_codec->dispatchEnd().ok()) {
            m_cluster->stats().cxProtocolError.inc();
            m_codecFailed = true;
        }
        countClose(event);
        if (connected) {
            m_codec->connectionEnded(m_codecFailed ? http::ResetReason::ProtocolError
                                                   : http::ResetReason::ConnectionTermination,
                                     {});
        }
        http::ResetReason reason = http::ResetReason::RemoteConnectionFailure;
        if (m_connectTimedOut)
            reason = http::ResetReason::ConnectionTimeout;
        else if (m_connection->failedToBind() || (event == net::CloseEvent::LocalClose && failure.empty()))
            reason = http::ResetReason::LocalConnectionFailure;
        net::EpollDispatcher &dispatcher = m_connection->dispatcher();
        if (const std::shared_ptr<HttpPool> pool = m_pool.lock())
            pool->onClientClosed(*this, connected, reason, failure);
        // Neither the connection nor the codec may go while their own frames are on the stack.
        dispatcher.deferredDelete(std::make_unique<DeferredClient>(self));
    }

    // http::ConnectionObserver
    void onCloseAnnounced() override { m_cluster->stats().cxCloseNotify.inc(); }
    void onGoAway(std::uint32_t) override
    {
        m_cluster->stats().cxCloseNotify.inc();
        retire();
    }
    void onMaxConcurrentStreams(std::uint32_t limit) override
    {
        const std::uint32_t before = m_streamLimit;
        m_streamLimit = std::min(limit, m_cluster->codecSettings().maxConcurrentStreams);
        if (const std::shared_ptr<HttpPool> pool = m_pool.lock(); pool && m_streamLimit > before)
            pool->onClientReady(*this);
    }

private:
    void armIdle()
    {
        constexpr auto standard = std::chrono::hours(1);
        const auto &options = m_cluster->configuration().http;
        const auto timeout =
            options && options->common.idleTimeout
                ? std::chrono::duration_cast<std::chrono::milliseconds>(*options->common.idleTimeout)
                : std::chrono::milliseconds(standard);
        if (timeout.count() > 0)
            m_idleTimer.arm(timeout);
    }
    /// After max_connection_duration what runs may end, and nothing new begins.
    void limitDuration(net::EpollDispatcher &dispatcher)
    {
        const auto &options = m_cluster->configuration().http;
        if (!options || !options->common.maxConnectionDuration)
            return;
        m_durationTimer.emplace(dispatcher, [this] {
            m_cluster->stats().cxMaxDurationReached.inc();
            retire();
        });
        m_durationTimer->arm(
            std::chrono::ceil<std::chrono::milliseconds>(*options->common.maxConnectionDuration));
    }
    void onIdleTimeout()
    {
        if (m_active > 0 || m_closed)
            return;
        m_cluster->stats().cxIdleTimeout.inc();
        m_connection->close(net::CloseType::NoFlush);
    }
    void onConnectTimeout()
    {
        m_connectTimedOut = true;
        m_cluster->stats().cxConnectTimeout.inc();
        m_connection->close(net::CloseType::NoFlush);
    }
    void onCodecError(const http::CodecStatus &status)
    {
        const bool timeoutAnswer =
            status.kind == http::CodecStatus::Kind::PrematureResponse && status.status == 408;
        if (!timeoutAnswer)
            m_cluster->stats().cxProtocolError.inc();
        m_codecFailed = true;
        // What follows an answer counts even if that was the connection's last.
        if (!m_closed)
            m_connection->close(net::CloseType::NoFlush);
    }
    void countProtocol(http::Protocol protocol)
    {
        ClusterStats &stats = m_cluster->stats();
        (protocol == http::Protocol::Http2 ? stats.cxHttp2Total : stats.cxHttp1Total).inc();
    }
    void countClose(net::CloseEvent event)
    {
        ClusterStats &stats = m_cluster->stats();
        m_received.note(stats.cxRxBuffered, 0);
        if (m_codec)
            stats.rqPerCx.record(m_streams);
        stats.cxDestroy.inc();
        const bool local = event == net::CloseEvent::LocalClose;
        (local ? stats.cxDestroyLocal : stats.cxDestroyRemote).inc();
        // What the peer's nonsense ended was reset before.
        if ((m_active > 0 || m_abandoned) && !(isHttp2() && m_codecFailed)) {
            stats.cxDestroyWithActive.inc();
            (local ? stats.cxDestroyLocalWithActive : stats.cxDestroyRemoteWithActive).inc();
        }
        onSent();
        m_toSend.note(stats.cxTxBuffered, 0);
        if (!m_codec) {
            stats.cxConnectFail.inc();
            if (m_connection->failedToBind())
                stats.bindErrors.inc();
            m_host->connectFailures.fetch_add(1, std::memory_order_relaxed);
        }
        stats.cxLengthMs.record(static_cast<std::uint64_t>((m_connection->dispatcher().now() - m_start) /
                                                           std::chrono::milliseconds(1)));
    }

    std::weak_ptr<HttpPool> m_pool;
    std::shared_ptr<const telemetry::FilterState> m_sharedState;
    ClusterInfoPtr m_cluster;
    HostPtr m_host;
    Breakers &m_breakers;
    net::Timer m_connectTimer;
    net::Timer m_idleTimer;
    std::optional<net::Timer> m_durationTimer;
    std::unique_ptr<net::Connection> m_connection;
    std::unique_ptr<http::ClientCodec> m_codec;
    net::Clock::time_point m_start;
    std::uint32_t m_active = 0;
    std::uint32_t m_streams = 0;
    telemetry::BufferedBytes m_received;
    telemetry::BufferedBytes m_toSend;
    std::uint64_t m_sentCounted = 0;
    std::uint64_t m_receivedCounted = 0;
    std::uint32_t m_streamLimit; ///< HTTP/2: at the same time
    bool m_closed = false;
    bool m_retired = false;
    bool m_listedIdle = false;
    bool m_abandoned = false;
    bool m_connectTimedOut = false;
    bool m_codecFailed = false;
    bool m_dispatching = false;
};

} // namespace sallyport::upstream
