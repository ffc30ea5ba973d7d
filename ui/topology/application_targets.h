// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_nodes.h"

#include <string>
#include <vector>

namespace sallyport::topology {

/// A host that an application may ask for over HTTP.
struct ApplicationTarget
{
    std::string host;
    int port = 80;

    bool operator==(const ApplicationTarget &) const = default;
};

/// Those of `client`, a pod of `project`: what its mesh has rules for comes first.
std::vector<ApplicationTarget> targetsOf(const Pod &client, const model::Project &project,
                                         const std::vector<Pod> &pods);

/// The addresses on this machine that `host` has for an application in `mesh`; empty: it does not resolve.
std::vector<std::string> resolved(const std::string &host, const model::Mesh &mesh,
                                  const model::Project &project, const lab::AddressPlan &addresses);

} // namespace sallyport::topology
