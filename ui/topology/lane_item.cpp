// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/lane_item.h"

#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QPainter>

namespace sallyport::topology {

LaneItem::LaneItem(const Lane &lane, const QString &trustDomain)
    : m_lane(lane)
    , m_trustDomain(trustDomain)
{
}

QRectF LaneItem::boundingRect() const
{
    return m_lane.area.adjusted(-1, -1, 1, 1);
}

void LaneItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    const theme::Theme &theme = theme::Theme::instance();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(theme.color(theme::Role::Line), 1, Qt::DashLine));
    painter->setBrush(theme.tint(theme::Role::Panel, 0.55, theme::Role::Canvas));
    painter->drawRoundedRect(m_lane.area, theme::corner + 2, theme::corner + 2);
    const QRectF header(m_lane.area.left() + 16, m_lane.area.top() + 8, m_lane.area.width() - 32, 20);
    QFont caption = theme.font(theme::TextStyle::Caption);
    caption.setWeight(QFont::DemiBold);
    caption.setCapitalization(QFont::AllUppercase);
    caption.setLetterSpacing(QFont::AbsoluteSpacing, 0.5);
    painter->setFont(caption);
    painter->setPen(theme.color(theme::Role::TextFaint));
    const QString title = m_lane.mesh.isEmpty()
                              ? QCoreApplication::translate("LaneItem", "outside of every mesh")
                              : QCoreApplication::translate("LaneItem", "%1 mesh").arg(m_lane.mesh);
    painter->drawText(header, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), title);
    painter->setFont(theme.font(theme::TextStyle::Caption));
    painter->drawText(header, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), m_trustDomain);
}

} // namespace sallyport::topology
