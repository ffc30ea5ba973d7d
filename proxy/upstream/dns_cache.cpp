// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/dns_cache.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

/// Envoy's dns_refresh_rate of these caches.
constexpr auto defaultLife = std::chrono::seconds(60);
constexpr std::size_t defaultMaxHosts = 1024;

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

    static void answer(const std::shared_ptr<State> &state, const net::Address &address, std::string why)
    {
        const std::lock_guard lock(state->mutex);
        if (state->worker == nullptr)
            return;
        state->worker->post([state, address, why = std::move(why)] {
            // On his thread, where he alone takes `worker` away.
            if (state->worker != nullptr)
                state->onAnswer(address, why);
        });
    }
};

DnsCache::Query::~Query()
{
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
        net::Resolver::Query query;
        std::vector<std::shared_ptr<Query::State>> waiting;
    };
    net::Resolver resolver;
    std::map<HostAndPort, Lookup> open;
};

DnsCache::DnsCache(const dataplane::DnsCache &configuration, telemetry::StatsStore &store)
    : m_configuration(configuration)
    , m_main(net::EpollDispatcher::current())
    , m_attempts(store.counter("dns_cache." + configuration.name + ".dns_query_attempt"))
    , m_successes(store.counter("dns_cache." + configuration.name + ".dns_query_success"))
    , m_failures(store.counter("dns_cache." + configuration.name + ".dns_query_failure"))
    , m_hostsAdded(store.counter("dns_cache." + configuration.name + ".host_added"))
    , m_hostsRemoved(store.counter("dns_cache." + configuration.name + ".host_removed"))
    , m_addressChanged(store.counter("dns_cache." + configuration.name + ".host_address_changed"))
    , m_overflows(store.counter("dns_cache." + configuration.name + ".host_overflow"))
    , m_hosts(store.gauge("dns_cache." + configuration.name + ".num_hosts"))
    , m_lookups(std::make_unique<Lookups>(configuration.resolver))
{
    // Envoy's, which nothing here moves.
    for (const char *name :
         {"cache_load", "dns_address_filter_out", "dns_query_timeout", "dns_rq_pending_overflow"})
        store.counter("dns_cache." + configuration.name + '.' + name);
    store.gauge("dns_cache." + configuration.name + ".circuit_breakers.rq_pending_open");
    store.gauge("dns_cache." + configuration.name + ".circuit_breakers.rq_pending_remaining").set(1024);
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

std::optional<net::Address> DnsCache::find(const std::string &host, std::uint16_t port) const
{
    return known({host, port});
}

std::optional<net::Address> DnsCache::known(const HostAndPort &host) const
{
    const std::lock_guard lock(m_mutex);
    const auto known = m_known.find(host);
    if (known == m_known.end() || known->second.until < net::Clock::now())
        return std::nullopt;
    return known->second.address;
}

std::unique_ptr<DnsCache::Query> DnsCache::resolve(const std::string &host, std::uint16_t port,
                                                   net::EpollDispatcher &worker, OnAnswer onAnswer)
{
    auto query = std::make_unique<Query>();
    query->m_state = std::make_shared<Query::State>();
    query->m_state->worker = &worker;
    query->m_state->onAnswer = std::move(onAnswer);
    m_main->post([self = weak_from_this(), wanted = HostAndPort(host, port), state = query->m_state] {
        if (const std::shared_ptr<DnsCache> cache = self.lock())
            cache->lookUp(wanted, state);
    });
    return query;
}

void DnsCache::lookUp(const HostAndPort &host, const std::shared_ptr<Query::State> &waiting)
{
    if (const std::optional<net::Address> address = known(host)) {
        Query::State::answer(waiting, *address, {});
        return;
    }
    Lookups::Lookup &lookup = m_lookups->open[host];
    lookup.waiting.push_back(waiting);
    if (lookup.query)
        return;
    {
        const std::lock_guard lock(m_mutex);
        const net::Clock::time_point now = net::Clock::now();
        m_hostsRemoved.add(
            std::erase_if(m_known, [now](const auto &known) { return known.second.until < now; }));
        const std::size_t most = m_configuration.maxHosts.value_or(defaultMaxHosts);
        if (m_known.size() >= most && m_known.count(host) == 0) {
            m_overflows.inc();
            Query::State::answer(waiting, {}, "overflow");
            m_lookups->open.erase(host);
            return;
        }
    }
    m_attempts.inc();
    lookup.query = m_lookups->resolver.resolve(
        host.first, familyOf(m_configuration.family),
        [this, host](const net::DnsAnswer &answer) { this->onAnswer(host, answer); });
}

void DnsCache::onAnswer(const HostAndPort &host, const net::DnsAnswer &answer)
{
    net::Address address;
    // That there is no such name is an answer, too.
    (answer.status == net::DnsAnswer::Status::Failure ? m_failures : m_successes).inc();
    if (!answer.addresses.empty()) {
        address = answer.addresses.front();
        address.setPort(host.second);
        const auto life = answer.ttl.count() > 0 ? std::min<std::chrono::seconds>(answer.ttl, defaultLife)
                                                 : std::chrono::seconds(defaultLife);
        const std::lock_guard lock(m_mutex);
        const auto [known, isNew] = m_known.try_emplace(host);
        if (isNew)
            m_hostsAdded.inc();
        if (isNew || known->second.address != address)
            m_addressChanged.inc();
        known->second = {address, net::Clock::now() + life};
        m_hosts.set(static_cast<std::int64_t>(m_known.size()));
    }
    const auto open = m_lookups->open.find(host);
    if (open == m_lookups->open.end())
        return;
    const std::vector<std::shared_ptr<Query::State>> waiting = std::move(open->second.waiting);
    m_lookups->open.erase(open);
    for (const std::shared_ptr<Query::State> &each : waiting)
        Query::State::answer(each, address, answer.error);
}

} // namespace sallyport::upstream
