// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_delegate.h"

#include "ui/theme/theme.h"
#include "ui/traffic/hop_blocks.h"
#include "ui/traffic/request_table_model.h"

#include <QAbstractItemView>
#include <QPainter>

namespace sallyport::traffic {

namespace {

using theme::Role;
using theme::TextStyle;
using theme::Theme;

constexpr int iconSize = 12;
constexpr int margin = 8;

bool isMono(Column column)
{
    return column != Column::Decision && column != Column::Source && column != Column::Hops;
}

Role textRole(Column column, const RequestRow &row)
{
    switch (column) {
    case Column::Time:
    case Column::Protocol:
    case Column::RequestId:
    case Column::Details:
        return Role::TextMuted;
    case Column::Flags:
        return row.flags.isEmpty() ? Role::TextFaint : Role::Text;
    case Column::Cluster:
        return row.cluster.isEmpty() ? Role::TextFaint : Role::Text;
    default:
        return Role::Text;
    }
}

} // namespace

void RequestDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    const auto *model = static_cast<const RequestTableModel *>(index.model());
    const Theme &theme = Theme::instance();
    QColor ground = theme.color(Role::Panel);
    if (option.state.testFlag(QStyle::State_Selected))
        ground = theme.color(Role::SelectionFill);
    else if (option.state.testFlag(QStyle::State_MouseOver))
        ground = theme.tint(Role::Text, 0.05);
    painter->fillRect(option.rect, ground);
    const auto row = model->request(index.row());
    if (!row)
        return;
    const Column column = static_cast<Column>(index.column());
    QRect rect = option.rect.adjusted(margin, 0, -margin, 0);
    if (column == Column::Hops) {
        paintHopBlocks(*painter, rect, row->hops, ground);
        return;
    }
    painter->save();
    painter->setFont(theme.font(isMono(column) ? TextStyle::Mono : TextStyle::Small));
    QColor color = theme.color(textRole(column, *row));
    if (column == Column::Status) {
        color = outcomeColor(row->outcome);
        const Role role = row->outcome == Outcome::Passed    ? Role::Good
                          : row->outcome == Outcome::Refused ? Role::Warning
                                                             : Role::Bad;
        const QRect icon(rect.left(), rect.center().y() - iconSize / 2 + 1, iconSize, iconSize);
        theme.icon(outcomeIcon(row->outcome), role).paint(painter, icon);
        rect.setLeft(icon.right() + 6);
    }
    painter->setPen(color);
    const QString text = cellText(*row, column);
    const Qt::TextElideMode elide = column == Column::Path ? Qt::ElideMiddle : Qt::ElideRight;
    const Qt::Alignment alignment =
        (column == Column::Duration ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter;
    painter->drawText(rect, static_cast<int>(alignment) | Qt::TextSingleLine,
                      painter->fontMetrics().elidedText(text, elide, rect.width()));
    painter->restore();
}

QSize RequestDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    const auto *model = static_cast<const RequestTableModel *>(index.model());
    const Column column = static_cast<Column>(index.column());
    const QFontMetrics metrics(Theme::instance().font(isMono(column) ? TextStyle::Mono : TextStyle::Small));
    int width = 2 * margin;
    const auto row = model->request(index.row());
    if (column == Column::Hops)
        width += row ? static_cast<int>(row->hops.size()) * 19 : 0;
    else if (row)
        width +=
            metrics.horizontalAdvance(cellText(*row, column)) + (column == Column::Status ? iconSize + 6 : 0);
    return {width, 3 * theme::grid};
}

} // namespace sallyport::traffic
