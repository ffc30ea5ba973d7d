// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/diff_view.h"

#include "ui/designer/diff_delegate.h"
#include "ui/theme/theme.h"

namespace sallyport::designer {

DiffView::DiffView(QWidget *parent)
    : QListView(parent)
{
    setObjectName(QStringLiteral("routeDiff"));
    setAccessibleName(tr("What changes in which file"));
    setModel(&m_model);
    setItemDelegate(new DiffDelegate(this));
    setUniformItemSizes(false);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    connect(&theme::Theme::instance(), &theme::Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void DiffView::showFile(const QString &path)
{
    const int row = m_model.rowOf(path);
    if (row >= 0)
        scrollTo(m_model.index(row), QAbstractItemView::PositionAtTop);
}

} // namespace sallyport::designer
