// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

namespace sallyport::editor {

/// The field that a cursor stands in.
struct CursorField
{
    QString apiVersion;
    QString kind;
    QString mapping;        ///< path of the mapping, `spec.http[1]`; empty: the object itself
    QString key;            ///< of the cursor's line; what is written of it so far; may be empty
    bool inValue = false;   ///< behind the colon
    QString typed;          ///< what stands before the cursor, of the key or of the value
    QStringList neighbours; ///< the other keys of the mapping
    int indent = 0;         ///< the column of the mapping's keys

    QString path() const;
};

/// Looks at the indentation alone, since the text is seldom whole while somebody types it. `line` and
/// `column` count from 0. An object of a `kind: List` counts as one of its own. Nothing in comments, in block
/// scalars (but for the mesh configuration in a ConfigMap), in flow collections and in a List's own fields.
std::optional<CursorField> fieldAt(const QString &text, int line, int column);

} // namespace sallyport::editor
