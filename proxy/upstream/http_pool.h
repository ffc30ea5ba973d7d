// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/connection.h"
#include "proxy/telemetry/filter_state.h"
#include "proxy/upstream/stream_lease.h"

#include <deque>
#include <list>
#include <map>

namespace sallyport::upstream {

class PoolClient;

/// What tells the connections of a host apart.
struct PoolKey
{
    const Host *host = nullptr;
    http::Protocol protocol = http::Protocol::Http11;
    bool highPriority = false;
    net::TlsClientOverrides tls;
    std::string proxyHeader; ///< what its connections begin with: it names the client
    std::string sharedState; ///< what of the streams' filter state tells connections apart

    bool operator<(const PoolKey &other) const;
};

/// The HTTP connections of one worker to one host. HTTP/1: one stream a connection, the connection used last
/// is used next. HTTP/2: one connection with many streams.
class HttpPool : public std::enable_shared_from_this<HttpPool>
{
public:
    HttpPool(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster, HostPtr host, PoolKey key);
    ~HttpPool();

    /// Exactly one callback follows, perhaps within this call: then null is returned.
    /// A connection that is made for the stream keeps `shared`, the filter state that it is told.
    std::unique_ptr<PendingStream> newStream(http::ResponseDecoder &decoder, PoolCallbacks &callbacks,
                                             std::shared_ptr<const telemetry::FilterState> shared = nullptr);
    /// Idle connections are closed now, busy ones when their streams have ended.
    void drain();
    /// The same for the connections there are now; later requests get new ones.
    void drainConnections();
    /// It counts as one of the cluster's pools: from when it is asked for until its last connection has gone,
    /// as Envoy's pools live.
    bool hasPlace() const { return m_hasPlace; }
    void takePlace();
    /// Nothing runs here and nobody waits: it may go, with the idle connections that it has.
    bool isUnused() const;
    std::size_t connectionCount() const { return m_clients.size(); }

private:
    friend class PoolClient;
    struct Waiting;

    bool attachToReady(http::ResponseDecoder &decoder, PoolCallbacks &callbacks);
    void connectMore();
    /// Connections for the streams to come, by the cluster's preconnect_policy.
    void connectSpare();
    bool wantsSpare() const;
    /// One more; false: the circuit breaker forbids it.
    bool connect();
    /// What is assumed of a connection that is not ready.
    std::size_t streamsPerConnection() const;
    void serveWaiting();
    void onClientReady(PoolClient &client);
    void onClientClosed(PoolClient &client, bool wasConnected, http::ResetReason reason,
                        const std::string &transportFailure);
    void withdraw(Waiting *waiting);
    void leavePlace();

    net::EpollDispatcher &m_dispatcher;
    ClusterInfoPtr m_cluster;
    HostPtr m_host;
    PoolKey m_key;
    std::list<std::shared_ptr<PoolClient>> m_clients;
    std::deque<PoolClient *> m_idle;
    std::list<Waiting *> m_waiting;
    std::size_t m_connecting = 0;
    bool m_draining = false;
    bool m_hasPlace = false;
};

} // namespace sallyport::upstream
