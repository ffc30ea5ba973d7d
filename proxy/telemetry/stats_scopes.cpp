// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics that go with what they are about.
#include "proxy/telemetry/stats.h"

namespace sallyport::telemetry {

std::shared_ptr<const void> StatsStore::scope(const std::string &prefix)
{
    const std::lock_guard lock(m_mutex);
    std::weak_ptr<const void> &known = m_scopes[prefix];
    std::shared_ptr<const void> held = known.lock();
    if (!held) {
        held = std::shared_ptr<const void>(this, [abandoned = m_abandoned, prefix](const void *) {
            const std::lock_guard abandoning(abandoned->mutex);
            abandoned->prefixes.push_back(prefix);
        });
        known = held;
    }
    return held;
}

void StatsStore::dropUnused()
{
    std::vector<std::string> prefixes;
    {
        const std::lock_guard lock(m_abandoned->mutex);
        prefixes.swap(m_abandoned->prefixes);
    }
    const std::lock_guard lock(m_mutex);
    for (const std::string &prefix : prefixes) {
        const auto scope = m_scopes.find(prefix);
        // Somebody may have come back to it.
        if (scope == m_scopes.end() || !scope->second.expired())
            continue;
        drop(m_counters, prefix);
        drop(m_gauges, prefix);
        drop(m_histograms, prefix);
        m_scopes.erase(scope);
    }
}

template<typename Statistic>
void StatsStore::drop(std::map<std::string, std::unique_ptr<Statistic>> &all, const std::string &prefix)
{
    for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix);) {
        if (belongsToOther(it->first, prefix)) {
            ++it;
            continue;
        }
        if constexpr (!std::is_same_v<Statistic, Histogram>)
            m_freeCells.push_back(it->second->m_cells.m_index);
        it = all.erase(it);
    }
}

bool StatsStore::belongsToOther(const std::string &name, const std::string &prefix) const
{
    for (auto it = m_scopes.upper_bound(prefix); it != m_scopes.end() && it->first.starts_with(prefix);
         ++it) {
        if (name.starts_with(it->first))
            return true;
    }
    return false;
}

} // namespace sallyport::telemetry
