// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/dispatcher.h"
#include "proxy/net/socket.h"
#include "proxy/net/timer.h"
#include "proxy/net/timer_wheel.h"

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace sallyport::net {

/// The inside of an EpollDispatcher, for itself and its timers.
struct EpollDispatcher::State
{
    struct Watch
    {
        IoHandler *handler = nullptr;
        std::uint32_t generation = 0; ///< tells events of a closed descriptor from those of its successor
    };
    /// A descriptor that QSocketNotifiers look at.
    struct Notified final : IoHandler
    {
        State *state = nullptr;
        int fd = -1;
        QSocketNotifier *notifiers[3] = {}; ///< by QSocketNotifier::Type
        void onIo(std::uint32_t events) override;
        std::uint32_t interest() const;
    };
    struct QtTimer
    {
        QtTimer(EpollDispatcher &dispatcher, int timerId, qint64 every, Qt::TimerType timerType,
                QObject *receiver);
        void arm(Clock::time_point from);
        void fire();

        EpollDispatcher &dispatcher;
        int id;
        qint64 interval;
        Qt::TimerType type;
        QObject *object;
        Clock::time_point due;
        std::shared_ptr<bool> alive; ///< false once unregistered, also from within its own event
        bool firing = false;
        Timer timer;
    };

    Descriptor epoll;
    Descriptor wakeFd;
    std::vector<Watch> watches; ///< by descriptor
    std::unordered_map<int, std::unique_ptr<Notified>> notified;
    std::unordered_map<int, std::unique_ptr<QtTimer>> timers;
    TimerWheel wheel;

    Soon *soon = nullptr;
    Soon **soonTail = &soon;
    Soon *later = nullptr;
    Soon **laterTail = &later;
    std::vector<std::unique_ptr<Deferred>> deferred;
    std::vector<std::unique_ptr<Deferred>> ending; ///< those that are being destroyed
    int depth = 0;                                 ///< nesting of processEvents()

    std::mutex mutex;
    std::vector<std::function<void()>> tasks; ///< guarded by mutex
    std::atomic<bool> awake{false};
    std::atomic<bool> interrupted{false};
};

} // namespace sallyport::net
