// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::telemetry {

/// Which cell of every statistic this thread writes: 0 the main thread, 1… the workers.
void setWorkerIndex(unsigned index);
unsigned workerIndex();
inline constexpr unsigned mostWriters = 33;

namespace detail {
extern thread_local unsigned currentWorker;
}

/// One cell per writing thread, so that nothing is shared on the hot path; a reader adds them up. Reading
/// while others write is fine.
class Cells
{
public:
    using Cell = std::atomic<std::uint64_t>;

    void add(std::uint64_t amount)
    {
        Cell &cell = *m_cells[detail::currentWorker];
        // Only this thread writes the cell: load and store need no lock.
        cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t sum() const;

private:
    friend class StatsStore;
    std::array<Cell *, mostWriters> m_cells{};
    unsigned m_writers = 0;
    std::size_t m_index = 0; ///< where they lie among each writer's
};

/// A number that only grows.
class Counter
{
public:
    void inc() { m_cells.add(1); }
    void add(std::uint64_t amount) { m_cells.add(amount); }
    std::uint64_t value() const { return m_cells.sum() - m_base.load(std::memory_order_relaxed); }
    /// Back to zero for readers (`/reset_counters`).
    void reset() { m_base.store(m_cells.sum(), std::memory_order_relaxed); }
    /// Was looked at, though nothing was there to count: it counts as used from now on.
    void touch() { m_touched.store(true, std::memory_order_relaxed); }
    bool used() const { return m_touched.load(std::memory_order_relaxed) || m_cells.sum() != 0; }
    const std::string &name() const { return m_name; }
    /// No other statistic ever has it, not even one that takes this one's name or place.
    std::uint64_t id() const { return m_id; }

private:
    friend class StatsStore;
    std::string m_name;
    std::uint64_t m_id = 0;
    bool m_kept = true; ///< the store's
    Cells m_cells;
    std::atomic<std::uint64_t> m_base{0};
    std::atomic<bool> m_touched{false};
};

/// A number that goes up and down. Each thread adds and takes away its own part; set() is for gauges that one
/// thread owns.
class Gauge
{
public:
    void inc() { add(1); }
    void dec() { add(-1); }
    void add(std::int64_t amount)
    {
        m_cells.add(static_cast<std::uint64_t>(amount));
        touch();
    }
    void set(std::int64_t value)
    {
        // Without a sign: what is far apart differs by more than a signed number can hold.
        m_cells.add(static_cast<std::uint64_t>(value) - m_cells.sum());
        touch();
    }
    /// Was looked at, though nothing changed: it counts as used from now on.
    void touch()
    {
        // To write what stands there would take the cache line from all other workers.
        if (!m_used.load(std::memory_order_relaxed))
            m_used.store(true, std::memory_order_relaxed);
    }
    std::int64_t value() const { return static_cast<std::int64_t>(m_cells.sum()); }
    bool used() const { return m_used.load(std::memory_order_relaxed); }
    const std::string &name() const { return m_name; }
    /// No other statistic ever has it, not even one that takes this one's name or place.
    std::uint64_t id() const { return m_id; }

private:
    friend class StatsStore;
    std::string m_name;
    std::uint64_t m_id = 0;
    bool m_kept = true; ///< the store's
    Cells m_cells;
    std::atomic<bool> m_used{false};
};

/// What a histogram holds at one moment.
struct HistogramSnapshot
{
    std::map<double, std::uint64_t> buckets; ///< lower bound of a log-linear bucket → samples
    std::uint64_t count = 0;
    double sum = 0;
    /// By Envoy's interpolation inside a bucket; NaN without samples. `quantile` from 0 to 1.
    double quantile(double quantile) const;
    /// How wide the bucket is that begins at `lower`.
    static double bucketWidth(double lower);
    /// Samples at most `bound`, and those of its bucket.
    std::uint64_t countUpTo(double bound) const;
};

/// Samples in log-linear buckets of two significant decimal digits, as circllhist keeps them.
class Histogram
{
public:
    void record(std::uint64_t value);
    /// All samples.
    HistogramSnapshot current() const;
    /// Samples up to the last flush: the admin interface, as Envoy's, does not show later ones.
    HistogramSnapshot cumulative() const;
    /// Samples between the last flush and the one before.
    HistogramSnapshot interval() const;
    void flush();
    bool used() const;
    const std::string &name() const { return m_name; }
    /// No other statistic ever has it, not even one that takes this one's name or place.
    std::uint64_t id() const { return m_id; }

private:
    friend class StatsStore;
    static constexpr std::size_t bucketCount = std::size_t(90) * 18 + 2;
    struct Shard
    {
        std::array<std::atomic<std::uint64_t>, bucketCount> counts{};
        std::atomic<std::uint64_t> sum{0};
    };
    using Totals = std::vector<std::uint64_t>;
    Totals totals() const;
    static HistogramSnapshot snapshot(const Totals &totals);

