// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/usual_way.h"

#include "core/lab/plan.h"

#include <algorithm>

namespace sallyport::traffic {

namespace {

/// More different pairs of proxy and host than a lab has; a flood of made-up hosts must not grow the table.
constexpr qsizetype mostPairs = 10'000;
constexpr std::size_t mostHops = 16;

QString key(const QString &proxy, const QString &host)
{
    return workloadOf(proxy) + QLatin1Char('|') + host;
}

QString text(const std::string &string)
{
    return QString::fromStdString(string);
}

} // namespace

LabNames LabNames::of(const lab::LabPlan &plan)
{
    LabNames names;
    for (const lab::Instance &instance : plan.instances) {
        if (!instance.gatewayId.empty())
            names.proxies.insert(workloadOf(text(instance.name)));
    }
    const auto workloadAt = [&plan](const std::vector<std::string> &addresses) -> QString {
        for (const std::string &address : addresses) {
            const auto local = plan.overlay.toLab.find(address);
            if (local == plan.overlay.toLab.end())
                continue;
            if (const auto name = plan.names.find(local->second); name != plan.names.end())
                return text(name->second);
        }
        return {};
    };
    for (const auto &[mesh, known] : plan.meshes) {
        for (const auto *hosts : {&plan.hosts, &known.hosts}) {
            for (const auto &[host, addresses] : *hosts) {
                if (const QString workload = workloadAt(addresses); !workload.isEmpty())
                    names.servers.insert(text(mesh) + QLatin1Char('|') + text(host), workload);
            }
        }
    }
    return names;
}

QString LabNames::serverOf(QStringView mesh, QStringView cluster) const
{
    // outbound|443|subset|test.com
    const qsizetype last = cluster.lastIndexOf(QLatin1Char('|'));
    if (last < 0 || !cluster.startsWith(QLatin1String("outbound|")))
        return {};
    return servers.value(mesh.toString() + QLatin1Char('|') + cluster.mid(last + 1).toString());
}

void UsualWay::learn(const RequestRow &row)
{
    if (row.outcome != Outcome::Passed || m_next.size() >= mostPairs)
        return;
    for (std::size_t i = 0; i + 1 < row.hops.size(); ++i) {
        const QString next = workloadOf(row.hops[i + 1].proxy);
        m_next.insert(key(row.hops[i].proxy, row.host), next);
        m_next.insert(key(row.hops[i].proxy, {}), next);
    }
}

void UsualWay::extend(RequestRow &row, const LogLine &last) const
{
    using Kind = Decision::Kind;
    if (row.hops.empty() || row.kind == Kind::None || row.kind == Kind::Application ||
        row.kind == Kind::RegistryOnly)
        return;
    // Whoever was cut off was reached.
    if (row.hops.back().proxy != row.decidedAt)
        return;
    QString proxy = last.proxy;
    QString next = workloadOf(last.upstreamHost);
    if (next.isEmpty())
        next = m_names.serverOf(meshOf(proxy), last.cluster);
    if (next.isEmpty() || next == workloadOf(proxy))
        next = m_next.value(key(proxy, row.host));
    while (!next.isEmpty() && row.hops.size() < mostHops) {
        const bool isThere = std::any_of(row.hops.begin(), row.hops.end(), [&next](const HopMark &hop) {
            return workloadOf(hop.proxy) == next;
        });
        if (isThere || !m_names.proxies.contains(next))
            return;
        row.hops.push_back({next, Outcome::NotReached, 0});
        proxy = next;
        next = m_next.value(key(proxy, row.host), m_next.value(key(proxy, {})));
    }
}

} // namespace sallyport::traffic
