// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::server {

/// How far overload actions are to go, from 0 to 1; 1 is their `active`. Set by the main thread, read by all.
class OverloadState
{
public:
    enum class Action : std::uint8_t {
        StopAcceptingRequests,
        DisableHttpKeepalive,
        StopAcceptingConnections,
        RejectIncomingConnections,
        Count
    };
    static constexpr std::array<std::string_view, static_cast<std::size_t>(Action::Count)> names{
        "envoy.overload_actions.stop_accepting_requests", "envoy.overload_actions.disable_http_keepalive",
        "envoy.overload_actions.stop_accepting_connections",
        "envoy.overload_actions.reject_incoming_connections"};

    void set(Action action, double value)
    {
        m_values[static_cast<std::size_t>(action)].store(static_cast<float>(value),
                                                         std::memory_order_relaxed);
    }
    double value(Action action) const
    {
        return static_cast<double>(
            m_values[static_cast<std::size_t>(action)].load(std::memory_order_relaxed));
    }
    bool isActive(Action action) const { return value(action) >= 1; }
    /// Whether the action is to hit this one, of all to which it could happen. `random` gives any number, and
    /// is asked only where it decides.
    template<typename Random>
    bool hits(Action action, Random &&random) const
    {
        const double now = value(action);
        if (now <= 0 || now >= 1)
            return now > 0;
        constexpr std::uint64_t steps = 1U << 30U;
        return static_cast<double>(random() % steps) < now * static_cast<double>(steps);
    }

private:
    std::array<std::atomic<float>, static_cast<std::size_t>(Action::Count)> m_values{};
};

} // namespace sallyport::server