    std::string m_name;
    std::uint64_t m_id = 0;
    bool m_kept = true; ///< the store's
    std::array<std::atomic<Shard *>, mostWriters> m_shards{};
    std::vector<std::unique_ptr<Shard>> m_owned;
    std::mutex m_mutex;
    Totals m_atFlush;
    Totals m_interval;
};

/// All statistics of a process by name. Handles are resolved while configuring and stay valid as long as the
/// store, or as their scope. Thread-safe; look-ups take a lock, increments do not.
class StatsStore
{
public:
    explicit StatsStore(unsigned writers = mostWriters);
    ~StatsStore();
    StatsStore(const StatsStore &) = delete;
    StatsStore &operator=(const StatsStore &) = delete;

    Counter &counter(const std::string &name);
    Gauge &gauge(const std::string &name);
    Histogram &histogram(const std::string &name);
    void setText(const std::string &name, const std::string &value);

    /// The statistics whose names begin with `prefix`, and with no longer one that is held, are there for as
    /// long as somebody holds what this returns for it, of which any thread may be the last. Who holds one of
    /// them must hold this, too.
    std::shared_ptr<const void> scope(const std::string &prefix);
    /// Forgets those that nobody holds any more. By the thread that lists statistics, while it has no list.
    void dropUnused();

    /// Which names are kept (`stats_matcher`); none: all. The others still count for who holds them, but are
    /// not listed.
    using Keeps = std::function<bool(const std::string &name)>;
    void setKeeps(Keeps keeps);

    /// Sorted by name.
    std::vector<Counter *> counters() const;
    std::vector<Gauge *> gauges() const;
    /// Those as well that are not kept.
    std::vector<Gauge *> allGauges() const;
    std::vector<Histogram *> histograms() const;
    std::map<std::string, std::string> texts() const;
    /// Rolls the histograms' intervals.
    void flush();

    /// How often a statistic was asked for by its name, which takes a lock; none does so per request.
    std::uint64_t lookups() const;
    /// Whether to remember which names these were.
    void setLookupTracking(bool on);
    bool tracksLookups() const;
    /// The names asked for lately and how often, those asked for most often first.
    std::vector<std::pair<std::string, std::uint64_t>> recentLookups() const;
    void clearLookups();

private:
    static constexpr std::size_t mostTrackedLookups = 100;

    Cells makeCells();
    template<typename Statistic>
    void drop(std::map<std::string, std::unique_ptr<Statistic>> &all, const std::string &prefix);
    /// Whether a scope with a longer prefix than this one has the name.
    bool belongsToOther(const std::string &name, const std::string &prefix) const;
    template<typename Statistic>
    Statistic &find(std::map<std::string, std::unique_ptr<Statistic>> &all, const std::string &name);
    template<typename Statistic>
    std::vector<Statistic *> kept(const std::map<std::string, std::unique_ptr<Statistic>> &all) const;
    void noteLookup(const std::string &name);

    unsigned m_writers;
    mutable std::mutex m_mutex;
    Keeps m_keeps;
    std::uint64_t m_lookups = 0;
    std::uint64_t m_nextId = 1;
    bool m_tracksLookups = false;
    std::map<std::string, std::uint64_t> m_tracked;
    std::map<std::string, std::unique_ptr<Counter>> m_counters;
    std::map<std::string, std::unique_ptr<Gauge>> m_gauges;
    std::map<std::string, std::unique_ptr<Histogram>> m_histograms;
    std::map<std::string, std::string> m_texts;
    /// A worker's cells lie together, away from the other workers'.
    static constexpr std::size_t chunkSize = 1024;
    std::vector<std::vector<std::unique_ptr<std::array<Cells::Cell, chunkSize>>>> m_chunks;
    std::size_t m_nextCell = 0;
    std::vector<std::size_t> m_freeCells;
    std::map<std::string, std::weak_ptr<const void>> m_scopes;
    /// Prefixes that nobody holds; shared with whoever still holds one when the store ends.
    struct Abandoned
    {
        std::mutex mutex;
        std::vector<std::string> prefixes;
    };
    std::shared_ptr<Abandoned> m_abandoned = std::make_shared<Abandoned>();
};

/// `name` with what Envoy does not allow in statistics' names replaced: `:` becomes `_`.
std::string sanitizedStatName(std::string_view name);

} // namespace sallyport::telemetry
