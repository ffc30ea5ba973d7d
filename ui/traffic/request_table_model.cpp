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
    return parent.isValid() ? 0 : m_rows.size();
}

int RequestTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : traffic::columnCount;
}

quint64 RequestTableModel::number(int row) const
{
    return row < 0 || row >= m_rows.size() ? 0 : m_rows.at(row).number;
}

int RequestTableModel::rowOf(quint64 number) const
{
    return m_rows.rowOf(number).value_or(-1);
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
    for (const RequestPlace &place : changes.changed)
        m_cache.remove(place.number);
    for (const quint64 number : changes.removed)
        m_cache.remove(number);
    m_total = changes.total;
    if (changes.whole) {
        // Asked for while paused: another filter or order is a wish to see the rows now.
        beginResetModel();
        m_rows.reset(changes.added, changes.order);
        m_generation = changes.generation;
        m_missed = 0;
        endResetModel();
    } else if (changes.generation == m_generation && !m_paused && changes.removed.size() > manyChanges) {
        m_feed.refresh();
    } else if (changes.generation == m_generation) {
        removeBefore(changes.firstNumber);
        for (const quint64 number : changes.removed) {
            if (const auto row = m_rows.rowOf(number))
                remove({*row, 1});
        }
        for (const RequestPlace &place : changes.changed)
            change(place);
        if (m_paused)
            m_missed += changes.added.size();
        else
            insert(changes.added);
    }
    Q_EMIT countsChanged();
}

void RequestTableModel::insert(const std::vector<RequestPlace> &places)
{
    if (!m_rows.order().isByTime())
        return;
    for (std::size_t from = 0; from < places.size();) {
        const ShownRows::Run run = m_rows.runFor(places, from);
        beginInsertRows({}, run.first, run.first + run.count - 1);
        m_rows.insert(places, from, run);
        endInsertRows();
        from += static_cast<std::size_t>(run.count);
    }
}

void RequestTableModel::change(const RequestPlace &place)
{
    const auto row = m_rows.rowOf(place.number);
    if (!row) {
        if (!m_paused)
            insert({place});
        return;
    }
    // An earlier line of it came, from a proxy further out.
    if (m_rows.order().isByTime() && m_rows.at(*row) != place) {
        const bool moves = beginMoveRows({}, *row, *row, {}, m_rows.rowFor(place));
        m_rows.move(*row, place);
        if (moves)
            endMoveRows();
    }
    const int now = rowOf(place.number);
    Q_EMIT dataChanged(index(now, 0), index(now, columnCount() - 1));
}

void RequestTableModel::remove(const ShownRows::Run &run)
{
    beginRemoveRows({}, run.first, run.first + run.count - 1);
    m_rows.remove(run);
    endRemoveRows();
}

void RequestTableModel::removeBefore(quint64 firstNumber)
{
    if (firstNumber == m_firstNumber)
        return;
    m_firstNumber = firstNumber;
    if (!m_rows.order().isByTime() && m_rows.lastBefore(firstNumber)) {
        // They stand anywhere.
        beginResetModel();
        m_rows.removeBefore(firstNumber);
        endResetModel();
    }
    while (const auto run = m_rows.lastBefore(firstNumber))
        remove(*run);
}

} // namespace sallyport::traffic
