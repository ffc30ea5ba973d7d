// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/http_pool.h"

#include "proxy/net/proxy_protocol.h"

#include <algorithm>
#include <tuple>

namespace sallyport::upstream {

namespace {

net::Address sourceAddress(const dataplane::Cluster &cluster)
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

} // namespace

bool PoolKey::operator<(const PoolKey &other) const
{
    const auto tie = [](const PoolKey &key) {
        return std::tie(key.host, key.protocol, key.highPriority, key.tls.sni, key.tls.verifySans,
                        key.tls.alpn, key.tls.alpnFallback);
    };
    return tie(*this) < tie(other);
}

/// One pooled connection with its codec.
class PoolClient : public net::ConnectionCallbacks,
                   public http::ConnectionObserver,
                   public std::enable_shared_from_this<PoolClient>
{
public:
    PoolClient(const std::shared_ptr<HttpPool> &pool)
        : m_pool(pool)
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
        if (!m_cluster->usesAlpnProtocol())
            countProtocol(pool->m_key.protocol);
        net::ConnectOptions options;
        options.source = sourceAddress(m_cluster->configuration());
        if (const auto version = m_cluster->transportFor(*m_host).proxyProtocolVersion) {
            const net::Address none;
            options.preamble =
                *version == 1 ? net::proxyHeaderV1(none, none) : net::proxyHeaderV2(none, none);
        }
        m_start = pool->m_dispatcher.now();
        m_connection =
            net::Connection::client(pool->m_dispatcher, m_host->address(),
                                    m_cluster->makeTransport(*m_host, pool->m_key.tls), std::move(options));
        m_connection->setBufferLimit(m_cluster->configuration().perConnectionBufferLimit);
        m_connection->setCallbacks(this);
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
    net::Connection *connection() { return m_closed ? nullptr : m_connection.get(); }
    const HostPtr &host() const { return m_host; }
    ClusterInfo &cluster() const { return *m_cluster; }

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
        }
        m_codec = http::makeClientCodec(protocol, *m_connection, *this, m_cluster->codecSettings(),
                                        &m_cluster->codecStats());
        armIdle();
        --pool->m_connecting;
        pool->onClientReady(*this);
    }
    void onData(net::Buffer &data, bool endStream) override
    {
        const std::shared_ptr<PoolClient> self = shared_from_this();
        m_cluster->stats().cxRxBytes.add(data.size());
        noteBuffered(data.size());
        if (!m_codec) {
            data.clear();
            return;
        }
        const http::CodecStatus status = m_codec->dispatch(data);
        if (!status.ok() && !m_closed)
            onCodecError(status);
        if (endStream && !m_closed)
            m_codec->dispatchEnd();
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
        else if (event == net::CloseEvent::LocalClose && failure.empty())
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
        m_connection->close(net::CloseType::NoFlush);
    }
    void countProtocol(http::Protocol protocol)
    {
        ClusterStats &stats = m_cluster->stats();
        (protocol == http::Protocol::Http2 ? stats.cxHttp2Total : stats.cxHttp1Total).inc();
    }
    /// Envoy's gauge stands at what was read last until the next read, or the end.
    void noteBuffered(std::size_t bytes)
    {
        m_cluster->stats().cxRxBuffered.add(static_cast<std::int64_t>(bytes) -
                                            static_cast<std::int64_t>(m_buffered));
        m_buffered = bytes;
    }
    void countClose(net::CloseEvent event)
    {
        noteBuffered(0);
        ClusterStats &stats = m_cluster->stats();
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
        stats.cxTxBytes.add(m_connection->bytesSent());
        if (!m_codec) {
            stats.cxConnectFail.inc();
            m_host->connectFailures.fetch_add(1, std::memory_order_relaxed);
        }
        stats.cxLengthMs.record(static_cast<std::uint64_t>((m_connection->dispatcher().now() - m_start) /
                                                           std::chrono::milliseconds(1)));
    }

    std::weak_ptr<HttpPool> m_pool;
    ClusterInfoPtr m_cluster;
    HostPtr m_host;
    Breakers &m_breakers;
    net::Timer m_connectTimer;
    net::Timer m_idleTimer;
    std::unique_ptr<net::Connection> m_connection;
    std::unique_ptr<http::ClientCodec> m_codec;
    net::Clock::time_point m_start;
    std::uint32_t m_active = 0;
    std::uint32_t m_streams = 0;
    std::size_t m_buffered = 0;
    std::uint32_t m_streamLimit; ///< HTTP/2: at the same time
    bool m_closed = false;
    bool m_retired = false;
    bool m_abandoned = false;
    bool m_connectTimedOut = false;
    bool m_codecFailed = false;
};

