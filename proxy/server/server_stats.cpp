// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/server_stats.h"

#include "core/dataplane/runtime_layers.h"
#include "proxy/upstream/cluster_manager.h"

#include <QCoreApplication>
#include <QVersionNumber>
#include <cstdio>
#include <limits>
#include <malloc.h>
#include <optional>
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

/// Envoy's standard update_merge_window: changes further apart are never merged.
constexpr std::chrono::seconds MergeWindow{1};

/// `server.version`: 1.2.3 is 10203. Envoy shows the first digits of its commit.
std::uint64_t versionNumber()
{
    const QVersionNumber version = QVersionNumber::fromString(QCoreApplication::applicationVersion());
    return static_cast<std::uint64_t>(version.majorVersion()) * 10000 +
           static_cast<std::uint64_t>(version.minorVersion()) * 100 +
           static_cast<std::uint64_t>(version.microVersion());
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

/// Whole seconds until the first OCSP response in use expires; none: there is none.
std::optional<std::int64_t> secondsUntilStapleExpires(const admin::ServerState &state)
{
    const auto now = std::chrono::system_clock::now();
    std::optional<std::int64_t> least;
    for (const auto &certificates : state.listenerCertificates()) {
        for (const net::CertificateInUse &certificate : certificates) {
            if (!certificate.staple)
                continue;
            const auto left = std::chrono::duration_cast<std::chrono::seconds>(
                certificate.staple->expiration.value_or(now) - now);
            const auto seconds = std::max<std::int64_t>(0, left.count());
            least = std::min(least.value_or(seconds), seconds);
        }
    }
    return least;
}

} // namespace

ServerStats::ServerStats(telemetry::StatsStore &store, unsigned workers)
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
    , m_stapleExpiry(store.gauge("server.seconds_until_first_ocsp_response_expiring"))
    , m_version(store.gauge("server.version"))
    , m_activeClusters(store.gauge("cluster_manager.active_clusters"))
    , m_clusterAdded(store.counter("cluster_manager.cluster_added"))
    , m_clusterModified(store.counter("cluster_manager.cluster_modified"))
    , m_clusterRemoved(store.counter("cluster_manager.cluster_removed"))
    , m_clusterUpdated(store.counter("cluster_manager.cluster_updated"))
    , m_updateOutOfMergeWindow(store.counter("cluster_manager.update_out_of_merge_window"))
    , m_runtimeLoaded(store.counter("runtime.load_success"))
    , m_runtimeWithoutFolder(store.counter("runtime.override_dir_not_exists"))
    , m_runtimeKeys(store.gauge("runtime.num_keys"))
    , m_runtimeLayers(store.gauge("runtime.num_layers"))
    , m_recentLookups(store.gauge("server.stats_recent_lookups"))
    , m_logBuffered(store.counter("filesystem.write_buffered"))
    , m_logCompleted(store.counter("filesystem.write_completed"))
    , m_logFailed(store.counter("filesystem.write_failed"))
    , m_logFlushedByTimer(store.counter("filesystem.flushed_by_timer"))
    , m_logReopenFailed(store.counter("filesystem.reopen_failed"))
    , m_logPending(store.gauge("filesystem.write_total_buffered"))
{
    m_clustersInflated.push_back(&store.gauge("thread_local_cluster_manager.main_thread.clusters_inflated"));
    for (unsigned i = 0; i < workers; ++i)
        m_clustersInflated.push_back(
            &store.gauge("thread_local_cluster_manager.worker_" + std::to_string(i) + ".clusters_inflated"));
    // Names that Envoy's users look for; nothing here moves them: a configuration with unknown fields is
    // refused, hosts' changes are never held back to be merged, no runtime comes from a folder, no stream is
    // reset for the memory it uses, no watchdog looks at the threads.
    for (const char *name :
         {"server.debug_assertion_failures", "server.envoy_bug_failures", "server.envoy_notifications",
          "server.static_unknown_fields", "server.dynamic_unknown_fields", "server.wip_protos",
          "server.dropped_stat_flushes", "cluster_manager.cluster_updated_via_merge",
          "cluster_manager.update_merge_cancelled", "runtime.deprecated_feature_use", "runtime.load_error",
          "runtime.override_dir_exists", "envoy.overload_actions.reset_high_memory_stream.count"})
        store.counter(name);
    // What Envoy sets to what it is.
    for (const char *name :
         {"server.static_unknown_fields", "server.dynamic_unknown_fields", "server.wip_protos"})
        store.counter(name).touch();
    std::vector<std::string> watched{"main_thread.", "workers.", "server.main_thread."};
    for (unsigned i = 0; i < workers; ++i)
        watched.push_back("server.worker_" + std::to_string(i) + '.');
    for (const std::string &thread : watched) {
        store.counter(thread + "watchdog_miss");
        store.counter(thread + "watchdog_mega_miss");
    }
    store.histogram("overload.refresh_interval_delay");
    for (const char *name :
         {"server.parent_connections", "server.hot_restart_epoch", "server.compilation_settings.fips_mode",
          "cluster_manager.warming_clusters", "listener_manager.workers_started"})
        store.gauge(name).set(0);
    store.gauge("runtime.admin_overrides_active");
    store.gauge("listener_manager.workers_pinned");
    store.gauge("runtime.deprecated_feature_seen_since_process_start");
    store.gauge("server.hot_restart_generation").set(1); // there is no restart that keeps the process's work
}

