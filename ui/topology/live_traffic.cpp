// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/live_traffic.h"

#include "ui/topology/chain.h"

#include <algorithm>
#include <cmath>

namespace sallyport::topology {

namespace {

constexpr qint64 rateWindow = 4'000'000;

/// Counters that nobody looks at here are not kept.
bool isWanted(const QString &name)
{
    if (name.startsWith(QLatin1String("http.")))
        return !name.startsWith(QLatin1String("http.admin.")) &&
               (name.contains(QLatin1String(".downstream_rq_")) ||
                name.endsWith(QLatin1String(".rbac.denied")));
    return name.startsWith(QLatin1String("cluster.")) &&
           (name.contains(QLatin1String(".upstream_rq_")) ||
            name.endsWith(QLatin1String(".upstream_cx_connect_fail")));
}

/// The worse a state, the higher.
int badness(control::NodeState state)
{
    switch (state) {
    case control::NodeState::Ready:
        return 0;
    case control::NodeState::Starting:
        return 1;
    case control::NodeState::Stopping:
        return 2;
    case control::NodeState::Stopped:
        return 3;
    case control::NodeState::Exited:
        return 4;
    case control::NodeState::Failed:
        return 5;
    }
    return 0;
}

} // namespace

void LiveTraffic::clear()
{
    *this = LiveTraffic();
}

void LiveTraffic::addStats(const QList<control::StatsSnapshot> &snapshots)
{
    for (const control::StatsSnapshot &snapshot : snapshots) {
        Process &process = m_processes[snapshot.process];
        const bool fresh = snapshot.first || !process.seen;
        if (fresh) {
            process.counters.clear();
            process.histograms.clear();
        }
        process.seen = true;
        process.workload = workloadOf(snapshot.proxy);
        for (const control::StatValue &value : snapshot.values) {
            if (!isWanted(value.name))
                continue;
            Counter &counter = process.counters[value.name];
            // What was counted before anybody looked is no rate of now.
            if (fresh && m_now > 0)
                counter.past.emplace_back(m_now, value.value);
            else if (counter.past.empty())
                counter.past.emplace_back(m_now, 0);
            counter.value = value.value;
        }
        for (const control::HistogramValue &histogram : snapshot.histograms) {
            if (histogram.name.endsWith(QLatin1String("_rq_time")))
                process.histograms[histogram.name] = histogram;
        }
    }
}

void LiveTraffic::setNode(const control::NodeStatus &status)
{
    const auto known =
        std::find_if(m_nodes.begin(), m_nodes.end(),
                     [&status](const control::NodeStatus &node) { return node.process == status.process; });
    if (known == m_nodes.end())
        m_nodes.append(status);
    else
        *known = status;
}

void LiveTraffic::forgetNode(const QString &process)
{
    m_nodes.removeIf([&process](const control::NodeStatus &node) { return node.process == process; });
    m_processes.remove(process);
}

void LiveTraffic::tick(qint64 nowUs)
{
    m_now = nowUs;
    for (Process &process : m_processes) {
        for (Counter &counter : process.counters) {
            counter.past.emplace_back(nowUs, counter.value);
            while (counter.past.size() > 2 && counter.past[1].first <= nowUs - rateWindow)
                counter.past.pop_front();
        }
    }
}

LiveTraffic::Sum LiveTraffic::recentOf(const Counter &counter) const
{
    Sum sum;
    sum.total = counter.value;
    if (counter.past.empty())
        return sum;
    const qint64 span = counter.past.back().first - counter.past.front().first;
    sum.recent = counter.past.back().second - counter.past.front().second;
    if (span > 0)
        sum.perSecond =
            static_cast<double>(sum.recent) * 1e6 / static_cast<double>(std::max(span, rateWindow / 4));
    return sum;
}

template<typename Wanted>
LiveTraffic::Sum LiveTraffic::sum(const QString &workload, const Wanted &wanted) const
{
    Sum all;
    for (const Process &process : m_processes) {
        if (process.workload != workload)
            continue;
        for (auto counter = process.counters.begin(); counter != process.counters.end(); ++counter) {
            if (!wanted(counter.key()))
                continue;
            const Sum one = recentOf(counter.value());
            all.total += one.total;
            all.recent += one.recent;
            all.perSecond += one.perSecond;
        }
    }
    return all;
}

/// Of several histograms the slowest counts: percentiles cannot be added.
template<typename Wanted>
void LiveTraffic::addLatency(const QString &workload, const Wanted &wanted, Flow &flow) const
{
    for (const Process &process : m_processes) {
        if (process.workload != workload)
            continue;
        for (auto histogram = process.histograms.begin(); histogram != process.histograms.end();
             ++histogram) {
            if (!wanted(histogram.key()) || histogram->count == 0)
                continue;
            const auto &recent =
                std::isnan(histogram->interval.p99) ? histogram->cumulative : histogram->interval;
            if (std::isnan(recent.p99))
                continue;
            flow.p99Ms = std::max(flow.p99Ms, recent.p99);
            flow.p50Ms = std::max(flow.p50Ms, recent.p50);
        }
    }
}

namespace {

/// Of the last seconds where something passed, else of all time.
double share(qint64 recentErrors, qint64 recentAll, qint64 errors, qint64 all)
{
    if (recentAll > 0)
        return static_cast<double>(recentErrors) / static_cast<double>(recentAll);
    return all > 0 ? static_cast<double>(errors) / static_cast<double>(all) : -1;
}

} // namespace

Flow LiveTraffic::atNode(const QString &workload) const
{
    const auto http = [](const char *end) {
        return [end = QLatin1String(end)](const QString &name) {
            return name.startsWith(QLatin1String("http.")) && name.endsWith(end);
        };
    };
    const Sum requests = sum(workload, http(".downstream_rq_total"));
    const Sum completed = sum(workload, http(".downstream_rq_completed"));
    const Sum client = sum(workload, http(".downstream_rq_4xx"));
    const Sum server = sum(workload, http(".downstream_rq_5xx"));
    const Sum denied = sum(workload, http(".rbac.denied"));
    Flow flow;
    flow.requests = requests.total;
    flow.perSecond = requests.perSecond;
    flow.errorShare =
        share(client.recent + server.recent, completed.recent, client.total + server.total, completed.total);
    flow.denied = denied.total;
    flow.deniedPerSecond = denied.perSecond;
    addLatency(workload, http(".downstream_rq_time"), flow);
    return flow;
}

Flow LiveTraffic::atCluster(const QString &workload, const QString &statName) const
{
    const QString prefix = QStringLiteral("cluster.") + statName + QLatin1Char('.');
    const auto counter = [&prefix](const char *end) {
        return [name = QString(prefix + QLatin1String(end))](const QString &candidate) {
            return candidate == name;
        };
    };
    const Sum requests = sum(workload, counter("upstream_rq_total"));
    const Sum completed = sum(workload, counter("upstream_rq_completed"));
    const Sum client = sum(workload, counter("upstream_rq_4xx"));
    const Sum server = sum(workload, counter("upstream_rq_5xx"));
    const Sum failures = sum(workload, counter("upstream_cx_connect_fail"));
    Flow flow;
    flow.requests = requests.total;
    flow.perSecond = requests.perSecond;
    flow.errorShare =
        share(client.recent + server.recent, completed.recent, client.total + server.total, completed.total);
    flow.failuresPerSecond = failures.perSecond;
    addLatency(workload, counter("upstream_rq_time"), flow);
    return flow;
}

NodeLife LiveTraffic::lifeOf(const QString &workload) const
{
    NodeLife life;
    for (const control::NodeStatus &node : m_nodes) {
        if (workloadOf(node.proxy) != workload)
            continue;
        if (life.processes++ == 0 || badness(node.state) > badness(life.state)) {
            life.state = node.state;
            life.reason = node.reason;
        }
        life.ready += node.state == control::NodeState::Ready ? 1 : 0;
    }
    return life;
}

QList<control::NodeStatus> LiveTraffic::processesOf(const QString &workload) const
{
    QList<control::NodeStatus> processes;
    for (const control::NodeStatus &node : m_nodes) {
        if (workloadOf(node.proxy) == workload)
            processes.append(node);
    }
    return processes;
}

} // namespace sallyport::topology
