// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_row.h"

#include "ui/traffic/hop_order.h"

#include <algorithm>

namespace sallyport::traffic {

namespace {

/// The cluster that carries the request out of the client's mesh; the outermost proxy's if it stays inside.
QString leavingCluster(const std::vector<LogLine> &lines)
{
    QString cluster = lines.front().cluster;
    for (const LogLine &line : lines) {
        if (meshOf(line.proxy) == meshOf(lines.front().proxy) &&
            line.cluster.startsWith(QLatin1String("outbound")))
            cluster = line.cluster;
    }
    return cluster;
}

std::vector<HopMark> marks(const std::vector<LogLine> &lines, const Decision &decision)
{
    std::vector<HopMark> hops;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto seen = std::find_if(hops.begin(), hops.end(),
                                       [&](const HopMark &hop) { return hop.proxy == lines[i].proxy; });
        // The proxies before the one that decided did their part, though they saw the same status.
        const bool before = decision.hop < 0 || static_cast<qsizetype>(i) < decision.hop;
        const Outcome outcome = before ? Outcome::Passed : outcomeOf(lines[i]);
        if (seen == hops.end()) {
            hops.push_back({lines[i].proxy, outcome, 1});
        } else {
            ++seen->attempts;
            seen->outcome = outcome;
        }
    }
    return hops;
}

} // namespace

QString RequestRow::decision() const
{
    if (decidedBy.isEmpty())
        return {};
    return decidedAt.isEmpty() ? decidedBy : decidedBy + QLatin1String(" @ ") + shortName(decidedAt);
}

RequestRow summarize(std::vector<LogLine> &lines)
{
    RequestRow row;
    if (lines.empty())
        return row;
    orderHops(lines);
    const Decision decision = decide(lines);
    const LogLine &outer = lines.front();
    row.startUs = outer.startUs;
    row.durationMs = outer.durationMs;
    row.source = outer.proxy;
    row.status = std::max(outer.status, 0);
    row.outcome = decision.outcome;
    row.protocol = outer.protocol;
    row.requestId = outer.requestId;
    if (outer.isTcp()) {
        row.method = QStringLiteral("TCP");
        row.host = outer.serverName.isEmpty() ? outer.downstreamLocal : outer.serverName;
    } else {
        row.method = outer.method;
        row.host = outer.authority;
        row.path = outer.path;
    }
    row.kind = decision.kind;
    row.decidedBy = decision.by;
    row.decidedAt = decision.proxy;
    row.cluster = leavingCluster(lines);
    row.hops = marks(lines, decision);
    const LogLine &deciding = decision.hop < 0 ? outer : lines[static_cast<std::size_t>(decision.hop)];
    row.details = deciding.details;
    row.flags = deciding.flags;
    for (const LogLine &line : lines) {
        if (row.flags.isEmpty())
            row.flags = line.flags;
    }
    return row;
}

QStringView meshOf(QStringView proxy)
{
    const qsizetype colon = proxy.indexOf(QLatin1Char(':'));
    return colon < 0 ? QStringView() : proxy.left(colon);
}

} // namespace sallyport::traffic
