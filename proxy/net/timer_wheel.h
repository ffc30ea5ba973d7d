// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sallyport::net {

class Timer;

/// A hierarchical wheel of 1 ms ticks: six levels of 64 slots, enough for two years. Adding and removing are
/// O(1); finding the next expiry looks at six words. Timers that are armed again for later stay where they
/// are and move on when the wheel reaches them.
class TimerWheel
{
public:
    static constexpr std::uint64_t Never = ~std::uint64_t{0};

    std::uint64_t tick() const { return m_tick; }
    /// When the wheel has to be looked at next; Never when it is empty.
    std::uint64_t nextTick() const;
    /// Goes on to `now` and runs what is due. `afterEach` is called after each timeout.
    template<typename AfterEach>
    void advance(std::uint64_t now, AfterEach afterEach)
    {
        while (Timer *due = takeDue(now)) {
            run(due);
            afterEach();
        }
    }

    void schedule(Timer *timer, std::uint64_t deadline);
    static void unlink(Timer *timer);

private:
    static constexpr unsigned Levels = 6;
    static constexpr unsigned SlotBits = 6;

    void insert(Timer *timer, std::uint64_t when);
    Timer *takeDue(std::uint64_t now);
    static void run(Timer *timer);
    static void link(Timer *&head, Timer *timer);

    std::array<std::array<Timer *, 1U << SlotBits>, Levels> m_slots{};
    mutable std::array<std::uint64_t, Levels> m_used{};
    Timer *m_due = nullptr;
    std::uint64_t m_tick = 1;
};

} // namespace sallyport::net
