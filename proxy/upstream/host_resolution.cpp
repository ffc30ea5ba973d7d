// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster_manager.h"

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

} // namespace

/// One cluster whose endpoints have names.
struct HostResolution::Entry
{
    struct Name
    {
        dataplane::LbEndpoint endpoint;
        dataplane::Locality locality;
        std::uint32_t priority = 0;
        std::vector<net::Address> addresses;
        bool answered = false;
        net::Resolver::Query query;
    };
    ClusterInfoPtr cluster;
    std::vector<Name> names;
    QTimer timer;
    std::size_t open = 0;
    bool failed = false;                  ///< one of the names, this time
    std::chrono::milliseconds backOff{0}; ///< after the next failure, at most; 0: the first of a row
    bool first = true;

    /// After a failure with `dns_failure_refresh_rate`, longer each time up to its `max_interval`, by chance;
    /// else as often as configured or as the records allow.
    std::chrono::milliseconds untilNext(std::chrono::seconds ttl)
    {
        using std::chrono::milliseconds;
        thread_local std::minstd_rand random{std::random_device{}()};
        const auto least = [](milliseconds wait) { return std::max(wait, milliseconds(1)); };
        const auto cut = [](dataplane::Duration duration) {
            return std::chrono::duration_cast<milliseconds>(duration);
        };
        const dataplane::Cluster &configuration = cluster->configuration();
        if (failed && configuration.dnsFailureRefreshRate) {
            const milliseconds base = cut(*configuration.dnsFailureRefreshRate);
            const milliseconds most = cut(configuration.dnsFailureMaxInterval.value_or(10 * base));
            const milliseconds now = std::min(backOff.count() > 0 ? backOff : base, most);
            backOff = std::min(2 * now, most);
            return least(milliseconds(random() % least(now).count()));
        }
        backOff = milliseconds(0);
        milliseconds wait = cut(configuration.dnsRefreshRate);
        if (configuration.respectDnsTtl && ttl.count() > 0)
            wait = ttl;
        if (const milliseconds jitter = cut(configuration.dnsJitter); jitter.count() > 0 && !failed)
            wait += milliseconds(random() % jitter.count());
        return least(wait);
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
    }
    telemetry::Counter &total;
    telemetry::Counter &notFound;
    telemetry::Counter &failed;
    telemetry::Gauge &pending;
};

HostResolution::HostResolution(net::EpollDispatcher *dispatcher, telemetry::StatsStore &store,
                               std::function<void(const std::string &)> onHostsChanged)
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
    std::vector<Entry *> fresh;
    m_waiting = 0;
    m_outlierTimers.clear();
    for (const auto &[name, cluster] : m_clusters->all()) {
        const dataplane::Cluster &configuration = cluster->configuration();
        watchOutliers(cluster);
        if (!configuration.loadAssignment || configuration.type == Type::OriginalDst)
            continue;
        const auto known = std::find_if(before.begin(), before.end(), [&running = cluster](const auto &old) {
            return old && old->cluster == running;
        });
        if (known != before.end()) {
            m_waiting += (*known)->first ? 1 : 0;
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
                    entry->names.push_back({endpoint, locality.locality, locality.priority, {}, false, {}});
                else if (address)
                    hosts.push_back(
                        std::make_shared<Host>(endpoint, locality.locality, locality.priority, *address));
            }
        }
        if (entry->names.empty()) {
            if (!sameHosts(cluster->hosts(), hosts) || cluster->hosts().empty()) {
                cluster->setHosts(std::move(hosts));
                m_onHostsChanged(name);
            }
            continue;
        }
        ++m_waiting;
        entry->timer.setSingleShot(true);
        Entry *raw = entry.get();
        QObject::connect(&entry->timer, &QTimer::timeout, [this, raw] { resolve(*raw); });
        fresh.push_back(raw);
        m_entries.push_back(std::move(entry));
    }
    // Nobody hears the answers for clusters that went.
    for (const std::unique_ptr<Entry> &gone : before) {
        if (gone)
            m_stats->pending.add(-static_cast<std::int64_t>(gone->open));
    }
    before.clear();
    if (m_waiting == 0 && m_onReady)
        m_onReady();
    for (Entry *entry : fresh)
        resolve(*entry);
}

