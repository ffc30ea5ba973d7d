// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/resource_delegate.h"

#include "core/design/route_design.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QPainter>

namespace sallyport::designer {

namespace {

using theme::grid;
using theme::Role;
using theme::TextStyle;
using Change = design::DesignedResource::Change;

constexpr int inset = grid;
constexpr int iconSize = 14;
constexpr int titleHeight = 18;
constexpr int textLeft = inset + iconSize + 10;

struct ChangeLook
{
    Role role;
    QString icon;
};

ChangeLook lookOf(Change change)
{
    switch (change) {
    case Change::Created:
        return {Role::Good, QStringLiteral("plus")};
    case Change::Changed:
        return {Role::Accent, QStringLiteral("edit")};
    case Change::Kept:
        break;
    }
    return {Role::TextFaint, QStringLiteral("check")};
}

QRect reasonRect(const QModelIndex &index, int width)
{
    const QFontMetrics metrics(theme::Theme::instance().font(TextStyle::Small));
    return metrics.boundingRect(QRect(0, 0, width - textLeft - inset, 10'000), Qt::TextWordWrap,
                                index.data().toString());
}

} // namespace

QSize ResourceDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    return {width, inset / 2 + titleHeight + reasonRect(index, width).height() + inset};
}

void ResourceDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                             const QModelIndex &index) const
{
    const theme::Theme &theme = theme::Theme::instance();
    const ChangeLook look = lookOf(static_cast<Change>(index.data(ChangeRole).toInt()));
    const QRect row = option.rect;
    painter->save();
    if (option.state.testFlag(QStyle::State_Selected)) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.color(Role::SelectionFill));
        painter->drawRoundedRect(row, theme::corner, theme::corner);
    }
    const int top = row.top() + inset / 2;
    theme.icon(look.icon, look.role).paint(painter, QRect(row.left() + inset, top + 2, iconSize, iconSize));
    const QRect line(row.left() + textLeft, top, row.width() - textLeft - inset, titleHeight);
    const QFont small = theme.font(TextStyle::Small);
    const QString word = index.data(WordRole).toString();
    const int wordWidth = QFontMetrics(small).horizontalAdvance(word);
    painter->setFont(small);
    painter->setPen(theme.color(look.role));
    painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, word);
    const QFont strong = theme.font(TextStyle::Strong);
    const QRect titlePlace = line.adjusted(0, 0, -wordWidth - grid, 0);
    painter->setFont(strong);
    painter->setPen(theme.color(Role::Text));
    painter->drawText(titlePlace, Qt::AlignVCenter,
                      QFontMetrics(strong).elidedText(index.data(TitleRole).toString(), Qt::ElideMiddle,
                                                      titlePlace.width()));
    painter->setFont(small);
    painter->setPen(theme.color(Role::TextMuted));
    painter->drawText(QRect(line.left(), line.bottom() + 1, line.width(), row.bottom() - line.bottom()),
                      Qt::TextWordWrap, index.data().toString());
    painter->restore();
}

} // namespace sallyport::designer
