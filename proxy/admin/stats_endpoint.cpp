// SPDX-License-Identifier: GPL-3.0-or-later
// `/stats` (source/server/admin/stats_render.cc; envoy-behaviour.md 6.7).
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_page.h"
#include "proxy/admin/stat_filter.h"
#include "proxy/admin/stats_json.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::admin {

namespace {

ChosenStats choose(telemetry::StatsStore &store, const StatFilter &filter)
{
    ChosenStats chosen;
    if (filter.wantsCounters()) {
        for (const telemetry::Counter *counter : store.counters()) {
            if (filter.passes(counter->name(), counter->used()))
                chosen.numbers[counter->name()] = counter->value();
        }
    }
    if (filter.wantsGauges()) {
        for (const telemetry::Gauge *gauge : store.gauges()) {
            if (filter.passes(gauge->name(), gauge->used()))
                chosen.numbers[gauge->name()] = static_cast<std::uint64_t>(gauge->value());
        }
    }
    if (filter.wantsHistograms()) {
        for (const telemetry::Histogram *histogram : store.histograms()) {
            if (filter.passes(histogram->name(), histogram->used()))
                chosen.histograms.push_back(histogram);
        }
    }
    if (filter.wantsTexts()) {
        for (const auto &[name, text] : store.texts()) {
            if (filter.passes(name, true))
                chosen.texts[name] = text;
        }
    }
    return chosen;
}

std::string statsText(const ChosenStats &stats, const HistogramBounds &bounds, HistogramForm form)
{
    std::string body;
    for (const auto &[name, text] : stats.texts)
        body += name + ": \"" + text + "\"\n";
    for (const auto &[name, value] : stats.numbers)
        body += name + ": " + std::to_string(value) + '\n';
    for (const telemetry::Histogram *histogram : stats.histograms)
        body += histogram->name() + (form == HistogramForm::Detailed && histogram->used() ? ":" : ": ") +
                histogramText(*histogram, bounds, form) + '\n';
    return body;
}

} // namespace

AdminAnswer statsEndpoint(const AdminRequest &request, ServerState &state)
{
    const std::string format = request.get("format").empty() ? "text" : request.get("format");
    if (format == "prometheus")
        return prometheusEndpoint(request, state);
    const bool html = format == "html" || format == "active-html";
    if (format != "text" && format != "json" && !html)
        return {400, "usage: /stats?format=(html|active-html|json|prometheus|text)\n\n"};
    const Result<StatFilter> filter = StatFilter::create(request);
    if (!filter)
        return {400, filter.error().what};
    HistogramForm form = HistogramForm::Summary;
    if (!parseHistogramForm(request.get("histogram_buckets"), form))
        return {400, histogramFormUsage};
    if (form == HistogramForm::PrometheusNative)
        return {400, "Invalid histogram_buckets type for non prometheus stats type"};
    state.refreshStats();
    AdminAnswer answer;
    if (format == "json")
        answer.contentType = "application/json";
    else if (html)
        answer.contentType = pageContentType;
    answer.makeBody = [&state, filter = *filter, form, format, html] {
        const ChosenStats chosen = choose(state.stats(), filter);
        const HistogramBounds &bounds = state.statsForms().bounds;
        if (format == "json")
            return statsJson(chosen, bounds, form);
        const std::string text = statsText(chosen, bounds, form);
        return html ? page("statistics", preformatted(text), format == "active-html") : text;
    };
    return answer;
}

} // namespace sallyport::admin
