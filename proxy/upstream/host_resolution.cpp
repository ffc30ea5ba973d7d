// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster_manager.h"
#include "proxy/upstream/dns_refresh.h"

#include <QTimer>

#include <algorithm>
#include <random>
#include <utility>

namespace sallyport::upstream {

namespace {

using Type = dataplane::Cluster::Type;

net::DnsFamily family(dataplane::Cluster::DnsFamily wanted)
{
    switch (wanted) {
    case dataplane::Cluster::DnsFamily::V4Only:
        return net::DnsFamily::V4Only;
    case dataplane::Cluster::DnsFamily::V6Only:
        return net::DnsFamily::V6Only;
    case dataplane::Cluster::DnsFamily::V4Preferred:
        return net::DnsFamily::V4Preferred;
    case dataplane::Cluster::DnsFamily::All:
        return net::DnsFamily::All;
    case dataplane::Cluster::DnsFamily::Auto:
        break;
    }
    return net::DnsFamily::Auto;
}

bool sameHosts(const std::vector<HostPtr> &a, const std::vector<HostPtr> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const HostPtr &x, const HostPtr &y) {
        return x->address() == y->address() && x->priority() == y->priority();
    });
}

std::uint64_t chance()
{
    thread_local std::minstd_rand random{std::random_device{}()};
    return random();
}

/// A host that passes its health checks stays though its name stands for it no more, until it fails.
void keepThePassing(const ClusterInfo &cluster, const std::vector<HostPtr> &before,
                    std::vector<HostPtr> &hosts)
{
    using Health = dataplane::HealthStatus;
    if (cluster.healthChecks().empty() || cluster.configuration().ignoreHealthOnHostRemoval)
        return;
    const std::size_t named = hosts.size();
    for (const HostPtr &host : before) {
        const auto end = hosts.begin() + static_cast<std::ptrdiff_t>(named);
        const Health health = host->configuredHealth();
        if (std::find(hosts.begin(), end, host) != end || host->activeHealthCheckDisabled() ||
            host->has(HealthFlag::FailedActiveHc) || health == Health::Unhealthy || health == Health::Timeout)
            continue;
        host->set(HealthFlag::PendingDynamicRemoval);
        hosts.push_back(host);
    }
}

} // namespace

/// One cluster whose endpoints have names. Each name is asked for by itself, as often as its own answers say.
struct HostResolution::Entry
{
    struct Name
    {
        dataplane::LbEndpoint endpoint;
        dataplane::Locality locality;
        std::uint32_t priority = 0;
        std::vector<HostPtr> hosts;
        net::Resolver::Query query;
        bool isAsked = false;
        std::unique_ptr<QTimer> timer;
    };
    ClusterInfoPtr cluster;
    std::vector<Name> names;
    DnsRefresh refresh;
    bool first = true;

    std::int64_t open() const
    {
        return std::count_if(names.begin(), names.end(), [](const Name &name) { return name.isAsked; });
    }
};

/// The names are those of Envoy's usual resolver.
struct HostResolution::LookupStats
{
    explicit LookupStats(telemetry::StatsStore &store)
        : total(store.counter("dns.cares.resolve_total"))
        , notFound(store.counter("dns.cares.not_found"))
        , failed(store.counter("dns.cares.get_addr_failure"))
        , pending(store.gauge("dns.cares.pending_resolutions"))
    {
        // Of Envoy's resolver; here nothing moves them.
        for (const char *name : {"dns.cares.reinits", "dns.cares.timeouts"})
            store.counter(name);
    }
    telemetry::Counter &total;
    telemetry::Counter &notFound;
    telemetry::Counter &failed;
    telemetry::Gauge &pending;
};

HostResolution::HostResolution(net::EpollDispatcher *dispatcher, telemetry::StatsStore &store,
                               HostsChanged onHostsChanged)
    : m_dispatcher(dispatcher)
    , m_onHostsChanged(std::move(onHostsChanged))
    , m_store(store)
{
}

HostResolution::~HostResolution() = default;

