// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_nodes.h"

namespace sallyport::topology {

/// Links the hop with a resource that made it; null adds nothing.
void addResource(ChainHop &hop, const model::Resource *resource);
/// With the Service or ServiceEntry that the cluster stands for, by istiod's own note in its metadata.
void addServices(const Pod &sender, const dataplane::Cluster &cluster, ChainHop &hop);
/// With the Gateways that have the receiver listen on `port`.
void addReceiverResources(const Pod &receiver, int port, ChainHop &hop);

} // namespace sallyport::topology
