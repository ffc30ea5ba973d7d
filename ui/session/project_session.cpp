// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/project_session.h"

#include "core/lab/project_template.h"
#include "ui/session/edit_command.h"
#include "ui/session/guide_stage.h"
#include "ui/session/project_watch.h"
#include "ui/session/recovery_file.h"

#include <QFileInfo>
#include <QThreadPool>

namespace sallyport::session {

namespace {

constexpr int undoLimit = 500;

}

struct ProjectSession::State
{
    QString folder;
    ProjectTexts saved; ///< as they lie in the folder
    std::vector<model::Problem> readProblems;
    QThreadPool workers; ///< waits for its jobs when it goes
    ProjectWatch watch;
    std::unique_ptr<RecoveryFile> recovery;
    int openGeneration = 0; ///< counts open() and close(): what comes of an older one is dropped
    bool reading = false;
    bool readAgain = false; ///< texts changed while they were read
    int mergeEpoch = 0;     ///< steps of different epochs do not merge
    QStringList conflicts;
};

ProjectSession::ProjectSession(QObject *parent)
    : QObject(parent)
    , m_state(std::make_unique<State>())
{
    m_undoStack.setUndoLimit(undoLimit);
    connect(&m_state->watch, &ProjectWatch::changed, this, &ProjectSession::onDiskChanged);
}

ProjectSession::~ProjectSession()
{
    m_state->workers.waitForDone();
    if (m_state->recovery && !m_unsavedWork)
        m_state->recovery->remove();
    // The commands refer to this session while the stack is taken down.
    m_undoStack.clear();
}

QString ProjectSession::folder() const
{
    return m_state->folder;
}

QString ProjectSession::title() const
{
    return QFileInfo(m_state->folder).fileName();
}

void ProjectSession::open(const QString &folder)
{
    const int generation = ++m_state->openGeneration;
    m_state->workers.start([this, folder = folder.toStdString(), generation] {
        QMetaObject::invokeMethod(
            this,
            [this, generation, read = readFolder(folder)]() mutable {
                if (generation != m_state->openGeneration)
                    return;
                if (read)
                    onRead(*std::move(read));
                else
                    Q_EMIT openFailed(QString::fromStdString(read.error().toString()));
            },
            Qt::QueuedConnection);
    });
}

void ProjectSession::onRead(ReadFolder folder)
{
    const int generation = m_state->openGeneration;
    close();
    m_state->openGeneration = generation;
    m_project = std::move(folder.project);
    m_state->folder = QString::fromStdString(m_project->folder);
    m_state->readProblems = std::move(folder.problems);
    m_state->saved = m_texts = std::move(folder.texts);
    m_state->recovery = std::make_unique<RecoveryFile>(m_state->folder);
    m_state->watch.watch(m_state->folder);
    updateStage();
    Q_EMIT opened();
    Q_EMIT textsChanged();
    Q_EMIT projectChanged();
    m_unsavedWork = m_state->recovery->read();
    if (m_unsavedWork)
        Q_EMIT unsavedWorkChanged();
    read(m_project);
}

void ProjectSession::close()
{
    ++m_state->openGeneration;
    if (!isOpen())
        return;
    m_state->watch.watch({});
    if (!m_unsavedWork)
        m_state->recovery->remove();
    m_state->recovery.reset();
    m_state->folder.clear();
    m_state->readProblems.clear();
    m_state->conflicts.clear();
    m_state->saved = {};
    m_texts = {};
    m_undoStack.clear();
    m_project.reset();
    m_compiled.reset();
    m_addresses.reset();
    m_unsavedWork.reset();
    updateModified();
    updateStage();
    Q_EMIT closed();
}

Result<void> ProjectSession::apply(const QString &name, const model::FileChanges &changes,
                                   const QString &mergeKey)
{
    if (!isOpen())
        return fail("no project is open");
    if (changes.empty())
        return {};
    if (const auto texts = m_texts.applied(changes); !texts)
        return fail(texts.error());
    push(name, changes, mergeKey);
    return {};
}

void ProjectSession::push(const QString &name, const model::FileChanges &changes, const QString &mergeKey)
{
    const auto replace = [this](const model::FileChanges &texts) { replaceTexts(texts); };
    m_undoStack.push(new EditCommand(name, changes, replace, mergeKey, m_state->mergeEpoch));
}

Result<void> ProjectSession::apply(const QString &name, const model::ProjectEdit &edit,
                                   const QString &mergeKey)
{
    return apply(name, edit.changes(), mergeKey);
}

void ProjectSession::endMerging()
{
    ++m_state->mergeEpoch;
}

/// The changes fit: apply() has looked, and the undo stack keeps the order.
void ProjectSession::replaceTexts(const model::FileChanges &changes)
{
    if (auto texts = m_texts.applied(changes))
        m_texts = *std::move(texts);
    updateModified();
    updateStage();
    Q_EMIT textsChanged();
    if (changeMeaning(changes))
        read();
}

/// Reads and compiles the texts on a worker, one run at a time: texts that change meanwhile are read when it
/// is done. What is `known` to be read from these texts is compiled only.
void ProjectSession::read(ProjectPtr known)
{
    if (!isOpen())
        return;
    if (m_state->reading) {
        m_state->readAgain = true;
        return;
    }
    m_state->reading = true;
    m_state->readAgain = false;
    m_state->workers.start([this, generation = m_state->openGeneration,
                            folder = m_state->folder.toStdString(), texts = m_texts,
                            problems = m_state->readProblems, project = std::move(known)]() mutable {
        const auto isCurrent = [this, generation] { return generation == m_state->openGeneration; };
        if (!project) {
            project = readTexts(folder, std::move(texts), problems);
            QMetaObject::invokeMethod(
                this,
                [this, isCurrent, project] {
                    if (isCurrent())
                        publish(project);
                },
                Qt::QueuedConnection);
        }
        QMetaObject::invokeMethod(
            this,
            [this, isCurrent, compiled = compileTexts(*project)] {
                m_state->reading = false;
                if (isCurrent())
                    publish(compiled);
                if (m_state->readAgain)
                    read();
            },
            Qt::QueuedConnection);
    });
}

void ProjectSession::publish(ProjectPtr project)
{
    m_project = std::move(project);
    Q_EMIT projectChanged();
}

void ProjectSession::publish(CompiledTexts compiled)
{
    m_compiled = std::move(compiled.compiled);
    m_addresses = std::move(compiled.addresses);
    Q_EMIT compiledChanged();
}

model::FileChanges ProjectSession::unsavedChanges() const
{
    return m_state->saved.differences(m_texts);
}

void ProjectSession::updateModified()
{
    model::FileChanges changes = unsavedChanges();
    const bool modified = !changes.empty();
    // What a crash left stays until the person has decided about it.
    if (m_state->recovery && !m_unsavedWork && (modified || m_modified))
        m_state->recovery->keep(std::move(changes));
    if (modified == m_modified)
        return;
    m_modified = modified;
    Q_EMIT modifiedChanged(modified);
}

void ProjectSession::updateStage()
{
    const int stage = guideStageOf(m_texts.files);
    if (stage == m_stage)
        return;
    m_stage = stage;
    Q_EMIT stageChanged(stage);
}

Result<void> ProjectSession::save()
{
    const model::FileChanges changes = unsavedChanges();
    if (changes.empty())
        return {};
    if (!m_state->conflicts.isEmpty())
        return fail("the file was changed by another program and here",
                    Place{m_state->conflicts.front().toStdString(), 0, 0},
                    "choose which text to keep, then save");
    if (auto saved = model::saveChanges(m_state->folder.toStdString(), changes); !saved) {
        // Some of the files may have been written: what lies in the folder decides.
        onDiskChanged();
        return saved;
    }
    m_state->saved = m_texts;
    m_undoStack.setClean();
    endMerging();
    m_state->watch.refresh();
    updateModified();
    return {};
}

Result<void> ProjectSession::setStage(int stage)
{
    if (stage < lab::firstStage || stage > lab::lastStage)
        return fail("the guide has the stages 1 to 5");
    model::FileChanges changes = lab::changesToStage(m_texts.files, stage);
    // The stage's own checks and names come with it.
    for (const model::SourceFile &file : lab::stageFiles(stage)) {
        if (!isSetting(file.path))
            continue;
        if (const auto now = text(file.path); now != file.text)
            changes.push_back({file.path, now, file.text});
    }
    endMerging();
    return apply(tr("Change to stage %1").arg(stage), changes);
}

void ProjectSession::credentialsChanged()
{
    read();
}

Result<void> ProjectSession::recoverUnsavedWork()
{
    if (!m_unsavedWork)
        return {};
    // The files may have been changed since: what was meant to be in them is what counts.
    model::FileChanges changes;
    for (const model::FileChange &change : m_unsavedWork->changes) {
        const std::optional<std::string> now = text(change.path);
        if (now != change.after)
            changes.push_back({change.path, now, change.after});
    }
    m_unsavedWork.reset();
    Q_EMIT unsavedWorkChanged();
    if (changes.empty()) {
        m_state->recovery->remove();
        return {};
    }
    return apply(tr("Recover unsaved changes"), changes);
}

void ProjectSession::discardUnsavedWork()
{
    if (!m_unsavedWork)
        return;
    m_unsavedWork.reset();
    m_state->recovery->keep(unsavedChanges());
    Q_EMIT unsavedWorkChanged();
}

void ProjectSession::onDiskChanged()
{
    if (!isOpen())
        return;
    m_state->workers.start(
        [this, folder = m_state->folder.toStdString(), generation = m_state->openGeneration] {
            auto read = readFolder(folder);
            if (!read)
                return;
            QMetaObject::invokeMethod(
                this,
                [this, generation, onDisk = std::move(read->texts)] {
                    if (generation == m_state->openGeneration)
                        mergeFromDisk(onDisk);
                },
                Qt::QueuedConnection);
        });
}

/// Takes over what other programs wrote where nothing was edited here, and tells of the rest.
void ProjectSession::mergeFromDisk(const ProjectTexts &onDisk)
{
    const model::FileChanges foreign = m_state->saved.differences(onDisk);
    if (foreign.empty())
        return;
    model::FileChanges taken;
    QStringList takenFiles;
    QStringList conflicts;
    for (const model::FileChange &change : foreign) {
        const std::optional<std::string> mine = text(change.path);
        const QString name = QString::fromStdString(change.path);
        m_state->conflicts.removeAll(name);
        if (mine == change.before) {
            taken.push_back(change);
            takenFiles.append(name);
        } else if (mine != change.after) {
            conflicts.append(name);
        }
    }
    m_state->saved = onDisk;
    m_state->conflicts.append(conflicts);
    endMerging();
    if (!taken.empty())
        push(tr("Change by another program"), taken);
    updateModified();
    if (!isModified())
        m_undoStack.setClean();
    for (const QString &file : takenFiles)
        Q_EMIT changedOnDisk(file, false);
    for (const QString &file : conflicts)
        Q_EMIT changedOnDisk(file, true);
}

Result<void> ProjectSession::takeFromDisk(const QString &file)
{
    const std::string path = file.toStdString();
    const std::optional<std::string> mine = text(path);
    const std::optional<std::string> theirs = m_state->saved.text(path);
    m_state->conflicts.removeAll(file);
    if (mine == theirs)
        return {};
    endMerging();
    return apply(tr("Take %1 from disk").arg(file), model::FileChanges{{path, mine, theirs}});
}

void ProjectSession::keepMine(const QString &file)
{
    m_state->conflicts.removeAll(file);
}

const QStringList &ProjectSession::conflicts() const
{
    return m_state->conflicts;
}

} // namespace sallyport::session
