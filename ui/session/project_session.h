// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/project_reading.h"

#include <QDateTime>
#include <QObject>
#include <QUndoStack>
#include <memory>
#include <optional>

namespace sallyport::session {

/// Edits of an earlier run that were never saved, because the program did not end as it should.
struct UnsavedWork
{
    QDateTime when;
    model::FileChanges changes;
};

/// The open project: its texts as the person edits them, what they mean, and the steps back. Every change
/// goes through apply() as one undo step; reading and compiling run on worker threads, the window gets
/// finished values. Edits that are not saved yet are kept in the state folder against a crash. GUI thread
/// only.
class ProjectSession : public QObject
{
    Q_OBJECT

public:
    explicit ProjectSession(QObject *parent = nullptr);
    ~ProjectSession() override;

    /// Opens a folder (asynchronously: opened() or openFailed() follow). What was open is closed, without
    /// asking and without saving, once the new one could be read.
    void open(const QString &folder);
    void close();
    bool isOpen() const { return m_project != nullptr; }
    QString folder() const; ///< canonical; empty while nothing is open
    QString title() const;  ///< the folder's last name

    /// The last text that was read completely, with its problems and the imported credentials; null while
    /// nothing is open.
    ProjectPtr project() const { return m_project; }
    /// The compiled form of project(); may lag behind it for a moment. Null before the first.
    CompiledPtr compiled() const { return m_compiled; }
    /// Whose addresses stand in compiled(). Null exactly when compiled() is.
    AddressesPtr addresses() const { return m_addresses; }
    /// Texts with all edits, as they would be saved: the project's YAML.
    const std::vector<model::SourceFile> &files() const { return m_texts.files; }
    /// The same for the files of `.sallyport/` (`.sallyport/hosts`, `.sallyport/expectations.yaml`,
    /// `.sallyport/layout.json`). They are changed by apply() like all others.
    const std::vector<model::SourceFile> &settings() const { return m_texts.settings; }
    /// The text of one file, of the YAML or of the settings.
    std::optional<std::string> text(const std::string &path) const { return m_texts.text(path); }

    /// Makes the changes one undo step named `name`. Fails, changing nothing, if a file is not what `before`
    /// says. Steps that follow each other with the same `mergeKey` (not empty) become one: typing in one
    /// file, dragging one card. No step merges with one that was saved.
    Result<void> apply(const QString &name, const model::FileChanges &changes, const QString &mergeKey = {});
    /// The same for an edit prepared on files().
    Result<void> apply(const QString &name, const model::ProjectEdit &edit, const QString &mergeKey = {});
    /// The next step stands alone, whatever its merge key: the editor lost the focus, the drag has ended.
    void endMerging();
    QUndoStack &undoStack() { return m_undoStack; }

    /// Some text differs from its file.
    bool isModified() const { return m_modified; }
    /// Everything that save() would write.
    model::FileChanges unsavedChanges() const;
    /// Writes every changed file as a whole or not at all.
    Result<void> save();

    /// The guide's stage that the project is at, 1 to 5; 0 if it is not made from the template.
    int stage() const { return m_stage; }
    /// Changes the template's files to those of another stage, as one undo step.
    Result<void> setStage(int stage);

    /// Imported credentials are not part of the texts: call after the store changed, so that project() and
    /// compiled() are made again.
    void credentialsChanged();

    /// What a crash left, once after opened(); nothing otherwise.
    const std::optional<UnsavedWork> &unsavedWork() const { return m_unsavedWork; }
    /// Takes it over as one undo step.
    Result<void> recoverUnsavedWork();
    void discardUnsavedWork();

    /// Files that another program changed while they have unsaved edits here: save() refuses until each is
    /// decided. Its text becomes what the other program wrote (one undo step), or the text here stays and
    /// save() writes it over the other's.
    const QStringList &conflicts() const;
    Result<void> takeFromDisk(const QString &file);
    void keepMine(const QString &file);

Q_SIGNALS:
    void opened();
    void openFailed(const QString &why);
    void closed();
    /// files() or settings() changed (an edit, undo, redo, reload).
    void textsChanged();
    /// project() is new.
    void projectChanged();
    /// compiled() and addresses() are new.
    void compiledChanged();
    void modifiedChanged(bool modified);
    void stageChanged(int stage);
    /// A file was changed by another program. `conflict`: it also has unsaved edits here, which stand until
    /// takeFromDisk() or keepMine(); otherwise the new text has been taken over as an undo step.
    void changedOnDisk(const QString &file, bool conflict);
    /// unsavedWork() is there or gone.
    void unsavedWorkChanged();

private:
    struct State;

    void onRead(ReadFolder folder);
    void push(const QString &name, const model::FileChanges &changes, const QString &mergeKey = {});
    void replaceTexts(const model::FileChanges &changes);
    void read(ProjectPtr known = nullptr);
    void publish(ProjectPtr project);
    void publish(CompiledTexts compiled);
    void updateModified();
    void updateStage();
    void onDiskChanged();
    void mergeFromDisk(const ProjectTexts &onDisk);

    std::unique_ptr<State> m_state;
    QUndoStack m_undoStack;
    ProjectTexts m_texts;
    ProjectPtr m_project;
    CompiledPtr m_compiled;
    AddressesPtr m_addresses;
    std::optional<UnsavedWork> m_unsavedWork;
    bool m_modified = false;
    int m_stage = 0;
};

} // namespace sallyport::session
