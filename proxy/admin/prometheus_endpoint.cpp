// SPDX-License-Identifier: GPL-3.0-or-later
// `/stats/prometheus` (source/server/admin/prometheus_stats.cc; envoy-behaviour.md 6.8).
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/histogram_text.h"
#include "proxy/admin/stat_filter.h"
#include "proxy/admin/stat_tags.h"
#include "proxy/telemetry/stats.h"

#include <algorithm>
#include <set>

namespace sallyport::admin {

namespace {

std::string metricName(const std::string &name)
{
    std::string metric = "envoy_" + name;
    std::replace_if(
        metric.begin(), metric.end(),
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
        },
        '_');
    return metric;
}

std::string escaped(const std::string &value)
{
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"')
            text += '\\';
        if (c == '\n')
            text += "\\n";
        else
            text += c;
    }
    return text;
}

std::string tagText(const std::vector<StatTag> &tags)
{
    std::string text;
    for (const StatTag &tag : tags) {
        if (!text.empty())
            text += ',';
        text += tag.name + "=\"" + escaped(tag.value) + '"';
    }
    return text;
}

/// Samples by the statistic's name without its tags, as Envoy sorts them; each group sorted by its tags.
using Groups = std::map<std::string, std::map<std::string, std::string>>;

void writeGroups(std::string &body, const Groups &groups, const char *type)
{
    std::set<std::string> typed;
    for (const auto &[name, samples] : groups) {
        const std::string metric = metricName(name);
        if (typed.insert(metric).second)
            body += "# TYPE " + metric + ' ' + type + '\n';
        for (const auto &[tags, lines] : samples)
            body += lines;
    }
}

/// Envoy's numbers are unsigned: what was taken from the largest there is shows as what is left of it.
void addNumber(Groups &groups, const std::string &name, std::uint64_t value)
{
    const TaggedStat stat = extractTags(name);
    const std::string tags = tagText(stat.tags);
    groups[stat.name][tags] = metricName(stat.name) + '{' + tags + "} " + std::to_string(value) + '\n';
}

void addText(Groups &groups, const std::string &name, const std::string &value)
{
    TaggedStat stat = extractTags(name);
    stat.tags.push_back({"text_value", value});
    const std::string tags = tagText(stat.tags);
    groups[stat.name][tags] = metricName(stat.name) + '{' + tags + "} 0\n";
}

void addHistogram(Groups &groups, const telemetry::Histogram &histogram, bool summary)
{
    const TaggedStat stat = extractTags(histogram.name());
    const std::string metric = metricName(stat.name);
    const std::string tags = tagText(stat.tags);
    const std::string before = tags.empty() ? tags : tags + ',';
    const telemetry::HistogramSnapshot snapshot = histogram.cumulative();
    std::string lines;
    if (summary) {
        // Envoy's quantiles are those of the last interval, its sum and count those of all.
        const telemetry::HistogramSnapshot interval = histogram.interval();
        for (const double percent : standardQuantiles())
            lines += metric + '{' + before + "quantile=\"" + shortNumber(percent / 100) + "\"} " +
                     shortNumber(interval.quantile(percent / 100)) + '\n';
    } else {
        for (const double bound : standardBuckets())
            lines += metric + "_bucket{" + before + "le=\"" + shortNumber(bound) + "\"} " +
                     std::to_string(snapshot.countUpTo(bound)) + '\n';
        lines += metric + "_bucket{" + before + "le=\"+Inf\"} " + std::to_string(snapshot.count) + '\n';
    }
    lines += metric + "_sum{" + tags + "} " + shortNumber(snapshot.sum) + '\n';
    lines += metric + "_count{" + tags + "} " + std::to_string(snapshot.count) + '\n';
    groups[stat.name][tags] = std::move(lines);
}

} // namespace

AdminAnswer prometheusEndpoint(const AdminRequest &request, ServerState &state)
{
    const Result<StatFilter> filter = StatFilter::create(request);
    if (!filter)
        return {400, filter.error().what};
    HistogramForm form = HistogramForm::Cumulative;
    if (request.has("histogram_buckets") && !parseHistogramForm(request.get("histogram_buckets"), form))
        return {400, histogramFormUsage};
    state.refreshStats();
    Groups counters;
    Groups gauges;
    Groups texts;
    Groups histograms;
    if (filter->wantsCounters()) {
        for (const telemetry::Counter *counter : state.stats().counters()) {
            if (filter->passes(counter->name(), counter->used()))
                addNumber(counters, counter->name(), counter->value());
        }
    }
    if (filter->wantsGauges()) {
        for (const telemetry::Gauge *gauge : state.stats().gauges()) {
            if (filter->passes(gauge->name(), gauge->used()))
                addNumber(gauges, gauge->name(), static_cast<std::uint64_t>(gauge->value()));
        }
    }
    if (filter->wantsTexts() && request.has("text_readouts")) {
        for (const auto &[name, text] : state.stats().texts()) {
            if (filter->passes(name, true))
                addText(texts, name, text);
        }
    }
    if (filter->wantsHistograms()) {
        for (const telemetry::Histogram *histogram : state.stats().histograms()) {
            if (filter->passes(histogram->name(), histogram->used()))
                addHistogram(histograms, *histogram, form == HistogramForm::Summary);
        }
    }
    std::string body;
    writeGroups(body, counters, "counter");
    writeGroups(body, gauges, "gauge");
    writeGroups(body, texts, "gauge");
    writeGroups(body, histograms, form == HistogramForm::Summary ? "summary" : "histogram");
    return {200, std::move(body)};
}

} // namespace sallyport::admin
