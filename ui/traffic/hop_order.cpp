// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/hop_order.h"

#include <algorithm>

namespace sallyport::traffic {

namespace {

/// start_time and duration are both cut down to whole milliseconds.
constexpr qint64 rounding = 2'000;

/// `address:0` stands for an address that was taken from X-Forwarded-For.
bool hasPort(const QString &address)
{
    return !address.isEmpty() && !address.endsWith(QLatin1String(":0"));
}

/// The proxy that `line` sent the request on to is the one that wrote `next`.
bool isSentTo(const LogLine &line, const LogLine &next)
{
    const QString workload = workloadOf(line.upstreamHost);
    return !workload.isEmpty() && workload == workloadOf(next.proxy) && line.proxy != next.proxy;
}

/// Index of the line that caused lines[child], -1 if none of them did.
qsizetype causeOf(const std::vector<LogLine> &lines, std::size_t child)
{
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i != child && isSameConnection(lines[i], lines[child]) && isWithin(lines[i], lines[child]))
            return static_cast<qsizetype>(i);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i != child && isSentTo(lines[i], lines[child]) && isWithin(lines[i], lines[child]))
            return static_cast<qsizetype>(i);
    }
    // A hop that is retried names the last of its endpoints only; its peer's address still is its own.
    const QString peer = workloadOf(lines[child].downstreamRemote);
    for (std::size_t i = 0; i < lines.size() && !peer.isEmpty(); ++i) {
        if (i != child && peer == workloadOf(lines[i].proxy) && lines[i].proxy != lines[child].proxy &&
            isWithin(lines[i], lines[child]))
            return static_cast<qsizetype>(i);
    }
    return -1;
}

} // namespace

bool isSameConnection(const LogLine &parent, const LogLine &child)
{
    return hasPort(parent.upstreamLocal) && parent.upstreamLocal == child.peer && parent.proxy != child.proxy;
}

bool isWithin(const LogLine &parent, const LogLine &child)
{
    return child.startUs >= parent.startUs - rounding && child.startUs <= parent.endUs() + rounding;
}

void orderHops(std::vector<LogLine> &lines)
{
    if (lines.size() < 2)
        return;
    std::stable_sort(lines.begin(), lines.end(), [](const LogLine &a, const LogLine &b) {
        return a.startUs != b.startUs ? a.startUs < b.startUs : a.durationMs > b.durationMs;
    });
    std::vector<qsizetype> cause(lines.size(), -1);
    for (std::size_t i = 0; i < lines.size(); ++i)
        cause[i] = causeOf(lines, i);
    std::vector<std::size_t> order;
    std::vector<bool> placed(lines.size(), false);
    const auto place = [&](auto &self, std::size_t line) -> void {
        placed[line] = true;
        order.push_back(line);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (!placed[i] && cause[i] == static_cast<qsizetype>(line))
                self(self, i);
        }
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!placed[i] && cause[i] < 0)
            place(place, i);
    }
    // What is left is a ring of causes, which only equal times can make: by time.
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!placed[i])
            place(place, i);
    }
    std::vector<LogLine> sorted;
    sorted.reserve(lines.size());
    for (const std::size_t i : order)
        sorted.push_back(std::move(lines[i]));
    lines = std::move(sorted);
}

} // namespace sallyport::traffic
