// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/metrics/metric_store.h"

#include <QList>
#include <QPointF>
#include <QRectF>

namespace sallyport::metrics {

/// The least round number (1, 2 or 5 times a power of ten) that is not below `value`, and not below `least`.
double roundAbove(double value, double least);

/// Where a series goes in a chart. At most two points per column of pixels, the lowest and the highest of it:
/// no peak is lost, however long the time. Gaps end a line.
QList<QList<QPointF>> linesOf(const std::deque<Frame> &frames, Metric metric, qint64 fromUs, qint64 toUs,
                              double top, const QRectF &area);

/// The largest value of the metrics in the time; 0 if there is none.
double highest(const std::deque<Frame> &frames, std::span<const Metric> metrics, qint64 fromUs, qint64 toUs);

/// The frame nearest to a moment, null if none is within a gap's length.
const Frame *nearest(const std::deque<Frame> &frames, qint64 timeUs);

} // namespace sallyport::metrics
