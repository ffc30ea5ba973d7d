// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"
#include "ui/topology/chain.h"

#include <QHash>
#include <QPointF>
#include <QRectF>
#include <optional>

namespace sallyport::topology {

/// Measures of the picture, in logical pixels on the 8 px grid.
namespace measure {
inline constexpr qreal cardWidth = 208;
inline constexpr qreal gap = 192;       ///< between cards that a hop joins: room for its labels
inline constexpr qreal narrowGap = 128; ///< the same where that lets the whole be shown larger
inline constexpr qreal rowGap = 80;     ///< between cards below each other
inline constexpr qreal lanePadding = 24;
inline constexpr qreal laneHeader = 32;
inline constexpr qreal aboveCard = 64; ///< room for a card's policies, and above them a hop's findings
inline constexpr qreal anchor = 72;    ///< how far below a card's top its hops begin and end
} // namespace measure

/// A mesh, or what lies outside of every mesh.
struct Lane
{
    QString mesh; ///< empty: outside
    QRectF area;
};

/// Where everything of the picture stands, in scene coordinates.
struct ChainLayout
{
    QHash<QString, QPointF> cards; ///< top left corners, by node name
    std::vector<Lane> lanes;       ///< from left to right
    QRectF bounds;
};

/// Where a person put cards, by node name.
using CardPositions = QHash<QString, QPointF>;

/// Places every card: meshes as lanes from left to right; where requests begin a chain runs to the right, in
/// the other lanes it runs right or down, and hops are long or short, whichever lets the whole be shown
/// larger in `room`; workloads that no request reaches stand below. `moved` wins over all that; lanes follow
/// their cards. `heights` by node name.
ChainLayout layOut(const Chain &chain, const QHash<QString, qreal> &heights, const CardPositions &moved,
                   const QSizeF &room);

/// `.sallyport/layout.json`
inline constexpr const char *layoutFile = ".sallyport/layout.json";
CardPositions readPositions(const std::string &json);
std::string writePositions(const CardPositions &positions);

/// The nearest point of the grid.
QPointF snapped(const QPointF &point);

} // namespace sallyport::topology
