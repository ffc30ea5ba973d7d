// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/live_record.h"

#include "ui/topology/chain.h"

#include <algorithm>

namespace sallyport::inspector {

namespace {

QString field(const control::LogEntry &entry, const char *name)
{
    const QJsonValue value = entry.fields[QLatin1String(name)];
    const QString text = value.isDouble() ? QString::number(value.toDouble(), 'f', 0) : value.toString();
    return text == QLatin1String("-") ? QString() : text;
}

QStringList byCount(const QHash<QString, qint64> &counts)
{
    QStringList names = counts.keys();
    std::sort(names.begin(), names.end(), [&counts](const QString &a, const QString &b) {
        return std::pair(-counts[a], a) < std::pair(-counts[b], b);
    });
    return names;
}

} // namespace

void LiveRecord::clear()
{
    m_processes.clear();
    m_last.clear();
    m_failures.clear();
    m_ssl.clear();
    m_workloads.clear();
}

void LiveRecord::setNode(const control::NodeStatus &status, const QDateTime &now)
{
    Process &process = m_processes[status.process];
    if (status.state != control::NodeState::Ready) {
        process.record.since = {};
        return;
    }
    if (process.record.since.isValid())
        return;
    process.record.since = now;
    if (process.wasReady)
        ++process.record.restarts;
    process.wasReady = true;
}

void LiveRecord::addEntries(const QList<control::LogEntry> &entries)
{
    for (const control::LogEntry &entry : entries) {
        const QString cluster = field(entry, "upstream_cluster");
        if (cluster.isEmpty())
            continue;
        LastSeen seen;
        seen.when = QDateTime::fromMSecsSinceEpoch(entry.receivedUs / 1000);
        seen.status = field(entry, "response_code");
        seen.flags = field(entry, "response_flags");
        seen.failure = field(entry, "upstream_transport_failure_reason");
        seen.server = field(entry, "upstream_host");
        seen.requested = field(entry, "requested_server_name");
        const Key key(topology::workloadOf(entry.proxy), cluster);
        m_last[key] = seen;
        if (!seen.failure.isEmpty())
            m_failures[key] = seen;
    }
}

void LiveRecord::addStats(const QList<control::StatsSnapshot> &snapshots)
{
    for (const control::StatsSnapshot &snapshot : snapshots) {
        QHash<QString, qint64> &counters = m_ssl[snapshot.process];
        if (snapshot.first)
            counters.clear();
        m_workloads[snapshot.process] = topology::workloadOf(snapshot.proxy);
        for (const control::StatValue &value : snapshot.values) {
            if (value.name.startsWith(QLatin1String("cluster.")) &&
                value.name.contains(QLatin1String(".ssl.")))
                counters[value.name] = value.value;
        }
    }
}

const LastSeen *LiveRecord::last(const QString &workload, const QString &cluster) const
{
    const auto found = m_last.constFind({workload, cluster});
    return found == m_last.constEnd() ? nullptr : &*found;
}

const LastSeen *LiveRecord::lastFailure(const QString &workload, const QString &cluster) const
{
    const auto found = m_failures.constFind({workload, cluster});
    return found == m_failures.constEnd() ? nullptr : &*found;
}

HandshakeCounts LiveRecord::handshakes(const QString &workload, const QString &statName) const
{
    const QString begin = QStringLiteral("cluster.") + statName + QStringLiteral(".ssl.");
    HandshakeCounts counts;
    QHash<QString, qint64> versions;
    QHash<QString, qint64> ciphers;
    for (auto process = m_ssl.constBegin(); process != m_ssl.constEnd(); ++process) {
        if (m_workloads.value(process.key()) != workload)
            continue;
        for (auto counter = process->constBegin(); counter != process->constEnd(); ++counter) {
            if (!counter.key().startsWith(begin) || counter.value() == 0)
                continue;
            const QString name = counter.key().mid(begin.size());
            if (name == QLatin1String("handshake"))
                counts.handshakes += counter.value();
            else if (name == QLatin1String("session_reused"))
                counts.resumed += counter.value();
            else if (name == QLatin1String("connection_error"))
                counts.errors += counter.value();
            else if (name.startsWith(QLatin1String("fail_verify")))
                counts.notVerified += counter.value();
            else if (name.startsWith(QLatin1String("versions.")))
                versions[name.mid(9)] += counter.value();
            else if (name.startsWith(QLatin1String("ciphers.")))
                ciphers[name.mid(8)] += counter.value();
        }
    }
    counts.errors += counts.notVerified;
    counts.versions = byCount(versions);
    counts.ciphers = byCount(ciphers);
    return counts;
}

} // namespace sallyport::inspector
