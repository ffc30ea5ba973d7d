// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/card_item.h"

#include <QGraphicsObject>

namespace sallyport::topology {

/// A hop on the canvas: an arrow from card to card that says what kind of connection it is, what passes, and
/// what is wrong with it.
class HopItem : public QGraphicsObject
{
    Q_OBJECT

public:
    /// `lane`: which of several hops between the same two cards this is, from 0. The labels stand at the
    /// receiver's height, where hops that spread from one sender are apart; `labelAtSender`: at the sender's,
    /// where hops that come together are.
    HopItem(ChainModel &model, const session::HopSelection &hop, CardItem &from, CardItem &to, int lane,
            bool labelAtSender);

    const session::HopSelection &hop() const { return m_hop; }
    void setSelected(bool selected);
    void refresh();
    /// The cards moved.
    void route();
    /// Where its labels stand, in scene coordinates.
    std::vector<QRectF> chipAreas() const;

    QRectF boundingRect() const override;
    QPainterPath shape() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

protected:
    void hoverEnterEvent(QGraphicsSceneHoverEvent *event) override;
    void hoverLeaveEvent(QGraphicsSceneHoverEvent *event) override;

private:
    const ChainHop *data() const;
    std::vector<std::pair<Chip, QRectF>> chips(const ChainHop &hop, const HopLife &life) const;
    void paintLine(QPainter &painter, const ChainHop &hop, const HopLife &life) const;
    void paintNumbers(QPainter &painter, const ChainHop &hop, const HopLife &life) const;
    void describe();

    ChainModel &m_model;
    session::HopSelection m_hop;
    CardItem &m_from;
    CardItem &m_to;
    int m_lane = 0;
    bool m_labelAtSender = false;
    bool m_selected = false;
    bool m_hovered = false;
    QPainterPath m_path;
    QPointF m_tip;
    QPointF m_label; ///< the line's point that its labels belong to
    qreal m_labelWidth = 0;
    bool m_vertical = false;
    QRectF m_bounds;
};

/// The colour of a kind of hop.
theme::Role roleOf(HopKind kind);
/// Its pen; plaintext is dashed.
QPen penOf(HopKind kind, qreal width);

} // namespace sallyport::topology
