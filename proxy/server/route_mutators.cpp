// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/route_mutators.h"

#include <algorithm>
#include <array>

namespace sallyport::server {

Result<void> RouteMutators::add(const dataplane::HeaderMutations &mutations)
{
    if (mutations.isEmpty())
        return {};
    constexpr auto toTheEnd = telemetry::HeaderMutator::Overwritten::AtEnd;
    Result<telemetry::HeaderMutator> request =
        telemetry::HeaderMutator::create(mutations.requestAdd, mutations.requestRemove, toTheEnd);
    if (!request)
        return fail(request.error());
    Result<telemetry::HeaderMutator> response =
        telemetry::HeaderMutator::create(mutations.responseAdd, mutations.responseRemove, toTheEnd);
    if (!response)
        return fail(response.error());
    m_byConfiguration[&mutations] = {*std::move(request), *std::move(response)};
    return {};
}

Result<RouteMutators> RouteMutators::create(const dataplane::RouteConfiguration &routes)
{
    RouteMutators mutators;
    Result<void> done = mutators.add(routes.headers);
    for (const dataplane::VirtualHost &host : routes.virtualHosts) {
        if (done)
            done = mutators.add(host.headers);
        for (const dataplane::Route &route : host.routes) {
            if (done)
                done = mutators.add(route.headers);
            const auto *action = std::get_if<dataplane::RouteAction>(&route.action);
            for (std::size_t i = 0; action != nullptr && done && i < action->weightedClusters.size(); ++i)
                done = mutators.add(action->weightedClusters[i].headers);
        }
    }
    if (!done)
        return fail(done.error());
    return mutators;
}

template<typename Use>
void RouteMutators::eachLevel(const dataplane::RouteConfiguration &routes, const dataplane::VirtualHost &host,
                              const dataplane::Route &route, const dataplane::WeightedCluster *cluster,
                              Use use) const
{
    if (m_byConfiguration.empty())
        return;
    std::array<const dataplane::HeaderMutations *, 4> levels{cluster != nullptr ? &cluster->headers : nullptr,
                                                             &route.headers, &host.headers, &routes.headers};
    if (routes.mostSpecificHeaderMutationsWins)
        std::reverse(levels.begin(), levels.end());
    for (const dataplane::HeaderMutations *level : levels) {
        if (level == nullptr || level->isEmpty())
            continue;
        if (const auto found = m_byConfiguration.find(level); found != m_byConfiguration.end())
            use(found->second);
    }
}

void RouteMutators::applyToRequest(const dataplane::RouteConfiguration &routes,
                                   const dataplane::VirtualHost &host, const dataplane::Route &route,
                                   const dataplane::WeightedCluster *cluster, http::HeaderMap &headers,
                                   const telemetry::LogContext &context) const
{
    eachLevel(routes, host, route, cluster,
              [&](const MutatorPair &pair) { pair.request.apply(headers, context); });
}

void RouteMutators::applyToResponse(const dataplane::RouteConfiguration &routes,
                                    const dataplane::VirtualHost &host, const dataplane::Route &route,
                                    const dataplane::WeightedCluster *cluster, http::HeaderMap &headers,
                                    const telemetry::LogContext &context) const
{
    eachLevel(routes, host, route, cluster,
              [&](const MutatorPair &pair) { pair.response.apply(headers, context); });
}

} // namespace sallyport::server
