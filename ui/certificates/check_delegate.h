// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace sallyport::certificates {

/// Paints a check: an icon for its outcome, its title, the sentence below it over as many lines as it needs,
/// the file on the right.
class CheckDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    enum DataRole { OutcomeRole = Qt::UserRole + 1, TitleRole, FileRole };

    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace sallyport::certificates
