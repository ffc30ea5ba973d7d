// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gateway/signals.h"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace sallyport::gateway {

namespace {

int blockAndWatch()
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN); // a log that has reached its limit loses lines, not the process
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
        sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

} // namespace

Signals::Signals(Actions actions)
    : m_actions(std::move(actions))
    , m_fd(blockAndWatch())
    , m_notifier(m_fd, QSocketNotifier::Read)
{
    QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this] { read(); });
}

Signals::~Signals()
{
    m_notifier.setEnabled(false);
    ::close(m_fd);
}

void Signals::read()
{
    signalfd_siginfo info{};
    while (::read(m_fd, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        switch (static_cast<int>(info.ssi_signo)) {
        case SIGUSR1:
            m_actions.reopenLogs();
            break;
        case SIGHUP:
            m_actions.reload();
            break;
        default:
            m_actions.terminate();
            break;
        }
    }
}

} // namespace sallyport::gateway
