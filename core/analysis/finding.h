// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/problem.h"
#include "core/model/project_edit.h"

#include <functional>

namespace sallyport::analysis {

/// A change that mends a finding: one undo step.
struct Fix
{
    std::string title; ///< what is done, `Set subjectAltNames: [test.com]`
    std::function<Result<void>(model::ProjectEdit &)> edit;
};

/// What a check found: a problem with its code of the catalogue, its place and what mends it.
struct Finding : model::Problem
{
    std::vector<Fix> fixes;
};

} // namespace sallyport::analysis
