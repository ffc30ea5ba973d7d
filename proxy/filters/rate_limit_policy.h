// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/rate_limit.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/http/header_map.h"

#include <string_view>

namespace sallyport::filters {

/// What of a request the actions of `rate_limits` look at. Views must outlive the call.
struct RateLimitedRequest
{
    const http::HeaderMap &headers;
    const dataplane::ConnectionFacts &connection;
    const QJsonObject &metadata;      ///< of the request
    const QJsonObject &routeMetadata; ///< of its route
    std::string_view sourceCluster;   ///< that the proxy's node belongs to
    std::string_view destinationCluster;
};

/// A descriptor of one request, and how many tokens it takes.
struct DescribedRequest
{
    dataplane::RateLimitDescriptor entries;
    std::uint64_t hits = 1;
};

/// `rate_limits` of a route, a virtual host or the filter itself, ready to describe requests
/// (source/common/router/router_ratelimit.cc, source/extensions/filters/common/ratelimit_config). Immutable.
class RateLimitPolicy
{
public:
    enum class Of {
        Route, ///< by stage; hits_addend and apply_on_stream_done are a rate limit service's
        Filter ///< what counts when the stream is done has no part in what is let in
    };
    RateLimitPolicy(const std::vector<dataplane::RateLimit> &limits, Of of);

    bool isEmpty() const { return m_limits.empty(); }
    /// Adds to `descriptors`.
    void describe(const RateLimitedRequest &request, std::uint32_t stage,
                  std::vector<DescribedRequest> &descriptors) const;

private:
    struct Action
    {
        dataplane::RateLimitAction configuration;
        std::vector<dataplane::CompiledHeader> headers;
        std::vector<dataplane::CompiledQueryParameter> queryParameters;
    };
    struct Limit
    {
        std::uint32_t stage = 0;
        std::uint64_t hits = 1;
        std::vector<Action> actions;
    };
    static bool addEntry(const Action &action, const RateLimitedRequest &request,
                         dataplane::RateLimitDescriptor &entries);

    std::vector<Limit> m_limits;
};

} // namespace sallyport::filters
