// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/stats_changes.h"

#include "proxy/telemetry/stats.h"

#include <chrono>

namespace sallyport::control {

namespace {

/// Remembers `value`; true if it was not known or another one.
template<typename Handle, typename Value>
bool differs(std::unordered_map<const Handle *, Value> &known, const Handle *handle, Value value)
{
    const auto [it, isNew] = known.try_emplace(handle, value);
    if (isNew)
        return true;
    if (it->second == value)
        return false;
    it->second = value;
    return true;
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
    for (const telemetry::Counter *counter : store.counters()) {
        if (const std::uint64_t value = counter->value();
            counter->used() && differs(m_counters, counter, value))
            snapshot.values.push_back({QString::fromStdString(counter->name()), static_cast<qint64>(value)});
    }
    for (const telemetry::Gauge *gauge : store.gauges()) {
        if (const std::int64_t value = gauge->value(); gauge->used() && differs(m_gauges, gauge, value))
            snapshot.values.push_back({QString::fromStdString(gauge->name()), value});
    }
    for (const telemetry::Histogram *histogram : store.histograms()) {
        const telemetry::HistogramSnapshot cumulative = histogram->current();
        if (cumulative.count == 0)
            continue;
        const telemetry::HistogramSnapshot interval = histogram->interval();
        if (!differs(m_histograms, histogram,
                     Samples{cumulative.count, cumulative.sum, interval.count, interval.sum}))
            continue;
        snapshot.histograms.push_back({QString::fromStdString(histogram->name()), cumulative.count,
                                       quantilesOf(interval), quantilesOf(cumulative)});
    }
    return snapshot;
}

} // namespace sallyport::control
