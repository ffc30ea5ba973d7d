// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/tcp_proxy_config.h"
#include "proxy/telemetry/buffered_bytes.h"
#include "proxy/upstream/dns_cache.h"
#include "proxy/upstream/http_tunnel.h"

namespace sallyport::server {

/// One connection that a TCP proxy carries: downstream events, timers and records in tcp_proxy_handler.cpp,
/// the way to the host in tcp_proxy_upstream.cpp.
class TcpProxyHandler final : public ConnectionHandler, public upstream::TcpConnectionCallbacks
{
public:
    TcpProxyHandler(std::shared_ptr<const TcpProxyConfig> config, const ConnectionContext &context);

    void onNewConnection() override;
    void onConnected() override;
    void onData(net::Buffer &data, bool endStream) override;
    void onSent() override;
    void onAboveHighWatermark() override;
    void onBelowLowWatermark() override;
    void onClosed(net::CloseEvent event) override;
    const telemetry::StreamInfo *streamInfo() const override { return &m_info; }
    void writeLastRecord() override;

private:
    using ConnectMode = dataplane::TcpProxy::ConnectMode;

    bool takesEarlyData() const { return m_config->configuration.maxEarlyDataBytes.has_value(); }
    void keepEarlyData(net::Buffer &data, bool endStream);
    void pauseReading();
    void resumeReading();

    void findRoute();
    void findAddress();
    void connectUpstream();
    std::unique_ptr<upstream::TcpUpstream> makeUpstream(const upstream::ClusterInfoPtr &cluster,
                                                        const upstream::HostPtr &host);
    upstream::HostPtr chooseHost(const upstream::ClusterInfoPtr &cluster);
    /// Why no upstream was had, by the numbers that Envoy's close reasons end in.
    enum class NoUpstream { ConnectFailed, NoHealthyHost, LimitExceeded, NoRoute };
    void giveUp(telemetry::ResponseFlag flag, NoUpstream why);
    void abandonUpstream(net::CloseEvent event);

    void onUpstreamConnected() override;
    void onUpstreamData(net::Buffer &data, bool endStream) override;
    void onUpstreamAboveHighWatermark() override;
    void onUpstreamBelowLowWatermark() override;
    void onUpstreamClosed(bool wasConnected) override;

    void onIdleTimeout();
    void onMaxDuration();
    void restartIdleTimer();
    void armLogTimer();
    void writeLogs(std::string_view type);
    void countBytes();
    void finishInfo();
    void takeUpstream();

    std::shared_ptr<const TcpProxyConfig> m_config;
    WorkerContext &m_worker;
    std::shared_ptr<const ChainInfo> m_chain;
    net::Connection &m_downstream;
    std::string m_sniCluster;
    std::string m_inspectedFailure;
    std::shared_ptr<const QJsonObject> m_metadata; ///< null: no filter leaves any
    TcpProxyConfig::Route m_route;
    upstream::ClusterInfoPtr m_cluster;
    upstream::HostPtr m_host;
    std::unique_ptr<upstream::DnsCache::Query> m_query;
    std::unique_ptr<upstream::TcpUpstream> m_upstream;
    telemetry::StreamInfo m_info;
    net::Timer m_idleTimer;
    net::Timer m_durationTimer;
    net::Timer m_logTimer;
    net::Buffer m_early;            ///< what came before the host was there
    http::BytesMeter m_tunnelMeter; ///< of the HTTP stream that carries the bytes, if one does
    std::uint64_t m_carriedUp = 0;
    std::uint64_t m_carriedDown = 0;
    telemetry::BufferedBytes m_received;
    telemetry::BufferedBytes m_toSend;
    bool m_earlyEnd = false;
    bool m_begun = false;  ///< a way to a host is looked for
    bool m_paused = false; ///< the client is not read
};

} // namespace sallyport::server
