// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace sallyport::designer {

/// Paints a row of a diff: a file's head, or a line with its number, its sign and its tint.
class DiffDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintFile(QPainter &painter, const QRect &row, const QModelIndex &index) const;
    void paintLine(QPainter &painter, const QRect &row, const QModelIndex &index) const;
};

} // namespace sallyport::designer
