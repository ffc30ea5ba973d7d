// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/bounded_load.h"

#include "proxy/upstream/lb_stats.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

namespace sallyport::upstream {

namespace {

/// A number below `bound`, by what Envoy makes of its generator's: no distribution of the standard library,
/// which may differ from one to the next.
std::uint32_t below(std::mt19937 &random, std::uint32_t bound)
{
    const std::uint64_t width = (static_cast<std::uint64_t>(std::mt19937::max()) + 1) / bound;
    for (;;) {
        const std::uint64_t number = random() / width;
        if (number < bound)
            return static_cast<std::uint32_t>(number);
    }
}

class BoundedLoadPicker final : public HostPicker
{
public:
    BoundedLoadPicker(std::uint32_t factor, std::unique_ptr<HostPicker> picker,
                      std::vector<WeightedHost> hosts, LbStats &stats)
        : m_factor(factor)
        , m_picker(std::move(picker))
        , m_hosts(std::move(hosts))
        , m_stats(stats)
    {
        for (const WeightedHost &each : m_hosts)
            m_weights[each.host.get()] = each.weight;
    }

    HostPtr pick(const LbContext &context) override
    {
        HostPtr chosen = m_picker->pick(context);
        if (!chosen)
            return nullptr;
        double load = loadOf(*chosen, m_weights[chosen.get()]);
        if (load <= 1)
            return chosen;
        const HostPtr first = chosen;
        std::vector<std::uint32_t> order(m_hosts.size());
        std::iota(order.begin(), order.end(), 0U);
        std::mt19937 random(static_cast<std::uint32_t>(context.hash.value_or(context.random)));
        for (std::size_t i = 0; i < order.size(); ++i) {
            std::swap(order[i], order[i + below(random, static_cast<std::uint32_t>(order.size() - i))]);
            const WeightedHost &other = m_hosts[order[i]];
            if (other.host == first)
                continue;
            const double othersLoad = loadOf(*other.host, other.weight);
            if (othersLoad <= 1)
                return other.host;
            if (othersLoad < load) {
                load = othersLoad;
                chosen = other.host;
            }
        }
        return chosen;
    }

private:
    /// Its requests as a part of those that it may have.
    double loadOf(const Host &host, double weight) const
    {
        const auto all =
            static_cast<std::uint64_t>(std::max<std::int64_t>(m_stats.requestsActive.value(), 0));
        const std::uint64_t slots = ((all + 1) * m_factor + 99) / 100;
        const double own = std::max(std::ceil(static_cast<double>(slots) * weight), 1.0);
        return static_cast<double>(host.requestsActive.load(std::memory_order_relaxed)) / own;
    }

    std::uint32_t m_factor;
    std::unique_ptr<HostPicker> m_picker;
    std::vector<WeightedHost> m_hosts;
    std::map<const Host *, double> m_weights;
    LbStats &m_stats;
};

} // namespace

std::unique_ptr<HostPicker> makeBoundedLoadPicker(std::uint32_t factor, std::unique_ptr<HostPicker> picker,
                                                  std::vector<WeightedHost> hosts, LbStats &stats)
{
    return std::make_unique<BoundedLoadPicker>(factor, std::move(picker), std::move(hosts), stats);
}

} // namespace sallyport::upstream
