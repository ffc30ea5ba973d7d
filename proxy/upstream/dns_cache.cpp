// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/dns_cache.h"

#include "proxy/net/timer.h"
#include "proxy/upstream/whole_milliseconds.h"

#include <algorithm>
#include <random>
#include <utility>

namespace sallyport::upstream {

namespace {

constexpr std::size_t DefaultMaxHosts = 1024;
using std::chrono::milliseconds;

net::DnsFamily familyOf(dataplane::DnsFamily family)
{
    switch (family) {
    case dataplane::DnsFamily::V4Only:
        return net::DnsFamily::V4Only;
    case dataplane::DnsFamily::V6Only:
        return net::DnsFamily::V6Only;
    case dataplane::DnsFamily::V4Preferred:
        return net::DnsFamily::V4Preferred;
    case dataplane::DnsFamily::All:
        return net::DnsFamily::All;
    case dataplane::DnsFamily::Auto:
        break;
    }
    return net::DnsFamily::Auto;
}

} // namespace

/// Guards who waits against an answer that comes while he goes: his thread lives as long as `worker` is set.
struct DnsCache::Query::State
{
    std::mutex mutex;
    net::EpollDispatcher *worker = nullptr;
    OnAnswer onAnswer;
    std::weak_ptr<DnsCache> cache;
    std::atomic<bool> waits{true};

    static void answer(const std::shared_ptr<State> &state, const Answer &answer)
    {
        state->leave();
        const std::lock_guard lock(state->mutex);
        if (state->worker == nullptr)
            return;
        state->worker->post([state, answer] {
            // On his thread, where he alone takes `worker` away.
            if (state->worker != nullptr)
                state->onAnswer(answer.address, answer.why);
        });
    }
    /// He waits no longer.
    void leave()
    {
        if (!waits.exchange(false))
            return;
        if (const std::shared_ptr<DnsCache> still = cache.lock())
            still->onWaiting(-1);
    }
};

DnsCache::Query::~Query()
{
    m_state->leave();
    const std::lock_guard lock(m_state->mutex);
    m_state->worker = nullptr;
}

struct DnsCache::Lookups
{
    explicit Lookups(const std::optional<dataplane::DnsResolver> &configured)
        : resolver(configured.value_or(dataplane::DnsResolver()))
    {
    }
    struct Lookup
    {
        net::Resolver::Query query; ///< null: none is under way
        std::unique_ptr<net::Timer> timeout;
        std::unique_ptr<net::Timer> next;
        milliseconds backOff{0}; ///< after the next failure, at most; 0: the first of a row
        std::vector<std::shared_ptr<Query::State>> waiting;
    };

    milliseconds untilNext(Lookup &lookup, const dataplane::DnsCache &configuration,
                           const net::DnsAnswer &answer)
    {
        const milliseconds least = wholeMilliseconds(configuration.minRefreshRate);
        if (answer.status != net::DnsAnswer::Status::Failure) {
            lookup.backOff = milliseconds(0);
            return std::max(least, answer.addresses.empty() ? wholeMilliseconds(configuration.refreshRate)
                                                            : milliseconds(answer.ttl));
        }
        if (!configuration.failureRefreshRate)
            return std::max(least, wholeMilliseconds(configuration.refreshRate));
        const milliseconds base = wholeMilliseconds(*configuration.failureRefreshRate);
        const milliseconds most = wholeMilliseconds(
            configuration.failureMaxInterval.value_or(10 * *configuration.failureRefreshRate));
        const milliseconds now = std::min(std::max(lookup.backOff, base), most);
        lookup.backOff = std::min(2 * now, most);
        return std::max(least, milliseconds(static_cast<std::int64_t>(chance()) %
                                            std::max<std::int64_t>(now.count(), 1)));
    }

