// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/health_checker.h"

#include "proxy/upstream/host_picker.h"
#include "proxy/upstream/whole_milliseconds.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace sallyport::upstream {

namespace {

std::chrono::milliseconds withJitter(const dataplane::HealthCheck &check, std::chrono::milliseconds pause,
                                     std::chrono::milliseconds jitter)
{
    std::int64_t all = pause.count();
    for (const std::int64_t most : {pause.count() * check.intervalJitterPercent / 100, jitter.count()}) {
        if (most > 0)
            all += static_cast<std::int64_t>(randomNumber() % static_cast<std::uint64_t>(most));
    }
    // Never at once: a host that cannot be asked would be all that is done.
    return std::chrono::milliseconds(std::max<std::int64_t>(all, 1));
}

} // namespace

/// One host and one check: what the results came to so far, and when it is asked next.
class HealthChecker::Session
{
public:
    Session(HealthChecker &checker, CompiledHealthCheck &check, HostPtr host)
        : m_checker(checker)
        , m_check(check)
        , m_host(std::move(host))
        , m_pause(checker.m_dispatcher, [this] { ask(); })
        , m_timeout(checker.m_dispatcher, [this] { onTimeout(); })
        , m_probe(makeHealthProbe(checker.m_dispatcher, checker.m_cluster, check, m_host,
                                  [this](ProbeResult result) { onResult(result); }))
    {
        for (const HealthFlag flag : Found) {
            if (m_host->has(flag))
                m_found.insert(flag);
        }
        if (!has(HealthFlag::FailedActiveHc))
            stats().healthy.inc();
        if (has(HealthFlag::DegradedActiveHc))
            stats().degraded.inc();
    }
    ~Session()
    {
        if (!has(HealthFlag::FailedActiveHc))
            stats().healthy.dec();
        if (has(HealthFlag::DegradedActiveHc))
            stats().degraded.dec();
    }
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    void start()
    {
        const std::chrono::milliseconds jitter = wholeMilliseconds(configuration().initialJitter);
        if (jitter.count() > 0)
            m_pause.arm(withJitter(configuration(), std::chrono::milliseconds(0), jitter));
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
    /// By this check alone.
    bool has(HealthFlag flag) const { return m_found.contains(flag); }

    /// What a check finds of a host.
    static constexpr std::array Found{HealthFlag::FailedActiveHc, HealthFlag::DegradedActiveHc,
                                      HealthFlag::PendingActiveHc, HealthFlag::ActiveHcTimeout};

private:
    const dataplane::HealthCheck &configuration() const { return m_check.configuration(); }
    HealthCheckStats &stats() { return m_check.stats(); }
    void set(HealthFlag flag)
    {
        m_found.insert(flag);
        m_checker.combine(*m_host);
    }
    void clear(HealthFlag flag)
    {
        m_found.erase(flag);
        m_checker.combine(*m_host);
    }

    void ask()
    {
        m_timeout.arm(wholeMilliseconds(configuration().timeout));
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
        if (has(HealthFlag::FailedActiveHc)) {
            transition = HealthTransition::Pending;
            // The first result of all counts at once: a start is not to take long.
            if (m_first || ++m_passed == configuration().healthyThreshold) {
                m_host->clear(HealthFlag::ExcludedViaImmediateHcFail);
                clear(HealthFlag::ActiveHcTimeout);
                clear(HealthFlag::FailedActiveHc);
                stats().healthy.inc();
                transition = HealthTransition::Changed;
            }
        }
        transition = withResult(transition);
        if (degraded != has(HealthFlag::DegradedActiveHc)) {
            // As in Envoy, the gauge only falls with the host.
            if (degraded) {
                set(HealthFlag::DegradedActiveHc);
                stats().degraded.inc();
            } else {
                clear(HealthFlag::DegradedActiveHc);
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
        if (!has(HealthFlag::FailedActiveHc)) {
            transition = HealthTransition::Pending;
            if (atOnce || ++m_failed == configuration().unhealthyThreshold) {
                set(HealthFlag::FailedActiveHc);
                stats().healthy.dec();
                transition = HealthTransition::Changed;
            }
        }
        if (timedOut && has(HealthFlag::FailedActiveHc))
            set(HealthFlag::ActiveHcTimeout);
        else
            clear(HealthFlag::ActiveHcTimeout);
        transition = withResult(transition);
        stats().failure.inc();
        m_first = false;
        return transition;
    }

    /// With its first result a host that waited for it counts again.
    HealthTransition withResult(HealthTransition transition)
    {
        if (!has(HealthFlag::PendingActiveHc))
            return transition;
        clear(HealthFlag::PendingActiveHc);
        return HealthTransition::Changed;
    }

    void end(bool passed, HealthTransition transition)
    {
        m_first = false;
        m_timeout.cancel();
        m_pause.arm(m_checker.pause(configuration(), passed, transition));
        m_checker.onResult(*m_host, passed, transition);
    }

    HealthChecker &m_checker;
    CompiledHealthCheck &m_check;
    const HostPtr m_host;
    std::set<HealthFlag> m_found;
    net::Timer m_pause;
    net::Timer m_timeout;
    std::unique_ptr<HealthProbe> m_probe;
    std::uint32_t m_passed = 0; ///< in a row, while the host is out
    std::uint32_t m_failed = 0;
    bool m_first = true; ///< no result has come yet
};

namespace {

/// All of a host's checks have had a result.
bool isHeard(const auto &sessions)
{
    return std::none_of(sessions.begin(), sessions.end(),
                        [](const auto &session) { return session->isFirst(); });
}

} // namespace

HealthChecker::HealthChecker(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster,
                             std::function<void()> onHealthChanged)
    : m_dispatcher(dispatcher)
    , m_cluster(std::move(cluster))
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
        unheard += !there && !isHeard(entry.second) ? 1 : 0;
        return !there;
    });
    for (const HostPtr &host : hosts) {
        if (host->activeHealthCheckDisabled() || m_sessions.contains(host.get()))
            continue;
        auto &sessions = m_sessions[host.get()];
        for (const std::unique_ptr<CompiledHealthCheck> &check : m_cluster->healthChecks())
            sessions.push_back(std::make_unique<Session>(*this, *check, host));
        for (const std::unique_ptr<Session> &session : sessions)
            session->start();
    }
    countHosts();
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
        countHosts();
        m_cluster->recountMembers();
        m_onHealthChanged();
    }
    // Of several checks each must have had its first result.
    const auto sessions = m_sessions.find(&host);
    if (sessions != m_sessions.end() && isHeard(sessions->second))
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
    const auto found = m_sessions.find(host);
    if (found == m_sessions.end())
        return;
    for (const std::unique_ptr<Session> &session : found->second)
        session->failAtOnce();
}

