// SPDX-License-Identifier: GPL-3.0-or-later
// `/stats/prometheus` (source/server/admin/prometheus_stats.cc; envoy-behaviour.md 6.8).
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/histogram_text.h"
#include "proxy/admin/stat_filter.h"
#include "proxy/admin/stat_tags.h"
#include "proxy/telemetry/stats.h"

#include <algorithm>

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

/// Samples by metric, each group sorted by its tags.
using Groups = std::map<std::string, std::map<std::string, std::string>>;

void writeGroups(std::string &body, const Groups &groups, const char *type)
{
    for (const auto &[metric, samples] : groups) {
        body += "# TYPE " + metric + ' ' + type + '\n';
        for (const auto &[tags, lines] : samples)
            body += lines;
    }
}

void addNumber(Groups &groups, const std::string &name, std::int64_t value)
{
    const TaggedStat stat = extractTags(name);
    const std::string metric = metricName(stat.name);
    const std::string tags = tagText(stat.tags);
    groups[metric][tags] = metric + '{' + tags + "} " + std::to_string(value) + '\n';
}

void addHistogram(Groups &groups, const telemetry::Histogram &histogram)
{
    const TaggedStat stat = extractTags(histogram.name());
    const std::string metric = metricName(stat.name);
    const std::string tags = tagText(stat.tags);
    const std::string before = tags.empty() ? tags : tags + ',';
    const telemetry::HistogramSnapshot snapshot = histogram.cumulative();
    std::string lines;
    for (const double bound : standardBuckets())
        lines += metric + "_bucket{" + before + "le=\"" + shortNumber(bound) + "\"} " +
                 std::to_string(snapshot.countUpTo(bound)) + '\n';
    lines += metric + "_bucket{" + before + "le=\"+Inf\"} " + std::to_string(snapshot.count) + '\n';
    lines += metric + "_sum{" + tags + "} " + shortNumber(snapshot.sum) + '\n';
    lines += metric + "_count{" + tags + "} " + std::to_string(snapshot.count) + '\n';
    groups[metric][tags] = std::move(lines);
}

} // namespace

AdminAnswer prometheusEndpoint(const AdminRequest &request, ServerState &state)
{
    const Result<StatFilter> filter = StatFilter::create(request);
    if (!filter)
        return {400, filter.error().what};
    Groups counters;
    Groups gauges;
    Groups histograms;
    if (filter->wantsCounters()) {
        for (const telemetry::Counter *counter : state.stats().counters()) {
            if (filter->passes(counter->name(), counter->used()))
                addNumber(counters, counter->name(), static_cast<std::int64_t>(counter->value()));
        }
    }
    if (filter->wantsGauges()) {
        for (const telemetry::Gauge *gauge : state.stats().gauges()) {
            if (filter->passes(gauge->name(), gauge->used()))
                addNumber(gauges, gauge->name(), gauge->value());
        }
    }
    if (filter->wantsHistograms()) {
        for (const telemetry::Histogram *histogram : state.stats().histograms()) {
            if (filter->passes(histogram->name(), histogram->used()))
                addHistogram(histograms, *histogram);
        }
    }
    std::string body;
    writeGroups(body, counters, "counter");
    writeGroups(body, gauges, "gauge");
    writeGroups(body, histograms, "histogram");
    return {200, std::move(body)};
}

} // namespace sallyport::admin
