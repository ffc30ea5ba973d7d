// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <array>
#include <span>
#include <string_view>

namespace sallyport::metrics {

/// What is followed over time of each proxy.
enum class Metric {
    RequestRate,  ///< per second
    ServerErrors, ///< 5xx of the answers, percent
    ClientErrors, ///< 4xx of the answers, percent
    LatencyP50,   ///< ms
    LatencyP90,   ///< ms
    LatencyP99,   ///< ms
    DownstreamConnections,
    UpstreamConnections,
    Handshakes, ///< per second, both sides
    TlsErrors,  ///< per second: failed handshakes and verifications, both sides
    Retries,    ///< per second
    BytesIn,    ///< per second, from downstream
    BytesOut,   ///< per second, to downstream
};
inline constexpr std::size_t metricCount = 13;

/// What a counter or gauge of Envoy adds to.
enum class Part {
    None,
    Requests,
    ServerErrors,
    ClientErrors,
    DownstreamConnections,
    UpstreamConnections,
    Handshakes,
    TlsErrors,
    Retries,
    BytesIn,
    BytesOut,
};
inline constexpr std::size_t partCount = 11;

/// Which part a statistic adds to, by Envoy's names: connection managers and TCP proxies for what comes from
/// downstream, clusters for what goes upstream. The admin interface's own do not count.
Part partOf(std::string_view name);
/// The time of requests of a connection manager: `http.outbound_0.0.0.0_80;.downstream_rq_time`.
bool isRequestTime(std::string_view name);

/// Metrics that are drawn on one axis.
struct MetricGroup
{
    const char *title; ///< to translate in the context MetricGroup
    const char *unit;  ///< to translate as well
    bool bytes;        ///< values are written as sizes
    std::array<Metric, 3> metrics;
    std::size_t count;
    std::array<const char *, 3> names;
};
std::span<const MetricGroup> metricGroups();
QString groupTitle(const MetricGroup &group);
/// `per second`, `%`, `ms`; empty for plain numbers.
QString groupUnit(const MetricGroup &group);
QString metricName(const MetricGroup &group, std::size_t index);
/// A value in the group's unit, which its title says: `42`, `0.4`, `1.2 k`, `3.4 MB`.
QString valueText(const MetricGroup &group, double value);

} // namespace sallyport::metrics
