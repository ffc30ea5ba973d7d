// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSocketNotifier>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace sallyport::net {

/// Tells what is moved to a name in a directory (a file that is renamed, a symbolic link that is exchanged):
/// that is how secrets are replaced as a whole. What is written in place is not told. Belongs to one thread
/// with an event loop.
class MoveWatcher
{
public:
    using OnMoved = std::function<void(const std::string &directory, const std::string &name)>;

    explicit MoveWatcher(OnMoved onMoved);
    ~MoveWatcher();
    MoveWatcher(const MoveWatcher &) = delete;
    MoveWatcher &operator=(const MoveWatcher &) = delete;

    /// From now on; once or often. False: there is no such directory.
    bool watch(const std::string &directory);

private:
    void read();

    OnMoved m_onMoved;
    int m_fd = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::map<int, std::set<std::string>> m_directories; ///< as they were called, by the kernel's number
};

/// What a path is made of; the directory of a name alone is `.`.
std::string directoryOf(const std::string &path);
std::string nameOf(const std::string &path);

} // namespace sallyport::net
