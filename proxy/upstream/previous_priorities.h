// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/priority_picker.h"

namespace sallyport::upstream {

/// Leads a request's further attempts past the priorities that it has tried: after every so many attempts the
/// load is shared anew among the others, and once all were tried, among all
/// (source/extensions/retry/priority/previous_priorities). One request's own.
class PreviousPriorities
{
public:
    explicit PreviousPriorities(std::uint32_t updateFrequency)
        : m_updateFrequency(updateFrequency)
    {
    }

    void onTried(const Host &host) { m_tried.push_back(host.priority()); }
    /// The load for the next attempt. `original`: what it is without attempts.
    const PriorityLoad &loadFor(const std::vector<PriorityLoad::Members> &priorities,
                                std::uint32_t overprovisioningFactor, const PriorityLoad &original);

private:
    std::uint32_t m_updateFrequency;
    std::vector<std::uint32_t> m_tried; ///< priorities, one an attempt
    std::vector<bool> m_excluded;
    PriorityLoad m_load;
};

} // namespace sallyport::upstream
