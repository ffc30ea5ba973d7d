// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/active_listener.h"

#include <QThread>
#include <atomic>
#include <functional>
#include <map>
#include <memory>

namespace sallyport::server {

/// A change of listeners as each worker carries it out.
struct ListenerUpdate
{
    /// Take no more connections; what they have goes on, but drains.
    std::vector<std::uint64_t> stopped;
    /// New ones, and new versions of those that there are. Connections on chains that are no more drain.
    std::vector<std::pair<std::uint64_t, std::shared_ptr<const Listener>>> set;
};

/// One of the threads that serve connections: its event loop, its view of the clusters, its part of every
/// listener and the connections that these accepted. Nothing of it is shared with other workers. The
/// functions are called on the main thread and take effect on the worker's, in order.
class Worker final : public QThread
{
public:
    /// `index` counts from 1. `overload` outlives the worker.
    Worker(unsigned index, const OverloadState &overload);
    ~Worker() override;

    void setClusters(std::shared_ptr<const upstream::ClusterSet> clusters);
    /// `members`: some came or went; else their health changed.
    void hostsChanged(const std::string &cluster, bool members);
    /// Changes listeners over, all at once. `onDone` is called on the worker's thread.
    void updateListeners(ListenerUpdate update, std::function<void()> onDone);
    /// Whether connections are accepted; those that come meanwhile wait.
    void setAccepting(bool accepting);
    /// Tells every connection of these chains to finish.
    void drainConnectionsOf(std::vector<FilterChainPtr> chains);
    /// Closes what is left of them.
    void closeConnectionsOf(std::vector<FilterChainPtr> chains);
    /// From now on a connection is closed as soon as nothing runs on it; `onEmpty` (on the worker's thread)
    /// when none is left.
    void closeWhenIdle(std::function<void()> onEmpty);
    /// Closes every connection and ends the thread; returns when it has ended.
    void stop();

protected:
    void run() override;

private:
    struct Core;
    void post(std::function<void(Core &)> task);

    unsigned m_index;
    const OverloadState &m_overload;
    net::EpollDispatcher *m_dispatcher; ///< belongs to the thread
    Core *m_core = nullptr;             ///< only used on the thread
    /// Set by the thread as its last act: what it did is then seen by whoever waited for its end, also by a
    /// sanitizer that does not know Qt's own synchronisation.
    std::atomic<bool> m_finished{false};
};

} // namespace sallyport::server
