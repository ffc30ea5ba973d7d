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
        if (lower + width(lower) <= bound + 1e-9 || lower == 0)
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
        result.sum += (lower + width(lower) / 2) * static_cast<double>(totals[i]);
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
    const std::size_t chunk = m_nextCell / chunkSize;
    for (unsigned i = 0; i < m_writers; ++i) {
        if (m_chunks[i].size() <= chunk)
            m_chunks[i].push_back(std::make_unique<std::array<Cells::Cell, chunkSize>>());
        cells.m_cells[i] = &(*m_chunks[i][chunk])[m_nextCell % chunkSize];
    }
    ++m_nextCell;
    return cells;
}

Counter &StatsStore::counter(const std::string &name)
{
    const std::lock_guard lock(m_mutex);
    noteLookup(name);
    std::unique_ptr<Counter> &slot = m_counters[name];
    if (!slot) {
        slot = std::make_unique<Counter>();
        slot->m_name = name;
        slot->m_cells = makeCells();
    }
    return *slot;
}

Gauge &StatsStore::gauge(const std::string &name)
{
    const std::lock_guard lock(m_mutex);
    noteLookup(name);
    std::unique_ptr<Gauge> &slot = m_gauges[name];
    if (!slot) {
        slot = std::make_unique<Gauge>();
        slot->m_name = name;
        slot->m_cells = makeCells();
    }
    return *slot;
}

Histogram &StatsStore::histogram(const std::string &name)
{
    const std::lock_guard lock(m_mutex);
    noteLookup(name);
    std::unique_ptr<Histogram> &slot = m_histograms[name];
    if (!slot) {
        slot = std::make_unique<Histogram>();
        slot->m_name = name;
    }
    return *slot;
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

std::vector<Counter *> StatsStore::counters() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Counter *> all;
    for (const auto &[name, counter] : m_counters)
        all.push_back(counter.get());
    return all;
}

std::vector<Gauge *> StatsStore::gauges() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Gauge *> all;
    for (const auto &[name, gauge] : m_gauges)
        all.push_back(gauge.get());
    return all;
}

std::vector<Histogram *> StatsStore::histograms() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Histogram *> all;
    for (const auto &[name, histogram] : m_histograms)
        all.push_back(histogram.get());
    return all;
}

std::map<std::string, std::string> StatsStore::texts() const
{
    const std::lock_guard lock(m_mutex);
    return m_texts;
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
