// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/legend.h"

#include "ui/topology/hop_item.h"

#include <QPainter>

namespace sallyport::topology {

namespace {

constexpr int padding = 12;
constexpr int lineLength = 24;
constexpr int afterLine = 8;
constexpr int between = 20;
constexpr int legendHeight = 32;

struct Entry
{
    HopKind kind;
    QString text;
};

std::vector<Entry> entries()
{
    return {{HopKind::MeshMtls, Legend::tr("mesh mTLS")},
            {HopKind::OriginatedMtls, Legend::tr("TLS, originated")},
            {HopKind::Plaintext, shortName(HopKind::Plaintext)}};
}

QFont entryFont(HopKind kind)
{
    QFont font = theme::Theme::instance().font(theme::TextStyle::Small);
    if (kind == HopKind::Plaintext)
        font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

Legend::Legend(QWidget *parent)
    : QFrame(parent)
{
    theme::setLook(this, theme::Look::Card);
    setAccessibleName(tr("Legend"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    resize(sizeHint());
}

QSize Legend::sizeHint() const
{
    int width = 2 * padding - between;
    for (const Entry &entry : entries())
        width += lineLength + afterLine + QFontMetrics(entryFont(entry.kind)).horizontalAdvance(entry.text) +
                 between;
    return {width, legendHeight};
}

void Legend::paintEvent(QPaintEvent *event)
{
    QFrame::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    qreal x = padding;
    for (const Entry &entry : entries()) {
        const qreal middle = height() / 2.0;
        painter.setPen(penOf(entry.kind, 3));
        painter.drawLine(QPointF(x, middle), QPointF(x + lineLength, middle));
        x += lineLength + afterLine;
        painter.setFont(entryFont(entry.kind));
        painter.setPen(theme::Theme::instance().color(roleOf(entry.kind)));
        const qreal width = QFontMetricsF(painter.font()).horizontalAdvance(entry.text);
        painter.drawText(QRectF(x, 0, width + 1, height()),
                         static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), entry.text);
        x += width + between;
    }
}

} // namespace sallyport::topology
