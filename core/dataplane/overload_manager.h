// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::dataplane {

/// envoy.config.overload.v3.OverloadManager: what a process looks at, and what it gives up when that runs
/// short.
struct OverloadManager
{
    struct Monitor
    {
        enum class Kind {
            MaxConnections, ///< envoy.resource_monitors.global_downstream_max_connections
            FixedHeap,
            InjectedResource ///< a file holds the pressure; for tests
        };
        Kind kind = Kind::FixedHeap;
        std::string name;
        std::uint64_t limit = 0; ///< connections, or bytes of heap
        std::string filename;
        bool operator==(const Monitor &) const = default;
    };
    struct Trigger
    {
        std::string monitor;
        double threshold = 0; ///< of pressure, 0 to 1: active from here on
        /// A scaled trigger: begins at `threshold`, is saturated here.
        std::optional<double> saturation;
        bool operator==(const Trigger &) const = default;
    };
    struct Action
    {
        std::string name;
        std::vector<Trigger> triggers; ///< any of them
        bool operator==(const Action &) const = default;
    };
    std::optional<Duration> refreshInterval; ///< 1 s
    std::vector<Monitor> monitors;
    std::vector<Action> actions;

    bool operator==(const OverloadManager &) const = default;
};

} // namespace sallyport::dataplane
