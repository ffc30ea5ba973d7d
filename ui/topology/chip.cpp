// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chip.h"

#include <QFontMetricsF>

namespace sallyport::topology {

namespace {

constexpr qreal padding = 8;
constexpr qreal iconSize = 14;
constexpr qreal iconGap = 6;

QFont fontOf(const Chip &chip)
{
    QFont font =
        theme::Theme::instance().font(chip.strong ? theme::TextStyle::Small : theme::TextStyle::Caption);
    font.setWeight(chip.strong ? QFont::DemiBold : QFont::Medium);
    return font;
}

} // namespace

QSizeF Chip::size(qreal widest) const
{
    const qreal besides = 2 * padding + (icon.isEmpty() ? 0 : iconSize + iconGap);
    const qreal wanted = besides + QFontMetricsF(fontOf(*this)).horizontalAdvance(text) + 1;
    return {std::min(wanted, widest), height};
}

void Chip::paint(QPainter &painter, const QRectF &area) const
{
    const theme::Theme &theme = theme::Theme::instance();
    painter.save();
    painter.setPen(outlined ? QPen(theme.color(role), 1.2) : QPen(theme.color(theme::Role::Line), 1));
    painter.setBrush(theme.color(outlined ? theme::Role::Card : theme::Role::Raised));
    const qreal radius = outlined ? theme::corner : height / 2;
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    QRectF rest = area.adjusted(padding, 0, -padding, 0);
    if (!icon.isEmpty()) {
        const QRectF place(rest.left(), rest.center().y() - iconSize / 2, iconSize, iconSize);
        theme.icon(icon, role).paint(&painter, place.toAlignedRect());
        rest.setLeft(place.right() + iconGap);
    }
    painter.setPen(theme.color(role));
    painter.setFont(fontOf(*this));
    paintElided(painter, rest.adjusted(0, 0, 1, 0), text, Qt::AlignLeft | Qt::AlignVCenter);
    painter.restore();
}

void paintElided(QPainter &painter, const QRectF &area, const QString &text, Qt::Alignment alignment,
                 Qt::TextElideMode mode)
{
    const QFontMetricsF metrics(painter.font());
    painter.drawText(area, static_cast<int>(alignment) | Qt::TextSingleLine,
                     metrics.elidedText(text, mode, area.width()));
}

} // namespace sallyport::topology
