// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/stats_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <charconv>
#include <cmath>

namespace sallyport::admin {

namespace {

using telemetry::HistogramSnapshot;

std::string quoted(const std::string &text)
{
    const QByteArray list =
        QJsonDocument(QJsonArray{QString::fromStdString(text)}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2).toStdString();
}

template<typename List, typename Write>
std::string jsonList(const List &list, Write write)
{
    std::string text = "[";
    for (const auto &item : list) {
        if (text.size() > 1)
            text += ',';
        text += write(item);
    }
    return text + ']';
}

/// In as few characters as tell it from any other: 3e+05, but 60000.
std::string jsonNumber(double value)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string numberOrNull(double value)
{
    return std::isnan(value) ? "null" : jsonNumber(value);
}

std::string quantileList()
{
    return jsonList(standardQuantiles(), [](double quantile) { return jsonNumber(quantile); });
}

std::string quantileValues(const telemetry::Histogram &histogram)
{
    const HistogramSnapshot interval = histogram.interval();
    const HistogramSnapshot cumulative = histogram.cumulative();
    return jsonList(standardQuantiles(), [&](double quantile) {
        return "{\"cumulative\":" + numberOrNull(cumulative.quantile(quantile / 100)) +
               ",\"interval\":" + numberOrNull(interval.quantile(quantile / 100)) + '}';
    });
}

std::string boundedBuckets(const telemetry::Histogram &histogram, std::span<const double> bounds,
                           bool disjoint)
{
    const HistogramSnapshot interval = histogram.interval();
    const HistogramSnapshot cumulative = histogram.cumulative();
    std::uint64_t intervalBefore = 0;
    std::uint64_t cumulativeBefore = 0;
    return jsonList(bounds, [&](double bound) {
        const std::uint64_t inInterval = interval.countUpTo(bound);
        const std::uint64_t inAll = cumulative.countUpTo(bound);
        std::string text = "{\"upper_bound\":" + jsonNumber(bound) +
                           ",\"interval\":" + std::to_string(inInterval - intervalBefore) +
                           ",\"cumulative\":" + std::to_string(inAll - cumulativeBefore) + '}';
        if (disjoint) {
            intervalBefore = inInterval;
            cumulativeBefore = inAll;
        }
        return text;
    });
}

std::string ownBuckets(const HistogramSnapshot &snapshot)
{
    return jsonList(snapshot.buckets, [](const auto &bucket) {
        return "{\"lower_bound\":" + jsonNumber(bucket.first) +
               ",\"width\":" + jsonNumber(HistogramSnapshot::bucketWidth(bucket.first)) +
               ",\"count\":" + std::to_string(bucket.second) + '}';
    });
}

std::string histogramsJson(const std::vector<const telemetry::Histogram *> &histograms,
                           const HistogramBounds &bounds, HistogramForm form)
{
    const auto named = [](const telemetry::Histogram *histogram, const std::string &rest) {
        return "{\"name\":" + quoted(histogram->name()) + ',' + rest + '}';
    };
    switch (form) {
    case HistogramForm::Cumulative:
    case HistogramForm::Disjoint:
        return jsonList(histograms, [&](const telemetry::Histogram *histogram) {
            return named(histogram, "\"buckets\":" + boundedBuckets(*histogram, bounds.of(histogram->name()),
                                                                    form == HistogramForm::Disjoint));
        });
    case HistogramForm::Detailed:
        return "{\"supported_percentiles\":" + quantileList() + ",\"details\":" +
               jsonList(histograms,
                        [&](const telemetry::Histogram *histogram) {
                            return named(histogram,
                                         "\"totals\":" + ownBuckets(histogram->cumulative()) +
                                             ",\"intervals\":" + ownBuckets(histogram->interval()) +
                                             ",\"percentiles\":" + quantileValues(*histogram));
                        }) +
               '}';
    case HistogramForm::Summary:
    case HistogramForm::PrometheusNative:
        break;
    }
    return "{\"supported_quantiles\":" + quantileList() + ",\"computed_quantiles\":" +
           jsonList(histograms,
                    [&](const telemetry::Histogram *histogram) {
                        return named(histogram, "\"values\":" + quantileValues(*histogram));
                    }) +
           '}';
}

} // namespace

std::string statsJson(const ChosenStats &stats, const HistogramBounds &bounds, HistogramForm form)
{
    std::vector<std::string> items;
    for (const auto &[name, text] : stats.texts)
        items.push_back("{\"name\":" + quoted(name) + ",\"value\":" + quoted(text) + '}');
    for (const auto &[name, value] : stats.numbers)
        items.push_back("{\"name\":" + quoted(name) + ",\"value\":" + std::to_string(value) + '}');
    if (!stats.histograms.empty())
        items.push_back("{\"histograms\":" + histogramsJson(stats.histograms, bounds, form) + '}');
    return "{\"stats\":" + jsonList(items, [](const std::string &item) { return item; }) + '}';
}

} // namespace sallyport::admin
