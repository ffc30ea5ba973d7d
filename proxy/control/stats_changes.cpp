// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/stats_changes.h"

#include "proxy/telemetry/stats.h"

#include <chrono>
#include <unordered_set>

namespace sallyport::control {

namespace {

/// Remembers `value`; true if it was not known or another one.
template<typename Value>
bool differs(std::unordered_map<std::uint64_t, Value> &known, std::uint64_t id, Value value)
{
    const auto [it, isNew] = known.try_emplace(id, value);
    if (isNew)
        return true;
    if (it->second == value)
        return false;
    it->second = value;
    return true;
}

/// Forgets what is no more, once that is more than what is.
template<typename Value, typename Statistic>
void forgetOthers(std::unordered_map<std::uint64_t, Value> &known, const std::vector<Statistic *> &there)
{
    if (known.size() <= there.size())
        return;
    std::unordered_set<std::uint64_t> ids;
    for (const Statistic *statistic : there)
        ids.insert(statistic->id());
    std::erase_if(known, [&ids](const auto &entry) { return !ids.contains(entry.first); });
}

HistogramValue::Quantiles quantilesOf(const telemetry::HistogramSnapshot &snapshot)
{
    return {snapshot.quantile(0.5), snapshot.quantile(0.9), snapshot.quantile(0.99),
            snapshot.quantile(0.999)};
}

} // namespace

StatsSnapshot StatsChanges::next(const telemetry::StatsStore &store)
{
    StatsSnapshot snapshot;
    snapshot.timeUs = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
    snapshot.first = m_first;
    m_first = false;
    const std::vector<telemetry::Counter *> counters = store.counters();
    const std::vector<telemetry::Gauge *> gauges = store.gauges();
    const std::vector<telemetry::Histogram *> histograms = store.histograms();
    forgetOthers(m_counters, counters);
    forgetOthers(m_gauges, gauges);
    forgetOthers(m_histograms, histograms);
    for (const telemetry::Counter *counter : counters) {
        if (const std::uint64_t value = counter->value();
            counter->used() && differs(m_counters, counter->id(), value))
            snapshot.values.push_back({QString::fromStdString(counter->name()), static_cast<qint64>(value)});
    }
    for (const telemetry::Gauge *gauge : gauges) {
        if (const std::int64_t value = gauge->value(); gauge->used() && differs(m_gauges, gauge->id(), value))
            snapshot.values.push_back({QString::fromStdString(gauge->name()), value});
    }
    for (const telemetry::Histogram *histogram : histograms) {
        const telemetry::HistogramSnapshot cumulative = histogram->current();
        if (cumulative.count == 0)
            continue;
        const telemetry::HistogramSnapshot interval = histogram->interval();
        if (!differs(m_histograms, histogram->id(),
                     Samples{cumulative.count, cumulative.sum, interval.count, interval.sum}))
            continue;
        snapshot.histograms.push_back({QString::fromStdString(histogram->name()), cumulative.count,
                                       quantilesOf(interval), quantilesOf(cumulative)});
    }
    return snapshot;
}

} // namespace sallyport::control
