// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/mesh_choices.h"
#include "ui/designer/file_diff.h"

#include <QStringList>

namespace sallyport::designer {

/// What a design would do to the project.
struct DesignPreview
{
    std::vector<design::DesignFinding> findings;
    std::vector<design::DesignedResource> resources;
    QStringList notes; ///< what stands in the way even so
    model::FileChanges changes;
    std::vector<FileDiff> diffs;
    QString error; ///< why nothing can be made, where no finding says it

    bool hasErrors() const;
    /// The worst finding of a field; null if there is none.
    const design::DesignFinding *findingOf(design::DesignField field) const;
    int count(design::DesignedResource::Change change) const;
    /// `4 resources new, 1 changed in 2 files`, or that nothing has to be done.
    QString summary() const;
};

/// For a worker thread: parses the project several times.
DesignPreview previewOf(const model::Project &project, const design::RouteDesign &design);

} // namespace sallyport::designer
