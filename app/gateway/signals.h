// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSocketNotifier>
#include <functional>

namespace sallyport::gateway {

/// Turns the process's signals into calls on the main thread: SIGTERM and SIGINT end, SIGHUP reads the
/// configuration again, SIGUSR1 reopens logs; SIGPIPE and SIGXFSZ do nothing.
class Signals
{
public:
    struct Actions
    {
        std::function<void()> terminate;
        std::function<void()> reload;
        std::function<void()> reopenLogs;
    };
    /// Before any other thread is started: threads inherit what is blocked.
    explicit Signals(Actions actions);
    ~Signals();

private:
    void read();

    Actions m_actions;
    int m_fd;
    QSocketNotifier m_notifier;
};

} // namespace sallyport::gateway
