// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/timer.h"
#include "proxy/upstream/health_check.h"
#include "proxy/upstream/health_probe.h"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace sallyport::upstream {

/// Asks the hosts of one cluster again and again how they are, and takes those out of balancing that do not
/// answer all of its checks well (source/common/upstream/health_checker_impl.cc; envoy-behaviour.md 4.7).
/// Main thread.
class HealthChecker
{
public:
    /// `onHealthChanged`: hosts have failed or come back. The checker must not be destroyed within it.
    HealthChecker(net::EpollDispatcher &dispatcher, ClusterInfoPtr cluster,
                  std::function<void()> onHealthChanged);
    ~HealthChecker();
    HealthChecker(const HealthChecker &) = delete;
    HealthChecker &operator=(const HealthChecker &) = delete;

    const ClusterInfoPtr &cluster() const { return m_cluster; }
    /// Follows the cluster's hosts: asks new ones, leaves those alone that went.
    void update();
    /// As many results as there are hosts now must come before the cluster is ready: then `onReady` is
    /// called, within this call if there is nobody to wait for.
    void whenReady(std::function<void()> onReady);
    bool isAwaited() const { return m_onReady != nullptr; }

private:
    class Session;
    void onResult(Host &host, bool passed, HealthTransition transition);
    void onImmediateFailure(const Host *host);
    void awaitOneLess();
    /// The host's flags are what one of its sessions has found or the other.
    void combine(Host &host);
    /// Of several checks it counts besides how many hosts pass all.
    void countHosts();
    std::chrono::milliseconds pause(const dataplane::HealthCheck &check, bool passed,
                                    HealthTransition transition) const;

    net::EpollDispatcher &m_dispatcher;
    ClusterInfoPtr m_cluster;
    std::function<void()> m_onHealthChanged;
    std::function<void()> m_onReady;
    std::size_t m_awaited = 0;
    std::map<const Host *, std::vector<std::unique_ptr<Session>>> m_sessions; ///< one a check
    std::shared_ptr<void> m_alive = std::make_shared<char>();                 ///< for what workers post
};

} // namespace sallyport::upstream
