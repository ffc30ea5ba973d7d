// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/project_session.h"

#include "core/lab/project_template.h"
#include "core/lab/stored_credentials.h"
#include "ui/session/guide_stage.h"
#include "ui/session/project_watch.h"
#include "ui/session/recovery_file.h"
#include "ui/session/source_files.h"

#include <QFileInfo>
#include <QThreadPool>
#include <QUndoCommand>
#include <algorithm>

namespace sallyport::session {

namespace {

constexpr int undoLimit = 500;
constexpr const char *hostsFile = ".sallyport/hosts";

ProjectPtr withCredentials(model::Project project)
{
    lab::addStoredCredentials(project);
    return std::make_shared<const model::Project>(std::move(project));
}

/// Problems of reading files, which texts alone cannot show again.
std::vector<model::Problem> readingProblems(const model::Project &project)
{
    std::vector<model::Problem> problems;
    std::copy_if(project.problems.begin(), project.problems.end(), std::back_inserter(problems),
                 [](const model::Problem &problem) {
                     return problem.code == "EGR0101" && problem.place.line == 0 && problem.mesh.empty();
                 });
    return problems;
}

std::pair<CompiledPtr, AddressesPtr> compile(const model::Project &project)
{
    const auto blocks = lab::candidateBlocks(project.folder, project.meshes.size());
    auto addresses = std::make_shared<const lab::AddressPlan>(
        lab::planAddresses(project, blocks.empty() ? lab::AddressBlock() : blocks.front(), 0));
    auto compiled = std::make_shared<const compile::CompiledProject>(
        compile::compileProject(project, addresses->placement));
    return {std::move(compiled), std::move(addresses)};
}

std::vector<model::SourceFile> yamlOnDisk(const model::Project &project)
{
    std::vector<model::SourceFile> files = project.files;
    std::sort(files.begin(), files.end(),
              [](const model::SourceFile &a, const model::SourceFile &b) { return a.path < b.path; });
    return files;
}

model::FileChanges ofKind(const model::FileChanges &changes, bool settings)
{
    model::FileChanges chosen;
    std::copy_if(changes.begin(), changes.end(), std::back_inserter(chosen),
                 [settings](const model::FileChange &change) { return isSetting(change.path) == settings; });
    return chosen;
}

} // namespace

struct ProjectSession::Loaded
{
    int generation = 0;
    Result<ProjectPtr> project;
    std::vector<model::Problem> readProblems;
    std::vector<model::SourceFile> settings;
};

struct ProjectSession::State
{
    QString folder;
    std::vector<model::SourceFile> savedFiles; ///< as they lie in the folder
    std::vector<model::SourceFile> savedSettings;
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

/// One undo step. Holds texts only: nothing in it can go stale.
class ProjectSession::EditCommand : public QUndoCommand
{
public:
    EditCommand(ProjectSession &session, const QString &name, model::FileChanges changes, const QString &key,
                int epoch)
        : QUndoCommand(name)
        , m_session(session)
        , m_changes(std::move(changes))
        , m_key(key)
        , m_epoch(epoch)
    {
    }

    void redo() override { m_session.replaceTexts(m_changes); }
    void undo() override
    {
        // What is undone cannot be gone on with.
        m_key.clear();
        m_session.replaceTexts(model::reverted(m_changes));
    }
    int id() const override { return m_key.isEmpty() ? -1 : 1; }

