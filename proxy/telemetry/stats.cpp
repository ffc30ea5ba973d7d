// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/stats.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sallyport::telemetry {

namespace detail {
thread_local unsigned currentWorker = 0;
}

namespace {

constexpr unsigned digitsPerDecade = 90;

/// Bucket 0 is the value zero; from 1 on: decade × 90 + the two leading digits - 10, beginning with 0.1.
std::size_t bucketOf(std::uint64_t value, std::size_t count)
{
    if (value == 0)
        return 0;
    std::uint64_t leading = value * 10;
    std::size_t decade = 0;
    if (value > std::numeric_limits<std::uint64_t>::max() / 10)
        return count - 1;
    while (leading >= 100) {
        leading /= 10;
        ++decade;
    }
    return std::min(1 + decade * digitsPerDecade + (leading - 10), count - 1);
}

double lowerBound(std::size_t bucket)
{
    if (bucket == 0)
        return 0;
    const std::size_t decade = (bucket - 1) / digitsPerDecade;
    const auto leading = static_cast<double>((bucket - 1) % digitsPerDecade + 10);
    return leading / 10 * std::pow(10, static_cast<double>(decade));
}

double width(double lower)
{
    return lower <= 0 ? 0 : std::pow(10, std::floor(std::log10(lower) + 1e-9) - 1);
}

} // namespace

void setWorkerIndex(unsigned index)
{
    detail::currentWorker = std::min(index, mostWriters - 1);
}

unsigned workerIndex()
{
    return detail::currentWorker;
}

std::uint64_t Cells::sum() const
{
    std::uint64_t total = 0;
    for (unsigned i = 0; i < m_writers; ++i)
        total += m_cells[i]->load(std::memory_order_relaxed);
    return total;
}

double HistogramSnapshot::quantile(double wanted) const
{
    if (count == 0)
        return std::numeric_limits<double>::quiet_NaN();
    // The samples of a bucket are taken to lie evenly inside it, none on its bounds.
    const double rank = std::max(1.0, std::ceil(wanted * static_cast<double>(count) - 1e-9));
    double before = 0;
    for (const auto &[lower, samples] : buckets) {
        const auto here = static_cast<double>(samples);
        if (before + here >= rank)
            return lower + width(lower) * (rank - before) / (here + 1);
        before += here;
    }
    return buckets.rbegin()->first;
}

double HistogramSnapshot::bucketWidth(double lower)
{
    return lower == 0 ? 0 : width(lower);
}

std::uint64_t HistogramSnapshot::countUpTo(double bound) const
{
    std::uint64_t total = 0;
    for (const auto &[lower, samples] : buckets) {
        // A bucket counts as soon as it begins: 1 is at most 1, though it stands for 1 to 1.1.
        if (lower <= bound + 1e-9)
            total += samples;
    }
    return total;
}

