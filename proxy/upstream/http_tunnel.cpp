// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/http_tunnel.h"

namespace sallyport::upstream {

HttpTunnel::HttpTunnel(ClusterManager &clusters, ClusterInfoPtr cluster, HostPtr host,
                       http::HeaderMapPtr request, TcpConnectionCallbacks &callbacks)
    : m_clusters(clusters)
    , m_cluster(std::move(cluster))
    , m_host(std::move(host))
    , m_request(std::move(request))
    , m_callbacks(&callbacks)
    , m_failSoon(clusters.dispatcher(), [this] { close(); })
{
}

HttpTunnel::~HttpTunnel()
{
    m_callbacks = nullptr;
    end();
}

void HttpTunnel::start()
{
    const std::shared_ptr<HttpPool> pool =
        m_clusters.pool(m_cluster, m_host, http::Protocol::Http11, false, {});
    if (!pool) {
        m_failSoon.arm(std::chrono::milliseconds(0));
        return;
    }
    std::unique_ptr<PendingStream> pending = pool->newStream(*this, *this);
    if (!m_over && !m_lease)
        m_pending = std::move(pending);
}

/// Gives back what carries the tunnel.
void HttpTunnel::end()
{
    m_over = true;
    m_pending.reset();
    if (!m_lease)
        return;
    m_lease->encoder().stream().setCallbacks(nullptr);
    if (!m_readEnded || !m_writeEnded)
        m_lease->abandon();
    m_lease.reset();
}

void HttpTunnel::close()
{
    m_over = true;
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamClosed(m_connected);
}

void HttpTunnel::onPoolReady(std::unique_ptr<StreamLease> lease)
{
    m_lease = std::move(lease);
    m_pending.reset();
    http::RequestEncoder &encoder = m_lease->encoder();
    encoder.stream().setCallbacks(this);
    encoder.encodeHeaders(*m_request, false);
}

void HttpTunnel::onPoolFailure(http::ResetReason reason, const std::string &transportFailure, const HostPtr &)
{
    m_failure = transportFailure;
    m_pending.reset();
    m_timedOut = reason == http::ResetReason::ConnectionTimeout;
    // The pool is still at work.
    m_failSoon.arm(std::chrono::milliseconds(0));
}

void HttpTunnel::decodeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    const unsigned status = headers->status();
    m_readEnded = endStream;
    if (m_callbacks == nullptr)
        return;
    // An answer that is over opens no tunnel either.
    if (status < 200 || status > 299 || endStream) {
        m_failure = "tunnel_response:" + std::to_string(status);
        m_failSoon.arm(std::chrono::milliseconds(0));
        return;
    }
    m_connected = true;
    m_callbacks->onUpstreamConnected();
}

void HttpTunnel::decodeData(net::Buffer &data, bool endStream)
{
    m_readEnded = m_readEnded || endStream;
    if (m_callbacks != nullptr && m_connected)
        m_callbacks->onUpstreamData(data, endStream);
    else
        data.clear();
}

void HttpTunnel::decodeTrailers(http::HeaderMapPtr)
{
    net::Buffer nothing;
    decodeData(nothing, true);
}

void HttpTunnel::onResetStream(http::ResetReason reason, std::string_view transportFailureReason)
{
    m_failure = std::string(transportFailureReason);
    m_resetByPeer = reason == http::ResetReason::RemoteReset;
    if (m_lease) {
        m_lastMeter = m_lease->encoder().stream().bytes();
        m_lease->onReset(reason);
        m_readEnded = m_writeEnded = true;
    }
    m_over = true;
    if (m_callbacks != nullptr)
        m_failSoon.arm(std::chrono::milliseconds(0));
}

void HttpTunnel::onAboveWriteBufferHighWatermark()
{
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamAboveHighWatermark();
}

void HttpTunnel::onBelowWriteBufferLowWatermark()
{
    if (m_callbacks != nullptr)
        m_callbacks->onUpstreamBelowLowWatermark();
}

void HttpTunnel::write(net::Buffer &data, bool endStream)
{
    if (!m_lease || m_over || m_writeEnded) {
        data.clear();
        return;
    }
    m_writeEnded = endStream;
    m_lease->encoder().encodeData(data, endStream);
}

void HttpTunnel::readDisable(bool disable)
{
    if (m_lease && !m_over)
        m_lease->encoder().stream().readDisable(disable);
}

void HttpTunnel::abandon(net::CloseType, std::function<void()>)
{
    m_callbacks = nullptr;
    m_failSoon.cancel();
    end();
}

} // namespace sallyport::upstream