    bool mergeWith(const QUndoCommand *other) override
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
        setObsolete(std::all_of(m_changes.begin(), m_changes.end(), [](const model::FileChange &change) {
            return change.before == change.after;
        }));
        return true;
    }

private:
    ProjectSession &m_session;
    model::FileChanges m_changes;
    QString m_key;
    int m_epoch;
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

std::optional<std::string> ProjectSession::text(const std::string &path) const
{
    const model::SourceFile *file = findFile(isSetting(path) ? m_settings : m_files, path);
    return file ? std::optional(file->text) : std::nullopt;
}

void ProjectSession::open(const QString &folder)
{
    const int generation = ++m_state->openGeneration;
    m_state->workers.start([this, folder, generation] {
        Loaded loaded{generation, nullptr, {}, {}};
        if (auto project = model::loadProject(folder.toStdString())) {
            loaded.readProblems = readingProblems(*project);
            loaded.settings = readSettings(project->folder);
            loaded.project = withCredentials(*std::move(project));
        } else {
            loaded.project = fail(project.error());
        }
        QMetaObject::invokeMethod(
            this, [this, loaded = std::move(loaded)]() mutable { onLoaded(std::move(loaded)); },
            Qt::QueuedConnection);
    });
}

void ProjectSession::onLoaded(Loaded loaded)
{
    if (loaded.generation != m_state->openGeneration)
        return;
    if (!loaded.project) {
        Q_EMIT openFailed(QString::fromStdString(loaded.project.error().toString()));
        return;
    }
    const int generation = m_state->openGeneration;
    close();
    m_state->openGeneration = generation;
    m_project = *std::move(loaded.project);
    m_state->folder = QString::fromStdString(m_project->folder);
    m_state->readProblems = std::move(loaded.readProblems);
    m_state->savedFiles = m_files = yamlOnDisk(*m_project);
    m_state->savedSettings = m_settings = std::move(loaded.settings);
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
    m_state->savedFiles.clear();
    m_state->savedSettings.clear();
    m_files.clear();
    m_settings.clear();
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
    if (const auto files = model::applied(m_files, ofKind(changes, false)); !files)
        return fail(files.error());
    if (const auto settings = model::applied(m_settings, ofKind(changes, true)); !settings)
        return fail(settings.error());
    m_undoStack.push(new EditCommand(*this, name, changes, mergeKey, m_state->mergeEpoch));
    return {};
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
    if (auto files = model::applied(m_files, ofKind(changes, false)))
        m_files = *std::move(files);
    if (auto settings = model::applied(m_settings, ofKind(changes, true)))
        m_settings = *std::move(settings);
    updateModified();
    updateStage();
    Q_EMIT textsChanged();
    // Where cards stand, and what is to be checked, changes nothing of what the project means.
    if (std::any_of(changes.begin(), changes.end(), [](const model::FileChange &change) {
            return !isSetting(change.path) || change.path == hostsFile;
        }))
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
    const model::SourceFile *hosts = findFile(m_settings, hostsFile);
    m_state->workers.start([this, generation = m_state->openGeneration,
                            folder = m_state->folder.toStdString(), files = m_files,
                            hosts = hosts ? hosts->text : std::string(), problems = m_state->readProblems,
                            project = std::move(known)]() mutable {
        const auto isCurrent = [this, generation] { return generation == m_state->openGeneration; };
        if (!project) {
            model::Project parsed =
                model::projectFromFiles(folder, std::move(files), model::parseHosts(hosts));
            parsed.problems.insert(parsed.problems.begin(), problems.begin(), problems.end());
            project = withCredentials(std::move(parsed));
            QMetaObject::invokeMethod(
                this,
                [this, isCurrent, project] {
                    if (isCurrent())
                        publish(project);
                },
                Qt::QueuedConnection);
        }
        auto [compiled, addresses] = compile(*project);
        QMetaObject::invokeMethod(
            this,
            [this, isCurrent, compiled = std::move(compiled), addresses = std::move(addresses)] {
                m_state->reading = false;
                if (isCurrent())
                    publish(compiled, addresses);
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

void ProjectSession::publish(CompiledPtr compiled, AddressesPtr addresses)
{
    m_compiled = std::move(compiled);
    m_addresses = std::move(addresses);
    Q_EMIT compiledChanged();
}

model::FileChanges ProjectSession::unsavedChanges() const
{
    model::FileChanges changes = differences(m_state->savedFiles, m_files);
    const model::FileChanges settings = differences(m_state->savedSettings, m_settings);
    changes.insert(changes.end(), settings.begin(), settings.end());
    return changes;
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
    const int stage = guideStageOf(m_files);
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
    m_state->savedFiles = m_files;
    m_state->savedSettings = m_settings;
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
    model::FileChanges changes = lab::changesToStage(m_files, stage);
    // The stage's own checks and names come with it.
    for (const model::SourceFile &file : lab::stageFiles(stage)) {
        if (!isSetting(file.path))
            continue;
        const model::SourceFile *now = findFile(m_settings, file.path);
        if (!now || now->text != file.text)
            changes.push_back({file.path, now ? std::optional(now->text) : std::nullopt, file.text});
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
            const auto project = model::loadProject(folder);
            if (!project)
                return;
            std::vector<model::SourceFile> onDisk = yamlOnDisk(*project);
            const std::vector<model::SourceFile> settings = readSettings(folder);
            onDisk.insert(onDisk.end(), settings.begin(), settings.end());
            QMetaObject::invokeMethod(
                this,
                [this, generation, onDisk = std::move(onDisk)] {
                    if (generation == m_state->openGeneration)
                        mergeFromDisk(onDisk);
                },
                Qt::QueuedConnection);
        });
}

/// Takes over what other programs wrote where nothing was edited here, and tells of the rest.
void ProjectSession::mergeFromDisk(const std::vector<model::SourceFile> &onDisk)
{
    std::vector<model::SourceFile> files;
    std::vector<model::SourceFile> settings;
    for (const model::SourceFile &file : onDisk)
        (isSetting(file.path) ? settings : files).push_back(file);
    model::FileChanges foreign = differences(m_state->savedFiles, files);
    const model::FileChanges foreignSettings = differences(m_state->savedSettings, settings);
    foreign.insert(foreign.end(), foreignSettings.begin(), foreignSettings.end());
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
    m_state->savedFiles = std::move(files);
    m_state->savedSettings = std::move(settings);
    m_state->conflicts.append(conflicts);
    endMerging();
    if (!taken.empty())
        m_undoStack.push(new EditCommand(*this, tr("Change by another program"), std::move(taken), {},
                                         m_state->mergeEpoch));
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
    const model::SourceFile *saved =
        findFile(isSetting(path) ? m_state->savedSettings : m_state->savedFiles, path);
    const std::optional<std::string> mine = text(path);
    const std::optional<std::string> theirs = saved ? std::optional(saved->text) : std::nullopt;
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
