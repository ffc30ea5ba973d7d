// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/status_chip.h"

#include <QPainter>

namespace sallyport::theme {

namespace {

constexpr int chipHeight = 3 * grid - 2;
constexpr int iconSize = 12;
constexpr int margin = 10;

} // namespace

StatusChip::StatusChip(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void StatusChip::set(Role role, const QString &icon, const QString &text)
{
    m_role = role;
    m_icon = icon;
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

QSize StatusChip::sizeHint() const
{
    const QFontMetrics metrics(Theme::instance().font(TextStyle::Small));
    return {metrics.horizontalAdvance(m_text) + 2 * margin + (m_icon.isEmpty() ? 0 : iconSize + 6),
            chipHeight};
}

void StatusChip::paintEvent(QPaintEvent *)
{
    if (m_text.isEmpty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = Theme::instance();
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(Role::Raised));
    painter.drawRoundedRect(rect(), chipHeight / 2.0, chipHeight / 2.0);
    QRect place = rect().adjusted(margin, 0, -margin, 0);
    if (!m_icon.isEmpty()) {
        const QRect icon(place.left(), (chipHeight - iconSize) / 2, iconSize, iconSize);
        theme.icon(m_icon, m_role).paint(&painter, icon);
        place.setLeft(icon.right() + 7);
    }
    painter.setFont(theme.font(TextStyle::Small));
    painter.setPen(theme.color(m_role));
    painter.drawText(place, Qt::AlignVCenter | Qt::TextSingleLine, m_text);
}

} // namespace sallyport::theme
