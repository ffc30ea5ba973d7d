// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_row.h"

#include <QHash>
#include <QSet>

namespace sallyport::lab {
struct LabPlan;
}

namespace sallyport::traffic {

/// What the running lab calls its workloads.
struct LabNames
{
    QSet<QString> proxies; ///< workloads with a data plane
    /// The workload behind a service or a registered host, by `mesh|host`.
    QHash<QString, QString> servers;

    static LabNames of(const lab::LabPlan &plan);
    /// The workload that `cluster` leads to from a proxy of `mesh`; empty if the lab has none.
    QString serverOf(QStringView mesh, QStringView cluster) const;
};

/// Where requests went on from each proxy, to say which hops a request that ended early did not reach.
class UsualWay
{
public:
    void setNames(const LabNames &names) { m_names = names; }
    /// Takes note of the way of a request that passed.
    void learn(const RequestRow &row);
    /// Adds the hops that were not reached to a request that ended early. `cluster` and `upstreamHost` are
    /// those of its last line.
    void extend(RequestRow &row, const LogLine &last) const;

private:
    LabNames m_names;
    QHash<QString, QString> m_next; ///< `proxy|host` → next proxy
};

} // namespace sallyport::traffic
