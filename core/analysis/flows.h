// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/facts.h"

namespace sallyport::analysis {

/// What would become of a plain `GET /` from each kind of client of the mesh to each name and HTTP port that
/// the mesh's YAML knows of outside of it. Clients that have the same namespace and labels are one.
std::vector<Flow> followFlows(const MeshFacts &facts, const explain::Scene &scene);

} // namespace sallyport::analysis
