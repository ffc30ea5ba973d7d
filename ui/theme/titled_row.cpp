// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/titled_row.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QStyleOptionViewItem>

namespace sallyport::theme {

namespace {

constexpr int inset = grid;
constexpr int iconSize = 14;
constexpr int titleHeight = 18;
constexpr int textLeft = inset + iconSize + 10;

} // namespace

QSize TitledRow::sizeOf(const QString &sentences, const QStyleOptionViewItem &option)
{
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    const QFontMetrics metrics(Theme::instance().font(TextStyle::Small));
    const QRect below =
        metrics.boundingRect(QRect(0, 0, width - textLeft - inset, 10'000), Qt::TextWordWrap, sentences);
    return {width, inset / 2 + titleHeight + below.height() + inset};
}

void TitledRow::paint(QPainter &painter, const QStyleOptionViewItem &option) const
{
    const Theme &theme = Theme::instance();
    const QRect row = option.rect;
    painter.save();
    if (option.state.testFlag(QStyle::State_Selected)) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.color(Role::SelectionFill));
        painter.drawRoundedRect(row, corner, corner);
    }
    const int top = row.top() + inset / 2;
    theme.icon(icon, iconRole).paint(&painter, QRect(row.left() + inset, top + 2, iconSize, iconSize));
    const QRect line(row.left() + textLeft, top, row.width() - textLeft - inset, titleHeight);
    const QFont wordFont = theme.font(wordStyle);
    const QFontMetrics wordMetrics(wordFont);
    const int wordWidth = std::min(wordMetrics.horizontalAdvance(word), line.width() / 2);
    painter.setFont(wordFont);
    painter.setPen(theme.color(wordRole));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter,
                     wordMetrics.elidedText(word, Qt::ElideMiddle, wordWidth));
    const QFont strong = theme.font(TextStyle::Strong);
    const QRect titlePlace = line.adjusted(0, 0, -wordWidth - grid, 0);
    painter.setFont(strong);
    painter.setPen(theme.color(Role::Text));
    painter.drawText(titlePlace, Qt::AlignVCenter,
                     QFontMetrics(strong).elidedText(title, Qt::ElideMiddle, titlePlace.width()));
    painter.setFont(theme.font(TextStyle::Small));
    painter.setPen(theme.color(sentencesRole));
    painter.drawText(QRect(line.left(), line.bottom() + 1, line.width(), row.bottom() - line.bottom()),
                     Qt::TextWordWrap, sentences);
    painter.restore();
}

} // namespace sallyport::theme
