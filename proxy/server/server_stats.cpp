// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/server_stats.h"

#include "proxy/upstream/cluster_manager.h"

#include <cstdio>
#include <limits>
#include <malloc.h>
#include <unistd.h>

namespace sallyport::server {

namespace {

std::uint64_t residentBytes()
{
    unsigned long long pages = 0;
    unsigned long long resident = 0;
    if (std::FILE *file = std::fopen("/proc/self/statm", "re")) {
        if (std::fscanf(file, "%llu %llu", &pages, &resident) != 2)
            resident = 0;
        std::fclose(file);
    }
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Whole days until the first certificate in use expires; none: the largest number, as Envoy has it.
std::int64_t daysUntilExpiry(const admin::ServerState &state)
{
    std::int64_t least = std::numeric_limits<std::uint32_t>::max();
    const auto look = [&](const std::vector<net::CertificateInUse> &certificates) {
        for (const net::CertificateInUse &certificate : certificates) {
            const auto left = certificate.facts.notAfter - std::chrono::system_clock::now();
            least = std::min<std::int64_t>(
                least,
                std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::hours>(left).count() / 24));
        }
    };
    for (const auto &certificates : state.listenerCertificates())
        look(certificates);
    if (const auto clusters = state.clusters()) {
        for (const auto &[name, cluster] : clusters->all()) {
            for (const auto &[transport, context] : cluster->tlsContexts())
                look(context->certificates());
        }
    }
    return least;
}

} // namespace

ServerStats::ServerStats(telemetry::StatsStore &store)
    : m_store(store)
    , m_uptime(store.gauge("server.uptime"))
    , m_concurrency(store.gauge("server.concurrency"))
    , m_live(store.gauge("server.live"))
    , m_state(store.gauge("server.state"))
    , m_memoryAllocated(store.gauge("server.memory_allocated"))
    , m_memoryHeap(store.gauge("server.memory_heap_size"))
    , m_memoryPhysical(store.gauge("server.memory_physical_size"))
    , m_totalConnections(store.gauge("server.total_connections"))
    , m_daysUntilExpiry(store.gauge("server.days_until_first_cert_expiring"))
    , m_activeClusters(store.gauge("cluster_manager.active_clusters"))
    , m_clusterAdded(store.counter("cluster_manager.cluster_added"))
    , m_clusterModified(store.counter("cluster_manager.cluster_modified"))
    , m_clusterRemoved(store.counter("cluster_manager.cluster_removed"))
{
    // Names that Envoy's users look for; nothing here moves them.
    for (const char *name :
         {"server.debug_assertion_failures", "server.envoy_bug_failures", "server.envoy_notifications",
          "server.static_unknown_fields", "server.dynamic_unknown_fields", "server.wip_protos",
          "server.dropped_stat_flushes", "server.main_thread.watchdog_miss",
          "server.main_thread.watchdog_mega_miss", "main_thread.watchdog_miss",
          "main_thread.watchdog_mega_miss", "workers.watchdog_miss", "workers.watchdog_mega_miss",
          "cluster_manager.cluster_updated", "cluster_manager.cluster_updated_via_merge",
          "cluster_manager.update_merge_cancelled", "cluster_manager.update_out_of_merge_window"})
        store.counter(name);
    for (const char *name : {"server.parent_connections", "server.hot_restart_epoch",
                             "server.hot_restart_generation", "server.stats_recent_lookups",
                             "server.fips_mode", "server.seconds_until_first_ocsp_response_expiring",
                             "cluster_manager.warming_clusters", "listener_manager.workers_started"})
        store.gauge(name).set(0);
}

void ServerStats::refresh(const admin::ServerState &state)
{
    m_uptime.set(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - state.startedAt())
            .count());
    m_concurrency.set(state.commandLine().concurrency);
    m_live.set(state.lifecycle() == admin::Lifecycle::Live ? 1 : 0);
    m_state.set(static_cast<std::int64_t>(state.lifecycle()));
    const struct mallinfo2 heap = ::mallinfo2();
    m_memoryAllocated.set(static_cast<std::int64_t>(heap.uordblks + heap.hblkhd));
    m_memoryHeap.set(static_cast<std::int64_t>(heap.arena + heap.hblkhd));
    m_memoryPhysical.set(static_cast<std::int64_t>(residentBytes()));
    m_daysUntilExpiry.set(daysUntilExpiry(state));
    std::int64_t connections = 0;
    for (const telemetry::Gauge *gauge : m_store.gauges()) {
        const std::string &name = gauge->name();
        if (name.starts_with("listener.") && name.ends_with(".downstream_cx_active") &&
            name.find(".worker_") == std::string::npos)
            connections += gauge->value();
    }
    m_totalConnections.set(connections);
}

void ServerStats::setInitializationTime(std::chrono::milliseconds time)
{
    m_store.histogram("server.initialization_time_ms").record(static_cast<std::uint64_t>(time.count()));
    m_store.gauge("listener_manager.workers_started").set(1);
}

void ServerStats::setClusters(std::size_t active)
{
    m_activeClusters.set(static_cast<std::int64_t>(active));
}

void ServerStats::countClusterChange(std::size_t added, std::size_t modified, std::size_t removed)
{
    m_clusterAdded.add(added);
    m_clusterModified.add(modified);
    m_clusterRemoved.add(removed);
}

} // namespace sallyport::server