void HostResolution::start(std::shared_ptr<const ClusterSet> clusters, std::function<void()> onReady)
{
    m_clusters = std::move(clusters);
    m_onReady = std::move(onReady);
    // Names of clusters that stay are known: nobody has to wait for them.
    std::vector<std::unique_ptr<Entry>> before = std::exchange(m_entries, {});
    std::map<const ClusterInfo *, std::unique_ptr<HealthChecker>> running = std::exchange(m_checkers, {});
    std::vector<Entry *> fresh;
    m_waiting = 1; // until all have been looked at
    m_timers.clear();
    for (const auto &[name, cluster] : m_clusters->all()) {
        const dataplane::Cluster &configuration = cluster->configuration();
        watchOutliers(cluster);
        watchHealth(cluster, std::move(running[cluster.get()]));
        if (configuration.type == Type::OriginalDst)
            watchDestinations(cluster);
        if (!configuration.loadAssignment || configuration.type == Type::OriginalDst)
            continue;
        const auto known = std::find_if(before.begin(), before.end(), [&kept = cluster](const auto &old) {
            return old && old->cluster == kept;
        });
        if (known != before.end()) {
            const HealthChecker *checker = checkerOf(cluster);
            m_waiting += (*known)->first || (checker != nullptr && checker->isAwaited()) ? 1 : 0;
            m_entries.push_back(std::move(*known));
            continue;
        }
        const bool named = configuration.type == Type::StrictDns || configuration.type == Type::LogicalDns;
        std::vector<HostPtr> hosts;
        auto entry = std::make_unique<Entry>();
        entry->cluster = cluster;
        for (const dataplane::LocalityLbEndpoints &locality : configuration.loadAssignment->endpoints) {
            for (const dataplane::LbEndpoint &endpoint : locality.endpoints) {
                Result<net::Address> address =
                    endpoint.address.pipe.empty()
                        ? net::Address::parseIp(endpoint.address.address,
                                                static_cast<std::uint16_t>(endpoint.address.port))
                        : net::Address::pipe(endpoint.address.pipe);
                if (named)
                    addName(*entry, endpoint, locality);
                else if (address)
                    hosts.push_back(
                        std::make_shared<Host>(endpoint, locality.locality, locality.priority, *address));
            }
        }
        if (entry->names.empty()) {
            if (!sameHosts(cluster->hosts(), hosts)) {
                cluster->countTransportMatches(hosts);
                ++m_waiting;
                takeHosts(cluster, std::move(hosts));
                onHostsKnown(cluster);
            } else if (const HealthChecker *checker = checkerOf(cluster)) {
                m_waiting += checker->isAwaited() ? 1 : 0;
            }
            continue;
        }
        ++m_waiting;
        fresh.push_back(entry.get());
        m_entries.push_back(std::move(entry));
    }
    // Nobody hears the answers for clusters that went.
    for (const std::unique_ptr<Entry> &gone : before) {
        if (gone)
            m_stats->pending.add(-gone->open());
    }
    before.clear();
    running.clear();
    onClusterReady();
    for (Entry *entry : fresh) {
        for (std::size_t i = 0; i < entry->names.size(); ++i)
            resolve(*entry, i);
    }
}

void HostResolution::addName(Entry &entry, dataplane::LbEndpoint endpoint,
                             const dataplane::LocalityLbEndpoints &locality)
{
    if (endpoint.hostname.empty())
        endpoint.hostname = endpoint.address.address;
    auto timer = std::make_unique<QTimer>();
    timer->setSingleShot(true);
    QObject::connect(timer.get(), &QTimer::timeout,
                     [this, of = &entry, index = entry.names.size()] { resolve(*of, index); });
    entry.names.push_back(
        {std::move(endpoint), locality.locality, locality.priority, {}, {}, false, std::move(timer)});
}

net::Resolver &HostResolution::resolverOf(const Entry &entry)
{
    const dataplane::DnsResolver wanted =
        entry.cluster->configuration().dnsResolver.value_or(dataplane::DnsResolver());
    const auto known = std::find_if(m_resolvers.begin(), m_resolvers.end(), [&wanted](const auto &resolver) {
        return resolver->configuration() == wanted;
    });
    if (known != m_resolvers.end())
        return **known;
    return *m_resolvers.emplace_back(std::make_unique<net::Resolver>(wanted));
}

