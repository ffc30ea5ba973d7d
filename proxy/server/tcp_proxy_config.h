// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/connection_handler.h"
#include "proxy/telemetry/header_mutator.h"

namespace sallyport::server {

inline constexpr std::chrono::hours DefaultIdleTimeout{1};

/// `tcp.<prefix>.…`
struct TcpProxyStats
{
    TcpProxyStats(telemetry::StatsStore &store, const std::string &prefix)
        : cxTotal(store.counter(prefix + "downstream_cx_total"))
        , cxNoRoute(store.counter(prefix + "downstream_cx_no_route"))
        , rxBytes(store.counter(prefix + "downstream_cx_rx_bytes_total"))
        , rxBuffered(store.gauge(prefix + "downstream_cx_rx_bytes_buffered"))
        , txBuffered(store.gauge(prefix + "downstream_cx_tx_bytes_buffered"))
        , txBytes(store.counter(prefix + "downstream_cx_tx_bytes_total"))
        , pausedReading(store.counter(prefix + "downstream_flow_control_paused_reading_total"))
        , resumedReading(store.counter(prefix + "downstream_flow_control_resumed_reading_total"))
        , idleTimeout(store.counter(prefix + "idle_timeout"))
        , maxDuration(store.counter(prefix + "max_downstream_connection_duration"))
        , earlyData(store.counter(prefix + "early_data_received_count_total"))
        , flushTotal(store.counter(prefix + "upstream_flush_total"))
        , flushActive(store.gauge(prefix + "upstream_flush_active"))
    {
        for (const char *name :
             {"downstream_cx_drain_close", "downstream_cx_overload_close", "route_delayed_total"})
            store.counter(prefix + name);
    }
    telemetry::Counter &cxTotal;
    telemetry::Counter &cxNoRoute;
    telemetry::Counter &rxBytes;
    telemetry::Gauge &rxBuffered;
    telemetry::Gauge &txBuffered;
    telemetry::Counter &txBytes;
    telemetry::Counter &pausedReading;
    telemetry::Counter &resumedReading;
    telemetry::Counter &idleTimeout;
    telemetry::Counter &maxDuration;
    telemetry::Counter &earlyData;
    telemetry::Counter &flushTotal;
    telemetry::Gauge &flushActive;
};

/// What one tcp_proxy filter is configured with.
struct TcpProxyConfig
{
    /// tunneling_config, ready to run on a connection.
    struct Tunnel
    {
        telemetry::TextFormatter hostname;
        telemetry::HeaderMutator headers;
    };
    /// Where one connection goes; into the configuration, or the connection's own names.
    struct Route
    {
        std::string_view cluster;
        const QJsonObject *metadataMatch = nullptr;
    };

    TcpProxyConfig(const dataplane::TcpProxy &tcpProxy, telemetry::StatsStore &store);
    Route routeFor(std::uint64_t random) const;

    dataplane::TcpProxy configuration;
    mutable TcpProxyStats stats;
    std::chrono::milliseconds idleTimeout; ///< 0: never
    std::uint64_t totalWeight = 0;
    QJsonObject metadataMatch;
    std::vector<QJsonObject> weightedMatches; ///< with the one above, by weighted cluster
    std::optional<Tunnel> tunnel;
    std::vector<std::shared_ptr<const telemetry::AccessLogger>> logs;
};

} // namespace sallyport::server
