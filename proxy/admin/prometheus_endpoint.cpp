// SPDX-License-Identifier: GPL-3.0-or-later
// `/stats/prometheus` (source/server/admin/prometheus_stats.cc; envoy-behaviour.md 6.8).
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/histogram_text.h"
#include "proxy/admin/stat_filter.h"
#include "proxy/admin/stat_tags.h"
#include "proxy/telemetry/stats.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace sallyport::admin {

namespace {

/// A name's characters that Prometheus does not take become underscores.
std::string sanitized(std::string name)
{
    std::replace_if(
        name.begin(), name.end(),
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
        },
        '_');
    return name;
}

std::string metricName(const std::string &name)
{
    return sanitized("envoy_" + name);
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
        text += sanitized(tag.name) + "=\"" + escaped(tag.value) + '"';
    }
    return text;
}

/// A number as Envoy writes sums and bounds here: with all that a double has.
std::string exactNumber(double value, int digits = 32)
{
    char text[64];
    return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.*g", digits, value))};
}

/// Samples by the statistic's name without its tags; each group in the order of the whole names.
using Groups = std::map<std::string, std::map<std::string, std::string>>;

/// Envoy compares names part by part.
std::string inOrder(std::string name)
{
    std::replace(name.begin(), name.end(), '.', '\1');
    return name;
}

void writeGroups(std::string &body, const Groups &groups, const char *type)
{
    std::set<std::string> typed;
    for (const auto &[name, samples] : groups) {
        const std::string metric = metricName(name);
        if (typed.insert(metric).second)
            body += "# TYPE " + metric + ' ' + type + '\n';
        for (const auto &[whole, lines] : samples)
            body += lines;
    }
}

/// Envoy's numbers are unsigned: what was taken from the largest there is shows as what is left of it.
void addNumber(Groups &groups, const std::string &name, const TagProducer &producer, std::uint64_t value)
{
    const TaggedStat stat = producer.extract(name);
    const std::string tags = tagText(stat.tags);
    groups[stat.name][inOrder(name)] =
        metricName(stat.name) + '{' + tags + "} " + std::to_string(value) + '\n';
}

void addText(Groups &groups, const std::string &name, const TagProducer &producer, const std::string &value)
{
    TaggedStat stat = producer.extract(name);
    stat.tags.push_back({"text_value", value});
    const std::string tags = tagText(stat.tags);
    groups[stat.name][inOrder(name)] = metricName(stat.name) + '{' + tags + "} 0\n";
}

void addHistogram(Groups &groups, const telemetry::Histogram &histogram, const StatsForms &forms,
                  bool summary)
{
    const TaggedStat stat = forms.tags.extract(histogram.name());
    const std::string metric = metricName(stat.name);
    const std::string tags = tagText(stat.tags);
    const std::string before = tags.empty() ? tags : tags + ',';
    // Envoy's summaries are about the last interval.
    const telemetry::HistogramSnapshot snapshot = summary ? histogram.interval() : histogram.cumulative();
    std::string lines;
    if (summary) {
        for (const double percent : standardQuantiles())
            lines += metric + '{' + before + "quantile=\"" + exactNumber(percent / 100, 6) + "\"} " +
                     exactNumber(snapshot.quantile(percent / 100)) + '\n';
    } else {
        for (const double bound : forms.bounds.of(histogram.name()))
            lines += metric + "_bucket{" + before + "le=\"" + exactNumber(bound) + "\"} " +
                     std::to_string(snapshot.countUpTo(bound)) + '\n';
        lines += metric + "_bucket{" + before + "le=\"+Inf\"} " + std::to_string(snapshot.count) + '\n';
    }
    lines += metric + "_sum{" + tags + "} " + exactNumber(snapshot.sum) + '\n';
    lines += metric + "_count{" + tags + "} " + std::to_string(snapshot.count) + '\n';
    groups[stat.name][inOrder(histogram.name())] = std::move(lines);
}

std::string prometheusText(ServerState &state, const StatFilter &filter, bool withTexts, bool summary)
{
    const StatsForms &forms = state.statsForms();
    Groups counters;
    Groups gauges;
    Groups texts;
    Groups histograms;
    for (const telemetry::Counter *counter : state.stats().counters()) {
        if (filter.passes(counter->name(), counter->used()))
            addNumber(counters, counter->name(), forms.tags, counter->value());
    }
    for (const telemetry::Gauge *gauge : state.stats().gauges()) {
        if (filter.passes(gauge->name(), gauge->used()))
            addNumber(gauges, gauge->name(), forms.tags, static_cast<std::uint64_t>(gauge->value()));
    }
    if (withTexts) {
        for (const auto &[name, text] : state.stats().texts()) {
            if (filter.passes(name, true))
                addText(texts, name, forms.tags, text);
        }
    }
    for (const telemetry::Histogram *histogram : state.stats().histograms()) {
        if (filter.passes(histogram->name(), histogram->used()))
            addHistogram(histograms, *histogram, forms, summary);
    }
    std::string body;
    writeGroups(body, counters, "counter");
    writeGroups(body, gauges, "gauge");
    writeGroups(body, texts, "gauge");
    writeGroups(body, histograms, summary ? "summary" : "histogram");
    return body;
}

} // namespace

AdminAnswer prometheusEndpoint(const AdminRequest &request, ServerState &state)
{
    // `type` has to be one, but chooses nothing here.
    const Result<StatFilter> filter = StatFilter::create(request);
    if (!filter)
        return {400, filter.error().what};
    HistogramForm form = HistogramForm::Cumulative;
    if (!parseHistogramForm(request.get("histogram_buckets"), form))
        return {400, histogramFormUsage};
    if (form == HistogramForm::PrometheusNative)
        return {400, "unsupported prometheusnative histogram type when not using protobuf exposition format"};
    if (form != HistogramForm::Cumulative && form != HistogramForm::Summary)
        return {400, "unsupported prometheus histogram bucket mode"};
    state.refreshStats();
    return {200,
            prometheusText(state, *filter, request.has("text_readouts"), form == HistogramForm::Summary)};
}

} // namespace sallyport::admin
