// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/shown_rows.h"

#include <algorithm>

namespace sallyport::traffic {

void ShownRows::reset(std::vector<RequestPlace> places, SortOrder order)
{
    m_places = std::move(places);
    m_order = order;
}

std::size_t ShownRows::index(int row) const
{
    const std::size_t at = static_cast<std::size_t>(row);
    return isReversed() ? m_places.size() - 1 - at : at;
}

std::optional<int> ShownRows::rowOf(quint64 number) const
{
    const auto found = std::find_if(m_places.rbegin(), m_places.rend(),
                                    [number](const RequestPlace &place) { return place.number == number; });
    if (found == m_places.rend())
        return std::nullopt;
    const int fromEnd = static_cast<int>(found - m_places.rbegin());
    return isReversed() ? fromEnd : size() - 1 - fromEnd;
}

int ShownRows::rowFor(const RequestPlace &place) const
{
    const int before =
        static_cast<int>(std::lower_bound(m_places.begin(), m_places.end(), place) - m_places.begin());
    return isReversed() ? size() - before : before;
}

ShownRows::Run ShownRows::runFor(const std::vector<RequestPlace> &places, std::size_t from) const
{
    const auto next = std::lower_bound(m_places.begin(), m_places.end(), places[from]);
    std::size_t end = from + 1;
    while (end < places.size() && (next == m_places.end() || places[end] < *next))
        ++end;
    return {rowFor(places[from]), static_cast<int>(end - from)};
}

void ShownRows::insert(const std::vector<RequestPlace> &places, std::size_t from, const Run &run)
{
    const int before = isReversed() ? size() - run.first : run.first;
    const auto first = places.begin() + static_cast<std::ptrdiff_t>(from);
    m_places.insert(m_places.begin() + before, first, first + run.count);
}

void ShownRows::move(int row, const RequestPlace &place)
{
    m_places.erase(m_places.begin() + static_cast<std::ptrdiff_t>(index(row)));
    m_places.insert(std::lower_bound(m_places.begin(), m_places.end(), place), place);
}

void ShownRows::remove(const Run &run)
{
    const int first = isReversed() ? size() - run.first - run.count : run.first;
    m_places.erase(m_places.begin() + first, m_places.begin() + first + run.count);
}

std::optional<ShownRows::Run> ShownRows::lastBefore(quint64 firstNumber) const
{
    int last = size() - 1;
    while (last >= 0 && at(last).number >= firstNumber)
        --last;
    if (last < 0)
        return std::nullopt;
    int first = last;
    while (first > 0 && at(first - 1).number < firstNumber)
        --first;
    return Run{first, last - first + 1};
}

void ShownRows::removeBefore(quint64 firstNumber)
{
    std::erase_if(m_places, [firstNumber](const RequestPlace &place) { return place.number < firstNumber; });
}

} // namespace sallyport::traffic
