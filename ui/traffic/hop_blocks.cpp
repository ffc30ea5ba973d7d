// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/hop_blocks.h"

#include "ui/theme/theme.h"

#include <QPainter>

namespace sallyport::traffic {

namespace {

constexpr int blockWidth = 16;
constexpr int blockHeight = 10;
constexpr int gap = 3;

} // namespace

QColor outcomeColor(Outcome outcome)
{
    const theme::Theme &theme = theme::Theme::instance();
    switch (outcome) {
    case Outcome::Passed:
        return theme.color(theme::Role::Good);
    case Outcome::Refused:
        return theme.color(theme::Role::Warning);
    case Outcome::Failed:
        return theme.color(theme::Role::Bad);
    case Outcome::NotReached:
        break;
    }
    return theme.color(theme::Role::TextFaint);
}

QString outcomeIcon(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Passed:
        return QStringLiteral("disc");
    case Outcome::Refused:
        return QStringLiteral("flag");
    case Outcome::Failed:
        return QStringLiteral("cross");
    case Outcome::NotReached:
        break;
    }
    return QStringLiteral("ring");
}

void paintHopBlocks(QPainter &painter, const QRect &rect, const std::vector<HopMark> &hops,
                    const QColor &ground)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    qreal x = rect.left();
    const qreal y = rect.center().y() + 0.5 - blockHeight / 2.0;
    for (const HopMark &hop : hops) {
        const QRectF block(x, y, blockWidth, blockHeight);
        if (block.right() > rect.right()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(outcomeColor(Outcome::NotReached));
            painter.drawEllipse(QPointF(x + 1, block.center().y()), 1.5, 1.5);
            break;
        }
        const QColor color = outcomeColor(hop.outcome);
        if (hop.outcome == Outcome::NotReached) {
            QColor faint = color;
            faint.setAlphaF(0.45F);
            painter.setPen(QPen(faint, 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(block.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        } else {
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawRoundedRect(block, 2, 2);
        }
        painter.setPen(QPen(ground, 1.5, Qt::SolidLine, Qt::RoundCap));
        const QPointF middle = block.center();
        if (hop.outcome == Outcome::Refused) {
            painter.drawLine(middle + QPointF(-4, 0), middle + QPointF(4, 0));
        } else if (hop.outcome == Outcome::Failed) {
            painter.drawLine(middle + QPointF(-2.5, -2.5), middle + QPointF(2.5, 2.5));
            painter.drawLine(middle + QPointF(-2.5, 2.5), middle + QPointF(2.5, -2.5));
        } else if (hop.attempts > 1) {
            // Retried: a notch for each further attempt, up to three.
            for (int i = 0; i < std::min(hop.attempts - 1, 3); ++i)
                painter.drawLine(QPointF(x + 4 + 4 * i, block.top() + 2.5),
                                 QPointF(x + 4 + 4 * i, block.bottom() - 2.5));
        }
        x += blockWidth + gap;
    }
    painter.restore();
}

} // namespace sallyport::traffic
