// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_table_model.h"

#include <algorithm>

namespace sallyport::traffic {

namespace {

/// From so many single changes on, a reset costs the view less.
constexpr std::size_t manyChanges = 64;

} // namespace

RequestTableModel::RequestTableModel(RequestFeed &feed, QObject *parent)
    : QAbstractTableModel(parent)
    , m_feed(feed)
{
    connect(&m_feed, &RequestFeed::changes, this, &RequestTableModel::apply);
    m_feed.setView(m_filter, m_order);
}

int RequestTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_numbers.size());
}

int RequestTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : traffic::columnCount;
}

std::size_t RequestTableModel::place(int row) const
{
    return m_shownOrder.isByTime() && m_shownOrder.descending
               ? m_numbers.size() - 1 - static_cast<std::size_t>(row)
               : static_cast<std::size_t>(row);
}

int RequestTableModel::rowAt(std::size_t place) const
{
    return static_cast<int>(m_shownOrder.isByTime() && m_shownOrder.descending ? m_numbers.size() - 1 - place
                                                                               : place);
}

quint64 RequestTableModel::number(int row) const
{
    return row < 0 || row >= rowCount() ? 0 : m_numbers[place(row)];
}

int RequestTableModel::rowOf(quint64 number) const
{
    if (m_shownOrder.isByTime()) {
        const auto it = std::lower_bound(m_numbers.begin(), m_numbers.end(), number);
        return it == m_numbers.end() || *it != number
                   ? -1
                   : rowAt(static_cast<std::size_t>(it - m_numbers.begin()));
    }
    const auto it = std::find(m_numbers.begin(), m_numbers.end(), number);
    return it == m_numbers.end() ? -1 : static_cast<int>(it - m_numbers.begin());
}

std::optional<RequestRow> RequestTableModel::request(int row) const
{
    const quint64 wanted = number(row);
    if (const RequestRow *cached = m_cache.object(wanted))
        return *cached;
    auto found = m_feed.store().row(wanted);
    if (found)
        m_cache.insert(wanted, new RequestRow(*found));
    return found;
}

QVariant RequestTableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
    case NumberRole:
    case RowRole:
        break;
    case Qt::TextAlignmentRole:
        return static_cast<Column>(index.column()) == Column::Duration
                   ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                   : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
    if (role == NumberRole)
        return number(index.row());
    // A row may have gone from the store a moment before this hears of it.
    const auto row = request(index.row());
    if (!row)
        return {};
    const Column column = static_cast<Column>(index.column());
    switch (role) {
    case RowRole:
        return QVariant::fromValue(*row);
    case Qt::ToolTipRole:
        return column == Column::Decision && !row->decidedAt.isEmpty()
                   ? row->decidedBy + QLatin1String(" @ ") + row->decidedAt
               : column == Column::Source ? row->source
                                          : cellText(*row, column);
    case Qt::AccessibleTextRole:
        return column == Column::Time ? rowSentence(*row) : cellText(*row, column);
    default:
        return cellText(*row, column);
    }
}

QVariant RequestTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const Column column = static_cast<Column>(section);
    if (role == Qt::DisplayRole)
        return columnTitle(column);
    if (role == Qt::TextAlignmentRole && column == Column::Duration)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole) {
        switch (column) {
        case Column::Hops:
            return tr("The proxies on the way: passed, refused (dash), failed (cross), not reached (hollow)");
        case Column::Decision:
            return tr("The policy or error that decided the answer, and the proxy where it did");
        case Column::Cluster:
            return tr("The upstream cluster by which the request left the client's mesh");
        case Column::Duration:
            return tr("Milliseconds until the client's proxy had passed on the whole answer");
        default:
            return {};
        }
    }
    return {};
}

void RequestTableModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= columnCount())
        return;
    const SortOrder wanted{static_cast<Column>(column), order == Qt::DescendingOrder};
    if (wanted == m_order)
        return;
    m_order = wanted;
    m_feed.setView(m_filter, m_order);
}

void RequestTableModel::setFilter(const Filter &filter)
{
    m_filter = filter;
    m_feed.setView(m_filter, m_order);
}

void RequestTableModel::setPaused(bool paused)
{
    if (paused == m_paused)
        return;
    m_paused = paused;
    m_missed = 0;
    if (!paused)
        m_feed.refresh();
    Q_EMIT countsChanged();
}

void RequestTableModel::apply(const TableChanges &changes)
{
    for (const auto *numbers : {&changes.changed, &changes.removed}) {
        for (const quint64 number : *numbers)
            m_cache.remove(number);
    }
    m_total = changes.total;
    if (changes.whole) {
        // Asked for while paused: another filter or order is a wish to see the rows now.
        beginResetModel();
        m_numbers = changes.added;
        m_generation = changes.generation;
        m_shownOrder = changes.order;
        m_missed = 0;
        endResetModel();
    } else if (changes.generation == m_generation && !m_paused && changes.removed.size() > manyChanges) {
        m_feed.refresh();
    } else if (changes.generation == m_generation) {
        removeBefore(changes.firstNumber);
        for (const quint64 number : changes.removed)
            remove(number);
        for (const quint64 number : changes.changed) {
            if (const int row = rowOf(number); row >= 0)
                Q_EMIT dataChanged(index(row, 0), index(row, columnCount() - 1));
            else if (!m_paused)
                insert(number);
        }
        if (m_paused)
            m_missed += changes.added.size();
        else
            append(changes.added);
    }
    Q_EMIT countsChanged();
}

void RequestTableModel::append(const std::vector<quint64> &numbers)
{
    if (numbers.empty() || !m_shownOrder.isByTime())
        return;
    const int count = static_cast<int>(numbers.size());
    const int first = m_shownOrder.descending ? 0 : rowCount();
    beginInsertRows({}, first, first + count - 1);
    m_numbers.insert(m_numbers.end(), numbers.begin(), numbers.end());
    endInsertRows();
}

void RequestTableModel::insert(quint64 number)
{
    if (!m_shownOrder.isByTime())
        return;
    const auto it = std::lower_bound(m_numbers.begin(), m_numbers.end(), number);
    const std::size_t at = static_cast<std::size_t>(it - m_numbers.begin());
    const int row = m_shownOrder.descending ? static_cast<int>(m_numbers.size() - at) : static_cast<int>(at);
    beginInsertRows({}, row, row);
    m_numbers.insert(it, number);
    endInsertRows();
}

void RequestTableModel::remove(quint64 number)
{
    const int row = rowOf(number);
    if (row < 0)
        return;
    beginRemoveRows({}, row, row);
    m_numbers.erase(m_numbers.begin() + static_cast<std::ptrdiff_t>(place(row)));
    endRemoveRows();
}

void RequestTableModel::removeBefore(quint64 number)
{
    if (!m_shownOrder.isByTime()) {
        const std::size_t gone = static_cast<std::size_t>(std::count_if(
            m_numbers.begin(), m_numbers.end(), [number](quint64 row) { return row < number; }));
        if (gone == 0)
            return;
        beginResetModel();
        std::erase_if(m_numbers, [number](quint64 row) { return row < number; });
        endResetModel();
        return;
    }
    const auto end = std::lower_bound(m_numbers.begin(), m_numbers.end(), number);
    const int gone = static_cast<int>(end - m_numbers.begin());
    if (gone == 0)
        return;
    const int first = m_shownOrder.descending ? rowCount() - gone : 0;
    beginRemoveRows({}, first, first + gone - 1);
    m_numbers.erase(m_numbers.begin(), end);
    endRemoveRows();
}

} // namespace sallyport::traffic
