// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/log_entry.h"
#include "proxy/control/stats_snapshot.h"
#include "proxy/control/supervisor.h"

#include <QDateTime>
#include <QHash>
#include <QString>

namespace sallyport::inspector {

/// How a process has fared since the lab was started.
struct ProcessRecord
{
    QDateTime since;  ///< when it became ready; invalid while it is not
    int restarts = 0; ///< times it became ready again
};

/// What the newest line of a proxy says of a cluster.
struct LastSeen
{
    QDateTime when;
    QString status;    ///< `200`; empty: no answer
    QString flags;     ///< `UF`; empty for none
    QString failure;   ///< upstream_transport_failure_reason
    QString server;    ///< upstream_host
    QString requested; ///< requested_server_name
};

/// The TLS of a cluster's connections, as its statistics count it.
struct HandshakeCounts
{
    qint64 handshakes = 0;
    qint64 resumed = 0;
    qint64 errors = 0;      ///< all that failed
    qint64 notVerified = 0; ///< the peer's chain or name was not accepted
    QStringList versions;   ///< `TLSv1.3`, the most used first
    QStringList ciphers;
};

/// Remembers what the window's live views tell and no panel else keeps. Values by full name of the workload
/// and the cluster's name.
class LiveRecord
{
public:
    void clear();
    void setNode(const control::NodeStatus &status, const QDateTime &now);
    void addEntries(const QList<control::LogEntry> &entries);
    void addStats(const QList<control::StatsSnapshot> &snapshots);

    ProcessRecord process(const QString &id) const { return m_processes.value(id).record; }
    const LastSeen *last(const QString &workload, const QString &cluster) const;
    const LastSeen *lastFailure(const QString &workload, const QString &cluster) const;
    /// `statName` is the cluster's name in statistics, `outbound|443||test.com;`.
    HandshakeCounts handshakes(const QString &workload, const QString &statName) const;

private:
    struct Process
    {
        ProcessRecord record;
        bool wasReady = false;
    };
    using Key = std::pair<QString, QString>;
    QHash<QString, Process> m_processes;
    QHash<Key, LastSeen> m_last;
    QHash<Key, LastSeen> m_failures;
    QHash<QString, QHash<QString, qint64>> m_ssl; ///< by process: `…ssl.…` counters
    QHash<QString, QString> m_workloads;          ///< of each process
};

} // namespace sallyport::inspector
