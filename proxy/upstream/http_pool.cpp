// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/http_pool.h"

#include "proxy/http/http1_syntax.h"
#include "proxy/upstream/pool_client.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sallyport::upstream {

namespace {

/// Without regard to case.
bool isBefore(const std::string &left, const std::string &right)
{
    return std::lexicographical_compare(
        left.begin(), left.end(), right.begin(), right.end(),
        [](unsigned char a, unsigned char b) { return http::LowerCase[a] < http::LowerCase[b]; });
}

} // namespace

bool PoolKey::operator<(const PoolKey &other) const
{
    const auto tie = [](const PoolKey &key) {
        return std::tie(key.host, key.protocol, key.highPriority, key.tls.alpn, key.tls.alpnFallback,
                        key.proxyHeader, key.sharedState);
    };
    if (tie(*this) != tie(other))
        return tie(*this) < tie(other);
    // Names that differ by case only share connections, which asked for whichever came first.
    if (isBefore(tls.sni, other.tls.sni) || isBefore(other.tls.sni, tls.sni))
        return isBefore(tls.sni, other.tls.sni);
    return std::lexicographical_compare(tls.verifySans.begin(), tls.verifySans.end(),
                                        other.tls.verifySans.begin(), other.tls.verifySans.end(), isBefore);
}

/// A stream on a pooled connection.
class PooledStream final : public StreamLease
{
public:
    PooledStream(std::shared_ptr<PoolClient> client, http::RequestEncoder &encoder)
        : m_client(std::move(client))
        , m_encoder(encoder)
    {
    }
    // Only memory that has run out throws below, which is the end in any case.
    // NOLINTNEXTLINE(bugprone-exception-escape)
    ~PooledStream() override { m_client->releaseStream(); }

    http::RequestEncoder &encoder() override { return m_encoder; }
    void abandon() override { m_client->abandonStream(m_encoder); }
    void onReset(http::ResetReason reason) override { m_client->countReset(reason); }
    net::Connection *connection() override { return m_client->connection(); }
    const HostPtr &host() const override { return m_client->host(); }
    ClusterInfo &cluster() const override { return m_client->cluster(); }
    std::shared_ptr<const telemetry::FilterState> sharedState() const override
    {
        return m_client->sharedState();
    }

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
            PoolCallbacks &poolCallbacks, std::shared_ptr<const telemetry::FilterState> sharedState)
        : pool(std::move(owner))
        , decoder(responseDecoder)
        , callbacks(poolCallbacks)
        , shared(std::move(sharedState))
    {
        Breakers &breakers = pool->m_cluster->breakers(pool->m_key.highPriority);
        breakers.pending.inc();
        pool->m_cluster->stats().rqPendingTotal.inc();
        pool->m_cluster->stats().rqPendingActive.inc();
        pool->m_host->requestsPending.fetch_add(1, std::memory_order_relaxed);
    }
    ~Waiting() override
    {
        if (queued) {
            pool->m_cluster->stats().rqCancelled.inc();
            pool->withdraw(this);
        }
        pool->m_cluster->breakers(pool->m_key.highPriority).pending.dec();
        pool->m_cluster->stats().rqPendingActive.dec();
        pool->m_host->requestsPending.fetch_sub(1, std::memory_order_relaxed);
    }
    std::shared_ptr<HttpPool> pool;
    http::ResponseDecoder &decoder;
    PoolCallbacks &callbacks;
    std::shared_ptr<const telemetry::FilterState> shared;
    bool queued = true;
};

HttpPool::HttpPool(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, HostPtr host, PoolKey key)
    : m_dispatcher(dispatcher)
    , m_cluster(std::move(cluster))
    , m_host(std::move(host))
    , m_key(std::move(key))
{
    takePlace();
}

HttpPool::~HttpPool()
{
    for (const std::shared_ptr<PoolClient> &client : std::list<std::shared_ptr<PoolClient>>(m_clients))
        client->retire();
    leavePlace();
}

void HttpPool::takePlace()
{
    if (!std::exchange(m_hasPlace, true))
        m_cluster->breakers(m_key.highPriority).pools.inc();
}

void HttpPool::leavePlace()
{
    if (std::exchange(m_hasPlace, false))
        m_cluster->breakers(m_key.highPriority).pools.dec();
}

