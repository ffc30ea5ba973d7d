// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <queue>
#include <vector>

namespace sallyport::upstream {

/// Earliest deadline first: an entry of weight w comes up w times as often as one of weight 1 (envoy:
/// source/common/upstream/edf_scheduler.h).
class EdfScheduler
{
public:
    /// As if so many entries had come up already, of those with these weights. Most of that is reckoned
    /// rather than played: each entry has come up as often as its share of the picks has whole numbers.
    static EdfScheduler withPicks(const std::vector<double> &weights, std::uint64_t picks)
    {
        EdfScheduler scheduler;
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        std::uint64_t played = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            // No weight is a multiple of another, so that deadlines which ought to be equal are not by
            // chance.
            const double weight = weights[i] + 1e-13;
            auto times = static_cast<std::uint64_t>(weight * static_cast<double>(picks) / sum);
            if (times > 0 && static_cast<double>(times) / weight >= static_cast<double>(picks) / sum)
                --times;
            scheduler.m_now = std::max(scheduler.m_now, static_cast<double>(times) / weight);
            scheduler.m_queue.push({static_cast<double>(times + 1) / weight, scheduler.m_order++, i});
            played += times;
        }
        for (; played < picks && !weights.empty(); ++played)
            scheduler.next([&](std::size_t i) { return weights[i]; });
        return scheduler;
    }
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
