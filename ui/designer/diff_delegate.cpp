// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/diff_delegate.h"

#include "ui/designer/diff_model.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QPainter>

namespace sallyport::designer {

namespace {

using theme::grid;
using theme::Role;
using theme::TextStyle;
using RowKind = DiffModel::RowKind;

constexpr int fileHeight = 4 * grid;
constexpr int iconSize = 14;
constexpr int numberWidth = 4 * grid;
constexpr int signWidth = 2 * grid;
constexpr double tintAmount = 0.14;

RowKind kindOf(const QModelIndex &index)
{
    return static_cast<RowKind>(index.data(DiffModel::KindRole).toInt());
}

QFontMetrics monoMetrics()
{
    return QFontMetrics(theme::Theme::instance().font(TextStyle::Mono));
}

} // namespace

QSize DiffDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    if (kindOf(index) == RowKind::File)
        return {0, fileHeight};
    const QFontMetrics metrics = monoMetrics();
    return {numberWidth + signWidth + metrics.horizontalAdvance(index.data().toString()) + 2 * grid,
            metrics.height() + 3};
}

void DiffDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                         const QModelIndex &index) const
{
    painter->save();
    // A file's head stays in sight while its lines are scrolled sideways.
    QRect row = option.rect;
    if (const auto *view = qobject_cast<const QAbstractItemView *>(option.widget))
        row = QRect(0, row.top(), view->viewport()->width(), row.height());
    if (kindOf(index) == RowKind::File)
        paintFile(*painter, row, index);
    else
        paintLine(*painter, option.rect, index);
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        painter->setPen(theme::Theme::instance().color(Role::Accent));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    painter->restore();
}

void DiffDelegate::paintFile(QPainter &painter, const QRect &row, const QModelIndex &index) const
{
    const theme::Theme &theme = theme::Theme::instance();
    const auto kind = static_cast<FileDiff::Kind>(index.data(DiffModel::FileKindRole).toInt());
    painter.fillRect(row, theme.color(Role::Raised));
    const QRect inner = row.adjusted(grid, 0, -grid, 0);
    const QString icon = kind == FileDiff::Kind::New       ? QStringLiteral("new")
                         : kind == FileDiff::Kind::Removed ? QStringLiteral("trash")
                                                           : QStringLiteral("edit");
    theme.icon(icon, Role::TextMuted)
        .paint(&painter, QRect(inner.left(), inner.center().y() - iconSize / 2, iconSize, iconSize));
    const QFont mono = theme.font(TextStyle::Mono);
    const QFont small = theme.font(TextStyle::Small);
    const QString path = index.data().toString();
    const int left = inner.left() + iconSize + grid;
    painter.setFont(mono);
    painter.setPen(theme.color(Role::Text));
    const QString word = kind == FileDiff::Kind::New       ? tr("new file")
                         : kind == FileDiff::Kind::Removed ? tr("goes")
                                                           : tr("changed");
    const QString count = word + QStringLiteral("   ") + index.data(DiffModel::CountRole).toString();
    const int room = inner.right() - left - QFontMetrics(small).horizontalAdvance(count) - grid;
    painter.drawText(QRect(left, inner.top(), room, inner.height()), Qt::AlignVCenter,
                     QFontMetrics(mono).elidedText(path, Qt::ElideLeft, room));
    painter.setFont(small);
    painter.setPen(theme.color(Role::TextMuted));
    painter.drawText(inner, Qt::AlignRight | Qt::AlignVCenter, count);
}

void DiffDelegate::paintLine(QPainter &painter, const QRect &row, const QModelIndex &index) const
{
    const theme::Theme &theme = theme::Theme::instance();
    const RowKind kind = kindOf(index);
    const Role role = kind == RowKind::Added     ? Role::Good
                      : kind == RowKind::Removed ? Role::Bad
                                                 : Role::TextMuted;
    if (kind == RowKind::Added || kind == RowKind::Removed)
        painter.fillRect(row, theme.tint(role, tintAmount));
    painter.setFont(theme.font(TextStyle::Mono));
    const QRect numberPlace(row.left(), row.top(), numberWidth - theme::half, row.height());
    const int number =
        index.data(kind == RowKind::Removed ? DiffModel::BeforeRole : DiffModel::AfterRole).toInt();
    painter.setPen(theme.color(Role::TextFaint));
    painter.drawText(numberPlace, Qt::AlignRight | Qt::AlignVCenter,
                     kind == RowKind::Gap ? QStringLiteral("⋯") : QString::number(number));
    if (kind == RowKind::Gap)
        return;
    const QRect signPlace(row.left() + numberWidth, row.top(), signWidth, row.height());
    painter.setPen(theme.color(role));
    painter.drawText(signPlace, Qt::AlignCenter,
                     kind == RowKind::Added     ? QStringLiteral("+")
                     : kind == RowKind::Removed ? QStringLiteral("−")
                                                : QString());
    painter.setPen(theme.color(kind == RowKind::Same ? Role::TextMuted : Role::Text));
    painter.drawText(row.adjusted(numberWidth + signWidth, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine,
                     index.data().toString());
}

} // namespace sallyport::designer
