// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/request_row.h"

#include <QColor>
#include <QRect>

class QPainter;

namespace sallyport::traffic {

/// Draws a block for each hop, by colour and by a sign: passed is plain, refused has a dash, failed a cross,
/// not reached is hollow. `ground` is what lies behind. Hops that do not fit end in a dot.
void paintHopBlocks(QPainter &painter, const QRect &rect, const std::vector<HopMark> &hops,
                    const QColor &ground);

/// The colour of an outcome on the panel.
QColor outcomeColor(Outcome outcome);
/// The icon that says the same: disc, flag, cross, ring.
QString outcomeIcon(Outcome outcome);

} // namespace sallyport::traffic
