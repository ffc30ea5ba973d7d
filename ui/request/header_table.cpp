// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/header_table.h"

#include "ui/request/header_table_model.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QHeaderView>
#include <QStyledItemDelegate>

namespace sallyport::request {

namespace {

using theme::grid;
using theme::TextStyle;
using theme::Theme;

/// Says in the last row that something can be typed there.
class HeaderDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.row() == index.model()->rowCount() - 1 && index.column() == 0) {
            option->text = HeaderTable::tr("Add a header…");
            option->palette.setColor(QPalette::Text, Theme::instance().color(theme::Role::TextFaint));
        }
    }
};

} // namespace

HeaderTable::HeaderTable(HeaderTableModel &model, QWidget *parent)
    : QTableView(parent)
    , m_model(model)
{
    setObjectName(QStringLiteral("requestHeaders"));
    setAccessibleName(tr("Headers"));
    setModel(&m_model);
    setItemDelegate(new HeaderDelegate(this));
    setShowGrid(false);
    setFont(Theme::instance().font(TextStyle::Mono));
    setStyleSheet(QStringLiteral("QTableView::item { padding: 0 4px; }"));
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::AllEditTriggers);
    setTabKeyNavigation(true);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(3 * grid + 2);
    horizontalHeader()->setFont(Theme::instance().font(TextStyle::Small));
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(true);
    setColumnWidth(0, 22 * grid);
    auto *remove = new QAction(tr("Remove header"), this);
    remove->setObjectName(QStringLiteral("requestRemoveHeader"));
    remove->setShortcut(QKeySequence::Delete);
    remove->setShortcutContext(Qt::WidgetShortcut);
    connect(remove, &QAction::triggered, this, [this] { m_model.remove(currentIndex().row()); });
    addAction(remove);
    setContextMenuPolicy(Qt::ActionsContextMenu);
}

} // namespace sallyport::request
