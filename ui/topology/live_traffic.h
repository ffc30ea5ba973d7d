// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "proxy/control/stats_snapshot.h"
#include "proxy/control/supervisor.h"

#include <QHash>
#include <QList>
#include <QString>
#include <deque>
#include <optional>

namespace sallyport::topology {

/// What passes somewhere, of the last seconds and since the lab was started.
struct Flow
{
    qint64 requests = 0;    ///< since the start
    double perSecond = 0;   ///< of the last seconds
    double errorShare = -1; ///< 4xx and 5xx among the answers, 0 to 1; -1: no answers yet
    double deniedPerSecond = 0;
    qint64 denied = 0; ///< by RBAC, since the start
    double p99Ms = -1; ///< -1: not known
    double p50Ms = -1;
    double failuresPerSecond = 0; ///< connections that could not be made (UF)
    bool operator==(const Flow &) const = default;
};

/// A workload's processes together.
struct NodeLife
{
    control::NodeState state = control::NodeState::Stopped; ///< the worst of its processes
    QString reason;                                         ///< of Exited or Failed
    int processes = 0;                                      ///< that the lab has for it
    int ready = 0;
    bool operator==(const NodeLife &) const = default;
};

/// Keeps the counters that the picture shows and makes rates of them. Times are microseconds of any clock
/// that does not go back.
class LiveTraffic
{
public:
    void clear();
    void addStats(const QList<control::StatsSnapshot> &snapshots);
    void setNode(const control::NodeStatus &status);
    void forgetNode(const QString &process);
    /// A moment for the rates; call it about twice a second.
    void tick(qint64 nowUs);

    /// What a workload's proxies serve. `workload` is a full name without replica.
    Flow atNode(const QString &workload) const;
    /// What a workload's proxies send through a cluster, by the cluster's name in statistics.
    Flow atCluster(const QString &workload, const QString &statName) const;
    NodeLife lifeOf(const QString &workload) const;
    /// The processes of a workload, in the order they became known.
    QList<control::NodeStatus> processesOf(const QString &workload) const;

private:
    struct Counter
    {
        qint64 value = 0;
        std::deque<std::pair<qint64, qint64>> past; ///< moment, value
    };
    struct Process
    {
        QString workload;
        bool seen = false;
        QHash<QString, Counter> counters;
        QHash<QString, control::HistogramValue> histograms;
    };
    struct Sum
    {
        qint64 total = 0;
        qint64 recent = 0; ///< in the last seconds
        double perSecond = 0;
    };
    template<typename Wanted>
    Sum sum(const QString &workload, const Wanted &wanted) const;
    Sum recentOf(const Counter &counter) const;
    template<typename Wanted>
    void addLatency(const QString &workload, const Wanted &wanted, Flow &flow) const;

    QHash<QString, Process> m_processes; ///< by lab::Process::id
    QList<control::NodeStatus> m_nodes;
    qint64 m_now = 0;
};

} // namespace sallyport::topology
