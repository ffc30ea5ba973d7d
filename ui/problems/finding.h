// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"
#include "ui/session/selection.h"

#include <QString>
#include <functional>
#include <vector>

namespace sallyport::problems {

/// A change that mends a finding: one undo step.
struct Fix
{
    QString title; ///< of its button, `Rename to credentialName`
    std::function<Result<model::FileChanges>(const std::vector<model::SourceFile> &files)> make;
};

/// Who says that something is wrong.
enum class Origin {
    Model,      ///< reading and Istio's own validation
    Compile,    ///< what a proxy cannot be given
    Analysis,   ///< the checks of the catalogue
    Credential, ///< those of them about keys and certificates
    Lab         ///< what kept the running lab from taking over a change
};

/// Something that is wrong with the project, and where.
struct Finding
{
    Origin origin = Origin::Model;
    QString code; ///< of the catalogue, `EGR0102`; may be empty
    model::Severity severity = model::Severity::Error;
    QString message;
    QString hint;
    QString file; ///< below the project folder; empty: not in a text
    int line = 0; ///< from 1; 0: not known
    int column = 0;
    QString mesh;
    QString resource; ///< `Kind namespace/name`; may be empty
    QString fieldPath;
    session::SelectedThing target; ///< what to select for it
    std::vector<Fix> fixes;

    /// `file:line:column`; empty if there is no place.
    QString place() const;
    bool sameAs(const Finding &other) const; ///< but for its fixes
};

} // namespace sallyport::problems
