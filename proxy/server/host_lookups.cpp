// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/host_lookups.h"

#include "proxy/filters/dynamic_forward_proxy_filter.h"

#include <algorithm>
#include <map>

namespace sallyport::server {

namespace {

using Caches = std::map<std::string, const dataplane::DnsCache *>;

const dataplane::DnsCache *cacheOf(const dataplane::RouteAction &action, const Caches &caches)
{
    if (const auto found = caches.find(action.cluster); found != caches.end())
        return found->second;
    for (const dataplane::WeightedCluster &weighted : action.weightedClusters) {
        if (const auto found = caches.find(weighted.name); found != caches.end())
            return found->second;
    }
    return nullptr;
}

/// That of the first route which leads to a cluster that has one.
const dataplane::DnsCache *cacheOf(const dataplane::RouteConfiguration &routes, const Caches &caches)
{
    for (const dataplane::VirtualHost &host : routes.virtualHosts) {
        for (const dataplane::Route &route : host.routes) {
            const auto *action = std::get_if<dataplane::RouteAction>(&route.action);
            if (const dataplane::DnsCache *cache = action ? cacheOf(*action, caches) : nullptr)
                return cache;
        }
    }
    return nullptr;
}

void addTo(dataplane::HttpConnectionManager &manager, const Caches &caches)
{
    const bool there =
        std::any_of(manager.filters.begin(), manager.filters.end(), [](const dataplane::HttpFilter &filter) {
            return std::holds_alternative<dataplane::DynamicForwardProxy>(filter.config);
        });
    const dataplane::DnsCache *cache = there ? nullptr : cacheOf(manager.routes, caches);
    if (cache == nullptr)
        return;
    dataplane::HttpFilter filter;
    filter.name = filters::clusterLookup;
    filter.config = dataplane::DynamicForwardProxy{*cache};
    const auto router = std::find_if(manager.filters.begin(), manager.filters.end(),
                                     [](const dataplane::HttpFilter &candidate) {
                                         return std::holds_alternative<dataplane::Router>(candidate.config);
                                     });
    manager.filters.insert(router, std::move(filter));
}

void addTo(dataplane::FilterChain &chain, const Caches &caches)
{
    for (dataplane::NetworkFilter &filter : chain.filters) {
        if (auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config))
            addTo(*manager, caches);
    }
}

} // namespace

void addHostLookups(dataplane::Bootstrap &bootstrap)
{
    Caches caches;
    for (const dataplane::Cluster &cluster : bootstrap.clusters) {
        if (cluster.type == dataplane::Cluster::Type::DynamicForwardProxy && cluster.dnsCache)
            caches.emplace(cluster.name, &*cluster.dnsCache);
    }
    if (caches.empty())
        return;
    for (dataplane::Listener &listener : bootstrap.listeners) {
        for (dataplane::FilterChain &chain : listener.filterChains)
            addTo(chain, caches);
        if (listener.defaultFilterChain)
            addTo(*listener.defaultFilterChain, caches);
    }
}

} // namespace sallyport::server
