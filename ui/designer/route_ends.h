// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/route_design.h"

#include <QString>

namespace sallyport::designer {

/// A design to begin with for a route that was drawn from one card to another. `from` and `to` are full
/// names of workloads (`primary:default/sleep`) or hosts outside of every mesh; either may be empty. A
/// workload of another mesh stands for the host that leads to it.
design::RouteDesign designBetween(const model::Project &project, const QString &from, const QString &to);

/// The mesh to begin with: one whose gateway leads out, else one that takes no requests from outside, else a
/// new one, `primary`.
std::string usualMesh(const model::Project &project);

/// The host of its first ServiceEntry, else the one by which another mesh is reached; empty if there is none.
std::string usualHost(const model::Project &project, const std::string &mesh);

/// design::proposedDesign() with what it leaves open: the only client credential of the gateway's namespace,
/// and the guide's names where a mesh has nothing yet.
design::RouteDesign usualDesign(const model::Project &project, const std::string &mesh,
                                const std::string &host);

} // namespace sallyport::designer