bool HttpPool::isUnused() const
{
    return m_waiting.empty() && m_connecting == 0 &&
           std::all_of(m_clients.begin(), m_clients.end(),
                       [](const std::shared_ptr<PoolClient> &client) { return client->active() == 0; });
}

bool HttpPool::attachToReady(http::ResponseDecoder &decoder, PoolCallbacks &callbacks)
{
    while (!m_idle.empty()) {
        PoolClient *client = m_idle.back();
        const bool takes = client->canTakeStream();
        if (!takes || !client->isHttp2()) {
            client->setListedIdle(false);
            m_idle.pop_back();
        }
        if (!takes)
            continue;
        callbacks.onPoolReady(client->newStream(decoder));
        return true;
    }
    return false;
}

std::unique_ptr<PendingStream> HttpPool::newStream(http::ResponseDecoder &decoder, PoolCallbacks &callbacks,
                                                   std::shared_ptr<const telemetry::FilterState> shared)
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
    if (attachToReady(decoder, callbacks)) {
        connectSpare();
        return nullptr;
    }
    if (!breakers.pending.canCreate()) {
        m_cluster->stats().rqPendingOverflow.inc();
        // No host has been tried yet.
        callbacks.onPoolFailure(http::ResetReason::Overflow, {}, nullptr);
        return nullptr;
    }
    auto waiting = std::make_unique<Waiting>(self, decoder, callbacks, std::move(shared));
    m_waiting.push_back(waiting.get());
    connectMore();
    return waiting;
}

std::size_t HttpPool::streamsPerConnection() const
{
    return m_key.protocol == http::Protocol::Http2
               ? std::max(m_cluster->codecSettings().maxConcurrentStreams, 1U)
               : 1;
}

void HttpPool::connectMore()
{
    const std::size_t capacity = streamsPerConnection();
    const std::size_t wanted = (m_waiting.size() + capacity - 1) / capacity;
    while (m_connecting < wanted) {
        if (!connect())
            return;
    }
    connectSpare();
}

bool HttpPool::connect()
{
    // With none open at all one connection is always allowed: a limit must not cut a host off.
    if (!m_cluster->breakers(m_key.highPriority).connections.canCreate()) {
        m_cluster->stats().cxOverflow.inc();
        if (!m_clients.empty())
            return false;
    }
    ++m_connecting;
    m_clients.push_back(std::make_shared<PoolClient>(shared_from_this(),
                                                     m_waiting.empty() ? nullptr : m_waiting.back()->shared));
    const std::shared_ptr<PoolClient> client = m_clients.back();
    client->start();
    return true;
}

bool HttpPool::wantsSpare() const
{
    std::size_t active = 0;
    std::size_t room = m_connecting * streamsPerConnection();
    for (const std::shared_ptr<PoolClient> &client : m_clients) {
        active += client->active();
        room += client->capacity();
    }
    return static_cast<double>(m_waiting.size() + active) * m_cluster->configuration().preconnectRatio >
           static_cast<double>(room + active);
}

void HttpPool::connectSpare()
{
    // A host that is not well is asked for no more than it must do.
    if (m_cluster->configuration().preconnectRatio <= 1 || m_draining || !m_host->isHealthy())
        return;
    constexpr int most = 3; // at a time; the next stream may ask for more
    for (int i = 0; i < most && wantsSpare(); ++i) {
        if (!connect())
            return;
    }
}

void HttpPool::onClientReady(PoolClient &client)
{
    const std::shared_ptr<HttpPool> self = shared_from_this();
    if (m_draining && client.active() == 0) {
        client.retire();
        return;
    }
    if (client.canTakeStream() && !client.isListedIdle()) {
        client.setListedIdle(true);
        m_idle.push_back(&client);
    }
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
    // With the last connection Envoy's pools of the host go, those of either priority.
    if (m_clients.empty()) {
        m_cluster->breakers(false).pools.touch();
        m_cluster->breakers(true).pools.touch();
    }
    if (wasConnected) {
        if (!m_waiting.empty())
            connectMore();
        else if (m_clients.empty())
            leavePlace();
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
    if (m_clients.empty() && m_waiting.empty())
        leavePlace();
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