    net::Resolver resolver;
    std::minstd_rand chance{std::random_device()()};
    std::map<HostAndPort, Lookup> hosts;
};

DnsCache::DnsCache(const dataplane::DnsCache &configuration, telemetry::StatsStore &store)
    : m_configuration(configuration)
    , m_main(net::EpollDispatcher::current())
    , m_attempts(store.counter("dns_cache." + configuration.name + ".dns_query_attempt"))
    , m_successes(store.counter("dns_cache." + configuration.name + ".dns_query_success"))
    , m_failures(store.counter("dns_cache." + configuration.name + ".dns_query_failure"))
    , m_timeouts(store.counter("dns_cache." + configuration.name + ".dns_query_timeout"))
    , m_hostsAdded(store.counter("dns_cache." + configuration.name + ".host_added"))
    , m_hostsRemoved(store.counter("dns_cache." + configuration.name + ".host_removed"))
    , m_addressChanged(store.counter("dns_cache." + configuration.name + ".host_address_changed"))
    , m_overflows(store.counter("dns_cache." + configuration.name + ".host_overflow"))
    , m_pendingOverflows(store.counter("dns_cache." + configuration.name + ".dns_rq_pending_overflow"))
    , m_hostCount(store.gauge("dns_cache." + configuration.name + ".num_hosts"))
    , m_breakerOpen(store.gauge("dns_cache." + configuration.name + ".circuit_breakers.rq_pending_open"))
    , m_breakerRemaining(
          store.gauge("dns_cache." + configuration.name + ".circuit_breakers.rq_pending_remaining"))
    , m_lookups(std::make_unique<Lookups>(configuration.resolver))
{
    // Envoy's, which nothing here moves.
    for (const char *name : {"cache_load", "dns_address_filter_out"})
        store.counter("dns_cache." + configuration.name + '.' + name);
    m_breakerRemaining.set(configuration.maxPendingRequests);
}

std::shared_ptr<DnsCache> DnsCache::create(const dataplane::DnsCache &configuration,
                                           telemetry::StatsStore &store)
{
    if (net::EpollDispatcher::current() == nullptr)
        return nullptr;
    // The last who holds it may be a worker.
    return std::shared_ptr<DnsCache>(new DnsCache(configuration, store), [](DnsCache *cache) {
        if (net::EpollDispatcher::current() == cache->m_main)
            delete cache;
        else
            cache->m_main->post([cache] { delete cache; });
    });
}

void DnsCache::onWaiting(int change)
{
    const std::int64_t waiting = m_waiting.fetch_add(change) + change;
    const std::int64_t most = m_configuration.maxPendingRequests;
    m_breakerOpen.set(waiting >= most ? 1 : 0);
    m_breakerRemaining.set(std::max<std::int64_t>(most - waiting, 0));
}

bool DnsCache::takesMore() const
{
    if (m_waiting.load() < m_configuration.maxPendingRequests)
        return true;
    m_pendingOverflows.inc();
    return false;
}

std::optional<DnsCache::Answer> DnsCache::find(const std::string &host, std::uint16_t port)
{
    return known({host, port});
}

std::optional<DnsCache::Answer> DnsCache::known(const HostAndPort &host)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_hosts.find(host);
    if (found == m_hosts.end() || !found->second.isKnown)
        return std::nullopt;
    Host &known = found->second;
    // What will not be looked up again by itself is looked up for who asks next.
    if (!known.answer.address.isIp() && m_configuration.disableRefreshOnFailure)
        return std::nullopt;
    known.lastUsed = net::Clock::now();
    return known.answer;
}

std::unique_ptr<DnsCache::Query> DnsCache::resolve(const std::string &host, std::uint16_t port,
                                                   net::EpollDispatcher &worker, OnAnswer onAnswer)
{
    auto query = std::make_unique<Query>();
    query->m_state = std::make_shared<Query::State>();
    query->m_state->worker = &worker;
    query->m_state->onAnswer = std::move(onAnswer);
    query->m_state->cache = weak_from_this();
    onWaiting(1);
    m_main->post([self = weak_from_this(), wanted = HostAndPort(host, port), state = query->m_state] {
        if (const std::shared_ptr<DnsCache> cache = self.lock())
            cache->lookUp(wanted, state);
    });
    return query;
}

