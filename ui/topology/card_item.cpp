// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/card_item.h"

#include "ui/topology/card_content.h"
#include "ui/topology/chain_layout.h"

#include <QCursor>
#include <QGraphicsSceneHoverEvent>
#include <QStyleOptionGraphicsItem>

namespace sallyport::topology {

namespace {

using theme::Role;
using theme::TextStyle;

constexpr qreal padding = 16;
constexpr qreal headerTop = 12;
constexpr qreal headerHeight = 20;
constexpr qreal identityHeight = 18;
constexpr qreal rowsTop = headerTop + headerHeight + identityHeight + 6;
constexpr qreal rowHeight = 18;
constexpr qreal bottomPadding = 10;
constexpr qreal discSize = 14;
constexpr qreal handleSize = 12;
constexpr qreal smallestText = 0.45; ///< zoomed out further than this, small text is noise
constexpr qreal margin = 8;          ///< halo and handle beyond the card

bool hasProxy(const ChainNode &node)
{
    return node.role == NodeRole::Sidecar || node.role == NodeRole::Gateway;
}

/// Workloads that no request reaches are named only.
bool isShort(const ChainNode &node)
{
    return !node.reached && !node.client;
}

int rowCountOf(const ChainNode &node)
{
    if (!hasProxy(node) || isShort(node))
        return 0;
    return 4 + (node.policies.empty() ? 0 : 1);
}

} // namespace

CardItem::CardItem(ChainModel &model, const QString &node)
    : m_model(model)
    , m_node(node)
{
    setFlags(ItemIsMovable | ItemSendsGeometryChanges);
    setAcceptHoverEvents(true);
    setZValue(2);
    if (const ChainNode *shown = data()) {
        m_height = heightOf(*shown);
        setToolTip(cardDescription(m_model, *shown));
    }
}

qreal CardItem::heightOf(const ChainNode &node)
{
    if (isShort(node))
        return 2 * headerTop + headerHeight;
    const int rows = rowCountOf(node);
    const qreal height = rows > 0 ? rowsTop + rows * rowHeight : headerTop + headerHeight + identityHeight;
    return std::max(height + bottomPadding, measure::anchor + 2 * theme::grid);
}

const ChainNode *CardItem::data() const
{
    return m_model.chain().findNode(m_node);
}

QSizeF CardItem::size() const
{
    return {measure::cardWidth, m_height};
}

QPointF CardItem::rightAnchor(int shift) const
{
    return pos() + QPointF(measure::cardWidth, measure::anchor + shift);
}

QPointF CardItem::leftAnchor(int shift) const
{
    return pos() + QPointF(0, measure::anchor + shift);
}

QPointF CardItem::bottomAnchor() const
{
    return pos() + QPointF(padding + theme::grid, m_height);
}

QPointF CardItem::topAnchor() const
{
    return pos() + QPointF(padding + theme::grid, 0);
}

void CardItem::setSelected(bool selected)
{
    if (selected == m_selected)
        return;
    m_selected = selected;
    update();
}

void CardItem::setTarget(bool target)
{
    if (target == m_target)
        return;
    m_target = target;
    update();
}

void CardItem::refresh()
{
    if (const ChainNode *node = data())
        setToolTip(cardDescription(m_model, *node));
    update();
}

QRectF CardItem::boundingRect() const
{
    return QRectF(QPointF(), size()).adjusted(-margin, -measure::aboveCard, margin, margin);
}

QPainterPath CardItem::shape() const
{
    QPainterPath path;
    path.addRect(QRectF(QPointF(), size()).adjusted(0, 0, handleSize / 2, 0));
    if (const ChainNode *node = data()) {
        for (const auto &chip : policyChips(*node))
            path.addRect(chip.second);
    }
    return path;
}

std::vector<std::pair<Chip, QRectF>> CardItem::policyChips(const ChainNode &node) const
{
    std::vector<std::pair<Chip, QRectF>> chips;
    if (node.policies.empty())
        return chips;
    Chip chip;
    chip.icon = QStringLiteral("shield");
    const PolicyMark &first = node.policies.front();
    chip.role = first.action == QLatin1String("DENY") ? Role::Warning
                : first.dryRun                        ? Role::TextMuted
                                                      : Role::Good;
    // The namespace is on the card.
    const QString name = first.name.mid(first.name.indexOf(QLatin1Char('/')) + 1);
    chip.text = first.action + QLatin1Char(' ') + name;
    if (node.policies.size() > 1)
        chip.text = tr("%1 and %2 more").arg(chip.text).arg(node.policies.size() - 1);
    const QSizeF room = chip.size(measure::cardWidth - 2 * padding);
    chips.emplace_back(chip,
                       QRectF(QPointF(measure::cardWidth - padding - room.width(), -policiesHeight()), room));
    return chips;
}

qreal CardItem::policiesHeight() const
{
    const ChainNode *node = data();
    return node && !node->policies.empty() ? Chip::height + theme::grid : 0;
}

std::vector<QRectF> CardItem::chipAreas() const
{
    std::vector<QRectF> areas;
    if (const ChainNode *node = data()) {
        for (const auto &chip : policyChips(*node))
            areas.push_back(mapRectToScene(chip.second));
    }
    return areas;
}

void CardItem::paintEnd(QPainter &painter) const
{
    Chip chip;
    chip.icon = QStringLiteral("flag");
    chip.text = tr("ended here");
    chip.role = Role::Warning;
    chip.outlined = true;
    chip.strong = true;
    const QSizeF room = chip.size(measure::cardWidth);
    chip.paint(painter, QRectF(QPointF(-margin, -Chip::height / 2), room));
}

const PolicyMark *CardItem::policyAt(const QPointF &point) const
{
    const ChainNode *node = data();
    if (!node)
        return nullptr;
    for (const auto &chip : policyChips(*node)) {
        if (chip.second.contains(point))
            return &node->policies.front();
    }
    return nullptr;
}

bool CardItem::isHandle(const QPointF &point) const
{
    const ChainNode *node = data();
    if (!node || node->role == NodeRole::External)
        return false;
    const QPointF center(measure::cardWidth, measure::anchor);
    return QRectF(center - QPointF(handleSize, handleSize), QSizeF(2 * handleSize, 2 * handleSize))
        .contains(point);
}

void CardItem::paintHeader(QPainter &painter, const ChainNode &node, const NodeLife &life) const
{
    const theme::Theme &theme = theme::Theme::instance();
    const QRectF header(padding, headerTop, measure::cardWidth - 2 * padding, headerHeight);
    const QRectF disc(header.left() - 2, header.center().y() - discSize / 2, discSize, discSize);
    theme.icon(stateIcon(life), stateRole(life)).paint(&painter, disc.toAlignedRect());
    QString role = roleText(node);
    if (node.replicas > 1)
        role += QStringLiteral(" ×%1").arg(node.replicas);
    const QFontMetricsF small(theme.font(TextStyle::Small));
    const QFontMetricsF strong(theme.font(TextStyle::Strong));
    const QRectF title = header.adjusted(discSize + 6, 0, 0, 0);
    // A long name takes the room of the role's words; its sign stays.
    qreal roleWidth = small.horizontalAdvance(role) + 1;
    if (strong.horizontalAdvance(node.title) + theme::grid + roleWidth > title.width()) {
        roleWidth = discSize;
        const QRectF sign(header.right() - discSize, header.center().y() - discSize / 2, discSize, discSize);
        theme.icon(roleIcon(node), Role::TextFaint).paint(&painter, sign.toAlignedRect());
    } else {
        painter.setFont(theme.font(TextStyle::Small));
        painter.setPen(theme.color(Role::TextFaint));
        painter.drawText(header, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), role);
    }
    painter.setFont(theme.font(TextStyle::Strong));
    painter.setPen(theme.color(node.reached || node.client ? Role::Text : Role::TextMuted));
    paintElided(painter, title.adjusted(0, 0, -roleWidth - theme::half, 0), node.title,
                Qt::AlignLeft | Qt::AlignVCenter);
    if (isShort(node))
        return;
    painter.setFont(theme.font(TextStyle::Mono));
    painter.setPen(theme.color(Role::TextFaint));
    paintElided(painter, QRectF(header.left(), header.bottom(), header.width(), identityHeight),
                shortIdentity(node), Qt::AlignLeft | Qt::AlignVCenter, Qt::ElideMiddle);
}

