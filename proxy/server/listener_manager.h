// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/listener.h"
#include "proxy/server/worker.h"

#include <QObject>
#include <QTimer>
#include <memory>
#include <vector>

namespace sallyport::server {

/// The listeners of the process and how they change over to a new configuration: what did not change is left
/// alone, sockets of addresses that stay are kept, what goes drains. Main thread.
class ListenerManager
{
public:
    /// `workers` outlive the manager.
    ListenerManager(const std::vector<std::unique_ptr<Worker>> &workers, telemetry::StatsStore &stats,
                    std::chrono::milliseconds drainTime);
    ~ListenerManager();

    /// Listeners of a new configuration, made but not in use.
    struct Prepared
    {
        std::uint64_t id = 0;
        std::shared_ptr<Listener> listener;
        bool existed = false;
        bool changed = true;
    };
    /// Makes the listeners that `context.configuration` names and, if `bind`, their sockets. An error leaves
    /// everything as it was.
    Result<std::vector<Prepared>> prepare(const ListenerContext &context, bool bind);
    /// Goes over to what was prepared; nothing may have been committed in between. `onDone` once every worker
    /// has. The error of a socket that cannot listen; the others do.
    Result<void> commit(std::vector<Prepared> prepared, std::function<void()> onDone);

    std::vector<std::shared_ptr<const Listener>> listeners() const;
    enum class DrainScope {
        All,             ///< connections on which nothing runs are closed at once, too
        AfterHealthcheck ///< those that drain when the health check fails
    };
    /// Every answer closes its connection from now on (or no longer).
    void setDraining(bool draining, DrainScope scope);
    /// Answers close their connections in the course of `time`, or all from now on.
    void drainWithin(std::chrono::seconds time, bool atOnce, bool inboundOnly);
    /// Takes no more connections; `onStopped` once what was in the queues has been taken.
    void stop(bool inboundOnly, std::function<void()> onStopped = {});

private:
    struct Active
    {
        std::uint64_t id = 0;
        std::shared_ptr<Listener> listener;
        bool stopped = false;
    };
    Result<void> bindSockets(Listener &listener, const std::string &path);
    std::shared_ptr<ListenSocket> boundSocket(const net::Address &address, const std::string &name,
                                              bool reusePort) const;
    void drain(std::vector<FilterChainPtr> chains);
    /// Lets go of what no worker and no connection uses any more: its memory is given back here rather than
    /// by a worker, whose requests would wait for it.
    void releaseUnused();
    void updateGauges();

    const std::vector<std::unique_ptr<Worker>> &m_workers;
    std::chrono::milliseconds m_drainTime;
    std::vector<Active> m_active;
    std::uint64_t m_nextId = 1;
    std::size_t m_drainingChains = 0;
    std::vector<std::shared_ptr<const Listener>> m_replaced; ///< listeners that somebody may still use
    std::vector<FilterChainPtr> m_leaving;                   ///< their chains that nobody took over
    QTimer m_release;
    QObject m_timers; ///< parent of what waits for the end of a drain

    telemetry::Counter &m_added;
    telemetry::Counter &m_modified;
    telemetry::Counter &m_removed;
    telemetry::Counter &m_stopped;
    telemetry::Counter &m_createSuccess;
    telemetry::Counter &m_createFailure;
    telemetry::Counter &m_inPlaceUpdated;
    telemetry::Gauge &m_totalActive;
    telemetry::Gauge &m_totalWarming;
    telemetry::Gauge &m_chainsDraining;
};

} // namespace sallyport::server
