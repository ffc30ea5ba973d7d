// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/server/active_listener.h"

#include <QThread>
#include <functional>
#include <map>
#include <memory>

namespace sallyport::server {

/// One of the threads that serve connections: its event loop, its view of the clusters, its part of every
/// listener and the connections that these accepted. Nothing of it is shared with other workers. The
/// functions are called on the main thread and take effect on the worker's, in order.
class Worker final : public QThread
{
public:
    /// `index` counts from 1.
    explicit Worker(unsigned index);
    ~Worker() override;

    void setClusters(std::shared_ptr<const upstream::ClusterSet> clusters);
    void hostsChanged(const std::string &cluster);
    /// Adds the listener `id`, or goes over to a new version of it. Connections on chains that are no more
    /// drain. `onDone` is called on the worker's thread.
    void setListener(std::uint64_t id, std::shared_ptr<const Listener> listener,
                     std::function<void()> onDone = {});
    /// Takes no more connections for `id`; those that it has go on. `onStopped` is called on the worker's
    /// thread.
    void stopListener(std::uint64_t id, std::function<void()> onStopped);
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
    net::EpollDispatcher *m_dispatcher; ///< belongs to the thread
    Core *m_core = nullptr;             ///< only used on the thread
};

} // namespace sallyport::server
