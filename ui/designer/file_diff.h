// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/line_diff.h"
#include "core/model/project_edit.h"

#include <QString>
#include <vector>

namespace sallyport::designer {

/// What becomes of one file, for reading.
struct FileDiff
{
    enum class Kind { New, Changed, Removed };
    Kind kind = Kind::Changed;
    QString path; ///< below the project folder
    int added = 0;
    int removed = 0;
    std::vector<design::DiffLine> lines; ///< shortened: a Same line without numbers stands for those left out

    bool operator==(const FileDiff &) const = default;
};

/// Lines of context around what changed.
inline constexpr int diffContext = 3;

/// The changed lines of every file with those around them.
std::vector<FileDiff> fileDiffs(const model::FileChanges &changes);

/// As `diff -u` writes it, for the clipboard and for `patch`.
QString unifiedText(const model::FileChanges &changes);

} // namespace sallyport::designer
