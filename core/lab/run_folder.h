// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "core/result/result.h"

namespace sallyport::lab {

/// The folder in which the lab of this project runs: `$XDG_RUNTIME_DIR/sallyport/HASH`, or
/// `/tmp/sallyport-UID/HASH` where there is no runtime directory. The hash is of the canonical path, so every
/// program finds the same folder. Does not make it.
Result<std::string> runFolderOf(const std::string &projectPath);

/// Makes the folder and its parents of ours, 0700 each. Refuses a folder that belongs to somebody else.
Result<void> makeRunFolder(const std::string &runFolder);

/// The state that `send` and the console read: the plan without bootstraps and file contents.
QByteArray encodeState(const LabPlan &plan);
Result<LabPlan> decodeState(const QByteArray &json, const std::string &path);

/// Reads the state of the running lab of a project.
Result<LabPlan> readState(const std::string &projectPath);

} // namespace sallyport::lab
