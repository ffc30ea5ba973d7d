// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/health_checker.h"

#include "proxy/upstream/host_picker.h"

#include <algorithm>
#include <set>
#include <utility>

namespace sallyport::upstream {

namespace {

std::chrono::milliseconds cut(dataplane::Duration duration)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

} // namespace

/// One host: what its results came to so far, and when it is asked next.
class HealthChecker::Session
{
public:
    Session(HealthChecker &checker, HostPtr host)
        : m_checker(checker)
        , m_host(std::move(host))
        , m_pause(checker.m_dispatcher, [this] { ask(); })
        , m_timeout(checker.m_dispatcher, [this] { onTimeout(); })
        , m_probe(makeHealthProbe(checker.m_dispatcher, checker.m_cluster, m_host,
                                  [this](ProbeResult result) { onResult(result); }))
    {
        if (!m_host->has(HealthFlag::FailedActiveHc))
            stats().healthy.inc();
        if (m_host->has(HealthFlag::DegradedActiveHc))
            stats().degraded.inc();
    }
    ~Session()
    {
        if (!m_host->has(HealthFlag::FailedActiveHc))
            stats().healthy.dec();
        if (m_host->has(HealthFlag::DegradedActiveHc))
            stats().degraded.dec();
    }
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    void start()
    {
        const std::chrono::milliseconds jitter = cut(configuration().initialJitter);
        if (jitter.count() > 0)
            m_pause.arm(m_checker.withJitter(std::chrono::milliseconds(0), jitter));
        else
            ask();
    }

    /// The host has said in an answer to somebody's request that its health checks are to fail.
    void failAtOnce()
    {
        m_host->set(HealthFlag::ExcludedViaImmediateHcFail);
        stats().passiveFailure.inc();
        m_checker.onResult(*m_host, false, becomeUnhealthy(true, false));
    }
    bool isFirst() const { return m_first; }

private:
    const dataplane::HealthCheck &configuration() const { return m_checker.m_check.configuration(); }
    HealthCheckStats &stats() { return m_checker.m_check.stats(); }

    void ask()
    {
        m_timeout.arm(cut(configuration().timeout));
        stats().attempt.inc();
        m_probe->ask();
    }
    void onTimeout()
    {
        m_probe->giveUp();
        stats().networkFailure.inc();
        fail(false, true);
    }
    void onResult(ProbeResult result)
    {
        switch (result) {
        case ProbeResult::Passed:
        case ProbeResult::PassedDegraded:
            pass(result == ProbeResult::PassedDegraded);
            break;
        case ProbeResult::NetworkFailure:
            stats().networkFailure.inc();
            fail(false, false);
            break;
        case ProbeResult::Retriable:
            fail(false, false);
            break;
        case ProbeResult::Refused:
            fail(true, false);
            break;
        }
    }

    void pass(bool degraded)
    {
        m_failed = 0;
        HealthTransition transition = HealthTransition::Unchanged;
        if (m_host->has(HealthFlag::FailedActiveHc)) {
            transition = HealthTransition::Pending;
            // The first result of all counts at once: a start is not to take long.
            if (m_first || ++m_passed == configuration().healthyThreshold) {
                for (const HealthFlag flag :
                     {HealthFlag::ActiveHcTimeout, HealthFlag::ExcludedViaImmediateHcFail,
                      HealthFlag::FailedActiveHc})
                    m_host->clear(flag);
                stats().healthy.inc();
                transition = HealthTransition::Changed;
            }
        }
        transition = withResult(transition);
        if (degraded != m_host->has(HealthFlag::DegradedActiveHc)) {
            // As in Envoy, the gauge only falls with the host.
            if (degraded) {
                m_host->set(HealthFlag::DegradedActiveHc);
                stats().degraded.inc();
            } else {
                m_host->clear(HealthFlag::DegradedActiveHc);
            }
            if (transition == HealthTransition::Unchanged)
                transition = HealthTransition::Changed;
        }
        stats().success.inc();
        end(true, transition);
    }

    void fail(bool atOnce, bool timedOut) { end(false, becomeUnhealthy(atOnce, timedOut)); }

    HealthTransition becomeUnhealthy(bool atOnce, bool timedOut)
    {
        m_passed = 0;
        HealthTransition transition = HealthTransition::Unchanged;
        if (!m_host->has(HealthFlag::FailedActiveHc)) {
            transition = HealthTransition::Pending;
            if (atOnce || ++m_failed == configuration().unhealthyThreshold) {
                m_host->set(HealthFlag::FailedActiveHc);
                stats().healthy.dec();
                transition = HealthTransition::Changed;
            }
        }
        if (timedOut && m_host->has(HealthFlag::FailedActiveHc))
            m_host->set(HealthFlag::ActiveHcTimeout);
        else
            m_host->clear(HealthFlag::ActiveHcTimeout);
        transition = withResult(transition);
        stats().failure.inc();
        m_first = false;
        return transition;
    }

