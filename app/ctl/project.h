// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"

namespace sallyport::ctl {

/// Loads a project for a command that runs it: errors of the YAML go to standard error. Fails if there is no
/// such folder or no mesh in it.
Result<model::Project> loadForRunning(const std::string &path);

} // namespace sallyport::ctl
