// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"

namespace sallyport::server {

/// Puts in what `node` does not say itself. Whether it has an id and a cluster then.
bool nameNode(dataplane::Bootstrap::Node &node, const std::string &id, const std::string &cluster);

/// What asks a control plane needs a node with id and cluster, which is told who asks.
Result<void> checkNode(const dataplane::Bootstrap &bootstrap);

} // namespace sallyport::server
