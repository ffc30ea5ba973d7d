// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/hop_bars.h"

#include <QHash>
#include <algorithm>

namespace sallyport::traffic {

std::vector<HopBar> hopBars(const RequestRow &row, const std::vector<LogLine> &lines)
{
    std::vector<HopBar> bars;
    if (lines.empty())
        return bars;
    const Decision decision = decide(lines);
    qint64 first = lines.front().startUs;
    QHash<QString, int> total;
    for (const LogLine &line : lines) {
        first = std::min(first, line.startUs);
        ++total[line.proxy];
    }
    QHash<QString, int> seen;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const LogLine &line = lines[i];
        HopBar bar;
        bar.proxy = line.proxy;
        bar.startMs = static_cast<double>(line.startUs - first) / 1'000;
        bar.durationMs = line.durationMs;
        bar.upstreamMs = line.upstreamMs;
        bar.decided =
            static_cast<qsizetype>(i) == decision.hop && decision.kind != Decision::Kind::Application;
        const bool before = decision.hop < 0 || static_cast<qsizetype>(i) < decision.hop;
        bar.outcome = before ? Outcome::Passed : outcomeOf(line);
        bar.note = line.details.isEmpty() ? line.termination : line.details;
        if (bar.note.startsWith(QLatin1String("rbac_access_denied")))
            bar.note = QStringLiteral("rbac_access_denied");
        // The reason in braces is told by the sentence above the bars.
        bar.note = bar.note.section(QLatin1Char('{'), 0, 0);
        if (!line.flags.isEmpty())
            bar.note = bar.note.isEmpty() ? line.flags : line.flags + QLatin1Char(' ') + bar.note;
        if (total.value(line.proxy) > 1)
            bar.attempt = ++seen[line.proxy];
        bars.push_back(bar);
    }
    for (const HopMark &hop : row.hops) {
        if (hop.outcome == Outcome::NotReached) {
            HopBar bar;
            bar.proxy = hop.proxy;
            bar.outcome = Outcome::NotReached;
            bars.push_back(bar);
        }
    }
    return bars;
}

double spanMs(const std::vector<HopBar> &bars)
{
    double end = 0;
    for (const HopBar &bar : bars)
        end = std::max(end, bar.startMs + bar.durationMs);
    // Times are whole milliseconds: a request can have taken 0 of them.
    return std::max(end, 1.0);
}

} // namespace sallyport::traffic