void HostResolution::watchOutliers(const ClusterInfoPtr &cluster)
{
    OutlierDetector *outliers = cluster->outliers();
    if (outliers == nullptr)
        return;
    cluster->setOnEjectionsChanged(
        [this, name = cluster->name()] { m_dispatcher->post([this, name] { m_onHostsChanged(name); }); });
    auto timer = std::make_unique<QTimer>();
    QObject::connect(timer.get(), &QTimer::timeout, [outliers] { outliers->onInterval(net::Clock::now()); });
    timer->start(outliers->interval());
    m_outlierTimers.push_back(std::move(timer));
}

void HostResolution::resolve(Entry &entry)
{
    if (!m_stats)
        m_stats = std::make_unique<LookupStats>(m_store);
    entry.open = entry.names.size();
    entry.failed = false;
    entry.cluster->stats().updateAttempt.inc();
    for (std::size_t i = 0; i < entry.names.size(); ++i) {
        Entry::Name &name = entry.names[i];
        m_stats->total.inc();
        m_stats->pending.inc();
        name.query = m_resolver.resolve(
            name.endpoint.address.address, family(entry.cluster->configuration().dnsFamily),
            [this, &entry, i](const net::DnsAnswer &answer) { onAnswer(entry, i, answer); });
    }
}

void HostResolution::onAnswer(Entry &entry, std::size_t index, const net::DnsAnswer &answer)
{
    const dataplane::Cluster &configuration = entry.cluster->configuration();
    Entry::Name &answered = entry.names[index];
    ClusterStats &stats = entry.cluster->stats();
    m_stats->pending.dec();
    if (answer.status == net::DnsAnswer::Status::Success) {
        stats.updateSuccess.inc();
        if (answer.addresses.empty())
            stats.updateEmpty.inc();
        answered.addresses = answer.addresses;
        if (configuration.type == Type::LogicalDns && answered.addresses.size() > 1)
            answered.addresses.resize(1);
    } else {
        // What was known before stays in use.
        stats.updateFailure.inc();
        entry.failed = true;
        (answer.status == net::DnsAnswer::Status::NoSuchName ? m_stats->notFound : m_stats->failed).inc();
    }
    if (--entry.open > 0)
        return;
    std::vector<HostPtr> hosts;
    // A host that stays keeps its connections, its counts and its age.
    const std::vector<HostPtr> before = entry.cluster->hosts();
    for (const Entry::Name &each : entry.names) {
        for (net::Address address : each.addresses) {
            address.setPort(static_cast<std::uint16_t>(each.endpoint.address.port));
            const bool known = std::any_of(hosts.begin(), hosts.end(),
                                           [&](const HostPtr &host) { return host->address() == address; });
            if (known)
                continue;
            const auto old = std::find_if(before.begin(), before.end(), [&](const HostPtr &host) {
                return host->address() == address && host->priority() == each.priority &&
                       host->locality() == each.locality && host->weight() == each.endpoint.weight;
            });
            hosts.push_back(old != before.end() ? *old
                                                : std::make_shared<Host>(each.endpoint, each.locality,
                                                                         each.priority, address));
        }
    }
    if (!sameHosts(entry.cluster->hosts(), hosts)) {
        entry.cluster->setHosts(std::move(hosts));
        m_onHostsChanged(entry.cluster->name());
    }
    entry.timer.start(entry.untilNext(answer.ttl));
    if (std::exchange(entry.first, false) && --m_waiting == 0 && m_onReady)
        m_onReady();
}

} // namespace sallyport::upstream
