// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain_model.h"
#include "ui/topology/chip.h"

#include <QGraphicsObject>

namespace sallyport::topology {

/// A workload on the canvas: its state, identity, numbers, policies. Drawn from the model; its place is the
/// scene's.
class CardItem : public QGraphicsObject
{
    Q_OBJECT

public:
    CardItem(ChainModel &model, const QString &node);

    static qreal heightOf(const ChainNode &node);

    const QString &node() const { return m_node; }
    QSizeF size() const;
    /// Where hops leave and enter, in scene coordinates.
    QPointF rightAnchor(int shift = 0) const;
    QPointF leftAnchor(int shift = 0) const;
    QPointF bottomAnchor() const;
    QPointF topAnchor() const;

    void setSelected(bool selected);
    /// The card that a route being drawn would end at.
    void setTarget(bool target);
    /// The policy whose chip lies there, in item coordinates.
    const PolicyMark *policyAt(const QPointF &point) const;
    /// The handle from which a route is drawn.
    bool isHandle(const QPointF &point) const;
    /// How high its policies stand above it.
    qreal policiesHeight() const;
    /// Where its policies stand, in scene coordinates.
    std::vector<QRectF> chipAreas() const;
    void refresh();

    QRectF boundingRect() const override;
    QPainterPath shape() const override;
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

Q_SIGNALS:
    void moved();

protected:
    QVariant itemChange(GraphicsItemChange change, const QVariant &value) override;
    void hoverEnterEvent(QGraphicsSceneHoverEvent *event) override;
    void hoverLeaveEvent(QGraphicsSceneHoverEvent *event) override;

private:
    const ChainNode *data() const;
    std::vector<std::pair<Chip, QRectF>> policyChips(const ChainNode &node) const;
    void paintEnd(QPainter &painter) const;
    void paintHeader(QPainter &painter, const ChainNode &node, const NodeLife &life) const;
    void paintRows(QPainter &painter, const ChainNode &node) const;
    void paintReason(QPainter &painter, const NodeLife &life) const;

    ChainModel &m_model;
    QString m_node;
    qreal m_height = 0;
    bool m_selected = false;
    bool m_target = false;
    bool m_hovered = false;
};

} // namespace sallyport::topology
