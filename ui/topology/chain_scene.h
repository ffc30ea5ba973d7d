// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/card_item.h"
#include "ui/topology/chain_layout.h"
#include "ui/topology/hop_item.h"
#include "ui/topology/lane_item.h"

#include <QGraphicsScene>
#include <QHash>
#include <optional>

namespace sallyport::topology {

/// The chain as items: follows the model and the window's selection, takes clicks, lets cards be moved (one
/// undo step each) and routes be drawn from card to card.
class ChainScene : public QGraphicsScene
{
    Q_OBJECT

public:
    explicit ChainScene(ChainModel &model, QObject *parent = nullptr);
    ~ChainScene() override;

    ChainModel &model() const { return m_model; }
    /// How much of the window the picture has: the layout suits it.
    void setRoom(const QSizeF &room);
    const ChainLayout &layout() const { return m_layout; }
    /// Moves a card by steps of the grid, as one undo step with the moves before it.
    void nudge(const QString &node, const QPoint &steps);
    /// Every card to where the layout puts it.
    void resetPositions();
    bool hasMovedCards() const { return !m_moved.isEmpty(); }
    /// The area of what is selected; empty if it is not on the picture.
    QRectF areaOf(const session::SelectedThing &thing) const;
    /// What lies at a place: a workload or a hop.
    session::SelectedThing thingAt(const QPointF &place) const;
    bool isDrawingRoute() const { return m_routeFrom != nullptr; }
    void cancelRoute();

Q_SIGNALS:
    /// Cards came, went or moved as a whole: fit the view.
    void rebuilt();
    /// A route was drawn from one workload to another.
    void routeDrawn(const QString &from, const QString &to);
    /// A hint for the status bar; empty: no more.
    void hint(const QString &text);

protected:
    void mousePressEvent(QGraphicsSceneMouseEvent *event) override;
    void mouseMoveEvent(QGraphicsSceneMouseEvent *event) override;
    void mouseReleaseEvent(QGraphicsSceneMouseEvent *event) override;

private:
    void rebuild();
    void place();
    void drawLanes();
    void onTexts();
    void showSelection();
    void refresh();
    void savePositions(const QString &name, const CardPositions &positions, const QString &mergeKey);
    CardItem *cardAt(const QPointF &place) const;
    void select(session::SelectedThing thing);

    ChainModel &m_model;
    ChainLayout m_layout;
    CardPositions m_moved;
    QSizeF m_room{1000, 400};
    QHash<QString, CardItem *> m_cards;
    std::vector<HopItem *> m_hops;
    std::vector<LaneItem *> m_lanes;
    QGraphicsPathItem *m_draft = nullptr;
    CardItem *m_routeFrom = nullptr;
    CardItem *m_routeTo = nullptr;
    CardItem *m_pressed = nullptr;
    QPointF m_pressedAt;
};

} // namespace sallyport::topology