void DnsCache::lookUp(const HostAndPort &host, const std::shared_ptr<Query::State> &waiting)
{
    if (const std::optional<Answer> answer = known(host)) {
        Query::State::answer(waiting, *answer);
        return;
    }
    const auto open = m_lookups->hosts.find(host);
    if (open != m_lookups->hosts.end() && open->second.query) {
        open->second.waiting.push_back(waiting);
        return;
    }
    remove(host);
    if (!add(host)) {
        m_overflows.inc();
        Query::State::answer(waiting, {{}, "overflow"});
        return;
    }
    m_lookups->hosts[host].waiting.push_back(waiting);
    query(host);
}

bool DnsCache::add(const HostAndPort &host)
{
    const std::lock_guard lock(m_mutex);
    if (m_hosts.size() >= m_configuration.maxHosts.value_or(DefaultMaxHosts))
        return false;
    m_hosts[host].lastUsed = net::Clock::now();
    m_hostsAdded.inc();
    m_hostCount.set(static_cast<std::int64_t>(m_hosts.size()));
    return true;
}

void DnsCache::remove(const HostAndPort &host)
{
    m_lookups->hosts.erase(host);
    const std::lock_guard lock(m_mutex);
    m_hostsRemoved.add(m_hosts.erase(host));
    m_hostCount.set(static_cast<std::int64_t>(m_hosts.size()));
}

void DnsCache::query(const HostAndPort &host)
{
    Lookups::Lookup &lookup = m_lookups->hosts[host];
    m_attempts.inc();
    const milliseconds patience = wholeMilliseconds(m_configuration.queryTimeout);
    if (patience.count() > 0) {
        lookup.timeout = std::make_unique<net::Timer>(*m_main, [this, host] {
            m_timeouts.inc();
            net::DnsAnswer none;
            none.error = "resolve_timeout";
            onAnswer(host, none);
        });
        lookup.timeout->arm(patience);
    }
    lookup.query = m_lookups->resolver.resolve(
        host.first, familyOf(m_configuration.family),
        [this, host](const net::DnsAnswer &answer) { this->onAnswer(host, answer); });
}

void DnsCache::onAnswer(const HostAndPort &host, const net::DnsAnswer &answer)
{
    Lookups::Lookup &lookup = m_lookups->hosts.at(host);
    lookup.query.reset();
    if (lookup.timeout)
        lookup.timeout->cancel();
    const bool failed = answer.status == net::DnsAnswer::Status::Failure;
    // That there is no such name is an answer, too.
    (failed ? m_failures : m_successes).inc();
    Answer now;
    {
        const std::lock_guard lock(m_mutex);
        Host &known = m_hosts[host];
        known.isKnown = true;
        if (!answer.addresses.empty()) {
            net::Address address = answer.addresses.front();
            address.setPort(host.second);
            if (known.answer.address != address)
                m_addressChanged.inc();
            known.answer = {address, {}};
        } else if (!known.answer.address.isIp()) {
            known.answer.why = answer.error;
        }
        now = known.answer;
    }
    if (!failed || !m_configuration.disableRefreshOnFailure) {
        lookup.next = std::make_unique<net::Timer>(*m_main, [this, host] { refresh(host); });
        lookup.next->arm(m_lookups->untilNext(lookup, m_configuration, answer));
    }
    for (const std::shared_ptr<Query::State> &each : std::exchange(lookup.waiting, {}))
        Query::State::answer(each, now);
}

void DnsCache::refresh(const HostAndPort &host)
{
    bool unused = false;
    {
        const std::lock_guard lock(m_mutex);
        unused = net::Clock::now() - m_hosts[host].lastUsed > wholeMilliseconds(m_configuration.hostTtl);
    }
    if (!unused) {
        query(host);
        return;
    }
    // Its timer is what runs now.
    m_main->post([self = weak_from_this(), host] {
        if (const std::shared_ptr<DnsCache> cache = self.lock())
            cache->remove(host);
    });
}

} // namespace sallyport::upstream
