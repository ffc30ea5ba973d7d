// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route_matcher.h"
#include "proxy/telemetry/route_stats.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace sallyport::server {

/// The statistics that routes and virtual hosts ask for with `stat_prefix` and `virtual_clusters`. Immutable
/// but for the counts; the configuration outlives it.
class RouteCounters
{
public:
    RouteCounters(const dataplane::RouteConfiguration &routes, telemetry::StatsStore &store);

    struct VirtualCluster
    {
        std::string name;
        std::vector<dataplane::CompiledHeader> headers;
        std::unique_ptr<telemetry::RouteStats> stats;
    };
    /// Null without stat_prefix.
    telemetry::RouteStats *of(const dataplane::Route &route) const;
    /// The first of the virtual host's clusters that `request` meets, its `other` for all else; null without
    /// any.
    const VirtualCluster *of(const dataplane::VirtualHost &host, const dataplane::RequestView &request) const;

private:
    std::unordered_map<const dataplane::Route *, std::unique_ptr<telemetry::RouteStats>> m_routes;
    std::unordered_map<const dataplane::VirtualHost *, std::vector<VirtualCluster>> m_clusters;
};

} // namespace sallyport::server
