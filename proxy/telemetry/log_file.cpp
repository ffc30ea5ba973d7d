// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sallyport::telemetry {

namespace {

constexpr std::size_t flushSize = std::size_t(64) * 1024;
// More than this waits only if the disk has stopped: dropping is better than growing.
constexpr std::size_t mostPending = std::size_t(64) * 1024 * 1024;

int openForAppending(const std::string &path)
{
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

} // namespace

LogFile::LogFile(std::string path, std::chrono::milliseconds interval)
    : m_path(std::move(path))
    , m_interval(interval)
    , m_fd(openForAppending(m_path))
    , m_laneLimit(mostPending)
{
    m_thread = std::thread([this] { run(); });
}

LogFile::~LogFile()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_wake.notify_one();
    m_thread.join();
    if (m_fd >= 0)
        ::close(m_fd);
}

void LogFile::write(std::string_view line)
{
    Lane &lane = m_lanes[workerIndex()];
    bool full = false;
    {
        const std::lock_guard lock(lane.mutex);
        Lines &lines = lane.lines;
        if (lines.bytes.size() + line.size() > m_laneLimit.load(std::memory_order_relaxed)) {
            m_lost.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        if (lane.buffered++ == 0)
            m_laneLimit = mostPending / (m_lanesUsed.fetch_add(1) + 1);
        full = lines.bytes.size() < flushSize && lines.bytes.size() + line.size() >= flushSize;
        // In the lane's own order, whichever thread comes first.
        lines.each.push_back({Clock::now(), line.size()});
        lines.bytes += line;
    }
    if (!full)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_full = true;
    }
    m_wake.notify_one();
}

void LogFile::flush()
{
    std::unique_lock lock(m_mutex);
    const std::uint64_t mine = ++m_flushWanted;
    m_wake.notify_one();
    m_written.wait(lock, [this, mine] { return m_flushDone >= mine; });
}

void LogFile::reopen()
{
    {
        const std::lock_guard lock(m_mutex);
        m_reopen = true;
    }
    m_wake.notify_one();
}

LogFileCounts LogFile::counts() const
{
    LogFileCounts counts;
    {
        const std::lock_guard lock(m_mutex);
        counts = m_counts;
    }
    for (const Lane &lane : m_lanes) {
        const std::lock_guard lock(lane.mutex);
        counts.buffered += lane.buffered;
        counts.pendingBytes += lane.lines.bytes.size();
    }
    return counts;
}

LogFileCounts &LogFileCounts::operator+=(const LogFileCounts &other)
{
    buffered += other.buffered;
    completed += other.completed;
    failed += other.failed;
    flushedByTimer += other.flushedByTimer;
    reopenFailed += other.reopenFailed;
    pendingBytes += other.pendingBytes;
    return *this;
}

void LogFile::take(std::vector<Taken> &taken)
{
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        Lines &mine = taken[i].lines;
        const std::lock_guard lock(m_lanes[i].mutex);
        Lines &theirs = m_lanes[i].lines;
        if (mine.each.empty()) {
            std::swap(mine, theirs);
            continue;
        }
        mine.bytes += theirs.bytes;
        mine.each.insert(mine.each.end(), theirs.each.begin(), theirs.each.end());
        theirs.bytes.clear();
        theirs.each.clear();
    }
}

void LogFile::writeOut(std::string_view bytes)
{
    if (bytes.empty())
        return;
    std::size_t done = 0;
    while (m_fd >= 0 && done < bytes.size()) {
        const ssize_t n = ::write(m_fd, bytes.data() + done, bytes.size() - done);
        if (n > 0)
            done += static_cast<std::size_t>(n);
        else if (errno != EINTR)
            break;
    }
    if (done < bytes.size())
        m_lost.fetch_add(static_cast<std::uint64_t>(std::count(
                             bytes.begin() + static_cast<std::ptrdiff_t>(done), bytes.end(), '\n')),
                         std::memory_order_relaxed);
    const std::lock_guard lock(m_mutex);
    ++(done == bytes.size() ? m_counts.completed : m_counts.failed);
}

void LogFile::merge(std::vector<Taken> &taken, Clock::time_point until, std::string &out)
{
    while (true) {
        Taken *first = nullptr;
        Clock::time_point earliest = until;
        Clock::time_point bound = until; // the first lane's lines up to here come before all others'
        for (Taken &lane : taken) {
            if (lane.done == lane.lines.each.size() || lane.lines.each[lane.done].written > until)
                continue;
            const Clock::time_point front = lane.lines.each[lane.done].written;
            if (first == nullptr || front < earliest) {
                bound = first == nullptr ? until : earliest;
                earliest = front;
                first = &lane;
            } else {
                bound = std::min(bound, front);
            }
        }
        if (first == nullptr)
            break;
        const std::vector<Line> &lines = first->lines.each;
        std::size_t bytes = 0;
        for (; first->done < lines.size() && lines[first->done].written <= bound; ++first->done)
            bytes += lines[first->done].size;
        out.append(first->lines.bytes, first->doneBytes, bytes);
        first->doneBytes += bytes;
    }
    for (Taken &lane : taken) {
        lane.lines.bytes.erase(0, std::exchange(lane.doneBytes, 0));
        lane.lines.each.erase(lane.lines.each.begin(),
                              lane.lines.each.begin() +
                                  static_cast<std::ptrdiff_t>(std::exchange(lane.done, 0)));
    }
}

void LogFile::run()
{
    std::vector<Taken> taken(m_lanes.size());
    std::string merged;
    std::unique_lock lock(m_mutex);
    while (true) {
        const bool asked = m_wake.wait_for(lock, m_interval, [this] {
            return m_ending || m_reopen || m_full || m_flushWanted != m_flushDone;
        });
        m_counts.flushedByTimer += asked ? 0 : 1;
        if (std::exchange(m_reopen, false)) {
            const int fresh = openForAppending(m_path);
            if (fresh >= 0) {
                ::close(m_fd);
                m_fd = fresh;
            } else {
                ++m_counts.reopenFailed;
            }
        }
        m_full = false;
        const bool ending = m_ending;
        const std::uint64_t flushed = m_flushWanted;
        lock.unlock();
        // Who answers after another line was written writes a later one: with what was written by now and
        // not before the lanes are looked at, the order holds.
        const Clock::time_point until = Clock::now();
        take(taken);
        merged.clear();
        merge(taken, until, merged);
        writeOut(merged);
        lock.lock();
        m_flushDone = flushed;
        m_written.notify_all();
        if (ending)
            return;
    }
}

std::shared_ptr<LogFile> LogFiles::open(const std::string &path)
{
    const std::lock_guard lock(m_mutex);
    std::shared_ptr<LogFile> &file = m_files[path];
    if (!file)
        file = std::make_shared<LogFile>(path, m_interval);
    return file;
}

LogFileCounts LogFiles::counts() const
{
    const std::lock_guard lock(m_mutex);
    LogFileCounts all;
    for (const auto &[path, file] : m_files)
        all += file->counts();
    return all;
}

void LogFiles::flushAll()
{
    const std::lock_guard lock(m_mutex);
    for (const auto &[path, file] : m_files)
        file->flush();
}

void LogFiles::reopenAll()
{
    const std::lock_guard lock(m_mutex);
    for (const auto &[path, file] : m_files)
        file->reopen();
}

} // namespace sallyport::telemetry
