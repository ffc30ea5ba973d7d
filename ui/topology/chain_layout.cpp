// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_layout.h"

#include "ui/theme/theme.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <cmath>
#include <map>

namespace sallyport::topology {

namespace {

using namespace measure;

constexpr qreal labelsWorth = 0.95;

/// What a layout may choose.
struct Form
{
    bool down = false; ///< lanes without clients run down
    qreal gap = measure::gap;
};

/// The cards of one mesh. A way runs along the lane's direction; what branches off it, and further ways,
/// stand beside it.
class LanePlan
{
public:
    LanePlan(const Chain &chain, const QString &mesh, const QHash<QString, qreal> &heights, const Form &form)
        : m_chain(chain)
        , m_mesh(mesh)
        , m_heights(heights)
        , m_gap(form.gap)
    {
        std::vector<const ChainNode *> reached;
        for (const ChainNode &node : chain.nodes) {
            if (node.mesh == mesh)
                (node.reached || node.client ? reached : m_others).push_back(&node);
        }
        m_horizontal = !form.down || std::any_of(reached.begin(), reached.end(),
                                                 [](const ChainNode *node) { return node->client; });
        // Ways that go on come before those that end at once.
        for (const bool goesOn : {true, false}) {
            for (const ChainNode *node : reached) {
                if (!hasSenderInLane(*node) && sends(*node) == goesOn)
                    beginWay(*node);
            }
        }
        // What is left talks in a circle.
        for (const ChainNode *node : reached)
            beginWay(*node);
    }

    bool isEmpty() const { return m_cells.empty() && m_others.empty(); }

    /// Card positions relative to the lane's content; returns its size.
    QSizeF place(QHash<QString, QPointF> &cards) const
    {
        std::map<int, qreal> rowHeights;
        for (const auto &[node, cell] : m_cells)
            rowHeights[rowOf(cell)] = std::max(rowHeights[rowOf(cell)], m_heights.value(node->name));
        std::map<int, qreal> rowTops;
        qreal top = 0;
        for (const auto &[row, height] : rowHeights) {
            rowTops[row] = top;
            top += height + rowGap;
        }
        const qreal columnStep = cardWidth + (m_horizontal ? m_gap : m_gap / 2);
        QSizeF size(cardWidth, 0);
        for (const auto &[node, cell] : m_cells) {
            const QPointF corner(columnOf(cell) * columnStep, rowTops.at(rowOf(cell)));
            cards[node->name] = corner;
            size = size.expandedTo(QSizeF(corner.x() + cardWidth, corner.y() + m_heights.value(node->name)));
        }
        placeOthers(cards, size);
        return size;
    }

private:
    struct Cell
    {
        int along = 0;
        int across = 0;
    };
    int rowOf(const Cell &cell) const { return m_horizontal ? cell.across : cell.along; }
    int columnOf(const Cell &cell) const { return m_horizontal ? cell.along : cell.across; }

    const ChainNode *inLane(const QString &name) const
    {
        const ChainNode *node = m_chain.findNode(name);
        return node && node->mesh == m_mesh ? node : nullptr;
    }

    bool hasSenderInLane(const ChainNode &node) const
    {
        return std::any_of(m_chain.hops.begin(), m_chain.hops.end(), [&](const ChainHop &hop) {
            return hop.to == node.name && hop.from != node.name && inLane(hop.from);
        });
    }

    bool sends(const ChainNode &node) const
    {
        return std::any_of(m_chain.hops.begin(), m_chain.hops.end(),
                           [&node](const ChainHop &hop) { return hop.from == node.name; });
    }

    /// In a lane that runs right a new way begins below the others, in one that runs down it begins below
    /// too.
    void beginWay(const ChainNode &node)
    {
        if (m_cells.count(&node) > 0)
            return;
        if (m_horizontal)
            follow(node, {0, m_nextAcross});
        else
            follow(node, {m_nextAlong, 0});
    }

    void follow(const ChainNode &node, Cell cell)
    {
        if (!m_cells.emplace(&node, cell).second)
            return;
        m_nextAcross = std::max(m_nextAcross, cell.across + 1);
        m_nextAlong = std::max(m_nextAlong, cell.along + 1);
        int across = cell.across;
        for (const ChainHop &hop : m_chain.hops) {
            const ChainNode *receiver = hop.from == node.name ? inLane(hop.to) : nullptr;
            if (!receiver || m_cells.count(receiver) > 0)
                continue;
            follow(*receiver, {cell.along + 1, across});
            across = m_nextAcross;
        }
    }

    /// Workloads that no request reaches: in rows as wide as the rest.
    void placeOthers(QHash<QString, QPointF> &cards, QSizeF &size) const
    {
        qreal y = m_cells.empty() ? 0 : size.height() + aboveCard;
        qreal x = 0;
        qreal tallest = 0;
        for (const ChainNode *node : m_others) {
            if (x > 0 && x + cardWidth > size.width()) {
                x = 0;
                y += tallest + lanePadding;
                tallest = 0;
            }
            cards[node->name] = QPointF(x, y);
            const qreal height = m_heights.value(node->name);
            tallest = std::max(tallest, height);
            size = size.expandedTo(QSizeF(x + cardWidth, y + height));
            x += cardWidth + lanePadding;
        }
    }

