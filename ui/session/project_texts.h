// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"

#include <vector>

namespace sallyport::session {

/// `.sallyport/…`: layout, hosts and checks, not the mesh's YAML.
bool isSetting(const std::string &path);

/// The settings of a project as they lie in its folder, in order of their paths.
std::vector<model::SourceFile> readSettings(const std::string &folder);

const model::SourceFile *findFile(const std::vector<model::SourceFile> &files, const std::string &path);

/// What makes `after` of `before`; both in order of their paths.
model::FileChanges differences(const std::vector<model::SourceFile> &before,
                               const std::vector<model::SourceFile> &after);

} // namespace sallyport::session
