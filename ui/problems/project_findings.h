// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/compile.h"
#include "ui/problems/finding.h"

#include <chrono>

namespace sallyport::problems {

using TimePoint = std::chrono::system_clock::time_point;

/// Everything that is known to be wrong with a project, errors first, then by place. `compiled` may be null.
/// Works on any thread.
std::vector<Finding> findingsOf(const model::Project &project, const compile::CompiledProject *compiled,
                                TimePoint now);

/// What a running lab said of a change that it could not take over: `file:line:column: what (hint)`.
Finding labFinding(const QString &problem, const model::Project *project);

/// The resource that a place lies in; null if none does.
const model::Resource *resourceAt(const model::Project &project, const std::string &file, int line);
session::ResourceSelection selectionOf(const model::Resource &resource, const QString &fieldPath = {});

} // namespace sallyport::problems
