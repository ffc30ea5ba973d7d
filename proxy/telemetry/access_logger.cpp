// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/access_logger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>

namespace sallyport::telemetry {

namespace {

constexpr std::size_t flushSize = 64 * 1024;
// More than this waits only if the disk has stopped: dropping is better than growing.
constexpr std::size_t mostPending = 64 * 1024 * 1024;

} // namespace

const char *const defaultTextFormat =
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
    "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
    "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
    "\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

LogFile::LogFile(std::string path, std::chrono::milliseconds interval)
    : m_path(std::move(path))
    , m_interval(interval)
{
    m_fd = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
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
    bool wake = false;
    {
        const std::lock_guard lock(m_mutex);
        if (m_pending.size() + line.size() > mostPending) {
            m_lost.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        wake = m_pending.size() < flushSize && m_pending.size() + line.size() >= flushSize;
        m_pending += line;
        ++m_counts.buffered;
    }
    if (wake)
        m_wake.notify_one();
}

void LogFile::flush()
{
    std::unique_lock lock(m_mutex);
    m_flushNow = true;
    m_wake.notify_one();
    m_written.wait(lock, [this] { return m_pending.empty() && !m_busy; });
}

void LogFile::reopen()
{
    {
        const std::lock_guard lock(m_mutex);
        m_reopen = true;
    }
    m_wake.notify_one();
}

bool LogFile::writeOut(const std::string &bytes)
{
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
    return done == bytes.size();
}

LogFileCounts LogFile::counts() const
{
    const std::lock_guard lock(m_mutex);
    LogFileCounts counts = m_counts;
    counts.pendingBytes = m_pending.size();
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

void LogFile::run()
{
    std::string bytes;
    std::unique_lock lock(m_mutex);
    while (true) {
        const bool asked = m_wake.wait_for(lock, m_interval, [this] {
            return m_ending || m_flushNow || m_reopen || m_pending.size() >= flushSize;
        });
        m_counts.flushedByTimer += asked ? 0 : 1;
        if (m_reopen) {
            m_reopen = false;
            const int fresh = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
            if (fresh >= 0) {
                ::close(m_fd);
                m_fd = fresh;
            } else {
                ++m_counts.reopenFailed;
            }
        }
        m_flushNow = false;
        bytes.swap(m_pending);
        m_busy = !bytes.empty();
        lock.unlock();
        const bool written = writeOut(bytes);
        lock.lock();
        if (!bytes.empty())
            ++(written ? m_counts.completed : m_counts.failed);
        bytes.clear();
        m_busy = false;
        m_written.notify_all();
        if (m_ending && m_pending.empty())
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

Result<std::shared_ptr<const AccessLogger>> AccessLogger::create(const dataplane::AccessLog &configuration,
                                                                 LogFiles &files, LogListener *listener)
{
    auto logger = std::make_shared<AccessLogger>();
    if (configuration.filter)
        logger->m_filter.emplace(*configuration.filter);
    if (configuration.format && configuration.format->json) {
        Result<JsonFormatter> json =
            JsonFormatter::create(*configuration.format->json, configuration.format->omitEmptyValues);
        if (!json)
            return fail(json.error());
        logger->m_json = *std::move(json);
    } else {
        const bool custom = configuration.format && configuration.format->text;
        Result<TextFormatter> text =
            TextFormatter::create(custom ? *configuration.format->text : defaultTextFormat,
                                  custom && configuration.format->omitEmptyValues);
        if (!text)
            return fail(text.error());
        logger->m_text = *std::move(text);
    }
    logger->m_file = files.open(configuration.path);
    if (!logger->m_file->isOpen())
        return fail("unable to open the access log '" + configuration.path + '\'', {},
                    "its folder must exist and be writable");
    logger->m_listener = listener;
    return std::shared_ptr<const AccessLogger>(std::move(logger));
}

void AccessLogger::log(const LogContext &context) const
{
    if (m_filter && !m_filter->passes(context))
        return;
    thread_local std::string line;
    line.clear();
    if (m_json) {
        m_json->append(line, context);
        if (m_listener)
            m_listener->onLogLine(line, true);
        line += '\n';
    } else {
        m_text->append(line, context);
        if (m_listener)
            m_listener->onLogLine(line, false);
    }
    m_file->write(line);
}

} // namespace sallyport::telemetry
