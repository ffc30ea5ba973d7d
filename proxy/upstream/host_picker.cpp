// SPDX-License-Identifier: GPL-3.0-or-later
// Round robin, least request and random (envoy-behaviour.md 4.8).
#include "proxy/upstream/host_picker.h"

#include "proxy/upstream/edf_scheduler.h"

#include <algorithm>
#include <random>

namespace sallyport::upstream {

namespace {

bool equalWeights(const Hosts &hosts)
{
    return std::all_of(hosts.begin(), hosts.end(),
                       [&](const HostPtr &host) { return host->weight() == hosts.front()->weight(); });
}

class RoundRobinPicker : public HostPicker
{
public:
    explicit RoundRobinPicker(Hosts hosts)
        : m_hosts(std::move(hosts))
        , m_next(randomNumber())
    {
        if (m_hosts.empty() || equalWeights(m_hosts))
            return;
        for (std::size_t i = 0; i < m_hosts.size(); ++i)
            m_scheduler.add(i, m_hosts[i]->weight());
        for (std::uint64_t skip = m_next % m_hosts.size(); skip > 0; --skip)
            m_scheduler.next([&](std::size_t i) { return m_hosts[i]->weight(); });
    }
    HostPtr pick(const LbContext &) override
    {
        if (m_hosts.empty())
            return nullptr;
        if (!m_scheduler.isEmpty())
            return m_hosts[m_scheduler.next([&](std::size_t i) { return m_hosts[i]->weight(); })];
        return m_hosts[m_next++ % m_hosts.size()];
    }

private:
    Hosts m_hosts;
    std::uint64_t m_next;
    EdfScheduler m_scheduler;
};

class LeastRequestPicker : public HostPicker
{
public:
    LeastRequestPicker(Hosts hosts, std::uint32_t choices)
        : m_hosts(std::move(hosts))
        , m_choices(choices)
    {
        if (m_hosts.empty() || equalWeights(m_hosts))
            return;
        for (std::size_t i = 0; i < m_hosts.size(); ++i)
            m_scheduler.add(i, weight(i));
    }
    HostPtr pick(const LbContext &) override
    {
        if (m_hosts.empty())
            return nullptr;
        if (!m_scheduler.isEmpty())
            return m_hosts[m_scheduler.next([&](std::size_t i) { return weight(i); })];
        HostPtr best;
        for (std::uint32_t i = 0; i < m_choices; ++i) {
            const HostPtr &sample = m_hosts[randomNumber() % m_hosts.size()];
            if (!best || sample->requestsActive.load(std::memory_order_relaxed) <
                             best->requestsActive.load(std::memory_order_relaxed))
                best = sample;
        }
        return best;
    }

private:
    double weight(std::size_t i) const
    {
        return static_cast<double>(m_hosts[i]->weight()) /
               static_cast<double>(m_hosts[i]->requestsActive.load(std::memory_order_relaxed) + 1);
    }

    Hosts m_hosts;
    std::uint32_t m_choices;
    EdfScheduler m_scheduler;
};

class RandomPicker : public HostPicker
{
public:
    explicit RandomPicker(Hosts hosts)
        : m_hosts(std::move(hosts))
    {
    }
    HostPtr pick(const LbContext &) override
    {
        return m_hosts.empty() ? nullptr : m_hosts[randomNumber() % m_hosts.size()];
    }

private:
    Hosts m_hosts;
};

} // namespace

std::uint64_t randomNumber()
{
    thread_local std::mt19937_64 random{std::random_device{}()};
    return random();
}

std::unique_ptr<HostPicker> makePicker(const dataplane::Cluster &cluster, Hosts hosts)
{
    using Policy = dataplane::Cluster::LbPolicy;
    switch (cluster.lbPolicy) {
    case Policy::LeastRequest:
        return std::make_unique<LeastRequestPicker>(std::move(hosts), cluster.leastRequestChoices);
    case Policy::Random:
        return std::make_unique<RandomPicker>(std::move(hosts));
    case Policy::RoundRobin:
    case Policy::RingHash:
    case Policy::Maglev:
    case Policy::ClusterProvided:
        break;
    }
    return std::make_unique<RoundRobinPicker>(std::move(hosts));
}

} // namespace sallyport::upstream
