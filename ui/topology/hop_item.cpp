// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/hop_item.h"

#include "ui/topology/chain_layout.h"

#include <QLocale>
#include <QStyleOptionGraphicsItem>
#include <QtMath>

namespace sallyport::topology {

namespace {

using theme::Role;
using theme::TextStyle;

constexpr qreal lineWidth = 3;
constexpr qreal haloWidth = 11;
constexpr qreal clickWidth = 18;
constexpr qreal arrowLength = 11;
constexpr qreal arrowWidth = 11;
constexpr qreal chipGap = 6;
constexpr qreal laneShift = 64;
constexpr qreal textHeight = 16;
constexpr qreal widestLabel = 200;
constexpr qreal widestFinding = measure::gap + 16; ///< half of a card's inset beyond the gap
constexpr qreal smallestText = 0.45;

/// From card to card below it: the label stands to the right of the line.
constexpr qreal verticalLabelWidth = measure::cardWidth - 48;

} // namespace

Role roleOf(HopKind kind)
{
    switch (kind) {
    case HopKind::MeshMtls:
        return Role::MeshMtls;
    case HopKind::OriginatedMtls:
    case HopKind::Tls:
        return Role::Mtls;
    case HopKind::Plaintext:
        return Role::Plaintext;
    }
    return Role::TextMuted;
}

QPen penOf(HopKind kind, qreal width)
{
    QPen pen(theme::Theme::instance().color(roleOf(kind)), width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (kind == HopKind::Plaintext)
        pen.setDashPattern({3, 2});
    return pen;
}

HopItem::HopItem(ChainModel &model, const session::HopSelection &hop, CardItem &from, CardItem &to, int lane,
                 bool labelAtSender)
    : m_model(model)
    , m_hop(hop)
    , m_from(from)
    , m_to(to)
    , m_lane(lane)
    , m_labelAtSender(labelAtSender)
{
    setAcceptHoverEvents(true);
    setZValue(3);
    connect(&from, &CardItem::moved, this, &HopItem::route);
    connect(&to, &CardItem::moved, this, &HopItem::route);
    route();
    describe();
}

const ChainHop *HopItem::data() const
{
    return m_model.chain().findHop(m_hop);
}

void HopItem::setSelected(bool selected)
{
    if (selected == m_selected)
        return;
    m_selected = selected;
    setZValue(selected ? 4 : 3);
    update();
}

void HopItem::refresh()
{
    describe();
    update();
}

void HopItem::describe()
{
    const ChainHop *hop = data();
    if (!hop)
        return;
    const ChainNode *from = m_model.chain().findNode(hop->from);
    const ChainNode *to = m_model.chain().findNode(hop->to);
    QString text = tr("Hop %1: %2 → %3, %4")
                       .arg(hop->number)
                       .arg(from ? from->title : hop->from, to ? to->title : hop->to, shortName(hop->kind));
    text += QLatin1Char('\n') + hop->cluster;
    if (!hop->sni.isEmpty())
        text += QLatin1Char('\n') + tr("SNI %1").arg(hop->sni);
    if (!hop->clientCredential.isEmpty())
        text += QLatin1Char('\n') + tr("shows the certificate %1").arg(hop->clientCredential);
    text += QLatin1Char('\n') + tr("requests for %1").arg(hop->hosts.join(QStringLiteral(", ")));
    for (const HopFlag &flag : hop->flags)
        text += QStringLiteral("\n\n") + flag.why;
    setToolTip(text);
}

void HopItem::route()
{
    prepareGeometryChange();
    const int shift = static_cast<int>(m_lane * laneShift);
    const QPointF fromCenter = m_from.pos() + QPointF(measure::cardWidth / 2, m_from.size().height() / 2);
    const QPointF toCenter = m_to.pos() + QPointF(measure::cardWidth / 2, m_to.size().height() / 2);
    const qreal sideways = std::abs(toCenter.x() - fromCenter.x());
    m_vertical =
        sideways < measure::cardWidth * 0.75 && m_to.pos().y() > m_from.pos().y() + m_from.size().height();
    m_path = QPainterPath();
    if (m_vertical) {
        const QPointF begin = m_from.bottomAnchor() + QPointF(shift, 0);
        m_tip = m_to.topAnchor() + QPointF(shift, 0);
        const QPointF end = m_tip - QPointF(0, arrowLength - 1);
        const qreal bend = (end.y() - begin.y()) / 2;
        m_path.moveTo(begin);
        m_path.cubicTo(begin + QPointF(0, bend), end - QPointF(0, bend), end);
        m_label = m_path.pointAtPercent(0.5);
        m_labelWidth = verticalLabelWidth;
    } else {
        const bool backwards = toCenter.x() < fromCenter.x();
        const QPointF begin = backwards ? m_from.leftAnchor(shift) : m_from.rightAnchor(shift);
        m_tip = backwards ? m_to.rightAnchor(shift) : m_to.leftAnchor(shift);
        const qreal direction = backwards ? -1 : 1;
        const QPointF end = m_tip - QPointF(direction * (arrowLength - 1), 0);
        const qreal bend = direction * std::max<qreal>(48, std::abs(end.x() - begin.x()) / 2);
        m_path.moveTo(begin);
        if (qFuzzyCompare(begin.y() + 1, end.y() + 1))
            m_path.lineTo(end);
        else
            m_path.cubicTo(begin + QPointF(bend, 0), end - QPointF(bend, 0), end);
        const qreal room = std::abs(m_tip.x() - begin.x());
        const qreal beside = direction * std::min(room, measure::gap) / 2;
        m_label =
            m_labelAtSender ? QPointF(begin.x() + beside, begin.y()) : QPointF(m_tip.x() - beside, m_tip.y());
        m_labelWidth = std::clamp<qreal>(std::min(room, measure::gap) - 2 * theme::grid, 96, widestLabel);
    }
    constexpr qreal above = measure::anchor + 4 * (Chip::height + chipGap);
    constexpr qreal below = 8 + 4 * textHeight;
    const qreal half = std::max(m_labelWidth, widestFinding) / 2 + 8;
    const QRectF labels = m_vertical
                              ? QRectF(m_label.x(), m_label.y() - 48, 2 * widestLabel, 48 + below)
                              : QRectF(m_label.x() - half, m_label.y() - above, 2 * half, above + below);
    m_bounds = (m_path.boundingRect() | QRectF(m_tip, QSizeF(1, 1)))
                   .adjusted(-haloWidth, -haloWidth, haloWidth, haloWidth) |
               labels;
    update();
}

std::vector<std::pair<Chip, QRectF>> HopItem::chips(const ChainHop &hop, const HopLife &life) const
{
    std::vector<Chip> list;
    Chip kind;
    kind.icon = hop.kind == HopKind::Plaintext ? QStringLiteral("lock-open") : QStringLiteral("lock");
    kind.text = shortName(hop.kind);
    kind.role = roleOf(hop.kind);
    kind.outlined = true;
    kind.strong = true;
    list.push_back(kind);
    if (life.down)
        list.push_back({QStringLiteral("error"), life.downText, Role::Bad, false, true});
    else if (!life.downText.isEmpty())
        list.push_back({QStringLiteral("error"), life.downText, Role::Bad, false, false});
    if (!hop.flags.empty()) {
        const HopFlag &first = hop.flags.front();
        QString text = first.text;
        if (hop.flags.size() > 1)
            text += QStringLiteral(" +%1").arg(hop.flags.size() - 1);
        list.push_back({first.broken ? QStringLiteral("error") : QStringLiteral("flag"), text,
                        first.broken ? Role::Bad : Role::Warning, false, false});
    }
    std::vector<std::pair<Chip, QRectF>> placed;
    if (m_vertical) {
        // What the hop is stands beside its begin, findings below.
        QPointF corner(m_label.x() + 12, m_label.y() - Chip::height - 12);
        for (const Chip &chip : list) {
            const QSizeF room = chip.size(m_labelWidth);
            placed.emplace_back(chip, QRectF(corner, room));
            corner += placed.size() == 1 ? QPointF(room.width() + chipGap, 0) : QPointF(0, 0);
        }
        return placed;
    }
    qreal bottom = m_label.y() - 10;
    const qreal top =
        m_label.y() - measure::anchor - std::max(m_from.policiesHeight(), m_to.policiesHeight());
    for (const Chip &chip : list) {
        const QSizeF room = chip.size(placed.empty() ? m_labelWidth : widestFinding);
        placed.emplace_back(chip,
                            QRectF(QPointF(m_label.x() - room.width() / 2, bottom - room.height()), room));
        // Findings may be wider than the gap: they stand above the cards and their policies.
        bottom = placed.size() == 1 ? std::min(bottom - Chip::height, top) - theme::grid
                                    : bottom - Chip::height - chipGap;
    }
    return placed;
}

std::vector<QRectF> HopItem::chipAreas() const
{
    std::vector<QRectF> areas;
    if (const ChainHop *hop = data()) {
        for (const auto &chip : chips(*hop, m_model.lifeOf(*hop)))
            areas.push_back(mapRectToScene(chip.second));
    }
    return areas;
}

QRectF HopItem::boundingRect() const
{
    return m_bounds;
}

QPainterPath HopItem::shape() const
{
    QPainterPathStroker stroker;
    stroker.setWidth(clickWidth);
    QPainterPath path = stroker.createStroke(m_path);
    if (const ChainHop *hop = data()) {
        for (const auto &chip : chips(*hop, m_model.lifeOf(*hop)))
            path.addRect(chip.second);
    }
    path.setFillRule(Qt::WindingFill);
    return path;
}

void HopItem::paintLine(QPainter &painter, const ChainHop &hop, const HopLife &life) const
{
    const theme::Theme &theme = theme::Theme::instance();
    const bool broken = life.down || hop.isBroken();
    if (m_selected || life.lit) {
        const Role halo = life.litRefused ? Role::Warning : Role::Accent;
        painter.setPen(QPen(theme.tint(halo, 0.38, Role::Canvas), haloWidth, Qt::SolidLine, Qt::RoundCap));
        painter.drawPath(m_path);
    }
    QPen pen = penOf(hop.kind, lineWidth);
    if (broken)
        pen.setColor(theme.color(Role::Bad));
    else if (m_hovered)
        pen.setWidthF(lineWidth + 1);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(pen);
    painter.drawPath(m_path);
    const QPointF back = m_path.pointAtPercent(1);
    const QPointF along = m_tip - back;
    const qreal length = std::max<qreal>(0.1, std::hypot(along.x(), along.y()));
    const QPointF unit = along / length;
    const QPointF across(-unit.y(), unit.x());
    const QPointF base = m_tip - unit * arrowLength;
    painter.setPen(Qt::NoPen);
    painter.setBrush(pen.color());
    painter.drawPolygon(QPolygonF{m_tip, base + across * arrowWidth / 2, base - across * arrowWidth / 2});
    if (broken) {
        const QPointF at = m_path.pointAtPercent(m_vertical ? 0.7 : 0.82);
        painter.setPen(QPen(theme.color(Role::Bad), 2.4, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(at + QPointF(-6, -6), at + QPointF(6, 6));
        painter.drawLine(at + QPointF(-6, 6), at + QPointF(6, -6));
    }
}

void HopItem::paintNumbers(QPainter &painter, const ChainHop &hop, const HopLife &life) const
{
    const theme::Theme &theme = theme::Theme::instance();
    QRectF line = m_vertical
                      ? QRectF(m_label.x() + 14, m_label.y() - 8, m_labelWidth, textHeight)
                      : QRectF(m_label.x() - m_labelWidth / 2, m_label.y() + 8, m_labelWidth, textHeight);
    const Qt::Alignment alignment = m_vertical ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignCenter;
    painter.setFont(theme.font(TextStyle::Small));
    const auto write = [&](const QString &text, Role role) {
        painter.setPen(theme.color(role));
        paintElided(painter, line, text, alignment);
        line.translate(0, textHeight);
    };
    if (life.running && life.flow.requests > 0) {
        QString text = rateText(life.flow.perSecond);
        if (text.isEmpty())
            text = life.flow.requests == 1 ? tr("1 request")
                                           : tr("%1 requests").arg(QLocale().toString(life.flow.requests));
        if (life.flow.p50Ms >= 0) {
            const QString median = durationText(life.flow.p50Ms);
            const QString both = text + QStringLiteral(" · ") + median;
            if (painter.fontMetrics().horizontalAdvance(both) > line.width()) {
                write(text, Role::TextMuted);
                text = median;
            } else {
                text = both;
            }
        }
        write(text, Role::TextMuted);
        if (life.flow.errorShare > 0)
            write(tr("%1 errors").arg(shareText(life.flow.errorShare)), Role::Warning);
    }
    QFont mono = theme.font(TextStyle::Mono);
    mono.setPointSizeF(theme.font(TextStyle::Caption).pointSizeF());
    painter.setFont(mono);
    QString cluster = hop.cluster == QLatin1String("-") ? tr("no proxy") : hop.cluster;
    // The Service's short name is enough here; the tool tip has the whole.
    if (const qsizetype domain = cluster.indexOf(QStringLiteral(".svc.")); domain > 0)
        cluster.truncate(domain);
    write(cluster, Role::TextFaint);
}

void HopItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    const ChainHop *hop = data();
    if (!hop)
        return;
    const HopLife life = m_model.lifeOf(*hop);
    painter->setRenderHint(QPainter::Antialiasing);
    paintLine(*painter, *hop, life);
    if (QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform()) < smallestText)
        return;
    paintNumbers(*painter, *hop, life);
    for (const auto &chip : chips(*hop, life))
        chip.first.paint(*painter, chip.second);
}

void HopItem::hoverEnterEvent(QGraphicsSceneHoverEvent *event)
{
    m_hovered = true;
    update();
    QGraphicsObject::hoverEnterEvent(event);
}

void HopItem::hoverLeaveEvent(QGraphicsSceneHoverEvent *event)
{
    m_hovered = false;
    update();
    QGraphicsObject::hoverLeaveEvent(event);
}

} // namespace sallyport::topology
