// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/check_delegate.h"

#include "ui/certificates/state_look.h"

#include <QAbstractItemView>
#include <QPainter>

namespace sallyport::certificates {

namespace {

using theme::grid;
using theme::Role;
using theme::TextStyle;

constexpr int inset = grid;
constexpr int iconSize = 14;
constexpr int titleHeight = 18;
constexpr int textLeft = inset + iconSize + 10;

QRect textRect(const QModelIndex &index, int width)
{
    const QFontMetrics metrics(theme::Theme::instance().font(TextStyle::Small));
    return metrics.boundingRect(QRect(0, 0, width - textLeft - inset, 10'000), Qt::TextWordWrap,
                                index.data().toString());
}

} // namespace

QSize CheckDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    return {width, inset / 2 + titleHeight + textRect(index, width).height() + inset};
}

void CheckDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const
{
    const theme::Theme &theme = theme::Theme::instance();
    const auto outcome = static_cast<pki::CheckOutcome>(index.data(OutcomeRole).toInt());
    const StateLook look = lookOf(outcome);
    painter->save();
    const QRect row = option.rect;
    if (option.state.testFlag(QStyle::State_Selected)) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.color(Role::SelectionFill));
        painter->drawRoundedRect(row, theme::corner, theme::corner);
    }
    const int top = row.top() + inset / 2;
    theme.icon(look.icon, look.role).paint(painter, QRect(row.left() + inset, top + 2, iconSize, iconSize));
    const QRect line(row.left() + textLeft, top, row.width() - textLeft - inset, titleHeight);
    const QFont mono = theme.font(TextStyle::Mono);
    const QString file = index.data(FileRole).toString();
    const int fileWidth = std::min(QFontMetrics(mono).horizontalAdvance(file), line.width() / 2);
    painter->setFont(mono);
    painter->setPen(theme.color(outcome == pki::CheckOutcome::Passed ? Role::TextFaint : look.role));
    painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter,
                      QFontMetrics(mono).elidedText(file, Qt::ElideMiddle, fileWidth));
    painter->setFont(theme.font(TextStyle::Strong));
    painter->setPen(theme.color(Role::Text));
    painter->drawText(line.adjusted(0, 0, -fileWidth - grid, 0), Qt::AlignVCenter,
                      index.data(TitleRole).toString());
    painter->setFont(theme.font(TextStyle::Small));
    painter->setPen(theme.color(outcome == pki::CheckOutcome::Passed ? Role::TextMuted : look.role));
    painter->drawText(QRect(line.left(), line.bottom() + 1, line.width(), row.bottom() - line.bottom()),
                      Qt::TextWordWrap, index.data().toString());
    painter->restore();
}

} // namespace sallyport::certificates
