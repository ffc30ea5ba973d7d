// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"
#include "ui/editor/kinds.h"
#include "ui/session/selection.h"

namespace sallyport::project {

/// A new resource, as one undo step, and what to select for it.
struct NewResource
{
    QString name;
    model::FileChanges changes;
    session::ResourceSelection where;
};

/// Makes a small valid resource of `kind` in a new file of the mesh, under a name that is free there.
NewResource newResource(const model::Project &project, const std::vector<model::SourceFile> &files,
                        const editor::Kind &kind, const QString &mesh, const QString &nameSpace);

/// Takes a resource out; the whole file if it is a broken one.
Result<model::FileChanges> deleteResource(const std::vector<model::SourceFile> &files,
                                          const session::ResourceSelection &where, bool wholeFile);

/// The first lines of a settings file that is not there yet: `.sallyport/hosts`.
model::FileChanges newSettingsFile(const std::string &path);

} // namespace sallyport::project
