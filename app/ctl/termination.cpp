// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/termination.h"

#include <QSocketNotifier>
#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace sallyport::ctl {

Termination::Termination(std::function<void()> end)
{
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTERM);
    ::sigaddset(&set, SIGINT);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    m_fd = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    m_notifier = std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this, end = std::move(end)] {
        signalfd_siginfo info;
        while (::read(m_fd, &info, sizeof info) > 0)
            end();
    });
}

Termination::~Termination()
{
    m_notifier.reset();
    ::close(m_fd);
}

} // namespace sallyport::ctl
