// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/lab_worker.h"

#include "core/lab/network_view.h"
#include "core/lab/run_folder.h"
#include "proxy/control/named_addresses.h"
#include "ui/session/lab_certificates.h"

#include <QHostAddress>
#include <QTcpServer>
#include <algorithm>
#include <utility>

namespace sallyport::session {

namespace {

constexpr int lowPortShift = 20000;

bool lowPortsCanBeBound(const lab::AddressBlock &block)
{
    QTcpServer server;
    const std::string address = lab::reservations(block, 1).front().address;
    return server.listen(QHostAddress(QString::fromStdString(address)), 80);
}

/// What admission would refuse and what could not be compiled, each as one line with its place.
std::set<std::string> errorsOf(const model::Project &project, const std::vector<Error> &compiling)
{
    std::set<std::string> errors;
    for (const model::Problem &problem : project.problems) {
        if (problem.severity == model::Severity::Error)
            errors.insert(Error{problem.message, problem.place, problem.hint}.toString());
    }
    for (const Error &error : compiling)
        errors.insert(error.toString());
    return errors;
}

} // namespace

LabWorker::LabWorker()
    : m_tap(this)
    , m_supervisor(control::Programs(), this)
    , m_renewal(this)
{
    using control::Supervisor;
    connect(&m_supervisor, &Supervisor::nodeStateChanged, this, [this](const control::NodeStatus &status) {
        Q_EMIT nodeChanged(status);
        if (status.state == control::NodeState::Exited || status.state == control::NodeState::Failed)
            finishChange(status.process);
    });
    connect(&m_supervisor, &Supervisor::ready, this, &LabWorker::ready);
    connect(&m_supervisor, &Supervisor::failed, this, &LabWorker::failed);
    connect(&m_supervisor, &Supervisor::logEntries, this, &LabWorker::forwardEntries);
    connect(&m_supervisor, &Supervisor::statsChanged, this, &LabWorker::statsChanged);
    connect(&m_supervisor, &Supervisor::logEntriesDropped, this,
            [this](const QString &process, quint64 count) {
                m_dropped[process] = count;
                quint64 total = 0;
                for (const auto &each : m_dropped)
                    total += each.second;
                Q_EMIT logEntriesDropped(total);
            });
    connect(&m_supervisor, &Supervisor::applied, this, &LabWorker::onApplied);
    connect(&m_renewal, &QTimer::timeout, this, &LabWorker::renewCertificates);
}

LabWorker::~LabWorker() = default;

Result<lab::LabPlan> LabWorker::plan(const model::Project &project)
{
    m_options.running = m_plan.get();
    auto planned = lab::planLab(project, m_options, *m_identities);
    if (!planned)
        return fail(planned.error());
    const std::set<std::string> errors = errorsOf(project, planned->errors);
    if (m_plan) {
        std::vector<std::string> added;
        std::set_difference(errors.begin(), errors.end(), m_knownErrors.begin(), m_knownErrors.end(),
                            std::back_inserter(added));
        if (!added.empty()) {
            std::string all;
            for (const std::string &error : added)
                all += (all.empty() ? "" : "\n") + error;
            return fail(all);
        }
    }
    m_knownErrors = errors;
    return std::move(planned->plan);
}

void LabWorker::publish(lab::LabPlan plan)
{
    m_plan = std::make_shared<const lab::LabPlan>(std::move(plan));
    Q_EMIT planned(m_plan);
    Q_EMIT certificatesChanged(certificatesOf(*m_plan));
}

void LabWorker::start(const ProjectPtr &project, const control::Programs &programs)
{
    m_supervisor.stop();
    m_plan.reset();
    m_dropped.clear();
    m_supervisor.setPrograms(programs);
    m_identities = std::make_unique<lab::Identities>();
    const auto give = [this](const Error &error) { Q_EMIT failed(QString::fromStdString(error.toString())); };
    const auto block = m_supervisor.reserve(project->folder, project->meshes.size());
    if (!block)
        return give(block.error());
    const auto runFolder = lab::runFolderOf(project->folder);
    if (!runFolder)
        return give(runFolder.error());
    m_options.runFolder = *runFolder;
    m_options.block = *block;
    m_options.taps = false;
    m_options.lowPortShift = lowPortsCanBeBound(*block) ? 0 : lowPortShift;
    auto wanted = plan(*project);
    if (!wanted)
        return give(wanted.error());
    if (const auto listening = m_tap.setPlan(*wanted); !listening)
        return give(listening.error());
    m_project = project;
    publish(*std::move(wanted));
    if (const auto started = m_supervisor.start(*m_plan); !started)
        return give(started.error());
    for (const control::NodeStatus &status : m_supervisor.statuses())
        Q_EMIT nodeChanged(status);
    m_renewal.start(std::chrono::duration_cast<std::chrono::milliseconds>(m_identities->validity()) / 2);
    if (!m_knownErrors.empty()) {
        QStringList problems;
        for (const std::string &error : m_knownErrors)
            problems.append(QString::fromStdString(error));
        Q_EMIT applied(problems);
    }
}

void LabWorker::apply(const ProjectPtr &project)
{
    if (!m_plan || !m_supervisor.isRunning())
        return;
    if (const auto changed = changeOver(*project); !changed) {
        Q_EMIT applied(QString::fromStdString(changed.error().toString()).split(QLatin1Char('\n')));
        return;
    }
    m_project = project;
    for (const control::NodeStatus &status : m_supervisor.statuses())
        Q_EMIT nodeChanged(status);
    Q_EMIT applied({});
}

Result<void> LabWorker::changeOver(const model::Project &project)
{
    auto wanted = plan(project);
    if (!wanted)
        return fail(wanted.error());
    if (auto listening = m_tap.setPlan(*wanted); !listening)
        return listening;
    // An Envoy is restarted for a new bootstrap, so what runs is asked before.
    for (const lab::Process &process : wanted->processes) {
        const auto same =
            std::find_if(m_plan->processes.begin(), m_plan->processes.end(),
                         [&process](const lab::Process &candidate) { return candidate.id == process.id; });
        if (same == m_plan->processes.end() || same->bootstrap == process.bootstrap)
            continue;
        const QString id = QString::fromStdString(process.id);
        const control::NodeState state = m_supervisor.status(id).state;
        if (state == control::NodeState::Ready || state == control::NodeState::Starting)
            m_changing.insert(id);
    }
    if (auto changed = m_supervisor.apply(*wanted); !changed) {
        m_changing.clear();
        return changed;
    }
    publish(*std::move(wanted));
    return {};
}

void LabWorker::onApplied(const QString &process, const QString &error, const QString &path)
{
    if (!error.isEmpty()) {
        QString problem = tr("%1 keeps its old configuration: %2").arg(process, error);
        if (!path.isEmpty())
            problem += QStringLiteral(" (") + path + QLatin1Char(')');
        Q_EMIT applied({problem});
    }
    finishChange(process);
}

void LabWorker::finishChange(const QString &process)
{
    m_changing.erase(process);
    if (m_checksBegin && m_changing.empty()) {
        m_checksBegin = false;
        Q_EMIT checksReady({});
    }
}

void LabWorker::beginChecks()
{
    if (!m_plan) {
        Q_EMIT checksReady(tr("The lab does not run: start it first."));
        return;
    }
    m_options.taps = true;
    m_checksBegin = true;
    if (const auto changed = changeOver(*m_project); !changed) {
        m_checksBegin = false;
        m_options.taps = false;
        Q_EMIT checksReady(QString::fromStdString(changed.error().toString()));
        return;
    }
    finishChange({});
}

void LabWorker::endChecks()
{
    if (!m_options.taps)
        return;
    m_options.taps = false;
    if (!m_plan)
        return;
    if (const auto changed = changeOver(*m_project); !changed)
        Q_EMIT applied({QString::fromStdString(changed.error().toString())});
}

void LabWorker::stop()
{
    m_renewal.stop();
    m_supervisor.stop();
    // Nothing listens any more; what still looks at the tap sees its last connections.
    (void)m_tap.setPlan(lab::LabPlan());
    m_plan.reset();
    m_project.reset();
    m_changing.clear();
    if (std::exchange(m_checksBegin, false))
        Q_EMIT checksReady(tr("The lab was stopped."));
    Q_EMIT stopped();
}

void LabWorker::startNode(const QString &process)
{
    m_supervisor.startNode(process);
}

void LabWorker::stopNode(const QString &process)
{
    m_supervisor.stopNode(process);
}

void LabWorker::killNode(const QString &process)
{
    m_supervisor.killNode(process);
}

void LabWorker::renewCertificates()
{
    const auto files = m_identities->renewed();
    if (!files) {
        Q_EMIT applied({QString::fromStdString(files.error().toString())});
        return;
    }
    if (const auto written = m_supervisor.rewriteFiles(*files); !written) {
        Q_EMIT applied({QString::fromStdString(written.error().toString())});
        return;
    }
    lab::LabPlan renewed = *m_plan;
    for (lab::Process &process : renewed.processes) {
        for (lab::PlannedFile &file : process.files) {
            const auto found =
                std::find_if(files->begin(), files->end(), [&file](const lab::PlannedFile &candidate) {
                    return candidate.path == file.path;
                });
            if (found != files->end())
                file.content = found->content;
        }
    }
    publish(std::move(renewed));
}

void LabWorker::forwardEntries(QList<control::LogEntry> entries)
{
    if (!m_plan)
        return;
    const lab::NetworkView network(*m_plan);
    for (control::LogEntry &entry : entries)
        control::nameAddresses(entry, network);
    Q_EMIT logEntries(entries);
}

} // namespace sallyport::session
