// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/facts.h"
#include "core/analysis/names.h"

namespace sallyport::analysis {

/// A tls block of a DestinationRule and what it holds for.
struct TlsBlock
{
    const model::DestinationRule *rule = nullptr;
    const model::ClientTls *tls = nullptr;
    std::string path;
    std::string subset;
    std::uint32_t port = 0; ///< 0: every port without a block of its own
    std::string host;       ///< in full

    /// SIMPLE or MUTUAL: TLS to somebody who is not of the mesh.
    bool originates() const
    {
        return tls->mode == model::ClientTls::Mode::Simple || tls->mode == model::ClientTls::Mode::Mutual;
    }
};

/// Every one of the mesh.
std::vector<TlsBlock> tlsBlocks(const MeshFacts &facts);

/// Clusters to which a chain's TCP proxy passes bytes on.
std::vector<std::string> passedTo(const dataplane::FilterChain &chain);

/// The VirtualService that a route or chain refers to; null if there is none.
const model::VirtualService *virtualServiceOf(const MeshFacts &facts, const dataplane::Metadata &metadata);

/// The path of the destination in a VirtualService that names this cluster's host and port.
std::string destinationPath(const model::VirtualService &service, const ClusterName &cluster);

/// A ServiceEntry stands for the host, outside of the mesh.
bool isExternal(const MeshFacts &facts, const std::string &host);

/// Calls `use(route, cluster)` for every cluster that a route of the proxy may choose.
template<typename Use>
void eachRoute(const ProxyFacts &proxy, Use use)
{
    for (const auto &[chain, manager] : proxy.managers()) {
        for (const dataplane::VirtualHost &host : manager->routes.virtualHosts) {
            for (const dataplane::Route &route : host.routes) {
                for (const std::string &cluster : clustersOf(route))
                    use(route, cluster);
            }
        }
    }
}

} // namespace sallyport::analysis
