// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/server_state.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::server {

/// `server.…` and the other statistics of the process as a whole. Main thread.
class ServerStats
{
public:
    explicit ServerStats(telemetry::StatsStore &store);

    /// Reads what changes by itself: time, memory, connections, the nearest expiry.
    void refresh(const admin::ServerState &state);
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
    telemetry::Gauge &m_activeClusters;
    telemetry::Counter &m_clusterAdded;
    telemetry::Counter &m_clusterModified;
    telemetry::Counter &m_clusterRemoved;
};

} // namespace sallyport::server
