// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/address_plan.h"
#include "core/lab/identities.h"

namespace sallyport::lab {

/// Where and how a lab is to run.
struct PlanOptions
{
    std::string runFolder;
    AddressBlock block;
    bool taps = false;                ///< look at the bytes between workloads
    int lowPortShift = 0;             ///< where ports below 1024 cannot be bound: what is added to them
    const LabPlan *running = nullptr; ///< the plan that runs: what stays keeps its addresses
};

/// A plan and what compiling said.
struct PlannedLab
{
    LabPlan plan;
    std::vector<Error> errors;   ///< what could not be compiled, with its place
    std::vector<Error> warnings; ///< what istiod would leave out or replace
};

/// What runs where for a project: compiles every proxy and places it on this machine. `identities` keeps the
/// CAs, so that a changed project can be planned again while it runs.
Result<PlannedLab> planLab(const model::Project &project, const PlanOptions &options, Identities &identities);

} // namespace sallyport::lab
