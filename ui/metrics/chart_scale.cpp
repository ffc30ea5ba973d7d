// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/chart_scale.h"

#include <algorithm>
#include <cmath>

namespace sallyport::metrics {

namespace {

auto firstFrom(const std::deque<Frame> &frames, qint64 timeUs)
{
    return std::lower_bound(frames.begin(), frames.end(), timeUs,
                            [](const Frame &frame, qint64 time) { return frame.timeUs < time; });
}

} // namespace

double roundAbove(double value, double least)
{
    const double wanted = std::max(value, least);
    if (!(wanted > 0) || !std::isfinite(wanted))
        return 1;
    const double power = std::pow(10, std::floor(std::log10(wanted)));
    for (const double step : {1.0, 2.0, 5.0, 10.0}) {
        if (step * power >= wanted * (1 - 1e-9))
            return step * power;
    }
    return 10 * power;
}

QList<QList<QPointF>> linesOf(const std::deque<Frame> &frames, Metric metric, qint64 fromUs, qint64 toUs,
                              double top, const QRectF &area)
{
    QList<QList<QPointF>> lines;
    if (toUs <= fromUs || !(top > 0))
        return lines;
    const double perUs = area.width() / static_cast<double>(toUs - fromUs);
    QList<QPointF> line;
    qint64 lastUs = 0;
    int column = 0;
    QPointF low;
    QPointF high;
    bool open = false;
    const auto closeColumn = [&] {
        if (!open)
            return;
        // In the order in which they came, so that the line does not run back.
        line.append(low.x() <= high.x() ? low : high);
        if (low != high)
            line.append(low.x() <= high.x() ? high : low);
        open = false;
    };
    const auto closeLine = [&] {
        closeColumn();
        if (!line.isEmpty())
            lines.append(line);
        line.clear();
    };
    auto at = firstFrom(frames, fromUs);
    // The one before shows where the line comes from.
    if (at != frames.begin())
        --at;
    for (; at != frames.end() && at->timeUs <= toUs; ++at) {
        const float value = (*at)[metric];
        if (std::isnan(value) || (lastUs != 0 && at->timeUs - lastUs > MetricStore::gapUs))
            closeLine();
        lastUs = at->timeUs;
        if (std::isnan(value))
            continue;
        const QPointF point(area.left() + static_cast<double>(at->timeUs - fromUs) * perUs,
                            area.bottom() - std::min(static_cast<double>(value) / top, 1.0) * area.height());
        const int pixel = static_cast<int>(std::floor(point.x()));
        if (open && pixel == column) {
            if (point.y() > low.y())
                low = point;
            if (point.y() < high.y())
                high = point;
            continue;
        }
        closeColumn();
        column = pixel;
        low = high = point;
        open = true;
    }
    closeLine();
    return lines;
}

double highest(const std::deque<Frame> &frames, std::span<const Metric> metrics, qint64 fromUs, qint64 toUs)
{
    double top = 0;
    for (auto at = firstFrom(frames, fromUs); at != frames.end() && at->timeUs <= toUs; ++at) {
        for (const Metric metric : metrics) {
            if (const float value = (*at)[metric]; !std::isnan(value))
                top = std::max(top, static_cast<double>(value));
        }
    }
    return top;
}

const Frame *nearest(const std::deque<Frame> &frames, qint64 timeUs)
{
    const auto after = firstFrom(frames, timeUs);
    const Frame *best = nullptr;
    qint64 distance = MetricStore::gapUs;
    if (after != frames.end() && after->timeUs - timeUs < distance) {
        best = &*after;
        distance = after->timeUs - timeUs;
    }
    if (after != frames.begin() && timeUs - (after - 1)->timeUs < distance)
        best = &*(after - 1);
    return best;
}

} // namespace sallyport::metrics
