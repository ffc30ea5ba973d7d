// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/priority_picker.h"

#include <algorithm>
#include <numeric>

namespace sallyport::upstream {

namespace {

constexpr std::uint32_t whole = 100;

/// Gives each priority its part of `left` percent by its availability, and returns what is left over.
std::uint32_t distribute(const std::vector<std::uint32_t> &availability, std::uint32_t total,
                         std::uint32_t left, std::vector<std::uint32_t> &loads)
{
    for (std::size_t i = 0; i < availability.size(); ++i) {
        loads[i] = std::min(left, availability[i] * whole / total);
        left -= loads[i];
    }
    return left;
}

std::uint32_t availabilityOf(std::uint64_t usable, std::uint64_t all, std::uint32_t overprovisioningFactor)
{
    return all == 0 ? 0
                    : static_cast<std::uint32_t>(
                          std::min<std::uint64_t>(whole, overprovisioningFactor * usable / all));
}

bool inPanic(const PriorityLoad::Members &members, double threshold)
{
    const double available = members.all == 0
                                 ? 0.0
                                 : 100.0 * static_cast<double>(members.healthy + members.degraded) /
                                       static_cast<double>(members.all);
    return available < threshold;
}

} // namespace

bool isInPanic(const Hosts &hosts, double threshold)
{
    PriorityLoad::Members members;
    for (const HostPtr &host : hosts) {
        members.all += host->isExcluded() ? 0 : 1;
        members.healthy += host->isHealthy() ? 1 : 0;
        members.degraded += host->isDegraded() ? 1 : 0;
    }
    return inPanic(members, std::min(threshold, 100.0));
}

namespace {

/// Nothing healthy is worth choosing: every priority takes load by the number of its hosts.
void shareByHosts(const std::vector<PriorityLoad::Members> &priorities,
                  std::vector<PriorityLoad::Level> &levels)
{
    const std::size_t hosts = std::accumulate(priorities.begin(), priorities.end(), std::size_t(0),
                                              [](std::size_t sum, const PriorityLoad::Members &members) {
                                                  return sum + members.all + members.excluded;
                                              });
    if (hosts == 0) {
        levels.front().healthy = whole;
        return;
    }
    std::uint32_t left = whole;
    std::size_t first = priorities.size();
    for (std::size_t i = 0; i < priorities.size(); ++i) {
        const std::size_t own = priorities[i].all + priorities[i].excluded;
        if (first == priorities.size() && own > 0)
            first = i;
        levels[i].healthy = static_cast<std::uint32_t>(whole * own / hosts);
        levels[i].degraded = 0;
        left -= levels[i].healthy;
    }
    levels[first].healthy += left;
}

} // namespace

PriorityLoad PriorityLoad::of(const std::vector<Members> &priorities, std::uint32_t overprovisioningFactor,
                              double panicThreshold)
{
    PriorityLoad load;
    load.levels.resize(priorities.size());
    std::vector<std::uint32_t> healthy;
    std::vector<std::uint32_t> degraded;
    for (const Members &members : priorities) {
        const bool weighed = members.weight > 0;
        const std::uint64_t all = weighed ? members.weight : members.all;
        healthy.push_back(
            availabilityOf(weighed ? members.healthyWeight : members.healthy, all, overprovisioningFactor));
        degraded.push_back(
            availabilityOf(weighed ? members.degradedWeight : members.degraded, all, overprovisioningFactor));
    }
    const std::uint32_t total = std::min(whole, std::accumulate(healthy.begin(), healthy.end(), 0U) +
                                                    std::accumulate(degraded.begin(), degraded.end(), 0U));
    if (total > 0) {
        std::vector<std::uint32_t> healthyLoads(priorities.size());
        std::vector<std::uint32_t> degradedLoads(priorities.size());
        std::uint32_t left = distribute(healthy, total, whole, healthyLoads);
        left = distribute(degraded, total, left, degradedLoads);
        // What rounding left over goes to the first priority that can take it.
        const auto usable = [](std::uint32_t availability) { return availability > 0; };
        if (const auto first = std::find_if(healthy.begin(), healthy.end(), usable); first != healthy.end())
            healthyLoads[static_cast<std::size_t>(first - healthy.begin())] += left;
        else
            degradedLoads[static_cast<std::size_t>(std::find_if(degraded.begin(), degraded.end(), usable) -
                                                   degraded.begin())] += left;
        for (std::size_t i = 0; i < priorities.size(); ++i)
            load.levels[i] = {healthyLoads[i], degradedLoads[i], false};
    }
    const double threshold = std::min(panicThreshold, 100.0);
    if (threshold <= 0 && total == 0) {
        // Panic is off and nobody is there: the first priority gets it all, and has no host to offer.
        load.levels.front().healthy = whole;
        return load;
    }
    bool everywhere = true;
    for (std::size_t i = 0; i < priorities.size(); ++i) {
        load.levels[i].panic = total < whole && inPanic(priorities[i], threshold);
        everywhere = everywhere && load.levels[i].panic;
    }
    if (everywhere)
        shareByHosts(priorities, load.levels);
    return load;
}

PriorityLoad::Choice PriorityLoad::choose(std::uint64_t hash) const
{
    const std::uint64_t point = hash % whole + 1;
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        reached += levels[i].healthy;
        if (point <= reached)
            return {i, false};
    }
    for (std::size_t i = 0; i < levels.size(); ++i) {
        reached += levels[i].degraded;
        if (point <= reached)
            return {i, true};
    }
    return {};
}

} // namespace sallyport::upstream
