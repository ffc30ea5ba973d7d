// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/expectations.h"
#include "core/lab/plan.h"
#include "core/pki/certificate.h"
#include "proxy/application/client.h"
#include "proxy/control/supervisor.h"
#include "ui/session/project_session.h"

#include <QObject>
#include <QThread>
#include <QThreadPool>
#include <QTimer>
#include <functional>
#include <memory>

namespace sallyport::session {

class LabWorker;

enum class LabState { Stopped, Starting, Running, Stopping, Failed };

/// What `send` brought back.
struct SentRequest
{
    QString error; ///< it could not be sent at all: one sentence
    application::Request request;
    application::Answer answer;
    qint64 tookUs = 0;
};

/// A certificate that a process of the running lab uses.
struct NodeCertificate
{
    QString process;  ///< lab::Process::id
    QString secret;   ///< SDS name: `default` is the workload's own, `kubernetes://test.client` a credential
    QString identity; ///< its URI or DNS name, `spiffe://cluster.local/ns/default/sa/sleep`; or its subject
    QDateTime notAfter;
    bool authority = false;              ///< a root to trust
    std::vector<pki::Certificate> chain; ///< leaf first; of an authority: the roots

    bool operator==(const NodeCertificate &) const = default;
};

/// The lab of the open project as the window sees it. The supervisor, the plan and everything that waits live
/// on a thread of their own; this object and its signals belong to the GUI thread. When the project's texts
/// change while the lab runs, the changed plan is applied hot; a project that cannot be planned leaves the
/// running configuration as it is and says why. Workload certificates are renewed when half of their validity
/// is over.
class LabSession : public QObject
{
    Q_OBJECT

public:
    LabSession(ProjectSession &project, control::Programs programs, QObject *parent = nullptr);
    /// Stops the lab and waits for it.
    ~LabSession() override;

    LabState state() const { return m_state; }
    /// Why it Failed, one sentence.
    QString failure() const { return m_failure; }
    bool isRunning() const { return m_state == LabState::Running || m_state == LabState::Starting; }

    /// After Failed it stops what still runs first.
    void start();
    void stop();
    control::Engine engine() const { return m_engine; }
    /// Takes effect with the next start.
    void setEngine(control::Engine engine);
    static bool envoyIsAvailable();

    void startNode(const QString &process);
    void stopNode(const QString &process);
    void killNode(const QString &process);
    /// Every process of the lab as it is now; empty while stopped.
    QList<control::NodeStatus> nodes() const { return m_nodes; }
    /// The certificates of the lab's processes; empty while stopped.
    QList<NodeCertificate> certificates() const { return m_certificates; }

    /// The plan that runs: names, addresses. Null while stopped.
    std::shared_ptr<const lab::LabPlan> plan() const { return m_plan; }

    /// Sends one request as the application of `instance` (full name, or a shorter form that is unique);
    /// `done` is called on the GUI thread, unless this is destroyed before.
    void send(const QString &instance, const application::Request &request,
              std::function<void(const SentRequest &)> done);

    /// Plays the project's checks (`.sallyport/expectations.yaml`, with unsaved edits) through the running
    /// lab; checkJudged() and verified() follow. Where checks ask what bytes pass between workloads, the lab
    /// changes over to a plan in which they can be looked at, and back. Does nothing while it is at it.
    void verify();
    bool isVerifying() const { return m_verifying; }

Q_SIGNALS:
    void stateChanged(sallyport::session::LabState state);
    void engineChanged(sallyport::control::Engine engine);
    void nodeChanged(const sallyport::control::NodeStatus &status);
    void certificatesChanged();
    /// plan() is another.
    void planChanged();
    /// In batches, ten times a second at most. Addresses in the fields are already written as the mesh's
    /// names (control::nameAddresses).
    void logEntries(const QList<sallyport::control::LogEntry> &entries);
    /// Lines that came too fast to be handed on, since start().
    void logEntriesDropped(quint64 total);
    void statsChanged(const QList<sallyport::control::StatsSnapshot> &snapshots);
    /// A changed project was taken over by the running lab (`problems` empty), or what kept it from that;
    /// each problem has its YAML place where it is known.
    void applied(const QStringList &problems);
    /// verify(): one check's rows, as they come.
    void checkJudged(const std::vector<sallyport::lab::Row> &rows);
    /// verify() is done; `error` says what kept it from playing the checks, one sentence.
    void verified(const std::vector<sallyport::lab::Row> &rows, const QString &error);

private:
    void setState(LabState state, const QString &failure = {});
    void setPlan(std::shared_ptr<const lab::LabPlan> plan);
    void setNode(const control::NodeStatus &status);
    void applyChanges();
    void play(const std::vector<lab::Check> &checks, const QString &error);

    ProjectSession &m_project;
    control::Programs m_programs;
    control::Engine m_engine = control::Engine::Embedded;
    QThread m_thread;
    LabWorker *m_worker = nullptr; ///< lives on m_thread
    QThreadPool m_clients;         ///< requests and checks that wait for their answers
    QTimer m_applyTimer;           ///< lets a person finish typing
    LabState m_state = LabState::Stopped;
    QString m_failure;
    QList<control::NodeStatus> m_nodes;
    QList<NodeCertificate> m_certificates;
    std::shared_ptr<const lab::LabPlan> m_plan;
    bool m_verifying = false;
};

} // namespace sallyport::session
