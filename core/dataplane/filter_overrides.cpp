// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/route_matcher.h"

namespace sallyport::dataplane {

std::array<const PerFilterConfig *, 4> CompiledRoute::perFilterLevels(const WeightedCluster *cluster) const
{
    return {cluster != nullptr ? &cluster->perFilter : nullptr, &m_route->perFilter, &m_host->perFilter,
            &m_configuration->perFilter};
}

bool CompiledRoute::runs(std::string_view filter, bool offInChain, const WeightedCluster *cluster) const
{
    for (const PerFilterConfig *level : perFilterLevels(cluster)) {
        if (level == nullptr)
            continue;
        if (const auto found = level->find(filter); found != level->end())
            return !std::holds_alternative<FilterOff>(found->second);
    }
    return !offInChain;
}

} // namespace sallyport::dataplane
