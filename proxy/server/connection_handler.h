// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"
#include "core/dataplane/listener.h"
#include "core/dataplane/request_view.h"
#include "core/result/result.h"
#include "proxy/net/connection.h"
#include "proxy/server/overload_state.h"
#include "proxy/telemetry/access_logger.h"
#include "proxy/telemetry/stats.h"
#include "proxy/telemetry/stream_info.h"
#include "proxy/upstream/cluster_manager.h"

#include <atomic>
#include <memory>
#include <random>
#include <vector>

namespace sallyport::upstream {
class DnsCache;
}

namespace sallyport::server {

/// Keeps what has to end something after its connection is gone (an upstream that still takes what was
/// buffered). It ends with the worker at the latest.
class Lingering
{
public:
    void keep(std::unique_ptr<net::Deferred> object) { m_objects.push_back(std::move(object)); }
    /// Hands `object` back, to be deleted; null if it is not kept here.
    std::unique_ptr<net::Deferred> release(const net::Deferred *object);

private:
    std::vector<std::unique_ptr<net::Deferred>> m_objects;
};

/// What every connection of one worker may use. Lives on that worker's thread.
struct WorkerContext
{
    net::EpollDispatcher &dispatcher;
    upstream::ClusterManager &clusters;
    std::mt19937_64 &random;
    unsigned index = 0;                      ///< 1 is the first worker, as telemetry::workerIndex()
    Lingering *lingering = nullptr;          ///< null: nothing outlives its connection
    const OverloadState *overload = nullptr; ///< null: nobody looks after overload
};

/// Shared by all connections of a listener, also by those that outlive a change of configuration. When the
/// listener is on its way out, HTTP answers close their connection (`connection: close`, GOAWAY) as Envoy's
/// drain does (source/server/drain_manager_impl.cc; envoy-behaviour.md 8). Set by the main thread.
struct DrainState
{
    /// Every answer, from now on.
    std::atomic<bool> always{false};
    /// More and more of them until this moment, and all after it; 0: none.
    std::atomic<net::Clock::rep> deadline{0};
    std::atomic<std::int64_t> drainSeconds{0}; ///< how long before the deadline that began

