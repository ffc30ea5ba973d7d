// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/key_log.h"

#include "proxy/net/address.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace sallyport::net {

namespace {

std::vector<dataplane::CompiledRange> compiled(const std::vector<dataplane::CidrRange> &ranges)
{
    return {ranges.begin(), ranges.end()};
}

/// None: all.
bool isAmong(const std::vector<dataplane::CompiledRange> &ranges, int fd,
             int (*nameOfSocket)(int, sockaddr *, socklen_t *))
{
    if (ranges.empty())
        return true;
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto *name = reinterpret_cast<sockaddr *>(&storage);
    if (nameOfSocket(fd, name, &length) != 0)
        return false;
    const auto ip = dataplane::IpAddress::parse(Address::fromSockaddr(name, length).ipText());
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const dataplane::CompiledRange &range) { return range.contains(ip); });
}

int openedAt(const std::string &path)
{
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

/// Those that are open.
struct OpenLogs
{
    std::mutex mutex;
    std::vector<std::weak_ptr<const KeyLog>> all;
};

OpenLogs &openLogs()
{
    static OpenLogs logs;
    return logs;
}

} // namespace

KeyLog::KeyLog(const dataplane::TlsKeyLog &configuration)
    : m_path(configuration.path)
    , m_local(compiled(configuration.localRanges))
    , m_remote(compiled(configuration.remoteRanges))
    , m_file(openedAt(m_path))
{
}

KeyLog::~KeyLog()
{
    if (m_file >= 0)
        ::close(m_file);
}

Result<std::shared_ptr<const KeyLog>> KeyLog::open(const dataplane::TlsKeyLog &configuration)
{
    const std::shared_ptr<const KeyLog> log(new KeyLog(configuration));
    if (log->m_file < 0)
        return fail("unable to open file '" + configuration.path + "': " + std::strerror(errno));
    OpenLogs &logs = openLogs();
    const std::lock_guard lock(logs.mutex);
    std::erase_if(logs.all, [](const auto &each) { return each.expired(); });
    logs.all.push_back(log);
    return log;
}

void KeyLog::reopenAll()
{
    OpenLogs &logs = openLogs();
    const std::lock_guard lock(logs.mutex);
    for (const auto &each : logs.all) {
        if (const auto log = each.lock())
            log->reopen();
    }
}

void KeyLog::reopen() const
{
    const int file = openedAt(m_path);
    if (file < 0)
        return;
    // In the place of the one before, in one step: others may be writing.
    ::dup3(file, m_file, O_CLOEXEC);
    ::close(file);
}

void KeyLog::write(int fd, std::string_view line) const
{
    if (!isAmong(m_local, fd, ::getsockname) || !isAmong(m_remote, fd, ::getpeername))
        return;
    // As one piece at the file's end: connections of other threads write there too. A disk that is full loses
    // the line.
    const std::string whole = std::string(line) + '\n';
    [[maybe_unused]] const ssize_t written = ::write(m_file, whole.data(), whole.size());
}

} // namespace sallyport::net
