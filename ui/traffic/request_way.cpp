// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_way.h"

#include <algorithm>

namespace sallyport::traffic {

RequestWay wayOf(const RequestRow &row, const std::vector<LogLine> &lines)
{
    RequestWay way;
    way.requestId = row.requestId;
    way.decidedAt = row.decidedAt.isEmpty() ? QString() : workloadOf(row.decidedAt);
    const auto lineOf = [&lines](const QString &proxy) -> const LogLine * {
        const auto it = std::find_if(lines.begin(), lines.end(),
                                     [&proxy](const LogLine &line) { return line.proxy == proxy; });
        return it == lines.end() ? nullptr : &*it;
    };
    for (std::size_t i = 0; i + 1 < row.hops.size(); ++i) {
        const LogLine *line = lineOf(row.hops[i].proxy);
        way.hops.append({workloadOf(row.hops[i].proxy), workloadOf(row.hops[i + 1].proxy),
                         line ? line->cluster : QString(), row.hops[i + 1].outcome});
    }
    if (row.hops.empty() || lines.empty())
        return way;
    // The last proxy's own server: outside of the lab's proxies, unless it is the application beside it.
    const HopMark &last = row.hops.back();
    const LogLine *line = lineOf(last.proxy);
    if (!line || line->upstreamHost.isEmpty() || workloadOf(line->upstreamHost) == workloadOf(last.proxy))
        return way;
    const QString workload = workloadOf(line->upstreamHost);
    way.hops.append(
        {workloadOf(last.proxy), workload.isEmpty() ? row.host : workload, line->cluster, row.outcome});
    return way;
}

} // namespace sallyport::traffic
