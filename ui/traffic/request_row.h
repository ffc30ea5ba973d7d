// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/decision.h"

#include <QString>
#include <QStringList>
#include <vector>

namespace sallyport::traffic {

/// A proxy that a request met, or would have met.
struct HopMark
{
    QString proxy; ///< full name of the instance; of a hop that was not reached, of the workload
    Outcome outcome = Outcome::Passed;
    int attempts = 1; ///< lines of it: more than one if the proxy before retried
    bool operator==(const HopMark &) const = default;
};

/// A request as a table shows it.
struct RequestRow
{
    quint64 number = 0;    ///< counts up in the order of appearance, never used twice
    qint64 startUs = 0;    ///< since 1970, UTC; of the outermost line
    double durationMs = 0; ///< of the outermost line
    QString source;        ///< full name of the outermost proxy
    QString method;        ///< `TCP` for a connection
    QString host;
    QString path;
    QString protocol;
    int status = 0; ///< what the application got; 0: no answer
    Outcome outcome = Outcome::Passed;
    QString flags;
    QString details; ///< response code details of where it was decided
    Decision::Kind kind = Decision::Kind::None;
    QString decidedBy;
    QString decidedAt; ///< full name of the proxy; empty where nobody decided
    QString cluster;   ///< the upstream cluster by which it left the client's mesh
    QString requestId; ///< of the outermost line; `row-N` where there is none
    std::vector<HopMark> hops;

    /// `restrict-test-client @ istio-ingressgateway`, or empty.
    QString decision() const;
};

/// What a request's lines add up to. Puts the lines in order (orderHops()).
RequestRow summarize(std::vector<LogLine> &lines);

/// `mesh` of `mesh:namespace/name`.
QStringView meshOf(QStringView proxy);

} // namespace sallyport::traffic