void ServerStats::refresh(admin::ServerState &state)
{
    m_version.set(
        static_cast<std::int64_t>(state.bootstrap().statsServerVersionOverride.value_or(versionNumber())));
    const telemetry::LogFileCounts logs = state.logFiles().counts();
    m_logBuffered.add(logs.buffered - m_logCounted.buffered);
    m_logCompleted.add(logs.completed - m_logCounted.completed);
    m_logFailed.add(logs.failed - m_logCounted.failed);
    m_logFlushedByTimer.add(logs.flushedByTimer - m_logCounted.flushedByTimer);
    m_logReopenFailed.add(logs.reopenFailed - m_logCounted.reopenFailed);
    m_logPending.set(static_cast<std::int64_t>(logs.pendingBytes));
    m_logCounted = logs;
    m_recentLookups.set(static_cast<std::int64_t>(m_store.lookups()));
    m_uptime.set(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - state.startedAt())
            .count());
    m_concurrency.set(state.commandLine().concurrency);
    m_live.set(state.lifecycle() == admin::Lifecycle::Draining ? 0 : 1);
    const struct mallinfo2 heap = ::mallinfo2();
    m_memoryAllocated.set(static_cast<std::int64_t>(heap.uordblks + heap.hblkhd));
    m_memoryHeap.set(static_cast<std::int64_t>(heap.arena + heap.hblkhd));
    m_memoryPhysical.set(static_cast<std::int64_t>(residentBytes()));
    m_daysUntilExpiry.set(daysUntilExpiry(state));
    if (const auto seconds = secondsUntilStapleExpires(state))
        m_stapleExpiry.set(*seconds);
    std::int64_t connections = 0;
    for (const telemetry::Gauge *gauge : m_store.allGauges()) {
        const std::string &name = gauge->name();
        if (name.starts_with("listener.") && !name.starts_with("listener.admin.") &&
            name.ends_with(".downstream_cx_active") && name.find(".worker_") == std::string::npos)
            connections += gauge->value();
    }
    m_totalConnections.set(connections);
}

void ServerStats::flushState(const admin::ServerState &state)
{
    m_state.set(static_cast<std::int64_t>(state.lifecycle()));
}

void ServerStats::setInitializationTime(std::chrono::milliseconds time)
{
    m_store.histogram("server.initialization_time_ms").record(static_cast<std::uint64_t>(time.count()));
    m_store.gauge("listener_manager.workers_started").set(1);
}

void ServerStats::countRuntimeLoad(const dataplane::Bootstrap &bootstrap)
{
    const dataplane::RuntimeLayers runtime = dataplane::RuntimeLayers::read(bootstrap.runtimeLayers);
    m_runtimeLoaded.inc();
    m_runtimeWithoutFolder.inc();
    m_runtimeLayers.set(static_cast<std::int64_t>(runtime.names.size()));
    m_runtimeKeys.set(static_cast<std::int64_t>(runtime.entries.size()));
}

void ServerStats::setAdminOverrides(bool active)
{
    m_store.gauge("runtime.admin_overrides_active").set(active ? 1 : 0);
}

void ServerStats::countClusterUpdate(std::chrono::steady_clock::time_point now, bool mergeable)
{
    m_clusterUpdated.inc();
    // Envoy would have held a change back that comes sooner after the last one; here it is in effect at once.
    if (mergeable && (!m_lastClusterUpdate || now - *m_lastClusterUpdate > MergeWindow))
        m_updateOutOfMergeWindow.inc();
    m_lastClusterUpdate = now;
}

void ServerStats::setClusters(std::size_t active)
{
    m_activeClusters.set(static_cast<std::int64_t>(active));
    for (telemetry::Gauge *gauge : m_clustersInflated)
        gauge->set(static_cast<std::int64_t>(active));
}

void ServerStats::countClusterChange(std::size_t added, std::size_t modified, std::size_t removed)
{
    m_clusterAdded.add(added);
    m_clusterModified.add(modified);
    m_clusterRemoved.add(removed);
}

} // namespace sallyport::server
