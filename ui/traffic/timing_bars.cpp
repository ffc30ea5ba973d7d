// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/timing_bars.h"

#include "ui/theme/theme.h"
#include "ui/traffic/hop_blocks.h"
#include "ui/traffic/request_table_model.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace sallyport::traffic {

namespace {

using theme::grid;
using theme::Role;
using theme::TextStyle;
using theme::Theme;

constexpr int nameWidth = 20 * grid;
constexpr int noteWidth = 30 * grid;
constexpr int barHeight = 14;
constexpr qreal leastWidth = 3;

QString milliseconds(double ms)
{
    return TimingBars::tr("%1 ms").arg(
        QString::number(ms, 'f', ms < 10 && ms != static_cast<int>(ms) ? 1 : 0));
}

} // namespace

TimingBars::TimingBars(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("trafficTiming"));
    setAccessibleName(tr("Time at each proxy"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void TimingBars::setBars(std::vector<HopBar> bars)
{
    m_bars = std::move(bars);
    m_span = spanMs(m_bars);
    QStringList all;
    for (const HopBar &bar : m_bars)
        all.append(describe(bar));
    setAccessibleDescription(all.join(QLatin1Char('\n')));
    updateGeometry();
    update();
}

int TimingBars::rowHeight() const
{
    return 3 * grid;
}

QSize TimingBars::sizeHint() const
{
    return {nameWidth + noteWidth + 40 * grid, static_cast<int>(m_bars.size()) * rowHeight()};
}

QSize TimingBars::minimumSizeHint() const
{
    return {nameWidth + noteWidth + 8 * grid, static_cast<int>(m_bars.size()) * rowHeight()};
}

QString TimingBars::describe(const HopBar &bar) const
{
    if (bar.outcome == Outcome::NotReached)
        return tr("%1: not reached").arg(bar.proxy);
    QString text = tr("%1: began after %2, took %3, %4")
                       .arg(bar.proxy, milliseconds(bar.startMs), milliseconds(bar.durationMs),
                            outcomeWord(bar.outcome));
    if (bar.upstreamMs >= 0)
        text += tr("; of that %1 until the next hop's answer").arg(milliseconds(bar.upstreamMs));
    if (bar.attempt > 0)
        text += tr("; attempt %1").arg(bar.attempt);
    return text;
}

void TimingBars::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = Theme::instance();
    const int track = width() - nameWidth - noteWidth;
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        const HopBar &bar = m_bars[i];
        const bool reached = bar.outcome != Outcome::NotReached;
        const int top = static_cast<int>(i) * rowHeight();
        const QRect name(0, top, nameWidth - grid, rowHeight());
        painter.setFont(theme.font(TextStyle::Small));
        painter.setPen(theme.color(reached ? Role::Text : Role::TextFaint));
        QString title = shortName(bar.proxy);
        if (bar.attempt > 0)
            title += tr(" · attempt %1").arg(bar.attempt);
        painter.drawText(name, Qt::AlignVCenter | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(title, Qt::ElideMiddle, name.width()));

        const int inset = (rowHeight() - barHeight) / 2;
        const QRectF ground(nameWidth, top + inset, track, barHeight);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.tint(Role::Text, 0.06));
        painter.drawRoundedRect(ground, 3, 3);
        if (reached) {
            const qreal scale = track / m_span;
            QRectF filled = ground;
            filled.setLeft(ground.left() + bar.startMs * scale);
            filled.setWidth(std::max(leastWidth, bar.durationMs * scale));
            // A proxy that took no whole millisecond at the very end stays on the axis.
            if (filled.right() > ground.right())
                filled.moveRight(ground.right());
            const QColor color =
                bar.outcome == Outcome::Passed ? theme.color(Role::MeshMtls) : outcomeColor(bar.outcome);
            painter.setBrush(color);
            painter.drawRoundedRect(filled, 3, 3);
        }

        const QRect note(width() - noteWidth + 2 * grid, top, noteWidth - 2 * grid, rowHeight());
        painter.setFont(theme.font(TextStyle::Mono));
        const bool plain = bar.outcome == Outcome::Passed || !reached;
        painter.setPen(plain ? theme.color(reached ? Role::TextMuted : Role::TextFaint)
                             : outcomeColor(bar.outcome));
        const QString text =
            reached ? milliseconds(bar.durationMs) + QLatin1Char(' ') + bar.note : tr("-- not reached");
        painter.drawText(note, Qt::AlignVCenter | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(text, Qt::ElideRight, note.width()));
    }
}

bool TimingBars::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int row = help->pos().y() / rowHeight();
        if (row >= 0 && row < static_cast<int>(m_bars.size()))
            QToolTip::showText(help->globalPos(), describe(m_bars[static_cast<std::size_t>(row)]), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace sallyport::traffic
