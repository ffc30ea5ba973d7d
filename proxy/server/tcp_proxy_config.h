// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/connection_handler.h"

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
        , txBytes(store.counter(prefix + "downstream_cx_tx_bytes_total"))
        , pausedReading(store.counter(prefix + "downstream_flow_control_paused_reading_total"))
        , resumedReading(store.counter(prefix + "downstream_flow_control_resumed_reading_total"))
        , idleTimeout(store.counter(prefix + "idle_timeout"))
        , maxDuration(store.counter(prefix + "max_downstream_connection_duration"))
        , flushTotal(store.counter(prefix + "upstream_flush_total"))
        , flushActive(store.gauge(prefix + "upstream_flush_active"))
    {
        for (const char *name : {"downstream_cx_drain_close", "downstream_cx_overload_close",
                                 "early_data_received_count_total", "route_delayed_total"})
            store.counter(prefix + name);
        store.gauge(prefix + "downstream_cx_tx_bytes_buffered");
    }
    telemetry::Counter &cxTotal;
    telemetry::Counter &cxNoRoute;
    telemetry::Counter &rxBytes;
    telemetry::Gauge &rxBuffered; ///< nothing stays in a buffer
    telemetry::Counter &txBytes;
    telemetry::Counter &pausedReading;
    telemetry::Counter &resumedReading;
    telemetry::Counter &idleTimeout;
    telemetry::Counter &maxDuration;
    telemetry::Counter &flushTotal;
    telemetry::Gauge &flushActive;
};

/// What one tcp_proxy filter is configured with.
struct TcpProxyConfig
{
    TcpProxyConfig(const dataplane::TcpProxy &tcpProxy, telemetry::StatsStore &store)
        : configuration(tcpProxy)
        , stats(store, "tcp." + telemetry::sanitizedStatName(tcpProxy.statPrefix) + '.')
        , idleTimeout(
              std::chrono::ceil<std::chrono::milliseconds>(tcpProxy.idleTimeout.value_or(DefaultIdleTimeout)))
    {
        for (const dataplane::TcpProxy::Weighted &weighted : tcpProxy.weightedClusters)
            totalWeight += weighted.weight;
        if (tcpProxy.metadataMatch)
            metadataMatch = tcpProxy.metadataMatch->filters.value(QLatin1String("envoy.lb")).toObject();
    }

    std::string_view clusterFor(std::uint64_t random) const
    {
        if (totalWeight == 0)
            return configuration.cluster;
        std::uint64_t point = random % totalWeight;
        for (const dataplane::TcpProxy::Weighted &weighted : configuration.weightedClusters) {
            if (point < weighted.weight)
                return weighted.name;
            point -= weighted.weight;
        }
        return {};
    }

    dataplane::TcpProxy configuration;
    mutable TcpProxyStats stats;
    std::chrono::milliseconds idleTimeout; ///< 0: never
    std::uint64_t totalWeight = 0;
    QJsonObject metadataMatch;
    std::vector<std::shared_ptr<const telemetry::AccessLogger>> logs;
};

} // namespace sallyport::server
