// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/compile.h"
#include "core/model/project.h"
#include "core/model/project_edit.h"

#include <QFutureWatcher>
#include <QObject>
#include <QUndoStack>
#include <memory>

namespace sallyport::session {

using ProjectPtr = std::shared_ptr<const model::Project>;
using CompiledPtr = std::shared_ptr<const compile::CompiledProject>;

/// The open project: its texts as the person edits them, what they mean, and the steps back. Every change
/// goes through apply() as one undo step; reading and compiling run on worker threads, the window gets
/// finished values. GUI thread only.
class ProjectSession : public QObject
{
    Q_OBJECT

public:
    explicit ProjectSession(QObject *parent = nullptr);
    ~ProjectSession() override;

    /// Opens a folder (asynchronously: opened() or openFailed() follow).
    void open(const QString &folder);
    void close();
    bool isOpen() const { return m_project != nullptr; }
    QString folder() const;
    QString title() const; ///< the folder's last name

    /// The last text that was read completely, with its problems; null while nothing is open.
    ProjectPtr project() const { return m_project; }
    /// The compiled form of project(); may lag behind it for a moment. Null before the first.
    CompiledPtr compiled() const { return m_compiled; }
    /// Texts with all edits, as they would be saved.
    const std::vector<model::SourceFile> &files() const { return m_files; }

    /// Makes the changes one undo step named `name`. Fails if a file is not what `before` says.
    Result<void> apply(const QString &name, const model::FileChanges &changes);
    /// The same for an edit prepared on files().
    Result<void> apply(const QString &name, const model::ProjectEdit &edit);
    QUndoStack &undoStack() { return m_undoStack; }

    bool isModified() const { return !m_undoStack.isClean(); }
    /// Writes every changed file as a whole or not at all.
    Result<void> save();

    /// The guide's stage that the project is at, 1 to 5; 0 if it is not made from the template.
    int stage() const { return m_stage; }
    /// Changes the template's files to those of another stage, as one undo step.
    Result<void> setStage(int stage);

    /// Imported credentials are not part of the texts: call after the store changed, so that project() and
    /// compiled() are made again.
    void credentialsChanged();

Q_SIGNALS:
    void opened();
    void openFailed(const QString &why);
    void closed();
    /// files() changed (an edit, undo, redo, reload).
    void textsChanged();
    /// project() is new.
    void projectChanged();
    /// compiled() is new.
    void compiledChanged();
    void modifiedChanged(bool modified);
    void stageChanged(int stage);
    /// A file was changed by another program; `conflict`: it also has unsaved edits here.
    void changedOnDisk(const QString &file, bool conflict);

private:
    struct State;
    class EditCommand;
    std::unique_ptr<State> m_state;
    QUndoStack m_undoStack;
    std::vector<model::SourceFile> m_files;
    ProjectPtr m_project;
    CompiledPtr m_compiled;
    int m_stage = 0;
};

} // namespace sallyport::session