    bool hasBegun() const
    {
        return always.load(std::memory_order_relaxed) || deadline.load(std::memory_order_relaxed) != 0;
    }
    /// Whether this answer is one of them; `random` is any number.
    bool closes(net::Clock::time_point now, std::uint64_t random) const
    {
        if (always.load(std::memory_order_relaxed))
            return true;
        const net::Clock::rep end = deadline.load(std::memory_order_relaxed);
        if (end == 0)
            return false;
        const net::Clock::duration left = net::Clock::time_point(net::Clock::duration(end)) - now;
        const std::int64_t whole = drainSeconds.load(std::memory_order_relaxed);
        if (left <= net::Clock::duration::zero() || whole <= 0)
            return true;
        // By whole seconds that are left, of which there is never one more than is said.
        const std::int64_t gone = whole - std::chrono::duration_cast<std::chrono::seconds>(left).count();
        return gone > static_cast<std::int64_t>(random % static_cast<std::uint64_t>(whole));
    }
};

/// A filter chain's facts that its terminal filter needs.
struct ChainInfo
{
    std::string name;
    std::string listenerName;
    dataplane::Metadata metadata;
    dataplane::Metadata listenerMetadata;
    dataplane::TrafficDirection direction = dataplane::TrafficDirection::Unspecified;
    bool tls = false;
    bool bypassesOverload = false; ///< bypass_overload_manager of the listener
    std::shared_ptr<const DrainState> drain;
    /// The sni_dynamic_forward_proxy filter: where the address of the name is found that TLS asks for.
    std::shared_ptr<upstream::DnsCache> sniAddresses;
    std::uint16_t sniPort = 0;
};

/// One downstream connection on its way to a terminal filter.
struct ConnectionContext
{
    WorkerContext &worker;
    std::shared_ptr<const ChainInfo> chain;
    net::Connection &connection;     ///< owned by the listener's worker part, which outlives the handler
    std::string requestedServerName; ///< as tls_inspector saw it; empty without it
    std::vector<std::string> requestedApplicationProtocols;
    std::string sniCluster; ///< set by the sni_cluster filter: overrides tcp_proxy's cluster
    std::shared_ptr<const telemetry::TlsFingerprints> fingerprints; ///< null without tls_inspector or TLS
    std::string inspectedFailure; ///< why tls_inspector saw no TLS; empty if it did, or without it
    /// Dynamic metadata that filters before the terminal one leave, also later on; null: none of them does.
    std::shared_ptr<const QJsonObject> metadata;
};

class TerminalFilter;

/// Serves one downstream connection from its first byte to its close: an HTTP connection manager, a TCP
/// proxy, a direct response. The listener's worker part forwards the connection's events to it and destroys
/// it (by deferred deletion) after onClosed().
class ConnectionHandler : public net::ConnectionCallbacks, public net::Deferred
{
public:
    /// The network filters before the terminal one have let the connection pass; TLS may still be in its
    /// handshake.
    virtual void onNewConnection() {}
    /// The listener drains: finish what runs, then close (HTTP/1 at the next answer, HTTP/2 by GOAWAY).
    virtual void onDrain() {}
    /// Nothing runs on this connection: a process that ends may close it at once.
    virtual bool isIdle() const { return false; }
    /// A new configuration differs for this connection in the terminal filter only: from the next request on
    /// serve as `successor` says, as part of `chain` (what runs keeps the old configuration). False: cannot;
    /// the connection is then drained.
    virtual bool adopt(const TerminalFilter &successor, const std::shared_ptr<const ChainInfo> &chain)
    {
        static_cast<void>(successor);
        static_cast<void>(chain);
        return false;
    }
    /// What is known of the connection as a whole, for the listener's own access log, beyond its addresses
    /// and times; null: nothing.
    virtual const telemetry::StreamInfo *streamInfo() const { return nullptr; }
    /// The connection is closed and in the listener's log.
    virtual void writeLastRecord() {}
};

/// A terminal network filter as configured: made once per filter chain on the main thread, shared by the
/// workers, immutable afterwards.
class TerminalFilter
{
public:
    virtual ~TerminalFilter() = default;
    virtual std::unique_ptr<ConnectionHandler> create(const ConnectionContext &context) const = 0;
};

/// What terminal filters are made with. Main thread; everything outlives the filters.
struct FactoryContext
{
    telemetry::StatsStore &stats;
    telemetry::LogFiles &logFiles;
    telemetry::LogListener *logListener = nullptr; ///< the control channel, may be null
    const upstream::ClusterSet &clusters;          ///< of the same configuration
    std::string listenerStatName;                  ///< its address or stat_prefix: `listener.<name>.…`
    dataplane::TrafficDirection direction;         ///< of the listener
    const dataplane::Bootstrap::Node &node;
    std::shared_ptr<const std::atomic<bool>> healthcheckFailed; ///< by `/healthcheck/fail`
};

/// envoy.filters.network.http_connection_manager. Fails for what is known but not supported.
Result<std::shared_ptr<const TerminalFilter>>
makeHttpConnectionManager(const dataplane::HttpConnectionManager &configuration,
                          const FactoryContext &context);

/// envoy.filters.network.tcp_proxy
Result<std::shared_ptr<const TerminalFilter>> makeTcpProxy(const dataplane::TcpProxy &configuration,
                                                           const FactoryContext &context);

/// envoy.filters.network.direct_response. Fails if its text cannot be read.
Result<std::shared_ptr<const TerminalFilter>>
makeDirectResponse(const dataplane::NetworkDirectResponse &configuration);

} // namespace sallyport::server