void CardItem::paintRows(QPainter &painter, const ChainNode &node) const
{
    const theme::Theme &theme = theme::Theme::instance();
    painter.setFont(theme.font(TextStyle::Small));
    QRectF line(padding, rowsTop, measure::cardWidth - 2 * padding, rowHeight);
    for (const CardRow &row : cardRows(m_model, node)) {
        const qreal valueWidth = QFontMetricsF(painter.font()).horizontalAdvance(row.value) + 1;
        painter.setPen(theme.color(Role::TextMuted));
        paintElided(painter, line.adjusted(0, 0, -valueWidth - 8, 0), row.label,
                    Qt::AlignLeft | Qt::AlignVCenter);
        painter.setPen(theme.color(row.role));
        painter.drawText(line, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), row.value);
        line.translate(0, rowHeight);
    }
}

void CardItem::paintReason(QPainter &painter, const NodeLife &life) const
{
    const theme::Theme &theme = theme::Theme::instance();
    painter.setFont(theme.font(TextStyle::Small));
    painter.setPen(theme.color(Role::Bad));
    const QRectF area(padding, rowsTop, measure::cardWidth - 2 * padding, 4 * rowHeight);
    painter.drawText(area, static_cast<int>(Qt::AlignLeft | Qt::AlignTop) | Qt::TextWordWrap,
                     life.reason.isEmpty() ? tr("not running") : life.reason);
}

void CardItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *)
{
    const ChainNode *node = data();
    if (!node)
        return;
    const theme::Theme &theme = theme::Theme::instance();
    const NodeLife life = m_model.lifeOf(*node);
    const bool down = life.state == control::NodeState::Exited || life.state == control::NodeState::Failed;
    const bool lit = m_model.isLit(*node);
    const QRectF card(QPointF(), size());
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_selected || m_target) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.tint(Role::Accent, 0.28, Role::Canvas));
        painter->drawRoundedRect(card.adjusted(-4, -4, 4, 4), theme::corner + 4, theme::corner + 4);
    }
    QColor border = theme.color(Role::Line);
    if (down)
        border = theme.color(Role::Bad);
    else if (m_model.hasEnded(*node))
        border = theme.color(Role::Warning);
    else if (m_selected || m_target || lit)
        border = theme.color(Role::Accent);
    else if (m_hovered)
        border = theme.color(Role::TextFaint);
    QPen pen(border, m_selected || lit || down ? 1.6 : 1);
    if (node->role == NodeRole::External)
        pen.setStyle(Qt::DashLine);
    painter->setPen(pen);
    painter->setBrush(theme.color(Role::Card));
    painter->drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), theme::corner + 2, theme::corner + 2);
    if (QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform()) < smallestText) {
        painter->setFont(theme.font(TextStyle::Title));
        painter->setPen(theme.color(Role::Text));
        paintElided(*painter, card.adjusted(padding, 0, -padding, 0), node->title, Qt::AlignCenter);
        return;
    }
    paintHeader(*painter, *node, life);
    if (rowCountOf(*node) > 0 && down)
        paintReason(*painter, life);
    else if (rowCountOf(*node) > 0)
        paintRows(*painter, *node);
    for (const auto &chip : policyChips(*node))
        chip.first.paint(*painter, chip.second);
    if (m_model.hasEnded(*node))
        paintEnd(*painter);
    if (m_hovered && node->role != NodeRole::External) {
        painter->setPen(QPen(theme.color(Role::Accent), 1.6));
        painter->setBrush(theme.color(Role::Card));
        painter->drawEllipse(QPointF(measure::cardWidth, measure::anchor), handleSize / 2, handleSize / 2);
    }
    Q_UNUSED(option)
}

QVariant CardItem::itemChange(GraphicsItemChange change, const QVariant &value)
{
    if (change == ItemPositionChange)
        return snapped(value.toPointF());
    if (change == ItemPositionHasChanged)
        Q_EMIT moved();
    return QGraphicsObject::itemChange(change, value);
}

void CardItem::hoverEnterEvent(QGraphicsSceneHoverEvent *event)
{
    m_hovered = true;
    update();
    QGraphicsObject::hoverEnterEvent(event);
}

void CardItem::hoverLeaveEvent(QGraphicsSceneHoverEvent *event)
{
    m_hovered = false;
    update();
    QGraphicsObject::hoverLeaveEvent(event);
}

} // namespace sallyport::topology
