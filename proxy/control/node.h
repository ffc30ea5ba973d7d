// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/application/log_line.h"
#include "proxy/control/process_link.h"
#include "proxy/control/supervisor.h"

#include <QProcess>
#include <QTimer>

class QNetworkAccessManager;

namespace sallyport::control {

/// One process of a lab: starts it, watches it, ends it.
class Node : public QObject
{
    Q_OBJECT

public:
    /// `programs` and `network` outlive the node.
    Node(const Programs &programs, const QString &runFolder, QNetworkAccessManager *network,
         const lab::Process &process);
    /// Kills the process if it still runs.
    ~Node() override;

    const lab::Process &process() const { return m_process; }
    const NodeStatus &status() const { return m_status; }
    QString id() const { return m_status.process; }
    bool isReady() const { return m_status.state == NodeState::Ready; }
    /// Is on its way to Ready, also by a restart.
    bool isStarting() const
    {
        return m_status.state == NodeState::Starting ||
               (m_status.state == NodeState::Stopping && m_startAgain);
    }

    void start();
    /// SIGTERM. Does not wait.
    void stop();
    /// SIGKILL.
    void kill();
    /// Waits for the process to end after stop(); kills it when the time is over.
    void finish(int milliseconds);

    /// Takes over what another plan says of this process. The files are written already.
    void change(const lab::Process &process);

    void askStats();

    /// What a line of its access log says.
    QJsonObject fieldsOf(const LogLine &line) const;

Q_SIGNALS:
    void stateChanged();
    void lines(const QList<sallyport::control::LogLine> &lines, quint64 dropped);
    void stats(const sallyport::control::StatsSnapshot &snapshot);
    void applied(const QString &error, const QString &path);
    void problem(const QString &what);

private:
    QStringList arguments() const;
    std::unique_ptr<ProcessLink> makeLink() const;
    void restart();
    void becameReady();
    void giveUp(const QString &why);
    void ended(int exitCode, QProcess::ExitStatus how);
    void set(NodeState state, const QString &reason = {});
    QString logTail() const;

    const Programs &m_programs;
    QString m_controlPath; ///< an embedded gateway's socket
    QNetworkAccessManager *m_network;
    lab::Process m_process;
    application::TextLogFormat m_format;
    NodeStatus m_status;
    std::unique_ptr<QProcess> m_child;
    std::unique_ptr<ProcessLink> m_link;
    QTimer m_patience;
    QString m_whyGivenUp;
    bool m_killed = false;
    bool m_startAgain = false;
    bool m_changed = false; ///< a restart stands for an applied bootstrap
};

} // namespace sallyport::control
