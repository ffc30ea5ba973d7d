// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/table_changes.h"

#include <QStyledItemDelegate>

namespace sallyport::traffic {

/// Paints the rows of a RequestTableModel without text documents or widgets.
class RequestDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace sallyport::traffic
