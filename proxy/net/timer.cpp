// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/timer.h"

#include "proxy/net/dispatcher_state.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sallyport::net {

std::uint64_t TimerWheel::nextTick() const
{
    if (m_due != nullptr)
        return m_tick;
    // Slots of a lower level all lie before those of a higher one.
    for (unsigned level = 0; level < Levels; ++level) {
        while (m_used[level] != 0) {
            const auto slot = static_cast<unsigned>(std::countr_zero(m_used[level]));
            if (m_slots[level][slot] == nullptr) {
                m_used[level] &= m_used[level] - 1;
                continue;
            }
            const unsigned shift = level * SlotBits;
            const std::uint64_t block = (m_tick >> shift >> SlotBits) << SlotBits << shift;
            return std::max(m_tick, block | (static_cast<std::uint64_t>(slot) << shift));
        }
    }
    return Never;
}

void TimerWheel::link(Timer *&head, Timer *timer)
{
    timer->m_next = head;
    timer->m_link = &head;
    if (head != nullptr)
        head->m_link = &timer->m_next;
    head = timer;
}

void TimerWheel::unlink(Timer *timer)
{
    if (timer->m_link == nullptr)
        return;
    *timer->m_link = timer->m_next;
    if (timer->m_next != nullptr)
        timer->m_next->m_link = timer->m_link;
    timer->m_next = nullptr;
    timer->m_link = nullptr;
    timer->m_queuedFor = 0;
}

void TimerWheel::insert(Timer *timer, std::uint64_t when)
{
    timer->m_queuedFor = when;
    if (when <= m_tick) {
        link(m_due, timer);
        return;
    }
    const std::uint64_t farthest = m_tick | ((std::uint64_t{1} << (Levels * SlotBits)) - 1);
    when = std::min(when, farthest);
    const unsigned level = static_cast<unsigned>(std::bit_width(when ^ m_tick) - 1) / SlotBits;
    const auto slot = static_cast<unsigned>(when >> (level * SlotBits)) & ((1U << SlotBits) - 1);
    link(m_slots[level][slot], timer);
    m_used[level] |= std::uint64_t{1} << slot;
}

void TimerWheel::schedule(Timer *timer, std::uint64_t deadline)
{
    timer->m_deadline = deadline;
    if (timer->m_link != nullptr) {
        if (timer->m_queuedFor <= deadline)
            return;
        unlink(timer);
    }
    insert(timer, deadline);
}

Timer *TimerWheel::takeDue(std::uint64_t now)
{
    for (;;) {
        while (m_due != nullptr) {
            Timer *timer = m_due;
            unlink(timer);
            if (timer->m_deadline == 0)
                continue;
            if (timer->m_deadline <= m_tick)
                return timer;
            insert(timer, timer->m_deadline);
        }
        const std::uint64_t next = nextTick();
        if (next > now) {
            // Never backwards: the cached time may lag behind what a timeout saw.
            m_tick = std::max(m_tick, now);
            return nullptr;
        }
        m_tick = next;
        for (unsigned level = 0; level < Levels; ++level) {
            const unsigned shift = level * SlotBits;
            if ((m_tick & ((std::uint64_t{1} << shift) - 1)) != 0)
                break;
            const auto slot = static_cast<unsigned>(m_tick >> shift) & ((1U << SlotBits) - 1);
            m_used[level] &= ~(std::uint64_t{1} << slot);
            while (Timer *timer = m_slots[level][slot]) {
                unlink(timer);
                if (timer->m_deadline != 0)
                    insert(timer, timer->m_deadline);
            }
        }
    }
}

void TimerWheel::run(Timer *timer)
{
    timer->m_deadline = 0;
    timer->m_onTimeout();
}

Timer::Timer(EpollDispatcher &dispatcher, std::function<void()> onTimeout)
    : m_dispatcher(dispatcher)
    , m_onTimeout(std::move(onTimeout))
{
}

Timer::~Timer()
{
    TimerWheel::unlink(this);
}

void Timer::arm(std::chrono::milliseconds delay)
{
    // In milliseconds before they are added: the longest delays fit no longer in nanoseconds.
    const auto deadline =
        std::chrono::ceil<std::chrono::milliseconds>(m_dispatcher.now().time_since_epoch()) + delay;
    TimerWheel &wheel = m_dispatcher.m_state->wheel;
    // A timer that arms itself for now waits for the next tick, else it would run for ever in this one.
    wheel.schedule(this, std::max(static_cast<std::uint64_t>(deadline.count()), wheel.tick() + 1));
}

Soon::Soon(EpollDispatcher &dispatcher, std::function<void()> run)
    : m_dispatcher(dispatcher)
    , m_run(std::move(run))
{
}

Soon::~Soon()
{
    cancel();
}

void Soon::schedule()
{
    if (m_link != nullptr)
        return;
    auto &state = *m_dispatcher.m_state;
    m_link = state.soonTail;
    *state.soonTail = this;
    state.soonTail = &m_next;
}

void Soon::scheduleNextRound()
{
    if (m_link != nullptr)
        return;
    auto &state = *m_dispatcher.m_state;
    m_link = state.laterTail;
    *state.laterTail = this;
    state.laterTail = &m_next;
}

void Soon::cancel()
{
    if (m_link == nullptr)
        return;
    auto &state = *m_dispatcher.m_state;
    *m_link = m_next;
    if (m_next != nullptr)
        m_next->m_link = m_link;
    else if (state.soonTail == &m_next)
        state.soonTail = m_link;
    else if (state.laterTail == &m_next)
        state.laterTail = m_link;
    m_next = nullptr;
    m_link = nullptr;
}

} // namespace sallyport::net
