// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/telemetry/formatter.h"
#include "proxy/telemetry/log_filter.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

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

/// A log file. Lines are collected and written by a thread of its own: when 64 KiB are pending or `interval`
/// has passed. A disk that is full loses lines and counts them; nobody waits for it. Thread-safe.
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
    void run();
    bool writeOut(const std::string &bytes);

    std::string m_path;
    std::chrono::milliseconds m_interval;
    int m_fd = -1;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_written;
    std::string m_pending;
    LogFileCounts m_counts;
    bool m_busy = false;
    bool m_flushNow = false;
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

/// Gets each log line beside the file: the control channel.
class LogListener
{
public:
    virtual ~LogListener() = default;
    /// Any thread. `line` is without its newline; `json` says which form it has.
    virtual void onLogLine(std::string_view line, bool json) = 0;
};

/// One configured access log: filter, format, file. Immutable; log() may be called by any thread.
class AccessLogger
{
public:
    static Result<std::shared_ptr<const AccessLogger>> create(const dataplane::AccessLog &configuration,
                                                              LogFiles &files, LogListener *listener);
    void log(const LogContext &context) const;

private:
    std::optional<LogFilter> m_filter;
    std::optional<TextFormatter> m_text;
    std::optional<JsonFormatter> m_json;
    std::shared_ptr<LogFile> m_file;
    LogListener *m_listener = nullptr;
};

/// Istio's and Envoy's default text format is what a log without a format uses.
extern const char *const defaultTextFormat;

} // namespace sallyport::telemetry