void HostResolution::resolve(Entry &entry, std::size_t index)
{
    if (!m_stats)
        m_stats = std::make_unique<LookupStats>(m_store);
    Entry::Name &name = entry.names[index];
    name.isAsked = true;
    entry.cluster->stats().updateAttempt.inc();
    m_stats->total.inc();
    m_stats->pending.inc();
    name.query = resolverOf(entry).resolve(
        name.endpoint.address.address, family(entry.cluster->configuration().dnsFamily),
        [this, &entry, index](const net::DnsAnswer &answer) { onAnswer(entry, index, answer); });
}

void HostResolution::onAnswer(Entry &entry, std::size_t index, const net::DnsAnswer &answer)
{
    using Status = net::DnsAnswer::Status;
    Entry::Name &name = entry.names[index];
    ClusterStats &stats = entry.cluster->stats();
    name.isAsked = false;
    m_stats->pending.dec();
    if (answer.status != Status::Success)
        (answer.status == Status::NoSuchName ? m_stats->notFound : m_stats->failed).inc();
    // That a name has no addresses is an answer, too; only a LOGICAL_DNS cluster keeps what it knew.
    const bool logical = entry.cluster->configuration().type == Type::LogicalDns;
    const bool answered = answer.status == Status::NoSuchName || answer.status == Status::Success;
    if (answered && !(logical && answer.addresses.empty())) {
        stats.updateSuccess.inc();
        takeAddresses(entry, index, answer.addresses);
        name.timer->start(entry.refresh.afterAnswer(entry.cluster->configuration(), answer.ttl, chance()));
    } else {
        // What was known before stays in use.
        stats.updateFailure.inc();
        name.timer->start(entry.refresh.afterFailure(entry.cluster->configuration(), chance()));
    }
    // Envoy does not wait for a cluster's other names.
    if (std::exchange(entry.first, false))
        onHostsKnown(entry.cluster);
}

void HostResolution::takeAddresses(Entry &entry, std::size_t index, std::vector<net::Address> addresses)
{
    Entry::Name &name = entry.names[index];
    ClusterStats &stats = entry.cluster->stats();
    const bool logical = entry.cluster->configuration().type == Type::LogicalDns;
    if (logical)
        addresses.resize(1);
    // A host that stays keeps its connections, its counts and its age. Another name's host of the same
    // address is another one.
    std::vector<HostPtr> hosts;
    for (net::Address &address : addresses) {
        address.setPort(static_cast<std::uint16_t>(name.endpoint.address.port));
        const auto has = [&address](const HostPtr &host) { return host->address() == address; };
        if (std::any_of(hosts.begin(), hosts.end(), has))
            continue;
        const auto old = std::find_if(name.hosts.begin(), name.hosts.end(), has);
        if (old != name.hosts.end()) {
            (*old)->clear(HealthFlag::PendingDynamicRemoval);
            hosts.push_back(*old);
            continue;
        }
        hosts.push_back(
            std::make_shared<Host>(name.endpoint, name.locality, name.priority, std::move(address)));
        // One that only moved is as well as it was.
        if (logical && !name.hosts.empty())
            hosts.back()->takeHealthOf(*name.hosts.front());
    }
    if (!logical)
        keepThePassing(*entry.cluster, name.hosts, hosts);
    entry.cluster->countTransportMatches(hosts);
    if (!logical)
        stats.maxHostWeight.set(hosts.empty() ? 1 : hosts.front()->weight());
    const bool same = hosts.size() == name.hosts.size() &&
                      std::all_of(hosts.begin(), hosts.end(), [&](const HostPtr &host) {
                          return std::find(name.hosts.begin(), name.hosts.end(), host) != name.hosts.end();
                      });
    if (same) {
        stats.updateNoRebuild.inc();
        return;
    }
    name.hosts = std::move(hosts);
    std::vector<HostPtr> all;
    for (const Entry::Name &each : entry.names)
        all.insert(all.end(), each.hosts.begin(), each.hosts.end());
    takeHosts(entry.cluster, std::move(all));
}

} // namespace sallyport::upstream
