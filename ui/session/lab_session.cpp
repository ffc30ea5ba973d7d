// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/lab_session.h"

#include "core/lab/network_view.h"
#include "proxy/application/verification.h"
#include "ui/session/lab_worker.h"

#include <QElapsedTimer>
#include <QPointer>
#include <algorithm>

namespace sallyport::session {

namespace {

constexpr auto settleTime = std::chrono::milliseconds(300);
constexpr int concurrentClients = 8;
const std::string expectationsFile = ".sallyport/expectations.yaml";

} // namespace

LabSession::LabSession(ProjectSession &project, control::Programs programs, QObject *parent)
    : QObject(parent)
    , m_project(project)
    , m_programs(std::move(programs))
    , m_engine(m_programs.engine)
    , m_worker(new LabWorker)
{
    qRegisterMetaType<PlanPtr>();
    m_clients.setMaxThreadCount(concurrentClients);
    m_applyTimer.setSingleShot(true);
    m_applyTimer.setInterval(settleTime);
    connect(&m_applyTimer, &QTimer::timeout, this, &LabSession::applyChanges);
    connect(&m_project, &ProjectSession::projectChanged, this, [this] {
        if (isRunning())
            m_applyTimer.start();
    });
    connect(&m_project, &ProjectSession::closed, this, &LabSession::stop);

    m_thread.setObjectName(QStringLiteral("lab"));
    m_worker->moveToThread(&m_thread);
    connect(m_worker, &LabWorker::planned, this, &LabSession::setPlan);
    connect(m_worker, &LabWorker::nodeChanged, this, &LabSession::setNode);
    connect(m_worker, &LabWorker::ready, this, [this] {
        if (m_state == LabState::Starting || m_state == LabState::Failed)
            setState(LabState::Running);
    });
    connect(m_worker, &LabWorker::failed, this, [this](const QString &why) {
        if (m_state != LabState::Stopping && m_state != LabState::Stopped)
            setState(LabState::Failed, why);
    });
    connect(m_worker, &LabWorker::stopped, this, [this] {
        m_nodes.clear();
        m_certificates.clear();
        setPlan(nullptr);
        Q_EMIT certificatesChanged();
        setState(LabState::Stopped);
    });
    connect(m_worker, &LabWorker::certificatesChanged, this, [this](const QList<NodeCertificate> &list) {
        m_certificates = list;
        Q_EMIT certificatesChanged();
    });
    connect(m_worker, &LabWorker::logEntries, this, &LabSession::logEntries);
    connect(m_worker, &LabWorker::logEntriesDropped, this, &LabSession::logEntriesDropped);
    connect(m_worker, &LabWorker::statsChanged, this, &LabSession::statsChanged);
    connect(m_worker, &LabWorker::applied, this, &LabSession::applied);
    m_thread.start();
}

LabSession::~LabSession()
{
    disconnect(m_worker, nullptr, this, nullptr);
    // Children end with the thread that started them: the supervisor goes on its own thread.
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker] { worker->stop(); }, Qt::BlockingQueuedConnection);
    m_clients.waitForDone();
    m_worker->deleteLater();
    m_thread.quit();
    m_thread.wait();
}

void LabSession::setState(LabState state, const QString &failure)
{
    if (state == m_state && failure == m_failure)
        return;
    m_state = state;
    m_failure = failure;
    Q_EMIT stateChanged(state);
}

void LabSession::setPlan(std::shared_ptr<const lab::LabPlan> plan)
{
    m_plan = std::move(plan);
    // Processes that a changed plan no longer has.
    m_nodes.removeIf([this](const control::NodeStatus &node) {
        return m_plan && std::none_of(m_plan->processes.begin(), m_plan->processes.end(),
                                      [&node](const lab::Process &process) {
                                          return node.process == QLatin1String(process.id.c_str());
                                      });
    });
    Q_EMIT planChanged();
}

void LabSession::setNode(const control::NodeStatus &status)
{
    if (m_state == LabState::Stopped)
        return;
    const auto found =
        std::find_if(m_nodes.begin(), m_nodes.end(),
                     [&status](const control::NodeStatus &node) { return node.process == status.process; });
    if (found == m_nodes.end())
        m_nodes.append(status);
    else
        *found = status;
    Q_EMIT nodeChanged(status);
}

void LabSession::start()
{
    if (isRunning() || m_state == LabState::Stopping || !m_project.project())
        return;
    control::Programs programs = m_programs;
    programs.engine = m_engine;
    if (m_engine == control::Engine::Envoy) {
        programs.gateway = control::Programs::findEnvoy();
        if (programs.gateway.isEmpty()) {
            setState(
                LabState::Failed,
                tr("There is no Envoy on this machine: install it, or name its program in SALLYPORT_ENVOY."));
            return;
        }
    }
    m_nodes.clear();
    setState(LabState::Starting);
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, project = m_project.project(), programs] {
        worker->start(project, programs);
    });
}