void Histogram::record(std::uint64_t value)
{
    Shard *shard = m_shards[detail::currentWorker].load(std::memory_order_acquire);
    if (!shard) {
        const std::lock_guard lock(m_mutex);
        m_owned.push_back(std::make_unique<Shard>());
        shard = m_owned.back().get();
        m_shards[detail::currentWorker].store(shard, std::memory_order_release);
    }
    std::atomic<std::uint64_t> &cell = shard->counts[bucketOf(value, bucketCount)];
    cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    shard->sum.store(shard->sum.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

Histogram::Totals Histogram::totals() const
{
    Totals totals(bucketCount, 0);
    for (const auto &slot : m_shards) {
        const Shard *shard = slot.load(std::memory_order_acquire);
        for (std::size_t i = 0; shard && i < bucketCount; ++i)
            totals[i] += shard->counts[i].load(std::memory_order_relaxed);
    }
    return totals;
}

HistogramSnapshot Histogram::snapshot(const Totals &totals)
{
    HistogramSnapshot result;
    for (std::size_t i = 0; i < totals.size(); ++i) {
        if (totals[i] == 0)
            continue;
        const double lower = lowerBound(i);
        result.buckets[lower] = totals[i];
        result.count += totals[i];
        // A bucket stands for the harmonic mean of its bounds.
        const double upper = lower + width(lower);
        if (lower > 0)
            result.sum += 2 * lower * upper / (lower + upper) * static_cast<double>(totals[i]);
    }
    return result;
}

HistogramSnapshot Histogram::current() const
{
    return snapshot(totals());
}

HistogramSnapshot Histogram::cumulative() const
{
    return snapshot(m_atFlush);
}

HistogramSnapshot Histogram::interval() const
{
    return snapshot(m_interval);
}

void Histogram::flush()
{
    Totals now = totals();
    m_interval = now;
    for (std::size_t i = 0; i < m_atFlush.size(); ++i)
        m_interval[i] -= m_atFlush[i];
    m_atFlush = std::move(now);
}

bool Histogram::used() const
{
    return std::any_of(m_atFlush.begin(), m_atFlush.end(), [](std::uint64_t count) { return count > 0; });
}

StatsStore::StatsStore(unsigned writers)
    : m_writers(std::min(writers, mostWriters))
    , m_chunks(m_writers)
{
}

StatsStore::~StatsStore() = default;

Cells StatsStore::makeCells()
{
    Cells cells;
    cells.m_writers = m_writers;
    if (m_freeCells.empty()) {
        cells.m_index = m_nextCell++;
    } else {
        cells.m_index = m_freeCells.back();
        m_freeCells.pop_back();
    }
    const std::size_t chunk = cells.m_index / chunkSize;
    for (unsigned i = 0; i < m_writers; ++i) {
        if (m_chunks[i].size() <= chunk)
            m_chunks[i].push_back(std::make_unique<std::array<Cells::Cell, chunkSize>>());
        cells.m_cells[i] = &(*m_chunks[i][chunk])[cells.m_index % chunkSize];
        cells.m_cells[i]->store(0, std::memory_order_relaxed);
    }
    return cells;
}

template<typename Statistic>
Statistic &StatsStore::find(std::map<std::string, std::unique_ptr<Statistic>> &all, const std::string &name)
{
    const std::lock_guard lock(m_mutex);
    noteLookup(name);
    std::unique_ptr<Statistic> &slot = all[name];
    if (!slot) {
        slot = std::make_unique<Statistic>();
        slot->m_name = name;
        slot->m_id = m_nextId++;
        slot->m_kept = !m_keeps || m_keeps(name);
        if constexpr (!std::is_same_v<Statistic, Histogram>)
            slot->m_cells = makeCells();
    }
    return *slot;
}

Counter &StatsStore::counter(const std::string &name)
{
    return find(m_counters, name);
}

Gauge &StatsStore::gauge(const std::string &name)
{
    return find(m_gauges, name);
}

Histogram &StatsStore::histogram(const std::string &name)
{
    return find(m_histograms, name);
}

void StatsStore::setKeeps(Keeps keeps)
{
    const std::lock_guard lock(m_mutex);
    m_keeps = std::move(keeps);
    const auto again = [&](auto &all) {
        for (const auto &[name, statistic] : all)
            statistic->m_kept = !m_keeps || m_keeps(name);
    };
    again(m_counters);
    again(m_gauges);
    again(m_histograms);
}

void StatsStore::noteLookup(const std::string &name)
{
    ++m_lookups;
    if (m_tracksLookups && (m_tracked.contains(name) || m_tracked.size() < mostTrackedLookups))
        ++m_tracked[name];
}

std::uint64_t StatsStore::lookups() const
{
    const std::lock_guard lock(m_mutex);
    return m_lookups;
}

void StatsStore::setLookupTracking(bool on)
{
    const std::lock_guard lock(m_mutex);
    m_tracksLookups = on;
    m_tracked.clear();
}

bool StatsStore::tracksLookups() const
{
    const std::lock_guard lock(m_mutex);
    return m_tracksLookups;
}

std::vector<std::pair<std::string, std::uint64_t>> StatsStore::recentLookups() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::pair<std::string, std::uint64_t>> all(m_tracked.begin(), m_tracked.end());
    std::stable_sort(all.begin(), all.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    return all;
}

void StatsStore::clearLookups()
{
    const std::lock_guard lock(m_mutex);
    m_lookups = 0;
    m_tracked.clear();
}

void StatsStore::setText(const std::string &name, const std::string &value)
{
    const std::lock_guard lock(m_mutex);
    m_texts[name] = value;
}

template<typename Statistic>
std::vector<Statistic *> StatsStore::kept(const std::map<std::string, std::unique_ptr<Statistic>> &all) const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Statistic *> list;
    for (const auto &[name, statistic] : all) {
        if (statistic->m_kept)
            list.push_back(statistic.get());
    }
    return list;
}

std::vector<Counter *> StatsStore::counters() const
{
    return kept(m_counters);
}

std::vector<Gauge *> StatsStore::gauges() const
{
    return kept(m_gauges);
}

std::vector<Histogram *> StatsStore::histograms() const
{
    return kept(m_histograms);
}

std::vector<Gauge *> StatsStore::allGauges() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Gauge *> all;
    for (const auto &[name, gauge] : m_gauges)
        all.push_back(gauge.get());
    return all;
}

std::map<std::string, std::string> StatsStore::texts() const
{
    const std::lock_guard lock(m_mutex);
    std::map<std::string, std::string> texts = m_texts;
    if (m_keeps)
        std::erase_if(texts, [&](const auto &text) { return !m_keeps(text.first); });
    return texts;
}

void StatsStore::flush()
{
    for (Histogram *histogram : histograms())
        histogram->flush();
}

std::string sanitizedStatName(std::string_view name)
{
    std::string text(name);
    std::replace(text.begin(), text.end(), ':', '_');
    return text;
}

} // namespace sallyport::telemetry
