// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSocketNotifier>
#include <functional>

namespace sallyport::gateway {

/// Turns the process's signals into calls on the main thread: SIGTERM and SIGINT end, SIGUSR1 reopens logs;
/// SIGPIPE and SIGHUP do nothing.
class Signals
{
public:
    /// Before any other thread is started: threads inherit what is blocked.
    Signals(std::function<void()> onTerminate, std::function<void()> onReopenLogs);
    ~Signals();

private:
    void read();

    std::function<void()> m_onTerminate;
    std::function<void()> m_onReopenLogs;
    int m_fd;
    QSocketNotifier m_notifier;
};

} // namespace sallyport::gateway
