// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "core/dataplane/value_matchers.h"

#include <string_view>

namespace sallyport::dataplane {

/// What of a request the actions of `rate_limits` look at. Views must outlive the call.
struct RateLimitedRequest
{
    const RequestView &request;
    const QJsonObject &routeMetadata;
    std::string_view sourceCluster; ///< that the proxy's node belongs to
    std::string_view destinationCluster;
};

/// A descriptor of one request, and how many tokens it takes.
struct DescribedRequest
{
    RateLimitDescriptor entries;
    std::uint64_t hits = 1;
};

/// Whether a request's descriptor is one that `configured` is about: an empty value there is any value.
bool isAbout(const RateLimitDescriptor &configured, const RateLimitDescriptor &asked);

/// Which `rate_limits` count for a filter without its own: the route's, and as vh_rate_limits has it the
/// virtual host's.
std::vector<const std::vector<RateLimit> *>
appliedRateLimits(const LocalRateLimit &filter, const RouteAction &action, const VirtualHost &host);

/// `rate_limits` of a route, a virtual host or the filter itself, ready to describe requests
/// (source/common/router/router_ratelimit.cc, source/extensions/filters/common/ratelimit_config). Immutable.
class RateLimitPolicy
{
public:
    enum class Of {
        Route, ///< by stage; hits_addend and apply_on_stream_done are a rate limit service's
        Filter ///< what counts when the stream is done has no part in what is let in
    };
    RateLimitPolicy(const std::vector<RateLimit> &limits, Of of);

    bool isEmpty() const { return m_limits.empty(); }
    /// Adds to `descriptors`.
    void describe(const RateLimitedRequest &request, std::uint32_t stage,
                  std::vector<DescribedRequest> &descriptors) const;

private:
    struct Action
    {
        RateLimitAction configuration;
        std::vector<CompiledHeader> headers;
        std::vector<CompiledQueryParameter> queryParameters;
    };
    struct Limit
    {
        std::uint32_t stage = 0;
        std::uint64_t hits = 1;
        std::vector<Action> actions;
    };
    static bool addEntry(const Action &action, const RateLimitedRequest &request,
                         RateLimitDescriptor &entries);

    std::vector<Limit> m_limits;
};

} // namespace sallyport::dataplane
