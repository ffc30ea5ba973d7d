// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/edit_command.h"

#include <algorithm>

namespace sallyport::session {

EditCommand::EditCommand(const QString &name, model::FileChanges changes, Replace replace, const QString &key,
                         int epoch)
    : QUndoCommand(name)
    , m_changes(std::move(changes))
    , m_replace(std::move(replace))
    , m_key(key)
    , m_epoch(epoch)
{
}

void EditCommand::redo()
{
    m_replace(m_changes);
}

void EditCommand::undo()
{
    // What is undone cannot be gone on with.
    m_key.clear();
    m_replace(model::reverted(m_changes));
}

bool EditCommand::mergeWith(const QUndoCommand *other)
{
    const auto *next = static_cast<const EditCommand *>(other);
    if (next->m_key != m_key || next->m_epoch != m_epoch)
        return false;
    for (const model::FileChange &change : next->m_changes) {
        const auto same =
            std::find_if(m_changes.begin(), m_changes.end(),
                         [&change](const model::FileChange &mine) { return mine.path == change.path; });
        if (same == m_changes.end())
            m_changes.push_back(change);
        else
            same->after = change.after;
    }
    setObsolete(std::all_of(m_changes.begin(), m_changes.end(),
                            [](const model::FileChange &change) { return change.before == change.after; }));
    return true;
}

} // namespace sallyport::session
