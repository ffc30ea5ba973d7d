// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

namespace sallyport::upstream {

/// Earliest deadline first: an entry of weight w comes up w times as often as one of weight 1 (envoy:
/// source/common/upstream/edf_scheduler.h).
class EdfScheduler
{
public:
    bool isEmpty() const { return m_queue.empty(); }
    void add(std::size_t entry, double weight) { m_queue.push({m_now + 1.0 / weight, m_order++, entry}); }
    /// The next entry, which goes back in with the weight that `weightOf` gives it now.
    template<typename WeightOf>
    std::size_t next(WeightOf weightOf)
    {
        const Item item = m_queue.top();
        m_queue.pop();
        m_now = item.deadline;
        add(item.entry, static_cast<double>(weightOf(item.entry)));
        return item.entry;
    }

private:
    struct Item
    {
        double deadline;
        std::uint64_t order;
        std::size_t entry;
        bool operator<(const Item &other) const
        {
            return deadline != other.deadline ? deadline > other.deadline : order > other.order;
        }
    };
    std::priority_queue<Item> m_queue;
    double m_now = 0;
    std::uint64_t m_order = 0;
};

} // namespace sallyport::upstream
