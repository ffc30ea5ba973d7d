// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <compare>
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

/// The order of rows: by when requests began, or by another column.
struct SortOrder
{
    Column column = Column::Time;
    bool descending = true; ///< of Time: newest first
    bool isByTime() const { return column == Column::Time; }
    bool operator==(const SortOrder &) const = default;
};

/// What the order by time goes by.
struct RequestPlace
{
    qint64 startUs = 0;
    quint64 number = 0; ///< of two that began in one moment the one that was told first is the first
    auto operator<=>(const RequestPlace &) const = default;
};

/// What became of the rows that a filter takes, by their numbers.
struct TableChanges
{
    bool whole = false; ///< `added` is all there is; by time the earliest first, else as asked for
    std::vector<RequestPlace> added;   ///< new rows, the earliest first unless ordered by another column
    std::vector<RequestPlace> changed; ///< rows that the filter takes and that have a new content
    std::vector<quint64> removed; ///< rows that the filter takes no longer, or that are part of others now
    quint64 firstNumber = 0;      ///< rows before it are gone
    quint64 total = 0;            ///< requests, whatever the filter
    quint64 generation = 0;       ///< counts the filters and orders that were set
    SortOrder order;
};

} // namespace sallyport::traffic

Q_DECLARE_METATYPE(sallyport::traffic::TableChanges)
