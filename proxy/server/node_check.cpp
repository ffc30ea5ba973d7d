// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/node_check.h"

namespace sallyport::server {

bool nameNode(dataplane::Bootstrap::Node &node, const std::string &id, const std::string &cluster)
{
    if (node.id.empty())
        node.id = id;
    if (node.cluster.empty())
        node.cluster = cluster;
    return !node.id.empty() && !node.cluster.empty();
}

Result<void> checkNode(const dataplane::Bootstrap &bootstrap)
{
    if (!bootstrap.node.id.empty() && !bootstrap.node.cluster.empty())
        return {};
    for (std::size_t i = 0; i < bootstrap.clusters.size(); ++i) {
        if (bootstrap.clusters[i].type == dataplane::Cluster::Type::Eds)
            return fail("node 'id' and 'cluster' are required. Set it either in 'node' config or via "
                        "--service-node and --service-cluster options.",
                        {"static_resources.clusters[" + std::to_string(i) + "].eds_cluster_config", 0, 0});
    }
    return {};
}

} // namespace sallyport::server
