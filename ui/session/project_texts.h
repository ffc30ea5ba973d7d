// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"

#include <optional>
#include <vector>

namespace sallyport::session {

/// What a project's files say: the mesh's YAML and the settings, each in order of their paths.
struct ProjectTexts
{
    std::vector<model::SourceFile> files;
    std::vector<model::SourceFile> settings;

    /// The text of one file, of the YAML or of the settings.
    std::optional<std::string> text(const std::string &path) const;
    /// Fails if a file is not what a change's `before` says.
    Result<ProjectTexts> applied(const model::FileChanges &changes) const;
    /// What makes `after` of these.
    model::FileChanges differences(const ProjectTexts &after) const;
};

/// `.sallyport/…`: layout, hosts and checks, not the mesh's YAML.
bool isSetting(const std::string &path);

/// The settings of a project as they lie in its folder, in order of their paths.
std::vector<model::SourceFile> readSettings(const std::string &folder);

} // namespace sallyport::session