/// A stream on a pooled connection.
class PooledStream final : public StreamLease
{
public:
    PooledStream(std::shared_ptr<PoolClient> client, http::RequestEncoder &encoder)
        : m_client(std::move(client))
        , m_encoder(encoder)
    {
    }
    ~PooledStream() override { m_client->releaseStream(); }

    http::RequestEncoder &encoder() override { return m_encoder; }
    void abandon() override { m_client->abandonStream(m_encoder); }
    void onReset(http::ResetReason reason) override { m_client->countReset(reason); }
    net::Connection *connection() override { return m_client->connection(); }
    const HostPtr &host() const override { return m_client->host(); }
    ClusterInfo &cluster() const override { return m_client->cluster(); }

private:
    std::shared_ptr<PoolClient> m_client;
    http::RequestEncoder &m_encoder;
};

std::unique_ptr<StreamLease> PoolClient::newStream(http::ResponseDecoder &decoder)
{
    m_idleTimer.cancel();
    ++m_active;
    ++m_streams;
    ClusterStats &stats = m_cluster->stats();
    stats.rqTotal.inc();
    stats.rqActive.inc();
    m_breakers.requests.inc();
    m_host->requestsTotal.fetch_add(1, std::memory_order_relaxed);
    m_host->requestsActive.fetch_add(1, std::memory_order_relaxed);
    const std::uint32_t most = m_cluster->maxRequestsPerConnection();
    if (most != 0 && m_streams >= most) {
        m_retired = true;
        stats.cxMaxRequests.inc();
    }
    return std::make_unique<PooledStream>(shared_from_this(), m_codec->newStream(decoder));
}

struct HttpPool::Waiting : PendingStream
{
    Waiting(std::shared_ptr<HttpPool> owner, http::ResponseDecoder &responseDecoder,
            PoolCallbacks &poolCallbacks)
        : pool(std::move(owner))
        , decoder(responseDecoder)
        , callbacks(poolCallbacks)
    {
        Breakers &breakers = pool->m_cluster->breakers(pool->m_key.highPriority);
        breakers.pending.inc();
        pool->m_cluster->stats().rqPendingTotal.inc();
        pool->m_cluster->stats().rqPendingActive.inc();
    }
    ~Waiting() override
    {
        if (queued) {
            pool->m_cluster->stats().rqCancelled.inc();
            pool->withdraw(this);
        }
        pool->m_cluster->breakers(pool->m_key.highPriority).pending.dec();
        pool->m_cluster->stats().rqPendingActive.dec();
    }
    std::shared_ptr<HttpPool> pool;
    http::ResponseDecoder &decoder;
    PoolCallbacks &callbacks;
    bool queued = true;
};

HttpPool::HttpPool(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, HostPtr host, PoolKey key)
    : m_dispatcher(dispatcher)
    , m_cluster(std::move(cluster))
    , m_host(std::move(host))
    , m_key(std::move(key))
{
}

HttpPool::~HttpPool()
{
    for (const std::shared_ptr<PoolClient> &client : std::list<std::shared_ptr<PoolClient>>(m_clients))
        client->retire();
}

bool HttpPool::attachToReady(http::ResponseDecoder &decoder, PoolCallbacks &callbacks)
{
    while (!m_idle.empty()) {
        PoolClient *client = m_idle.back();
        if (!client->canTakeStream()) {
            m_idle.pop_back();
            continue;
        }
        if (!client->isHttp2())
            m_idle.pop_back();
        callbacks.onPoolReady(client->newStream(decoder));
        return true;
    }
    return false;
}