    /// With its first result a host that waited for it counts again.
    HealthTransition withResult(HealthTransition transition)
    {
        if (!m_host->has(HealthFlag::PendingActiveHc))
            return transition;
        m_host->clear(HealthFlag::PendingActiveHc);
        return HealthTransition::Changed;
    }

    void end(bool passed, HealthTransition transition)
    {
        m_first = false;
        m_timeout.cancel();
        m_pause.arm(m_checker.pause(passed, transition));
        m_checker.onResult(*m_host, passed, transition);
    }

    HealthChecker &m_checker;
    const HostPtr m_host;
    net::Timer m_pause;
    net::Timer m_timeout;
    std::unique_ptr<HealthProbe> m_probe;
    std::uint32_t m_passed = 0; ///< in a row, while the host is out
    std::uint32_t m_failed = 0;
    bool m_first = true; ///< no result has come yet
};

HealthChecker::HealthChecker(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster,
                             std::function<void()> onHealthChanged)
    : m_dispatcher(dispatcher)
    , m_cluster(std::move(cluster))
    , m_check(*m_cluster->healthCheck())
    , m_onHealthChanged(std::move(onHealthChanged))
{
    m_cluster->setOnImmediateFailure(
        [this, to = &m_dispatcher, alive = std::weak_ptr<void>(m_alive)](const HostPtr &host) {
            to->post([this, alive, host] {
                if (!alive.expired())
                    onImmediateFailure(host.get());
            });
        });
}

HealthChecker::~HealthChecker()
{
    m_cluster->setOnImmediateFailure({});
}

void HealthChecker::update()
{
    const std::vector<HostPtr> hosts = m_cluster->hosts();
    std::set<const Host *> present;
    for (const HostPtr &host : hosts)
        present.insert(host.get());
    std::size_t unheard = 0;
    std::erase_if(m_sessions, [&](const auto &entry) {
        const bool there = present.contains(entry.first);
        unheard += !there && entry.second->isFirst() ? 1 : 0;
        return !there;
    });
    for (const HostPtr &host : hosts) {
        if (host->activeHealthCheckDisabled() || m_sessions.contains(host.get()))
            continue;
        auto &session = m_sessions[host.get()] = std::make_unique<Session>(*this, host);
        session->start();
    }
    // A host that goes before its first result is not waited for.
    for (; unheard > 0; --unheard)
        awaitOneLess();
}

void HealthChecker::whenReady(std::function<void()> onReady)
{
    m_awaited = m_sessions.size();
    m_onReady = std::move(onReady);
    if (m_awaited == 0)
        std::exchange(m_onReady, nullptr)();
}

void HealthChecker::onResult(Host &host, bool passed, HealthTransition transition)
{
    if (passed && !host.has(HealthFlag::FailedActiveHc) && m_cluster->outliers() != nullptr)
        m_cluster->outliers()->onHealthCheckPassed(host);
    if (transition == HealthTransition::Changed) {
        m_cluster->recountMembers();
        m_onHealthChanged();
    }
    awaitOneLess();
}

void HealthChecker::awaitOneLess()
{
    if (m_awaited == 0 || --m_awaited > 0)
        return;
    // Also of hosts that only went on failing.
    m_cluster->recountMembers();
    // Whoever waited may do anything then, but not while a session is at work.
    m_dispatcher.post([this, alive = std::weak_ptr<void>(m_alive)] {
        if (!alive.expired() && m_onReady)
            std::exchange(m_onReady, nullptr)();
    });
}

void HealthChecker::onImmediateFailure(const Host *host)
{
    if (const auto found = m_sessions.find(host); found != m_sessions.end())
        found->second->failAtOnce();
}

std::chrono::milliseconds HealthChecker::pause(bool passed, HealthTransition transition)
{
    return withJitter(
        healthCheckPause(m_check.configuration(), passed, transition, m_cluster->stats().cxTotal.used()),
        cut(m_check.configuration().intervalJitter));
}

std::chrono::milliseconds HealthChecker::withJitter(std::chrono::milliseconds pause,
                                                    std::chrono::milliseconds jitter)
{
    std::int64_t all = pause.count();
    for (const std::int64_t most :
         {pause.count() * m_check.configuration().intervalJitterPercent / 100, jitter.count()}) {
        if (most > 0)
            all += static_cast<std::int64_t>(randomNumber() % static_cast<std::uint64_t>(most));
    }
    // Never at once: a host that cannot be asked would be all that is done.
    return std::chrono::milliseconds(std::max<std::int64_t>(all, 1));
}

} // namespace sallyport::upstream
