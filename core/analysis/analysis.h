// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/finding.h"
#include "core/model/project.h"

#include <chrono>

namespace sallyport::analysis {

using TimePoint = std::chrono::system_clock::time_point;

/// A check of the catalogue.
struct CheckInfo
{
    std::string code; ///< `EGR0410`, stable
    model::Severity severity = model::Severity::Warning;
    std::string title;
};

/// Every check, by code.
std::vector<CheckInfo> catalogue();

/// The project's own problems (Project::problems) without those that a check answers better: Istio's warning
/// of a DENY that widens on TCP ports, where nothing passes bytes on (EGR0608 says where something does).
std::vector<model::Problem> openProblems(const model::Project &project);

/// Runs every check on a project: what is well formed and yet wrong, unsafe or without effect. The project's
/// own problems (Project::problems) are not repeated, and of a resource with an error among them only other
/// errors are said. What cannot be proven from the project is not found: references to workloads where the
/// YAML has none, servers of which nothing is known. Imported credentials count if they were added to the
/// project (lab::addStoredCredentials). `now` judges certificates. Compiles the project and follows requests
/// through it, which takes some ten milliseconds; works on any thread.
std::vector<Finding> analyse(const model::Project &project, TimePoint now);

} // namespace sallyport::analysis
