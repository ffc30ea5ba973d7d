// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/dispatcher.h"
#include "proxy/upstream/cluster.h"

#include <functional>
#include <memory>

namespace sallyport::upstream {

/// What came of asking a host.
enum class ProbeResult {
    Passed,
    PassedDegraded,
    Refused,   ///< it said that it is not well: this counts at once
    Retriable, ///< it said so in a way that counts only if it goes on
    NetworkFailure
};

/// Asks one host how it is, over a connection that it keeps between times if it may. Lives on the main
/// thread; results come from the event loop, never within ask().
class HealthProbe
{
public:
    /// The probe may be destroyed within it.
    using OnResult = std::function<void(ProbeResult)>;

    virtual ~HealthProbe() = default;
    /// One result follows, unless giveUp() comes first.
    virtual void ask() = 0;
    /// It took too long: no result comes any more.
    virtual void giveUp() = 0;
};

/// Of the kind that the check's configuration names; `check` is one of the cluster's.
std::unique_ptr<HealthProbe> makeHealthProbe(net::EpollDispatcher &dispatcher, const ClusterInfoPtr &cluster,
                                             CompiledHealthCheck &check, const HostPtr &host,
                                             HealthProbe::OnResult onResult);

// One for each kind, in the files of that name.
std::unique_ptr<HealthProbe> makeHttpHealthProbe(net::EpollDispatcher &dispatcher,
                                                 const ClusterInfoPtr &cluster, CompiledHealthCheck &check,
                                                 const HostPtr &host, HealthProbe::OnResult onResult);
std::unique_ptr<HealthProbe> makeTcpHealthProbe(net::EpollDispatcher &dispatcher,
                                                const ClusterInfoPtr &cluster, CompiledHealthCheck &check,
                                                const HostPtr &host, HealthProbe::OnResult onResult);
std::unique_ptr<HealthProbe> makeGrpcHealthProbe(net::EpollDispatcher &dispatcher,
                                                 const ClusterInfoPtr &cluster, CompiledHealthCheck &check,
                                                 const HostPtr &host, HealthProbe::OnResult onResult);

/// A connection to where the host is asked, over the transport that is configured for it.
std::unique_ptr<net::Connection> makeProbeConnection(net::EpollDispatcher &dispatcher, ClusterInfo &cluster,
                                                     const CompiledHealthCheck &check, const Host &host);
/// `:authority` of a request: the endpoint's own name, else `configured`, else the cluster's.
const std::string &probeAuthority(const ClusterInfo &cluster, const Host &host,
                                  const std::string &configured);
/// Changes the headers of a request as the health check's configuration says.
void applyProbeHeaders(const CompiledHealthCheck &check, const HostPtr &host, http::HeaderMap &headers);

} // namespace sallyport::upstream