void LabSession::stop()
{
    if (m_state == LabState::Stopped || m_state == LabState::Stopping)
        return;
    m_applyTimer.stop();
    setState(LabState::Stopping);
    QMetaObject::invokeMethod(m_worker, [worker = m_worker] { worker->stop(); });
}

void LabSession::applyChanges()
{
    if (!isRunning() || !m_project.project())
        return;
    QMetaObject::invokeMethod(m_worker,
                              [worker = m_worker, project = m_project.project()] { worker->apply(project); });
}

void LabSession::setEngine(control::Engine engine)
{
    if (engine == m_engine)
        return;
    m_engine = engine;
    Q_EMIT engineChanged(engine);
}

bool LabSession::envoyIsAvailable()
{
    return !control::Programs::findEnvoy().isEmpty();
}

void LabSession::startNode(const QString &process)
{
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, process] { worker->startNode(process); });
}

void LabSession::stopNode(const QString &process)
{
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, process] { worker->stopNode(process); });
}

void LabSession::killNode(const QString &process)
{
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, process] { worker->killNode(process); });
}

void LabSession::send(const QString &instance, const application::Request &request,
                      std::function<void(const SentRequest &)> done)
{
    if (!m_plan) {
        SentRequest sent;
        sent.request = request;
        sent.error = tr("The lab does not run: start it first.");
        QMetaObject::invokeMethod(
            this, [done = std::move(done), sent] { done(sent); }, Qt::QueuedConnection);
        return;
    }
    m_clients.start([this, plan = m_plan, instance, request, done = std::move(done)]() mutable {
        SentRequest sent;
        sent.request = request;
        const lab::NetworkView network(*plan);
        const auto client = network.find(instance.toStdString());
        QElapsedTimer timer;
        timer.start();
        const auto answer = client ? application::send(network, **client, request)
                                   : Result<application::Answer>(fail(client.error()));
        sent.tookUs = timer.nsecsElapsed() / 1000;
        if (answer)
            sent.answer = *answer;
        else
            sent.error = QString::fromStdString(answer.error().toString());
        QMetaObject::invokeMethod(
            this, [done = std::move(done), sent = std::move(sent)] { done(sent); }, Qt::QueuedConnection);
    });
}

void LabSession::verify()
{
    if (m_verifying)
        return;
    const std::string text = m_project.text(expectationsFile).value_or(std::string());
    const auto checks = lab::parseExpectations(text, expectationsFile);
    const auto refuse = [this](const QString &why) { Q_EMIT verified({}, why); };
    if (m_state != LabState::Running || !m_plan)
        return refuse(tr("The lab does not run: start it first."));
    if (!checks)
        return refuse(QString::fromStdString(checks.error().toString()));
    if (checks->empty())
        return refuse(tr("The project has no checks: they would stand in .sallyport/expectations.yaml."));
    m_verifying = true;
    const bool looksAtBytes = std::any_of(checks->begin(), checks->end(),
                                          [](const lab::Check &check) { return !check.wire.empty(); });
    if (!looksAtBytes) {
        play(*checks, {});
        return;
    }
    connect(
        m_worker, &LabWorker::checksReady, this,
        [this, checks = *checks](const QString &error) { play(checks, error); }, Qt::SingleShotConnection);
    QMetaObject::invokeMethod(m_worker, [worker = m_worker] { worker->beginChecks(); });
}

void LabSession::play(const std::vector<lab::Check> &checks, const QString &error)
{
    if (!error.isEmpty() || !m_plan) {
        m_verifying = false;
        Q_EMIT verified({}, error.isEmpty() ? tr("The lab was stopped.") : error);
        return;
    }
    m_clients.start([this, plan = m_plan, checks] {
        const auto progress = [this](const std::vector<lab::Row> &rows) {
            QMetaObject::invokeMethod(
                this, [this, rows] { Q_EMIT checkJudged(rows); }, Qt::QueuedConnection);
        };
        const std::vector<lab::Row> rows = application::verify(*plan, checks, m_worker->tap(), progress);
        QMetaObject::invokeMethod(
            this,
            [this, rows] {
                m_verifying = false;
                QMetaObject::invokeMethod(m_worker, [worker = m_worker] { worker->endChecks(); });
                Q_EMIT verified(rows, {});
            },
            Qt::QueuedConnection);
    });
}

} // namespace sallyport::session
