// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/filters/rbac_filter.h"
#include "proxy/net/tls_context.h"
#include "proxy/server/connection_handler.h"

#include <atomic>
#include <chrono>

namespace sallyport::server {

/// A bootstrap and what was made of it.
struct Configuration
{
    /// Kept alive by the filter chains that were made with it; the clusters are not: a chain that stays must
    /// not hold on to those that have gone.
    std::shared_ptr<dataplane::Bootstrap> kept = std::make_shared<dataplane::Bootstrap>();
    dataplane::Bootstrap &bootstrap = *kept;
    std::shared_ptr<const upstream::ClusterSet> clusters;
};

/// The open downstream connections of the process, all listeners together.
struct OpenConnections
{
    std::atomic<std::uint64_t> count{0};
};

/// What listeners and filter chains are made with. Main thread; outlives them but for `configuration`, which
/// they keep.
struct ListenerContext
{
    telemetry::StatsStore &stats;
    telemetry::LogFiles &logFiles;
    telemetry::LogListener *logListener = nullptr;
    net::SecretStore &secrets;
    std::shared_ptr<OpenConnections> openConnections;
    std::shared_ptr<const Configuration> configuration;
    unsigned workers = 1;
    /// Whether the proxy is to say that it is not well (`/healthcheck/fail`).
    std::shared_ptr<const std::atomic<bool>> healthcheckFailed;
};

/// What a chain's connections take from its listener.
struct ListenerTraits
{
    dataplane::TrafficDirection direction = dataplane::TrafficDirection::Unspecified;
    bool bypassesOverload = false;
    dataplane::Metadata metadata = {};
    std::string name = {};
};

/// A network filter that stands before the terminal one and may end the connection.
struct NetworkRbac
{
    std::shared_ptr<const filters::RbacConfig> rules;
    bool continuous = false; ///< asked again whenever bytes come
};

/// Called on the main thread with the certificates of a chain after a secret changed.
using CertificatesChanged = std::function<void(const std::vector<net::CertificateInUse> &)>;

/// A listener's filter chain, ready to take connections. Made on the main thread, shared by the workers,
/// immutable but for what TLS secrets change.
class FilterChain
{
public:
    /// `path` is the JSON path, for errors; `address` is the listener's, for statistics.
    static Result<std::shared_ptr<const FilterChain>>
    create(const dataplane::FilterChain &configuration, const std::string &path, const std::string &address,
           const ListenerTraits &listener, CertificatesChanged onCertificatesChanged,
           const ListenerContext &context);

    const dataplane::FilterChain &configuration() const { return m_configuration; }
    const std::shared_ptr<const ChainInfo> &info() const { return m_info; }
    net::TlsServerContext *tls() const { return m_tls.get(); }
    const std::vector<NetworkRbac> &rbac() const { return m_rbac; }
    bool takesClusterFromSni() const { return m_sniCluster; }
    /// Null: a chain without filters, whose connections are closed at once.
    const TerminalFilter *terminal() const { return m_terminal.get(); }
    /// None: no limit.
    std::optional<std::chrono::milliseconds> transportConnectTimeout() const
    {
        return m_transportConnectTimeout;
    }

    /// The chain's connections, and new ones if any still come, close after their next answer, or no longer.
    /// Main thread.
    void setDraining(bool draining) const { m_drain->always.store(draining, std::memory_order_relaxed); }
    /// They close in the course of `time`, which ends at `deadline`, more of them the less of it is left;
    /// none do after dropDeadline().
    void drainUntil(net::Clock::time_point deadline, std::chrono::seconds time) const
    {
        m_drain->drainSeconds.store(time.count(), std::memory_order_relaxed);
        m_drain->deadline.store(deadline.time_since_epoch().count(), std::memory_order_relaxed);
    }
    void dropDeadline() const { m_drain->deadline.store(0, std::memory_order_relaxed); }

private:
    FilterChain() = default;

    std::shared_ptr<const dataplane::Bootstrap> m_keptBootstrap;
    dataplane::FilterChain m_configuration;
    std::shared_ptr<const ChainInfo> m_info;
    std::shared_ptr<DrainState> m_drain;
    std::shared_ptr<net::TlsServerContext> m_tls;
    std::vector<NetworkRbac> m_rbac;
    bool m_sniCluster = false;
    std::shared_ptr<const TerminalFilter> m_terminal;
    std::optional<std::chrono::milliseconds> m_transportConnectTimeout;
};

using FilterChainPtr = std::shared_ptr<const FilterChain>;

} // namespace sallyport::server
