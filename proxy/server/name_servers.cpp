// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/name_servers.h"

namespace sallyport::server {

namespace {

using Resolver = std::optional<dataplane::DnsResolver>;

void take(Resolver &own, const Resolver &common)
{
    if (!own)
        own = common;
}

void spread(dataplane::FilterChain &chain, const Resolver &common)
{
    for (dataplane::NetworkFilter &filter : chain.filters) {
        if (auto *sni = std::get_if<dataplane::SniDynamicForwardProxy>(&filter.config))
            take(sni->cache.resolver, common);
        auto *manager = std::get_if<dataplane::HttpConnectionManager>(&filter.config);
        if (manager == nullptr)
            continue;
        for (dataplane::HttpFilter &http : manager->filters) {
            if (auto *forward = std::get_if<dataplane::DynamicForwardProxy>(&http.config))
                take(forward->cache.resolver, common);
        }
    }
}

} // namespace

void spreadNameServers(dataplane::Bootstrap &bootstrap)
{
    const Resolver &common = bootstrap.dnsResolver;
    if (!common)
        return;
    for (dataplane::Cluster &cluster : bootstrap.clusters) {
        take(cluster.dnsResolver, common);
        if (cluster.dnsCache)
            take(cluster.dnsCache->resolver, common);
    }
    for (dataplane::Listener &listener : bootstrap.listeners) {
        for (dataplane::FilterChain &chain : listener.filterChains)
            spread(chain, common);
        if (listener.defaultFilterChain)
            spread(*listener.defaultFilterChain, common);
    }
}

} // namespace sallyport::server
