// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"

#include <QString>
#include <QUndoCommand>
#include <functional>

namespace sallyport::session {

/// One step of a project's undo stack. Holds texts only: nothing in it can go stale.
class EditCommand : public QUndoCommand
{
public:
    using Replace = std::function<void(const model::FileChanges &)>;

    /// `replace` makes changes of the project's texts. Steps that follow each other with one `key` (not
    /// empty) and one `epoch` become one.
    EditCommand(const QString &name, model::FileChanges changes, Replace replace, const QString &key,
                int epoch);

    void redo() override;
    void undo() override;
    int id() const override { return m_key.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand *other) override;

private:
    model::FileChanges m_changes;
    Replace m_replace;
    QString m_key;
    int m_epoch;
};

} // namespace sallyport::session
