// SPDX-License-Identifier: GPL-3.0-or-later
// Round robin, least request and random (envoy-behaviour.md 4.8).
#include "proxy/upstream/host_picker.h"

#include "proxy/upstream/edf_scheduler.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

namespace sallyport::upstream {

namespace {

bool equalWeights(const Hosts &hosts)
{
    return std::all_of(hosts.begin(), hosts.end(),
                       [&](const HostPtr &host) { return host->weight() == hosts.front()->weight(); });
}

/// Hosts that came within the window get less than their weight, and more of it from moment to moment
/// (source/extensions/load_balancing_policies/common/load_balancer_impl.cc, EdfLoadBalancerBase).
class SlowStart
{
public:
    SlowStart(const dataplane::Cluster &cluster, const Hosts &hosts)
        : m_window(cluster.slowStartWindow.value_or(dataplane::Duration::zero()))
        , m_aggression(cluster.slowStartAggression ? cluster.slowStartAggression->defaultValue : 1)
        , m_least(cluster.slowStartMinWeightPercent / 100)
    {
        if (!(m_aggression > 0))
            m_aggression = 1;
        for (const HostPtr &host : hosts)
            m_latest = std::max(m_latest, host->since());
    }

    /// Whether any host is new.
    bool isActive() const { return m_window.count() > 0 && Host::Clock::now() - m_latest <= m_window; }

    double weighed(double weight, const Host &host) const
    {
        if (!isActive())
            return weight;
        const auto age =
            std::chrono::duration_cast<std::chrono::milliseconds>(Host::Clock::now() - host.since());
        if (age >= m_window)
            return weight;
        const double window = std::chrono::duration<double, std::milli>(m_window).count();
        double factor = std::max(1.0, static_cast<double>(age.count())) / window;
        if (m_aggression != 1 && factor != 1)
            factor = std::pow(factor, 1 / m_aggression);
        return weight * std::max(factor, m_least);
    }

private:
    dataplane::Duration m_window;
    double m_aggression;
    double m_least;
    Host::Clock::time_point m_latest;
};

class RoundRobinPicker : public HostPicker
{
public:
    RoundRobinPicker(const dataplane::Cluster &cluster, Hosts hosts)
        : m_hosts(std::move(hosts))
        , m_slowStart(cluster, m_hosts)
        , m_next(randomNumber())
    {
        if (m_hosts.empty() || (equalWeights(m_hosts) && !m_slowStart.isActive()))
            return;
        std::vector<double> weights;
        for (std::size_t i = 0; i < m_hosts.size(); ++i)
            weights.push_back(weight(i));
        m_scheduler = EdfScheduler::withPicks(weights, m_next % m_hosts.size());
    }
    HostPtr pick(const LbContext &) override
    {
        if (m_hosts.empty())
            return nullptr;
        if (!m_scheduler.isEmpty())
            return m_hosts[m_scheduler.next([&](std::size_t i) { return weight(i); })];
        return m_hosts[m_next++ % m_hosts.size()];
    }

private:
    double weight(std::size_t i) const { return m_slowStart.weighed(m_hosts[i]->weight(), *m_hosts[i]); }

    Hosts m_hosts;
    SlowStart m_slowStart;
    std::uint64_t m_next;
    EdfScheduler m_scheduler;
};

class LeastRequestPicker : public HostPicker
{
public:
    LeastRequestPicker(const dataplane::Cluster &cluster, Hosts hosts)
        : m_hosts(std::move(hosts))
        , m_slowStart(cluster, m_hosts)
        , m_choices(cluster.leastRequestChoices)
        , m_bias(cluster.leastRequestBias ? cluster.leastRequestBias->defaultValue : 1)
        , m_scansAll(cluster.leastRequestFullScan)
    {
        if (!(m_bias >= 0))
            m_bias = 1;
        if (m_hosts.empty() || (equalWeights(m_hosts) && !m_slowStart.isActive()))
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
        return m_scansAll ? bestOfAll() : bestOfSome();
    }

private:
    static std::uint64_t active(const Host &host)
    {
        return host.requestsActive.load(std::memory_order_relaxed);
    }
    HostPtr bestOfSome() const
    {
        HostPtr best;
        for (std::uint32_t i = 0; i < m_choices; ++i) {
            const HostPtr &sample = m_hosts[randomNumber() % m_hosts.size()];
            if (!best || active(*sample) < active(*best))
                best = sample;
        }
        return best;
    }
    /// Any of those that have the fewest, each as likely as the others.
    HostPtr bestOfAll() const
    {
        const HostPtr *best = nullptr;
        std::uint64_t fewest = 0;
        std::uint64_t equals = 0;
        for (const HostPtr &host : m_hosts) {
            const std::uint64_t requests = active(*host);
            if (best == nullptr || requests < fewest) {
                best = &host;
                fewest = requests;
                equals = 1;
            } else if (requests == fewest && randomNumber() % ++equals == 0) {
                best = &host;
            }
        }
        return *best;
    }
    double weight(std::size_t i) const
    {
        double weight = m_hosts[i]->weight();
        if (m_bias != 0)
            weight /= std::pow(static_cast<double>(active(*m_hosts[i]) + 1), m_bias);
        return m_slowStart.weighed(weight, *m_hosts[i]);
    }

    Hosts m_hosts;
    SlowStart m_slowStart;
    std::uint32_t m_choices;
    double m_bias;
    bool m_scansAll;
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
        return std::make_unique<LeastRequestPicker>(cluster, std::move(hosts));
    case Policy::Random:
        return std::make_unique<RandomPicker>(std::move(hosts));
    case Policy::RoundRobin:
    case Policy::RingHash:
    case Policy::Maglev:
    case Policy::ClusterProvided:
        break;
    }
    return std::make_unique<RoundRobinPicker>(cluster, std::move(hosts));
}

} // namespace sallyport::upstream
