// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/previous_priorities.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

bool isAnyoneThere(const std::vector<PriorityLoad::Members> &priorities)
{
    return std::any_of(priorities.begin(), priorities.end(), [](const PriorityLoad::Members &members) {
        return members.healthy + members.degraded > 0;
    });
}

} // namespace

const PriorityLoad &PreviousPriorities::loadFor(const std::vector<PriorityLoad::Members> &priorities,
                                                std::uint32_t overprovisioningFactor,
                                                const PriorityLoad &original)
{
    if (m_tried.size() < m_updateFrequency)
        return original;
    if (m_tried.size() % m_updateFrequency != 0)
        return m_load.levels.size() == original.levels.size() ? m_load : original;
    m_excluded.resize(priorities.size());
    for (const std::uint32_t priority : m_tried) {
        if (priority < m_excluded.size())
            m_excluded[priority] = true;
    }
    std::vector<PriorityLoad::Members> left = priorities;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (m_excluded[i])
            left[i].healthy = left[i].degraded = left[i].healthyWeight = left[i].degradedWeight = 0;
    }
    if (!isAnyoneThere(left)) {
        m_excluded.assign(m_excluded.size(), false);
        m_tried.clear();
        left = priorities;
        if (!isAnyoneThere(left))
            return original;
    }
    m_load = PriorityLoad::of(left, overprovisioningFactor, 0);
    for (std::size_t i = 0; i < m_load.levels.size(); ++i)
        m_load.levels[i].panic = original.levels[i].panic;
    return m_load;
}

} // namespace sallyport::upstream
