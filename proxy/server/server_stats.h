// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/server_state.h"
#include "proxy/telemetry/access_logger.h"
#include "proxy/telemetry/stats.h"

#include <optional>

namespace sallyport::server {

/// `server.…` and the other statistics of the process as a whole. Main thread.
class ServerStats
{
public:
    /// `workers` is how many threads serve connections.
    ServerStats(telemetry::StatsStore &store, unsigned workers);

    /// Reads what changes by itself: time, memory, connections, the nearest expiry.
    void refresh(admin::ServerState &state);
    /// `server.state` is what it was at the last flush, as Envoy's is.
    void flushState(const admin::ServerState &state);
    /// A configuration's runtime layers were read.
    void countRuntimeLoad(const dataplane::Bootstrap &bootstrap);
    /// The hosts of a cluster in use have changed. `mergeable`: only their health.
    void countClusterUpdate(std::chrono::steady_clock::time_point now, bool mergeable);
    /// Whether `/runtime_modify` has set values.
    void setAdminOverrides(bool active);
    void setInitializationTime(std::chrono::milliseconds time);
    void setClusters(std::size_t active);
    void countClusterChange(std::size_t added, std::size_t modified, std::size_t removed);

private:
    telemetry::StatsStore &m_store;
    telemetry::Gauge &m_uptime;
    telemetry::Gauge &m_concurrency;
    telemetry::Gauge &m_live;
    telemetry::Gauge &m_state;
    telemetry::Gauge &m_memoryAllocated;
    telemetry::Gauge &m_memoryHeap;
    telemetry::Gauge &m_memoryPhysical;
    telemetry::Gauge &m_totalConnections;
    telemetry::Gauge &m_daysUntilExpiry;
    telemetry::Gauge &m_stapleExpiry;
    telemetry::Gauge &m_version;
    telemetry::Gauge &m_activeClusters;
    telemetry::Counter &m_clusterAdded;
    telemetry::Counter &m_clusterModified;
    telemetry::Counter &m_clusterRemoved;
    telemetry::Counter &m_clusterUpdated;
    telemetry::Counter &m_updateOutOfMergeWindow;
    std::optional<std::chrono::steady_clock::time_point> m_lastClusterUpdate;
    telemetry::Counter &m_runtimeLoaded;
    telemetry::Counter &m_runtimeWithoutFolder; ///< as all are here
    telemetry::Gauge &m_runtimeKeys;
    telemetry::Gauge &m_runtimeLayers;
    telemetry::Gauge &m_recentLookups;
    telemetry::Counter &m_logBuffered;
    telemetry::Counter &m_logCompleted;
    telemetry::Counter &m_logFailed;
    telemetry::Counter &m_logFlushedByTimer;
    telemetry::Counter &m_logReopenFailed;
    telemetry::Gauge &m_logPending;
    telemetry::LogFileCounts m_logCounted;
    std::vector<telemetry::Gauge *> m_clustersInflated; ///< of each thread
};

} // namespace sallyport::server
