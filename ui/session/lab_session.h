// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/expectations.h"
#include "core/lab/plan.h"
#include "proxy/application/client.h"
#include "proxy/control/supervisor.h"
#include "ui/session/project_session.h"

#include <QObject>
#include <QThread>
#include <functional>
#include <memory>

namespace sallyport::session {

enum class LabState { Stopped, Starting, Running, Stopping, Failed };

/// What `send` brought back.
struct SentRequest
{
    QString error; ///< it could not be sent at all: one sentence
    application::Request request;
    application::Answer answer;
    qint64 tookUs = 0;
};

/// The lab of the open project as the window sees it. The supervisor, the plan and everything that waits live
/// on a thread of their own; this object and its signals belong to the GUI thread. When the project's texts
/// change while the lab runs, the changed plan is applied hot; a project that cannot be planned leaves the
/// running configuration as it is and says why.
class LabSession : public QObject
{
    Q_OBJECT

public:
    LabSession(ProjectSession &project, control::Programs programs, QObject *parent = nullptr);
    ~LabSession() override;

    LabState state() const { return m_state; }
    /// Why it Failed, one sentence.
    QString failure() const { return m_failure; }
    bool isRunning() const { return m_state == LabState::Running || m_state == LabState::Starting; }

    void start();
    void stop();
    control::Engine engine() const;
    /// Takes effect with the next start.
    void setEngine(control::Engine engine);
    static bool envoyIsAvailable();

    void startNode(const QString &process);
    void stopNode(const QString &process);
    void killNode(const QString &process);
    /// Every process of the lab as it is now; empty while stopped.
    QList<control::NodeStatus> nodes() const { return m_nodes; }

    /// The plan that runs: names, addresses. Null while stopped.
    std::shared_ptr<const lab::LabPlan> plan() const { return m_plan; }

    /// Sends one request as the application of `instance` (full name); `done` is called on the GUI thread.
    void send(const QString &instance, const application::Request &request,
              std::function<void(const SentRequest &)> done);

Q_SIGNALS:
    void stateChanged(sallyport::session::LabState state);
    void nodeChanged(const sallyport::control::NodeStatus &status);
    /// In batches, ten times a second at most. Addresses in the fields are already written as the mesh's
    /// names (control::nameAddresses).
    void logEntries(const QList<sallyport::control::LogEntry> &entries);
    void logEntriesDropped(quint64 total);
    void statsChanged(const QList<sallyport::control::StatsSnapshot> &snapshots);
    /// A changed project was taken over by the running lab (`problems` empty), or what kept it from that;
    /// each problem has its YAML place where it is known.
    void applied(const QStringList &problems);

private:
    struct Worker;
    ProjectSession &m_project;
    QThread m_thread;
    Worker *m_worker = nullptr; ///< lives on m_thread
    LabState m_state = LabState::Stopped;
    QString m_failure;
    QList<control::NodeStatus> m_nodes;
    std::shared_ptr<const lab::LabPlan> m_plan;
};

} // namespace sallyport::session
