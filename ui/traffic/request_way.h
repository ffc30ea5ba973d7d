// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_row.h"

#include <QList>
#include <QMetaType>

namespace sallyport::traffic {

/// The way of one request over the canvas.
struct RequestWay
{
    struct Hop
    {
        QString from;                      ///< workloads' full names, `primary:default/sleep`
        QString to;                        ///< also the host or address of a server that is no workload
        QString cluster;                   ///< the sender's upstream_cluster, `outbound|443||test.com`
        Outcome outcome = Outcome::Passed; ///< NotReached: the request would have gone there
        bool operator==(const Hop &) const = default;
    };
    QString requestId;
    QList<Hop> hops;
    QString decidedAt; ///< the workload whose proxy decided; empty where nobody did

    bool isEmpty() const { return requestId.isEmpty(); }
    bool operator==(const RequestWay &) const = default;
};

/// `lines` in the order of summarize().
RequestWay wayOf(const RequestRow &row, const std::vector<LogLine> &lines);

} // namespace sallyport::traffic

Q_DECLARE_METATYPE(sallyport::traffic::RequestWay)
