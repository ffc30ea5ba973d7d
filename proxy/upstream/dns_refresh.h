// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"

#include <chrono>
#include <cstdint>

namespace sallyport::upstream {

/// When the names of a cluster are asked for again (source/extensions/clusters/strict_dns; envoy-behaviour.md
/// 4.10). `random` is any number.
class DnsRefresh
{
public:
    /// After an answer: as often as configured, or as its records allow. `ttl`: of the shortest-lived, 0 if
    /// there was none.
    std::chrono::milliseconds afterAnswer(const dataplane::Cluster &configuration, std::chrono::seconds ttl,
                                          std::uint64_t random);
    /// After none: with `dns_failure_refresh_rate` longer each time up to its `max_interval`, by chance.
    std::chrono::milliseconds afterFailure(const dataplane::Cluster &configuration, std::uint64_t random);

private:
    std::chrono::milliseconds m_backOff{0}; ///< after the next failure, at most; 0: the first of a row
};

} // namespace sallyport::upstream
