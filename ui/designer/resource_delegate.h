// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace sallyport::designer {

/// Paints a resource of a design: what becomes of it as icon and word, its name, and the reason below.
class ResourceDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    enum DataRole { ChangeRole = Qt::UserRole + 1, TitleRole, WordRole, FileRole };

    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace sallyport::designer
