// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/route_counters.h"

#include <algorithm>

namespace sallyport::server {

RouteCounters::RouteCounters(const dataplane::RouteConfiguration &routes, telemetry::StatsStore &store)
{
    for (const dataplane::VirtualHost &host : routes.virtualHosts) {
        const std::string prefix = "vhost." + telemetry::sanitizedStatName(host.name) + '.';
        for (const dataplane::Route &route : host.routes) {
            if (!route.statPrefix.empty())
                m_routes[&route] = std::make_unique<telemetry::RouteStats>(
                    store, prefix + "route." + telemetry::sanitizedStatName(route.statPrefix) + '.');
        }
        if (host.virtualClusters.empty())
            continue;
        std::vector<VirtualCluster> &clusters = m_clusters[&host];
        const auto stats = [&](const std::string &name) {
            return std::make_unique<telemetry::RouteStats>(
                store, prefix + "vcluster." + telemetry::sanitizedStatName(name) + '.');
        };
        for (const dataplane::VirtualCluster &cluster : host.virtualClusters)
            clusters.push_back(
                {cluster.name, dataplane::compileHeaders(cluster.headers), stats(cluster.name)});
        // What no virtual cluster takes is counted under a name that the access log doesn't show.
        clusters.push_back({{}, {}, stats("other")});
    }
}

telemetry::RouteStats *RouteCounters::of(const dataplane::Route &route) const
{
    if (m_routes.empty())
        return nullptr;
    const auto found = m_routes.find(&route);
    return found == m_routes.end() ? nullptr : found->second.get();
}

const RouteCounters::VirtualCluster *RouteCounters::of(const dataplane::VirtualHost &host,
                                                       const dataplane::RequestView &request) const
{
    if (m_clusters.empty())
        return nullptr;
    const auto found = m_clusters.find(&host);
    if (found == m_clusters.end())
        return nullptr;
    return &*std::find_if(found->second.begin(), found->second.end(), [&](const VirtualCluster &cluster) {
        return dataplane::allMatch(cluster.headers, request);
    });
}

} // namespace sallyport::server
