// SPDX-License-Identifier: GPL-3.0-or-later
// `/stats` as text and JSON (source/server/admin/stats_render.cc; envoy-behaviour.md 6.7).
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/histogram_text.h"
#include "proxy/admin/stat_filter.h"
#include "proxy/telemetry/stats.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <cmath>

namespace sallyport::admin {

namespace {

constexpr double quantiles[] = {0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100};

QJsonValue numberOrNull(double value)
{
    return std::isnan(value) ? QJsonValue(QJsonValue::Null) : QJsonValue(value);
}

QJsonObject histogramsJson(const std::vector<const telemetry::Histogram *> &histograms)
{
    QJsonArray supported;
    for (const double quantile : quantiles)
        supported.append(quantile);
    QJsonArray computed;
    for (const telemetry::Histogram *histogram : histograms) {
        const telemetry::HistogramSnapshot interval = histogram->interval();
        const telemetry::HistogramSnapshot cumulative = histogram->cumulative();
        QJsonArray values;
        for (const double quantile : quantiles)
            values.append(QJsonObject{
                {QStringLiteral("interval"), numberOrNull(interval.quantile(quantile / 100))},
                {QStringLiteral("cumulative"), numberOrNull(cumulative.quantile(quantile / 100))}});
        computed.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(histogram->name())},
                                    {QStringLiteral("values"), values}});
    }
    return {{QStringLiteral("histograms"), QJsonObject{{QStringLiteral("supported_quantiles"), supported},
                                                       {QStringLiteral("computed_quantiles"), computed}}}};
}

} // namespace

AdminAnswer statsEndpoint(const AdminRequest &request, ServerState &state)
{
    const std::string format = request.has("format") ? request.get("format") : "text";
    if (format == "prometheus")
        return prometheusEndpoint(request, state);
    if (format != "text" && format != "json")
        return {400, "usage: /stats?format=(html|active-html|json|prometheus|text)\n\n"};
    const Result<StatFilter> filter = StatFilter::create(request);
    if (!filter)
        return {400, filter.error().what};
    HistogramForm form = HistogramForm::Summary;
    if (request.has("histogram_buckets") && !parseHistogramForm(request.get("histogram_buckets"), form))
        return {400, "usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary)\n"};

    std::map<std::string, std::int64_t> numbers;
    if (filter->wantsCounters()) {
        for (const telemetry::Counter *counter : state.stats().counters()) {
            if (filter->passes(counter->name(), counter->used()))
                numbers[counter->name()] = static_cast<std::int64_t>(counter->value());
        }
    }
    if (filter->wantsGauges()) {
        for (const telemetry::Gauge *gauge : state.stats().gauges()) {
            if (filter->passes(gauge->name(), gauge->used()))
                numbers[gauge->name()] = gauge->value();
        }
    }
    std::vector<const telemetry::Histogram *> histograms;
    if (filter->wantsHistograms()) {
        for (const telemetry::Histogram *histogram : state.stats().histograms()) {
            if (filter->passes(histogram->name(), histogram->used()))
                histograms.push_back(histogram);
        }
    }
    std::map<std::string, std::string> texts;
    if (filter->wantsTexts()) {
        for (const auto &[name, text] : state.stats().texts()) {
            if (filter->passes(name, true))
                texts[name] = text;
        }
    }

    if (format == "json") {
        QJsonArray stats;
        for (const auto &[name, text] : texts)
            stats.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(name)},
                                     {QStringLiteral("value"), QString::fromStdString(text)}});
        for (const auto &[name, value] : numbers)
            stats.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(name)},
                                     {QStringLiteral("value"), static_cast<qint64>(value)}});
        if (!histograms.empty())
            stats.append(histogramsJson(histograms));
        const QJsonObject document{{QStringLiteral("stats"), stats}};
        return {200, QJsonDocument(document).toJson(QJsonDocument::Compact).toStdString(),
                "application/json"};
    }
    std::string body;
    for (const auto &[name, text] : texts)
        body += name + ": \"" + text + "\"\n";
    for (const auto &[name, value] : numbers)
        body += name + ": " + std::to_string(value) + '\n';
    for (const telemetry::Histogram *histogram : histograms)
        body += histogram->name() + ": " + histogramText(*histogram, form) + '\n';
    return {200, std::move(body)};
}

} // namespace sallyport::admin
