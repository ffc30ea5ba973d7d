// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_scene.h"

#include <QGraphicsPathItem>
#include <QGraphicsSceneMouseEvent>
#include <algorithm>
#include <map>

namespace sallyport::topology {

namespace {

constexpr qreal sceneMargin = 400; ///< room to move cards beyond what is there

} // namespace

ChainScene::ChainScene(ChainModel &model, QObject *parent)
    : QGraphicsScene(parent)
    , m_model(model)
{
    setItemIndexMethod(NoIndex);
    const auto &project = model.context().project;
    connect(&model, &ChainModel::chainChanged, this, &ChainScene::rebuild);
    connect(&model, &ChainModel::liveChanged, this, &ChainScene::refresh);
    connect(&project, &session::ProjectSession::textsChanged, this, &ChainScene::onTexts);
    connect(&project, &session::ProjectSession::opened, this, &ChainScene::onTexts);
    connect(&model.context().selection, &session::Selection::changed, this, &ChainScene::showSelection);
    connect(&theme::Theme::instance(), &theme::Theme::changed, this, [this] { update(); });
    onTexts();
    rebuild();
}

ChainScene::~ChainScene()
{
    // Items refer to each other's signals: they go before the scene's own parts.
    clear();
}

void ChainScene::rebuild()
{
    cancelRoute();
    m_pressed = nullptr;
    clear();
    m_cards.clear();
    m_hops.clear();
    m_lanes.clear();
    m_draft = nullptr;
    const Chain &chain = m_model.chain();
    for (const ChainNode &node : chain.nodes) {
        auto *card = new CardItem(m_model, node.name);
        addItem(card);
        m_cards[node.name] = card;
    }
    place();
    const auto count = [&chain](const QString ChainHop::*end, const QString &name) {
        return std::count_if(chain.hops.begin(), chain.hops.end(),
                             [&](const ChainHop &hop) { return hop.*end == name; });
    };
    std::map<std::pair<QString, QString>, int> lanes;
    for (const ChainHop &hop : chain.hops) {
        CardItem *from = m_cards.value(hop.from);
        CardItem *to = m_cards.value(hop.to);
        if (!from || !to || from == to)
            continue;
        const bool comesTogether = count(&ChainHop::to, hop.to) > 1 && count(&ChainHop::from, hop.from) == 1;
        auto *item =
            new HopItem(m_model, hop.selection(), *from, *to, lanes[{hop.from, hop.to}]++, comesTogether);
        addItem(item);
        m_hops.push_back(item);
    }
    showSelection();
    Q_EMIT rebuilt();
}

void ChainScene::place()
{
    QHash<QString, qreal> heights;
    for (const ChainNode &node : m_model.chain().nodes)
        heights[node.name] = CardItem::heightOf(node);
    m_layout = layOut(m_model.chain(), heights, m_moved, m_room);
    for (auto card = m_cards.begin(); card != m_cards.end(); ++card)
        card.value()->setPos(m_layout.cards.value(card.key()));
    drawLanes();
    setSceneRect(m_layout.bounds.adjusted(-sceneMargin, -sceneMargin, sceneMargin, sceneMargin));
}

void ChainScene::setRoom(const QSizeF &room)
{
    if (room == m_room)
        return;
    m_room = room;
    place();
}

void ChainScene::drawLanes()
{
    qDeleteAll(m_lanes);
    m_lanes.clear();
    for (const Lane &lane : m_layout.lanes) {
        QString trustDomain;
        for (const ChainMesh &mesh : m_model.chain().meshes) {
            if (mesh.name == lane.mesh)
                trustDomain = mesh.trustDomain;
        }
        auto *item = new LaneItem(lane, trustDomain);
        addItem(item);
        m_lanes.push_back(item);
    }
}

void ChainScene::onTexts()
{
    CardPositions positions =
        readPositions(m_model.context().project.text(layoutFile).value_or(std::string()));
    if (positions == m_moved)
        return;
    m_moved = std::move(positions);
    place();
}

void ChainScene::refresh()
{
    for (CardItem *card : std::as_const(m_cards))
        card->refresh();
    for (HopItem *hop : m_hops)
        hop->refresh();
}

void ChainScene::showSelection()
{
    const session::SelectedThing &thing = m_model.context().selection.current();
    const auto *node = std::get_if<session::NodeSelection>(&thing);
    const auto *hop = std::get_if<session::HopSelection>(&thing);
    for (CardItem *card : std::as_const(m_cards))
        card->setSelected(node && workloadOf(node->name) == card->node());
    for (HopItem *item : m_hops)
        item->setSelected(hop && item->hop() == *hop);
}

void ChainScene::select(session::SelectedThing thing)
{
    m_model.context().selection.set(std::move(thing));
}

CardItem *ChainScene::cardAt(const QPointF &place) const
{
    for (QGraphicsItem *item : items(place)) {
        if (auto *card = dynamic_cast<CardItem *>(item))
            return card;
    }
    return nullptr;
}

session::SelectedThing ChainScene::thingAt(const QPointF &place) const
{
    for (QGraphicsItem *item : items(place)) {
        if (const auto *card = dynamic_cast<const CardItem *>(item))
            return session::NodeSelection{card->node()};
        if (const auto *hop = dynamic_cast<const HopItem *>(item))
            return hop->hop();
    }
    return std::monostate();
}

QRectF ChainScene::areaOf(const session::SelectedThing &thing) const
{
    if (const auto *node = std::get_if<session::NodeSelection>(&thing)) {
        if (const CardItem *card = m_cards.value(workloadOf(node->name)))
            return card->sceneBoundingRect();
    }
    if (const auto *hop = std::get_if<session::HopSelection>(&thing)) {
        for (const HopItem *item : m_hops) {
            if (item->hop() == *hop)
                return item->sceneBoundingRect();
        }
    }
    return {};
}

void ChainScene::savePositions(const QString &name, const CardPositions &positions, const QString &mergeKey)
{
    auto &project = m_model.context().project;
    const std::optional<std::string> before = project.text(layoutFile);
    std::optional<std::string> after;
    if (!positions.isEmpty())
        after = writePositions(positions);
    if (before == after)
        return;
    if (const auto done = project.apply(name, model::FileChanges{{layoutFile, before, after}}, mergeKey);
        !done)
        Q_EMIT hint(QString::fromStdString(done.error().toString()));
}

void ChainScene::nudge(const QString &node, const QPoint &steps)
{
    CardItem *card = m_cards.value(node);
    if (!card)
        return;
    CardPositions positions = m_moved;
    positions[node] = snapped(card->pos() + QPointF(steps * theme::grid));
    savePositions(tr("Move %1").arg(m_model.chain().findNode(node)->title), positions,
                  QStringLiteral("move ") + node);
}

void ChainScene::resetPositions()
{
    m_model.context().project.endMerging();
    savePositions(tr("Arrange the chain"), {}, {});
}

void ChainScene::mousePressEvent(QGraphicsSceneMouseEvent *event)
{
    if (event->button() != Qt::LeftButton) {
        // A context menu is about what it was opened on.
        const session::SelectedThing thing = thingAt(event->scenePos());
        if (event->button() == Qt::RightButton && !std::holds_alternative<std::monostate>(thing))
            select(thing);
        event->accept();
        return;
    }
    CardItem *card = cardAt(event->scenePos());
    if (card && card->isHandle(card->mapFromScene(event->scenePos()))) {
        m_routeFrom = card;
        m_draft = new QGraphicsPathItem;
        m_draft->setPen(QPen(theme::Theme::instance().color(theme::Role::Accent), 2, Qt::DashLine));
        m_draft->setZValue(10);
        addItem(m_draft);
        Q_EMIT hint(tr("Drop on a workload to begin a route to it. Esc gives up."));
        event->accept();
        return;
    }
    if (card) {
        if (const PolicyMark *policy = card->policyAt(card->mapFromScene(event->scenePos()))) {
            select(policy->resource.where);
            event->accept();
            return;
        }
        m_pressed = card;
        m_pressedAt = card->pos();
        select(session::NodeSelection{card->node()});
    } else {
        select(thingAt(event->scenePos()));
    }
    QGraphicsScene::mousePressEvent(event);
}

void ChainScene::mouseMoveEvent(QGraphicsSceneMouseEvent *event)
{
    if (!m_routeFrom) {
        QGraphicsScene::mouseMoveEvent(event);
        return;
    }
    const QPointF begin = m_routeFrom->rightAnchor();
    QPainterPath path(begin);
    const qreal bend = std::max<qreal>(40, std::abs(event->scenePos().x() - begin.x()) / 2);
    path.cubicTo(begin + QPointF(bend, 0), event->scenePos() - QPointF(bend, 0), event->scenePos());
    m_draft->setPath(path);
    CardItem *target = cardAt(event->scenePos());
    if (target == m_routeFrom)
        target = nullptr;
    if (m_routeTo != target) {
        if (m_routeTo)
            m_routeTo->setTarget(false);
        if (target)
            target->setTarget(true);
        m_routeTo = target;
    }
}

void ChainScene::mouseReleaseEvent(QGraphicsSceneMouseEvent *event)
{
    if (m_routeFrom) {
        const QString from = m_routeFrom->node();
        const QString to = m_routeTo ? m_routeTo->node() : QString();
        cancelRoute();
        if (!to.isEmpty())
            Q_EMIT routeDrawn(from, to);
        return;
    }
    QGraphicsScene::mouseReleaseEvent(event);
    CardItem *card = std::exchange(m_pressed, nullptr);
    if (!card || card->pos() == m_pressedAt)
        return;
    m_model.context().project.endMerging();
    CardPositions positions = m_moved;
    positions[card->node()] = snapped(card->pos());
    savePositions(tr("Move %1").arg(m_model.chain().findNode(card->node())->title), positions, {});
}

void ChainScene::cancelRoute()
{
    if (m_routeTo)
        m_routeTo->setTarget(false);
    m_routeTo = nullptr;
    m_routeFrom = nullptr;
    delete std::exchange(m_draft, nullptr);
    Q_EMIT hint({});
}

} // namespace sallyport::topology