std::unique_ptr<PendingStream> HttpPool::newStream(http::ResponseDecoder &decoder, PoolCallbacks &callbacks)
{
    const std::shared_ptr<HttpPool> self = shared_from_this();
    Breakers &breakers = m_cluster->breakers(m_key.highPriority);
    const bool idle =
        std::any_of(m_idle.begin(), m_idle.end(), [](PoolClient *client) { return client->canTakeStream(); });
    if (idle && !breakers.requests.canCreate()) {
        m_cluster->stats().rqActiveOverflow.inc();
        callbacks.onPoolFailure(http::ResetReason::Overflow, {}, m_host);
        return nullptr;
    }
    if (attachToReady(decoder, callbacks))
        return nullptr;
    if (!breakers.pending.canCreate()) {
        m_cluster->stats().rqPendingOverflow.inc();
        callbacks.onPoolFailure(http::ResetReason::Overflow, {}, m_host);
        return nullptr;
    }
    auto waiting = std::make_unique<Waiting>(self, decoder, callbacks);
    m_waiting.push_back(waiting.get());
    connectMore();
    return waiting;
}

void HttpPool::connectMore()
{
    std::size_t wanted = m_waiting.size();
    if (m_key.protocol == http::Protocol::Http2) {
        const std::size_t capacity = std::max(m_cluster->codecSettings().maxConcurrentStreams, 1U);
        wanted = (wanted + capacity - 1) / capacity;
    }
    while (m_connecting < wanted) {
        // With none open at all one connection is always allowed: a limit must not cut a host off.
        if (!m_cluster->breakers(m_key.highPriority).connections.canCreate()) {
            m_cluster->stats().cxOverflow.inc();
            if (!m_clients.empty())
                return;
        }
        ++m_connecting;
        m_clients.push_back(std::make_shared<PoolClient>(shared_from_this()));
        const std::shared_ptr<PoolClient> client = m_clients.back();
        client->start();
    }
}

void HttpPool::onClientReady(PoolClient &client)
{
    const std::shared_ptr<HttpPool> self = shared_from_this();
    if (m_draining && client.active() == 0) {
        client.retire();
        return;
    }
    if (client.canTakeStream() && std::find(m_idle.begin(), m_idle.end(), &client) == m_idle.end())
        m_idle.push_back(&client);
    serveWaiting();
}

void HttpPool::serveWaiting()
{
    Breakers &breakers = m_cluster->breakers(m_key.highPriority);
    while (!m_waiting.empty()) {
        const bool idle = std::any_of(m_idle.begin(), m_idle.end(),
                                      [](PoolClient *client) { return client->canTakeStream(); });
        if (!idle) {
            // What one HTTP/2 connection cannot take goes to another.
            if (m_key.protocol == http::Protocol::Http2)
                connectMore();
            return;
        }
        Waiting *waiting = m_waiting.front();
        m_waiting.pop_front();
        waiting->queued = false;
        if (!breakers.requests.canCreate()) {
            m_cluster->stats().rqActiveOverflow.inc();
            waiting->callbacks.onPoolFailure(http::ResetReason::Overflow, {}, m_host);
        } else {
            attachToReady(waiting->decoder, waiting->callbacks);
        }
    }
}

void HttpPool::onClientClosed(PoolClient &client, bool wasConnected, http::ResetReason reason,
                              const std::string &transportFailure)
{
    const std::shared_ptr<HttpPool> self = shared_from_this();
    std::erase(m_idle, &client);
    m_clients.remove_if([&](const std::shared_ptr<PoolClient> &each) { return each.get() == &client; });
    if (wasConnected) {
        if (!m_waiting.empty())
            connectMore();
        return;
    }
    --m_connecting;
    // A host that refuses one connection refuses the others too: everybody who waits is told now.
    std::list<Waiting *> failed;
    failed.swap(m_waiting);
    for (Waiting *waiting : failed)
        waiting->queued = false;
    for (Waiting *waiting : failed) {
        m_cluster->stats().rqPendingFailureEject.inc();
        waiting->callbacks.onPoolFailure(reason, transportFailure, m_host);
    }
}

void HttpPool::withdraw(Waiting *waiting)
{
    m_waiting.remove(waiting);
}

void HttpPool::drain()
{
    m_draining = true;
    drainConnections();
}

void HttpPool::drainConnections()
{
    for (const std::shared_ptr<PoolClient> &client : std::list<std::shared_ptr<PoolClient>>(m_clients))
        client->retire();
}

} // namespace sallyport::upstream