void HealthChecker::combine(Host &host)
{
    const auto sessions = m_sessions.find(&host);
    if (sessions == m_sessions.end())
        return;
    for (const HealthFlag flag : Session::Found) {
        const bool found = std::any_of(sessions->second.begin(), sessions->second.end(),
                                       [flag](const auto &session) { return session->has(flag); });
        if (found)
            host.set(flag);
        else
            host.clear(flag);
    }
}

void HealthChecker::countHosts()
{
    CombinedHealthStats *stats = m_cluster->combinedHealth();
    if (stats == nullptr)
        return;
    const auto count = [this](auto &&test) {
        return static_cast<std::int64_t>(std::count_if(
            m_sessions.begin(), m_sessions.end(), [&](const auto &entry) { return test(*entry.first); }));
    };
    stats->healthy.set(count([](const Host &host) { return !host.has(HealthFlag::FailedActiveHc); }));
    stats->degraded.set(count([](const Host &host) { return host.has(HealthFlag::DegradedActiveHc); }));
}

std::chrono::milliseconds HealthChecker::pause(const dataplane::HealthCheck &check, bool passed,
                                               HealthTransition transition) const
{
    return withJitter(check, healthCheckPause(check, passed, transition, m_cluster->stats().cxTotal.used()),
                      wholeMilliseconds(check.intervalJitter));
}

} // namespace sallyport::upstream
