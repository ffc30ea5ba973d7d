// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/cluster_manager.h"
#include "proxy/upstream/tcp_connection.h"

namespace sallyport::upstream {

/// Carries a connection's bytes through a CONNECT, or a POST, that a host of the cluster answers with a 2xx
/// (source/common/tcp_proxy/upstream.cc). It is connected once that answer is there; any other is a failure
/// to connect.
class HttpTunnel final : public TcpUpstream,
                         private PoolCallbacks,
                         private http::ResponseDecoder,
                         private http::StreamCallbacks
{
public:
    /// `clusters` are the worker's; `request` is what asks for the tunnel.
    HttpTunnel(ClusterManager &clusters, ClusterInfoPtr cluster, HostPtr host, http::HeaderMapPtr request,
               TcpConnectionCallbacks &callbacks);
    ~HttpTunnel() override;

    void start() override;
    bool isConnected() const override { return m_connected; }
    bool isClosed() const override { return m_over; }
    net::Connection *wire() override { return m_lease ? m_lease->connection() : nullptr; }
    const http::BytesMeter *meter() const override
    {
        return m_lease && !m_over ? &m_lease->encoder().stream().bytes() : &m_lastMeter;
    }
    std::string failureReason() const override { return m_failure; }
    bool resetByPeer() const override { return m_resetByPeer; }
    bool connectTimedOut() const override { return m_timedOut; }
    void write(net::Buffer &data, bool endStream) override;
    void readDisable(bool disable) override;
    void abandon(net::CloseType type, std::function<void()> onAbandoned) override;

private:
    void end();
    void close();

    void onPoolReady(std::unique_ptr<StreamLease> lease) override;
    void onPoolFailure(http::ResetReason reason, const std::string &transportFailure,
                       const HostPtr &host) override;
    void decodeInformational(http::HeaderMapPtr) override {}
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override;
    void decodeData(net::Buffer &data, bool endStream) override;
    void decodeTrailers(http::HeaderMapPtr) override;
    void onResetStream(http::ResetReason reason, std::string_view transportFailureReason) override;
    void onAboveWriteBufferHighWatermark() override;
    void onBelowWriteBufferLowWatermark() override;

    ClusterManager &m_clusters;
    ClusterInfoPtr m_cluster;
    HostPtr m_host;
    http::HeaderMapPtr m_request;
    TcpConnectionCallbacks *m_callbacks;
    net::Timer m_failSoon;
    std::unique_ptr<PendingStream> m_pending;
    std::unique_ptr<StreamLease> m_lease;
    http::BytesMeter m_lastMeter; ///< when the stream was over
    std::string m_failure;
    bool m_connected = false;
    bool m_readEnded = false;
    bool m_writeEnded = false;
    bool m_resetByPeer = false;
    bool m_timedOut = false;
    bool m_over = false;
};

} // namespace sallyport::upstream
