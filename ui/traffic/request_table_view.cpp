// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_table_view.h"

#include "ui/theme/theme.h"
#include "ui/traffic/request_delegate.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QMenu>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QSettings>

namespace sallyport::traffic {

namespace {

constexpr int lineHeight = 3 * theme::grid;
const QString columnsKey = QStringLiteral("traffic/columns");
const QString ownWidthsKey = QStringLiteral("traffic/ownColumnWidths");

QSettings settings()
{
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sallyport"),
                     QStringLiteral("sallyport"));
}

} // namespace

RequestTableView::RequestTableView(RequestTableModel &model, QWidget *parent)
    : QTableView(parent)
    , m_model(model)
{
    setObjectName(QStringLiteral("trafficTable"));
    setAccessibleName(tr("Requests"));
    setItemDelegate(new RequestDelegate(this));
    setShowGrid(false);
    setWordWrap(false);
    setEditTriggers(NoEditTriggers);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_Hover);
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(lineHeight);
    verticalHeader()->setDefaultSectionSize(lineHeight);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setSectionsMovable(true);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(3 * theme::grid);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);

    // Before the view's own slots: they move the scroll bar's range.
    connect(&m_model, &QAbstractItemModel::rowsAboutToBeInserted, this,
            [this] { m_wasAtNewest = isAtNewest(); });
    connect(&m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        m_beforeReset = selectedNumbers();
        m_wasAtNewest = isAtNewest();
    });
    setModel(&m_model);
    connect(&m_model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &, int first, int last) {
                if (m_wasAtNewest)
                    goToNewest();
                else if (rowViewportPosition(first) < 0 || first == 0)
                    keepPlace(last - first + 1);
            });
    connect(&m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_restoring = true;
        for (const quint64 number : m_beforeReset) {
            if (const int row = m_model.rowOf(number); row >= 0)
                selectionModel()->select(m_model.index(row, 0),
                                         QItemSelectionModel::Select | QItemSelectionModel::Rows);
        }
        m_restoring = false;
        if (m_wasAtNewest)
            goToNewest();
    });
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (m_restoring)
            return;
        const QModelIndexList rows = selectionModel()->selectedRows();
        const quint64 number = rows.size() == 1 ? m_model.number(rows.first().row()) : 0;
        if (number != m_chosen) {
            m_chosen = number;
            Q_EMIT chosen(number);
        }
    });
    connect(horizontalHeader(), &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        QMenu menu;
        addColumnActions(menu);
        menu.exec(horizontalHeader()->mapToGlobal(at));
    });
    connect(&theme::Theme::instance(), &theme::Theme::changed, viewport(), qOverload<>(&QWidget::update));

    horizontalHeader()->setFont(theme::Theme::instance().font(theme::TextStyle::Small));
    applyFirstColumns();
    restoreColumns();
    connect(horizontalHeader(), &QHeaderView::sectionResized, this,
            [this] { m_ownWidths = m_ownWidths || !m_fitting; });
    setSortingEnabled(true);
    horizontalHeader()->setSortIndicator(static_cast<int>(m_model.order().column), Qt::DescendingOrder);
}

RequestTableView::~RequestTableView()
{
    rememberColumns();
}

void RequestTableView::applyFirstColumns()
{
    static constexpr std::pair<Column, int> widths[] = {
        {Column::Time, 104},    {Column::Hops, 92},      {Column::Method, 64}, {Column::Host, 104},
        {Column::Path, 144},    {Column::Status, 64},    {Column::Flags, 64},  {Column::Decision, 192},
        {Column::Cluster, 176}, {Column::Duration, 48},  {Column::Source, 96}, {Column::Protocol, 80},
        {Column::Details, 208}, {Column::RequestId, 280}};
    const QScopedValueRollback fitting(m_fitting, true);
    for (const auto &[column, width] : widths)
        horizontalHeader()->resizeSection(static_cast<int>(column), width);
    for (const Column column : {Column::Source, Column::Protocol, Column::Details, Column::RequestId})
        setColumnHidden(static_cast<int>(column), true);
    m_ownWidths = false;
}

