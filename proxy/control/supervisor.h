// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "core/lab/run_folder.h"
#include "core/result/result.h"
#include "proxy/control/log_entry.h"
#include "proxy/control/stats_snapshot.h"

#include <QList>
#include <QObject>
#include <QStringList>
#include <map>
#include <memory>
#include <optional>
#include <set>

class QNetworkAccessManager;
class QTcpServer;
class QTimer;

namespace sallyport::application {
class ForwardProxy;
class NameServer;
class ServiceForwarder;
} // namespace sallyport::application

namespace sallyport::lab {
struct AddressBlock;
}

namespace sallyport::control {

class Node;
struct LogLine;

enum class Engine { Embedded, Envoy };

/// The programs that a lab is made of.
struct Programs
{
    Engine engine = Engine::Embedded;
    QString gateway; ///< sallyport-gateway, or envoy
    QString httpbin;

    /// The Envoy to run: `preferred` if not empty, $SALLYPORT_ENVOY, or the PATH's; empty if there is none.
    static QString findEnvoy(const QString &preferred = {});
};

/// How one process of a lab is.
enum class NodeState {
    Stopped,  ///< not started, or stopped on request
    Starting, ///< the process runs and is not ready yet
    Ready,    ///< serves
    Stopping, ///< was told to end
    Exited,   ///< ended by itself or was killed; stays down until startNode()
    Failed,   ///< could not be started, or did not become ready; the reason says why
};

/// One process of the lab as it is now.
struct NodeStatus
{
    QString process; ///< lab::Process::id
    QString proxy;   ///< lab::Process::name
    NodeState state = NodeState::Stopped;
    QString reason; ///< of Exited and Failed, one sentence
    qint64 pid = 0;
};

/// Runs a planned lab on this machine: writes its run folder, starts its processes, keeps its addresses,
/// takes over changed plans, gathers what its proxies log and count. Everything that it started ends with it,
/// also if this process is killed. A process of the lab that dies stays down and harms nothing else. Lives on
/// any thread with an event loop, which must not end before it (children die with the thread that started
/// them); signals come in batches, ten times a second at most.
class Supervisor : public QObject
{
    Q_OBJECT

public:
    explicit Supervisor(Programs programs, QObject *parent = nullptr);
    /// Stops everything.
    ~Supervisor() override;

    const Programs &programs() const { return m_programs; }
    /// Only while nothing runs.
    void setPrograms(const Programs &programs);

    /// Takes a free block of loopback addresses for a project with this many meshes and holds it until this
    /// is destroyed or another is taken.
    Result<lab::AddressBlock> reserve(const std::string &project, std::size_t meshes);

    /// Writes the run folder and starts every process; nodeStateChanged() and ready() follow.
    Result<void> start(const lab::LabPlan &plan);
    /// Changes over to another plan of the same lab with as little as possible: rewrites changed files, hands
    /// changed bootstraps to the running gateways (applied() tells how they took them), starts and stops what
    /// was added and removed, restarts only what cannot change while it runs. An Envoy is restarted for a
    /// changed bootstrap.
    Result<void> apply(const lab::LabPlan &plan);
    /// Rewrites files of the plan in place: renewed certificates in SDS files, which the gateways watch.
    /// Files that no process of the plan has are left out.
    Result<void> rewriteFiles(const std::vector<lab::PlannedFile> &files);
    /// Ends every process (SIGTERM, after 3 s SIGKILL), waits for them and removes the run folder.
    void stop();

    bool isRunning() const { return m_running; }
    /// Every process was Ready at once since start().
    bool wasReady() const { return m_wasReady; }
    const lab::LabPlan &plan() const { return m_plan; }

    void startNode(const QString &process);
    /// SIGTERM: the gateway drains and ends.
    void stopNode(const QString &process);
    /// SIGKILL: as a crash.
    void killNode(const QString &process);
    NodeStatus status(const QString &process) const;
    QList<NodeStatus> statuses() const;

    /// How often statistics are asked for, in milliseconds (200 to 1000; default 500).
    void setStatsInterval(int milliseconds);

Q_SIGNALS:
    void nodeStateChanged(const sallyport::control::NodeStatus &status);
    /// Every process is Ready; lab.json is written. Again after apply(), if anything had to be started.
    void ready();
    /// A process could not be started or did not become ready: one sentence that says which, why, and where
    /// its output is.
    void failed(const QString &why);
    /// A running gateway took over a changed bootstrap, or refused it and goes on with the old one (`error`
    /// is then not empty; `path` is the JSON path that it names).
    void applied(const QString &process, const QString &error, const QString &path);
    void logEntries(const QList<sallyport::control::LogEntry> &entries);
    /// Lines that a gateway or this supervisor could not hand on because they came too fast.
    void logEntriesDropped(const QString &process, quint64 count);
    void statsChanged(const QList<sallyport::control::StatsSnapshot> &snapshots);

    /// Something went wrong in a process that lives on with it: a log file that cannot be written, a secret
    /// that cannot be read.
    void problem(const QString &process, const QString &what);

private:
    Result<void> writeFiles(const lab::Process &process, const lab::Process *before) const;
    Result<void> writeState() const;
    Result<void> changeFrom(const lab::LabPlan &before);
    Result<void> listen();
    void add(const lab::Process &process);
    Node *find(const QString &process) const;
    void onNodeState(Node *node);
    void addLines(const Node *node, const QList<LogLine> &lines, quint64 dropped);
    void addSnapshot(const Node *node, StatsSnapshot snapshot);
    void flush();
    void flushLater();

    Programs m_programs;
    lab::LabPlan m_plan;
    std::vector<std::unique_ptr<QTcpServer>> m_reserved;
    std::optional<lab::RunFolderClaim> m_claim;
    std::unique_ptr<QNetworkAccessManager> m_network;
    std::map<QString, std::unique_ptr<Node>> m_nodes;
    std::unique_ptr<application::ServiceForwarder> m_services;
    std::unique_ptr<application::NameServer> m_names;
    std::unique_ptr<application::ForwardProxy> m_forward;
    QTimer *m_flushTimer;
    QTimer *m_statsTimer;
    QList<LogEntry> m_entries;
    QList<StatsSnapshot> m_snapshots;
    std::map<QString, quint64> m_dropped;
    std::set<QString> m_awaited; ///< started, and not Ready since
    bool m_running = false;
    bool m_wasReady = false;
};

} // namespace sallyport::control

Q_DECLARE_METATYPE(sallyport::control::NodeStatus)