    const Chain &m_chain;
    QString m_mesh;
    const QHash<QString, qreal> &m_heights;
    qreal m_gap;
    std::map<const ChainNode *, Cell> m_cells;
    std::vector<const ChainNode *> m_others;
    int m_nextAlong = 0;
    int m_nextAcross = 0;
    bool m_horizontal = false;
};

QStringList laneOrder(const Chain &chain)
{
    QStringList order;
    for (const ChainMesh &mesh : chain.meshes)
        order.append(mesh.name);
    for (const ChainNode &node : chain.nodes) {
        if (!order.contains(node.mesh))
            order.append(node.mesh);
    }
    return order;
}

QRectF around(const Chain &chain, const QString &mesh, const QHash<QString, QPointF> &cards,
              const QHash<QString, qreal> &heights)
{
    QRectF area;
    for (const ChainNode &node : chain.nodes) {
        if (node.mesh == mesh)
            area |= QRectF(cards.value(node.name), QSizeF(cardWidth, heights.value(node.name)));
    }
    return area.adjusted(-lanePadding, -laneHeader - aboveCard, lanePadding, lanePadding);
}

ChainLayout arrange(const Chain &chain, const QHash<QString, qreal> &heights, const CardPositions &moved,
                    const Form &form)
{
    ChainLayout layout;
    // A hop between meshes needs room for its labels too: the two paddings and the space between make it.
    const qreal laneGap = form.gap - 2 * lanePadding;
    qreal x = 0;
    for (const QString &mesh : laneOrder(chain)) {
        const LanePlan plan(chain, mesh, heights, form);
        if (plan.isEmpty())
            continue;
        QHash<QString, QPointF> cards;
        const QSizeF size = plan.place(cards);
        const QPointF origin(x + lanePadding, laneHeader + aboveCard);
        for (auto card = cards.begin(); card != cards.end(); ++card) {
            const auto own = moved.find(card.key());
            layout.cards[card.key()] = own == moved.end() ? card.value() + origin : *own;
        }
        layout.lanes.push_back({mesh, {}});
        x += size.width() + 2 * lanePadding + laneGap;
    }
    qreal top = 0;
    qreal bottom = 0;
    for (Lane &lane : layout.lanes) {
        lane.area = around(chain, lane.mesh, layout.cards, heights);
        top = std::min(top, lane.area.top());
        bottom = std::max(bottom, lane.area.bottom());
    }
    for (Lane &lane : layout.lanes) {
        lane.area.setTop(top);
        lane.area.setBottom(bottom);
        layout.bounds |= lane.area;
    }
    return layout;
}

/// How large the layout can be shown, 1 at most.
qreal scaleIn(const QSizeF &room, const ChainLayout &layout)
{
    if (layout.bounds.isEmpty())
        return 1;
    return std::min({1.0, room.width() / layout.bounds.width(), room.height() / layout.bounds.height()});
}

} // namespace

ChainLayout layOut(const Chain &chain, const QHash<QString, qreal> &heights, const CardPositions &moved,
                   const QSizeF &room)
{
    ChainLayout best;
    qreal bestScale = 0;
    for (const Form &form :
         {Form{true, gap}, Form{false, gap}, Form{true, narrowGap}, Form{false, narrowGap}}) {
        ChainLayout layout = arrange(chain, heights, moved, form);
        // Shorter hops show less of their labels: only for a gain that is seen.
        const qreal scale = scaleIn(room, layout) * (form.gap == gap ? 1 : labelsWorth);
        if (scale > bestScale) {
            best = std::move(layout);
            bestScale = scale;
        }
    }
    return best;
}

CardPositions readPositions(const std::string &json)
{
    CardPositions positions;
    const QJsonObject cards =
        QJsonDocument::fromJson(QByteArray::fromStdString(json)).object()[QLatin1String("cards")].toObject();
    for (auto card = cards.begin(); card != cards.end(); ++card) {
        const QJsonObject place = card.value().toObject();
        positions[card.key()] =
            QPointF(place[QLatin1String("x")].toDouble(), place[QLatin1String("y")].toDouble());
    }
    return positions;
}

std::string writePositions(const CardPositions &positions)
{
    QJsonObject cards;
    for (auto card = positions.begin(); card != positions.end(); ++card)
        cards.insert(card.key(),
                     QJsonObject{{QStringLiteral("x"), card->x()}, {QStringLiteral("y"), card->y()}});
    return QJsonDocument(QJsonObject{{QStringLiteral("version"), 1}, {QStringLiteral("cards"), cards}})
        .toJson()
        .toStdString();
}

QPointF snapped(const QPointF &point)
{
    const auto snap = [](qreal value) { return std::round(value / theme::grid) * theme::grid; };
    return {snap(point.x()), snap(point.y())};
}

} // namespace sallyport::topology
