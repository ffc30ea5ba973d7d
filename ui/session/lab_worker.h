// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/identities.h"
#include "core/lab/planner.h"
#include "proxy/application/wire_tap.h"
#include "proxy/control/supervisor.h"
#include "ui/session/lab_session.h"

#include <QTimer>
#include <set>

namespace sallyport::session {

using PlanPtr = std::shared_ptr<const lab::LabPlan>;

/// The lab's side of a LabSession: supervisor, authorities, the plan that runs. Lives on the session's thread
/// and is spoken to by queued calls only, but for tap().
class LabWorker : public QObject
{
    Q_OBJECT

public:
    LabWorker();
    ~LabWorker() override;

    void start(const ProjectPtr &project, const control::Programs &programs);
    void apply(const ProjectPtr &project);
    void stop();
    /// Changes over to a plan in which bytes between workloads pass the tap; checksReady() follows.
    void beginChecks();
    /// Changes back.
    void endChecks();
    void startNode(const QString &process);
    void stopNode(const QString &process);
    void killNode(const QString &process);

    /// Any thread.
    const application::WireTap &tap() const { return m_tap; }

Q_SIGNALS:
    void planned(const sallyport::session::PlanPtr &plan);
    void ready();
    void failed(const QString &why);
    void stopped();
    void nodeChanged(const sallyport::control::NodeStatus &status);
    void certificatesChanged(const QList<sallyport::session::NodeCertificate> &certificates);
    void logEntries(const QList<sallyport::control::LogEntry> &entries);
    void logEntriesDropped(quint64 total);
    void statsChanged(const QList<sallyport::control::StatsSnapshot> &snapshots);
    /// The lab can be looked at as beginChecks() asked, or why not.
    void checksReady(const QString &error);
    void applied(const QStringList &problems);

private:
    Result<lab::LabPlan> plan(const model::Project &project);
    void publish(lab::LabPlan plan);
    Result<void> changeOver(const model::Project &project);
    void onApplied(const QString &process, const QString &error, const QString &path);
    void finishChange(const QString &process);
    void renewCertificates();
    void forwardEntries(QList<control::LogEntry> entries);

    application::WireTap m_tap;
    control::Supervisor m_supervisor;
    std::unique_ptr<lab::Identities> m_identities;
    lab::PlanOptions m_options;
    PlanPtr m_plan;
    std::set<std::string> m_knownErrors; ///< of the configuration that runs: they do not bar a change
    std::map<QString, quint64> m_dropped;
    ProjectPtr m_project;
    std::set<QString> m_changing; ///< gateways that have not yet taken over what beginChecks() changed
    bool m_checksBegin = false;
    QTimer m_renewal;
};

} // namespace sallyport::session
