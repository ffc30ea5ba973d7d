// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/envoy_stats.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <cmath>
#include <limits>

namespace sallyport::control {

namespace {

/// Where Envoy's answer has the quantiles that a snapshot wants.
struct Columns
{
    qsizetype p50 = -1;
    qsizetype p90 = -1;
    qsizetype p99 = -1;
    qsizetype p999 = -1;

    explicit Columns(const QJsonArray &percentiles)
    {
        for (qsizetype i = 0; i < percentiles.size(); ++i) {
            const double value = percentiles.at(i).toDouble();
            for (const auto &[wanted, column] :
                 {std::pair(50.0, &p50), {90.0, &p90}, {99.0, &p99}, {99.9, &p999}}) {
                if (std::abs(value - wanted) < 0.01)
                    *column = i;
            }
        }
    }
};

HistogramValue::Quantiles quantiles(const QJsonArray &percentiles, const Columns &columns, QLatin1String of)
{
    const auto value = [&](qsizetype column) {
        return percentiles.at(column)[of].toDouble(std::numeric_limits<double>::quiet_NaN());
    };
    return {value(columns.p50), value(columns.p90), value(columns.p99), value(columns.p999)};
}

constexpr HistogramValue::Quantiles nothingSeen{
    std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(),
    std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

} // namespace

const char *const EnvoyStats::path = "/stats?format=json&usedonly&histogram_buckets=detailed";

Result<StatsSnapshot> EnvoyStats::next(const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (!document.isObject())
        return fail("Envoy's statistics are not JSON: " + error.errorString().toStdString());
    StatsSnapshot snapshot;
    snapshot.timeUs = QDateTime::currentMSecsSinceEpoch() * 1000;
    snapshot.first = m_first;
    m_first = false;
    for (const QJsonValue &item : document.object()[QLatin1String("stats")].toArray()) {
        const QJsonObject one = item.toObject();
        if (const QJsonValue name = one[QLatin1String("name")]; name.isString()) {
            // Texts are statistics too, but none that a number can tell.
            const QJsonValue value = one[QLatin1String("value")];
            const auto known = m_values.constFind(name.toString());
            if (!value.isDouble() || (known != m_values.constEnd() && *known == value.toInteger()))
                continue;
            m_values.insert(name.toString(), value.toInteger());
            snapshot.values.push_back({name.toString(), value.toInteger()});
            continue;
        }
        const QJsonObject histograms = one[QLatin1String("histograms")].toObject();
        const Columns columns(histograms[QLatin1String("supported_percentiles")].toArray());
        for (const QJsonValue &detail : histograms[QLatin1String("details")].toArray()) {
            HistogramValue histogram;
            histogram.name = detail[QLatin1String("name")].toString();
            for (const QJsonValue &bucket : detail[QLatin1String("totals")].toArray())
                histogram.count += static_cast<quint64>(bucket[QLatin1String("count")].toInteger());
            const QJsonArray interval = detail[QLatin1String("intervals")].toArray();
            const Samples samples{histogram.count, QJsonDocument(interval).toJson(QJsonDocument::Compact)};
            if (m_histograms.value(histogram.name) == samples)
                continue;
            m_histograms.insert(histogram.name, samples);
            const QJsonArray percentiles = detail[QLatin1String("percentiles")].toArray();
            // Envoy writes 0 where there are no samples.
            histogram.interval =
                interval.isEmpty() ? nothingSeen : quantiles(percentiles, columns, QLatin1String("interval"));
            histogram.cumulative = histogram.count == 0
                                       ? nothingSeen
                                       : quantiles(percentiles, columns, QLatin1String("cumulative"));
            snapshot.histograms.push_back(std::move(histogram));
        }
    }
    return snapshot;
}

} // namespace sallyport::control
