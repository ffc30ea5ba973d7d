// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace sallyport::net {

class EpollDispatcher;
class TimerWheel;

/// A one-shot timer on its thread's dispatcher, accurate to about a millisecond (never early). Arming again
/// with a later deadline, and cancelling, cost a few stores: use one per request or per idle connection
/// freely.
class Timer
{
public:
    Timer(EpollDispatcher &dispatcher, std::function<void()> onTimeout);
    ~Timer();
    Timer(const Timer &) = delete;
    Timer &operator=(const Timer &) = delete;

    /// (Re)starts: fires once `delay` after dispatcher.now().
    void arm(std::chrono::milliseconds delay);
    void cancel() { m_deadline = 0; }
    bool isArmed() const { return m_deadline != 0; }

private:
    friend class TimerWheel;

    EpollDispatcher &m_dispatcher;
    std::function<void()> m_onTimeout;
    std::uint64_t m_deadline = 0;  ///< in ticks of the wheel; 0: not armed
    std::uint64_t m_queuedFor = 0; ///< the wheel looks at it then; 0: not in the wheel
    Timer *m_next = nullptr;
    Timer **m_link = nullptr;
};

/// Runs once after the event that is being handled now, before the next one: for coalescing writes. Outside
/// of the event loop it runs when the loop is entered.
class Soon
{
public:
    Soon(EpollDispatcher &dispatcher, std::function<void()> run);
    ~Soon();
    Soon(const Soon &) = delete;
    Soon &operator=(const Soon &) = delete;

    void schedule();
    /// Runs after all events that are pending now: for going on with long work without starving others.
    void scheduleNextRound();
    void cancel();
    bool isScheduled() const { return m_link != nullptr; }

private:
    friend class EpollDispatcher;

    EpollDispatcher &m_dispatcher;
    std::function<void()> m_run;
    Soon *m_next = nullptr;
    Soon **m_link = nullptr;
};

} // namespace sallyport::net
