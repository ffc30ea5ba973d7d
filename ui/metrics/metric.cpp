// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/metric.h"

#include <QCoreApplication>
#include <QLocale>
#include <cmath>

namespace sallyport::metrics {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(MetricGroup)
};

constexpr MetricGroup groups[] = {
    {QT_TRANSLATE_NOOP("MetricGroup", "Requests"),
     QT_TRANSLATE_NOOP("MetricGroup", "per second"),
     false,
     {Metric::RequestRate},
     1,
     {QT_TRANSLATE_NOOP("MetricGroup", "rate")}},
    {QT_TRANSLATE_NOOP("MetricGroup", "Errors"),
     QT_TRANSLATE_NOOP("MetricGroup", "%"),
     false,
     {Metric::ServerErrors, Metric::ClientErrors},
     2,
     {QT_TRANSLATE_NOOP("MetricGroup", "5xx"), QT_TRANSLATE_NOOP("MetricGroup", "4xx")}},
    {QT_TRANSLATE_NOOP("MetricGroup", "Latency"),
     QT_TRANSLATE_NOOP("MetricGroup", "ms"),
     false,
     {Metric::LatencyP50, Metric::LatencyP90, Metric::LatencyP99},
     3,
     {QT_TRANSLATE_NOOP("MetricGroup", "p50"), QT_TRANSLATE_NOOP("MetricGroup", "p90"),
      QT_TRANSLATE_NOOP("MetricGroup", "p99")}},
    {QT_TRANSLATE_NOOP("MetricGroup", "Connections"),
     "",
     false,
     {Metric::DownstreamConnections, Metric::UpstreamConnections},
     2,
     {QT_TRANSLATE_NOOP("MetricGroup", "downstream"), QT_TRANSLATE_NOOP("MetricGroup", "upstream")}},
    {QT_TRANSLATE_NOOP("MetricGroup", "TLS"),
     QT_TRANSLATE_NOOP("MetricGroup", "per second"),
     false,
     {Metric::Handshakes, Metric::TlsErrors},
     2,
     {QT_TRANSLATE_NOOP("MetricGroup", "handshakes"), QT_TRANSLATE_NOOP("MetricGroup", "errors")}},
    {QT_TRANSLATE_NOOP("MetricGroup", "Retries"),
     QT_TRANSLATE_NOOP("MetricGroup", "per second"),
     false,
     {Metric::Retries},
     1,
     {QT_TRANSLATE_NOOP("MetricGroup", "rate")}},
    {QT_TRANSLATE_NOOP("MetricGroup", "Bytes"),
     QT_TRANSLATE_NOOP("MetricGroup", "per second"),
     true,
     {Metric::BytesIn, Metric::BytesOut},
     2,
     {QT_TRANSLATE_NOOP("MetricGroup", "in"), QT_TRANSLATE_NOOP("MetricGroup", "out")}},
};

bool endsWith(std::string_view name, std::string_view end)
{
    return name.ends_with(end);
}

/// The lab's own looking: Envoy's admin interface.
bool isOwn(std::string_view name)
{
    return name.starts_with("http.admin.") || name.starts_with("listener.admin.");
}

} // namespace

Part partOf(std::string_view name)
{
    if (isOwn(name))
        return Part::None;
    if (name.starts_with("http.") || name.starts_with("tcp.")) {
        if (endsWith(name, ".downstream_rq_completed"))
            return Part::Requests;
        if (endsWith(name, ".downstream_rq_5xx"))
            return Part::ServerErrors;
        if (endsWith(name, ".downstream_rq_4xx"))
            return Part::ClientErrors;
        if (endsWith(name, ".downstream_cx_rx_bytes_total"))
            return Part::BytesIn;
        if (endsWith(name, ".downstream_cx_tx_bytes_total"))
            return Part::BytesOut;
        return Part::None;
    }
    const bool listener = name.starts_with("listener.");
    const bool cluster = name.starts_with("cluster.");
    if (!listener && !cluster)
        return Part::None;
    if (endsWith(name, ".ssl.handshake"))
        return Part::Handshakes;
    if (endsWith(name, ".ssl.connection_error") || endsWith(name, ".ssl.fail_verify_error") ||
        endsWith(name, ".ssl.fail_verify_san") || endsWith(name, ".ssl.fail_verify_no_cert") ||
        endsWith(name, ".ssl.fail_verify_cert_hash"))
        return Part::TlsErrors;
    // Workers repeat what their listener counts.
    if (listener && endsWith(name, ".downstream_cx_active") &&
        name.find(".worker_") == std::string_view::npos &&
        name.find(".main_thread.") == std::string_view::npos)
        return Part::DownstreamConnections;
    if (cluster && endsWith(name, ".upstream_cx_active"))
        return Part::UpstreamConnections;
    if (cluster && endsWith(name, ".upstream_rq_retry"))
        return Part::Retries;
    return Part::None;
}

bool isRequestTime(std::string_view name)
{
    return name.starts_with("http.") && endsWith(name, ".downstream_rq_time") && !isOwn(name);
}

std::span<const MetricGroup> metricGroups()
{
    return groups;
}

QString groupTitle(const MetricGroup &group)
{
    return Words::tr(group.title);
}

QString metricName(const MetricGroup &group, std::size_t index)
{
    return Words::tr(group.names[index]);
}

QString groupUnit(const MetricGroup &group)
{
    return *group.unit == 0 ? QString() : Words::tr(group.unit);
}

QString valueText(const MetricGroup &group, double value)
{
    if (std::isnan(value))
        return QStringLiteral("–");
    const QLocale locale;
    static constexpr std::pair<double, const char *> thousands[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    for (const auto &[size, prefix] : thousands) {
        if (value < size || (!group.bytes && value < 10'000))
            continue;
        return locale.toString(value / size, 'f', value < 10 * size ? 1 : 0) + QLatin1Char(' ') +
               QLatin1String(prefix) + QLatin1String(group.bytes ? "B" : "");
    }
    if (group.bytes)
        return locale.toString(value, 'f', 0) + QLatin1String(" B");
    const bool whole = value >= 10 || value == std::floor(value);
    return locale.toString(value, 'f', whole ? 0 : value < 1 ? 2 : 1);
}

} // namespace sallyport::metrics