void RequestTableView::fitColumns()
{
    if (m_ownWidths)
        return;
    // What is left, or lacks, is shared by the texts that are longest; the last of them takes the rest.
    static constexpr std::pair<Column, double> shares[] = {
        {Column::Decision, 0.5}, {Column::Path, 0.5}, {Column::Cluster, 1}};
    static constexpr int least = 112;
    const QScopedValueRollback fitting(m_fitting, true);
    for (const auto &[column, share] : shares) {
        const int section = static_cast<int>(column);
        const int left = viewport()->width() - horizontalHeader()->length();
        if (!isColumnHidden(section))
            horizontalHeader()->resizeSection(
                section, std::max(least, columnWidth(section) + static_cast<int>(left * share)));
    }
}

void RequestTableView::resizeEvent(QResizeEvent *event)
{
    const QRect current = visualRect(currentIndex());
    const bool wasInSight = current.isValid() && current.bottom() <= event->oldSize().height();
    QTableView::resizeEvent(event);
    fitColumns();
    // What was chosen stays in sight when the detail opens below.
    if (wasInSight && current.bottom() > viewport()->height())
        scrollTo(currentIndex());
}

void RequestTableView::restoreColumns()
{
    const QByteArray state = settings().value(columnsKey).toByteArray();
    // A state of another version has another number of columns: restoreState() then changes nothing.
    const QScopedValueRollback fitting(m_fitting, true);
    if (!state.isEmpty() && horizontalHeader()->restoreState(state))
        m_ownWidths = settings().value(ownWidthsKey).toBool();
}

void RequestTableView::rememberColumns() const
{
    settings().setValue(columnsKey, horizontalHeader()->saveState());
    settings().setValue(ownWidthsKey, m_ownWidths);
}

void RequestTableView::addColumnActions(QMenu &menu)
{
    for (int i = 0; i < columnCount; ++i) {
        const int column = horizontalHeader()->logicalIndex(i);
        QAction *action = menu.addAction(columnTitle(static_cast<Column>(column)));
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        // What was decided is nothing without its time and status; one column at least stays.
        action->setEnabled(action->isChecked()
                               ? horizontalHeader()->count() - horizontalHeader()->hiddenSectionCount() > 1
                               : true);
        connect(action, &QAction::toggled, this, [this, column](bool shown) {
            setColumnHidden(column, !shown);
            fitColumns();
        });
    }
    menu.addSeparator();
    QAction *reset = menu.addAction(tr("Reset columns"));
    connect(reset, &QAction::triggered, this, [this] {
        for (int i = 0; i < columnCount; ++i) {
            setColumnHidden(i, false);
            horizontalHeader()->moveSection(horizontalHeader()->visualIndex(i), i);
        }
        applyFirstColumns();
        fitColumns();
    });
}

bool RequestTableView::isAtNewest() const
{
    const SortOrder order = m_model.order();
    if (!order.isByTime())
        return false;
    const QScrollBar *bar = verticalScrollBar();
    return order.descending ? bar->value() == bar->minimum() : bar->value() >= bar->maximum() - lineHeight;
}

void RequestTableView::goToNewest()
{
    if (!m_model.order().isByTime())
        return;
    if (m_model.order().descending)
        scrollToTop();
    else
        scrollToBottom();
}

void RequestTableView::keepPlace(int rows)
{
    // The view has not yet laid out the new rows: the bar's range would cut the value.
    updateGeometries();
    verticalScrollBar()->setValue(verticalScrollBar()->value() + rows * lineHeight);
}

std::vector<quint64> RequestTableView::selectedNumbers() const
{
    std::vector<int> rows;
    for (const QItemSelectionRange &range : selectionModel()->selection()) {
        for (int row = range.top(); row <= range.bottom(); ++row)
            rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    std::vector<quint64> numbers;
    numbers.reserve(rows.size());
    for (const int row : rows)
        numbers.push_back(m_model.number(row));
    return numbers;
}

bool RequestTableView::select(quint64 number)
{
    const int row = m_model.rowOf(number);
    if (row < 0)
        return false;
    const QModelIndex index = m_model.index(row, horizontalHeader()->logicalIndex(0));
    selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    scrollTo(index);
    return true;
}

void RequestTableView::contextMenuEvent(QContextMenuEvent *event)
{
    QPoint position = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard && currentIndex().isValid())
        position = viewport()->mapToGlobal(visualRect(currentIndex()).bottomLeft());
    Q_EMIT contextMenuWanted(position);
}

} // namespace sallyport::traffic
