// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <vector>

namespace sallyport::traffic {

/// Columns of the table of requests, in their first order.
enum class Column {
    Time,
    Hops,
    Method,
    Host,
    Path,
    Status,
    Flags,
    Decision,
    Cluster,
    Duration,
    Source,
    Protocol,
    Details,
    RequestId,
};
inline constexpr int columnCount = 14;

/// The order of rows: as they came, or by a column.
struct SortOrder
{
    Column column = Column::Time;
    bool descending = true; ///< of Time: newest first
    bool isByTime() const { return column == Column::Time; }
    bool operator==(const SortOrder &) const = default;
};

/// What became of the rows that a filter takes, by their numbers.
struct TableChanges
{
    bool whole = false;           ///< `added` is all there is, in the order that was asked for
    std::vector<quint64> added;   ///< else: new rows, ascending
    std::vector<quint64> changed; ///< rows that the filter takes and that have a new content
    std::vector<quint64> removed; ///< rows that the filter takes no longer, or that are part of others now
    quint64 firstNumber = 0;      ///< rows before it are gone
    quint64 total = 0;            ///< requests, whatever the filter
    quint64 generation = 0;       ///< counts the filters and orders that were set
    SortOrder order;
};

} // namespace sallyport::traffic

Q_DECLARE_METATYPE(sallyport::traffic::TableChanges)
