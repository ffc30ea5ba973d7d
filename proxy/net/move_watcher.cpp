// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/move_watcher.h"

#include <cstring>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sallyport::net {

MoveWatcher::MoveWatcher(OnMoved onMoved)
    : m_onMoved(std::move(onMoved))
    , m_fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
}

MoveWatcher::~MoveWatcher()
{
    m_notifier.reset();
    if (m_fd >= 0)
        ::close(m_fd);
}

bool MoveWatcher::watch(const std::string &directory)
{
    const int number = ::inotify_add_watch(m_fd, directory.c_str(), IN_MOVED_TO | IN_ONLYDIR);
    if (number < 0)
        return false;
    m_directories[number].insert(directory);
    if (m_notifier == nullptr) {
        m_notifier = std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read);
        QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), [this] { read(); });
    }
    return true;
}

void MoveWatcher::read()
{
    // All events first: who is told may watch more.
    std::vector<std::pair<std::string, std::string>> moved;
    alignas(inotify_event) char bytes[4096];
    for (ssize_t got = 0; (got = ::read(m_fd, bytes, sizeof bytes)) > 0;) {
        for (ssize_t at = 0; at < got;) {
            const auto *event = reinterpret_cast<const inotify_event *>(bytes + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            const auto found = m_directories.find(event->wd);
            if (found == m_directories.end())
                continue;
            if ((event->mask & IN_MOVED_TO) != 0) {
                for (const std::string &directory : found->second)
                    moved.emplace_back(directory, event->name);
            }
            if ((event->mask & IN_IGNORED) != 0)
                m_directories.erase(found);
        }
    }
    for (const auto &[directory, name] : moved)
        m_onMoved(directory, name);
}

std::string directoryOf(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string nameOf(const std::string &path)
{
    return path.substr(path.rfind('/') + 1);
}

} // namespace sallyport::net
