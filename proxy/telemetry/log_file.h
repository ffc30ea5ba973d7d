// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/stats.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sallyport::telemetry {

/// What log files have done (Envoy's `filesystem.…`).
struct LogFileCounts
{
    std::uint64_t buffered = 0;       ///< lines put by
    std::uint64_t completed = 0;      ///< writes that the system took
    std::uint64_t failed = 0;         ///< writes that it did not take, or not as a whole
    std::uint64_t flushedByTimer = 0; ///< how often the interval was over
    std::uint64_t reopenFailed = 0;
    std::uint64_t pendingBytes = 0; ///< waiting now
    LogFileCounts &operator+=(const LogFileCounts &other);
};

/// A log file. Every worker collects its lines by itself; a thread of the file's own brings them into the
/// order in which they were written and writes them: when 64 KiB are pending or `interval` has passed. A disk
/// that is full loses lines and counts them; nobody waits for it. Thread-safe.
class LogFile
{
public:
    LogFile(std::string path, std::chrono::milliseconds interval);
    ~LogFile();
    LogFile(const LogFile &) = delete;
    LogFile &operator=(const LogFile &) = delete;

    void write(std::string_view line);
    /// Returns once all that was written before is with the system.
    void flush();
    void reopen();
    LogFileCounts counts() const;
    std::uint64_t lost() const { return m_lost.load(std::memory_order_relaxed); }
    bool isOpen() const { return m_fd >= 0; }

private:
    using Clock = std::chrono::steady_clock;

    struct Line
    {
        Clock::time_point written;
        std::size_t size;
    };
    /// Lines one behind the other.
    struct Lines
    {
        std::string bytes;
        std::vector<Line> each;
    };
    /// What a thread has put by; workers do not meet here.
    struct alignas(64) Lane
    {
        mutable std::mutex mutex;
        Lines lines;
        std::uint64_t buffered = 0;
    };
    /// What was taken out of a lane; `done` lines of it have gone out.
    struct Taken
    {
        Lines lines;
        std::size_t done = 0;
        std::size_t doneBytes = 0;
    };

    void run();
    void take(std::vector<Taken> &taken);
    /// Moves the lines that were written until `until` to `out`, the earliest first.
    static void merge(std::vector<Taken> &taken, Clock::time_point until, std::string &out);
    void writeOut(std::string_view bytes);

    std::string m_path;
    std::chrono::milliseconds m_interval;
    int m_fd = -1;
    std::array<Lane, mostWriters> m_lanes; ///< by telemetry::workerIndex()
    std::atomic<std::size_t> m_lanesUsed{0};
    std::atomic<std::size_t> m_laneLimit;
    mutable std::mutex m_mutex; ///< of what follows; taken while no lane is locked
    std::condition_variable m_wake;
    std::condition_variable m_written;
    LogFileCounts m_counts;
    std::uint64_t m_flushWanted = 0;
    std::uint64_t m_flushDone = 0;
    bool m_full = false;
    bool m_ending = false;
    bool m_reopen = false;
    std::atomic<std::uint64_t> m_lost{0};
    std::thread m_thread;
};

/// The log files of a process, one per path.
class LogFiles
{
public:
    explicit LogFiles(std::chrono::milliseconds interval = std::chrono::milliseconds(250))
        : m_interval(interval)
    {
    }
    std::shared_ptr<LogFile> open(const std::string &path);
    void flushAll();
    void reopenAll();
    LogFileCounts counts() const;

private:
    std::chrono::milliseconds m_interval;
    mutable std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<LogFile>> m_files;
};

} // namespace sallyport::telemetry
