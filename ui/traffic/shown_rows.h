// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/table_changes.h"

#include <optional>

namespace sallyport::traffic {

/// Which request stands in which row. In the order by time each has its place by when it began, whenever its
/// lines came; in the order by a column the rows stand as they were given.
class ShownRows
{
public:
    /// Rows that stand next to each other.
    struct Run
    {
        int first = 0;
        int count = 0;
    };

    /// `places` in the order that is shown; by time the earliest first, whichever way they are shown.
    void reset(std::vector<RequestPlace> places, SortOrder order);

    int size() const { return static_cast<int>(m_places.size()); }
    const SortOrder &order() const { return m_order; }
    const RequestPlace &at(int row) const { return m_places[index(row)]; }
    /// Nothing if it is not shown. Quick for what began lately.
    std::optional<int> rowOf(quint64 number) const;

    // Only in the order by time:
    /// Where a request would stand that is not shown yet.
    int rowFor(const RequestPlace &place) const;
    /// How many of `places`, earliest first, from the one at `from` on would stand in one run, and where.
    Run runFor(const std::vector<RequestPlace> &places, std::size_t from) const;
    void insert(const std::vector<RequestPlace> &places, std::size_t from, const Run &run);
    /// A request began at another time than was thought.
    void move(int row, const RequestPlace &place);

    void remove(const Run &run);
    /// The last rows in one run of those that were told before `firstNumber`.
    std::optional<Run> lastBefore(quint64 firstNumber) const;
    /// All of those, wherever they stand.
    void removeBefore(quint64 firstNumber);

private:
    std::size_t index(int row) const;
    bool isReversed() const { return m_order.isByTime() && m_order.descending; }

    SortOrder m_order;
    std::vector<RequestPlace> m_places;
};

} // namespace sallyport::traffic
