// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/host.h"

#include <QJsonObject>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace sallyport::upstream {

class LbStats;
class PreviousPriorities;
struct ZoneView;

/// What a choice depends on beside the hosts.
struct LbContext
{
    std::uint64_t random = 0;
    std::optional<std::uint64_t> hash;             ///< of the route's hash policies
    const QJsonObject *metadataMatch = nullptr;    ///< `envoy.lb` of the route, for subsets
    std::function<bool(const Host &)> shouldRetry; ///< true: this host was tried before, pick another
    std::uint64_t retryPicks = 1;
    PreviousPriorities *previousPriorities = nullptr; ///< of an attempt after the first, where a policy asks
    std::uint64_t repick = 0;                         ///< how often this choice was rejected already
};

/// The hosts of a cluster at one moment, and how one is chosen. Immutable but for the balancers' own
/// positions; one copy a worker.
class LoadBalancer
{
public:
    virtual ~LoadBalancer() = default;
    /// Null: no healthy upstream.
    virtual HostPtr choose(const LbContext &context) = 0;
};

/// `stats` outlives the balancer. `zones`: this node and its peers, where the bootstrap names them.
std::unique_ptr<LoadBalancer> makeLoadBalancer(const dataplane::Cluster &cluster, std::vector<HostPtr> hosts,
                                               LbStats &stats,
                                               std::shared_ptr<const ZoneView> zones = nullptr);

/// Envoy's hash of a text for consistent hashing: xxHash64 with seed 0.
std::uint64_t hashText(std::string_view text, std::uint64_t seed = 0);
/// MurmurHash2 as libstdc++ and Envoy's ring use it.
std::uint64_t murmurHash2(std::string_view text, std::uint64_t seed = 0xc70f6907UL);

} // namespace sallyport::upstream
