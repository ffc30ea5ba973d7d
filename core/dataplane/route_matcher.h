// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/compiled_cookies.h"
#include "core/dataplane/host_matcher.h"
#include "core/dataplane/route.h"
#include "core/dataplane/value_matchers.h"

#include <array>

namespace sallyport::dataplane {

/// What one level of a configuration says of a filter, if it is a `Config`; else null, as without a level.
template<typename Config>
const Config *overrideOf(const PerFilterConfig *level, std::string_view filter)
{
    if (level == nullptr)
        return nullptr;
    const auto found = level->find(filter);
    return found == level->end() ? nullptr : std::get_if<Config>(&found->second);
}

/// A route ready to be tried. Its configuration lives in the CompiledRoutes that holds it.
class CompiledRoute
{
public:
    CompiledRoute(const Route &route, const VirtualHost &host, const RouteConfiguration &routes);

    /// `path` with query; `random` decides runtime fractions.
    bool matches(const RequestView &request, std::uint64_t random) const;
    /// The request's new path, or none if the route does not rewrite it. Errors of substitution leave the
    /// path as it is.
    std::optional<std::string> rewrittenPath(std::string_view path) const;
    /// The authority that host rewrites make of the request; none without one that takes its value from the
    /// request or the configuration (auto_host_rewrite depends on the host that is chosen later).
    std::optional<std::string> rewrittenHost(const RequestView &request) const;
    /// The `location` of a redirect.
    std::string redirectLocation(const RequestView &request) const;
    /// What a redirect that rewrites the path makes of this one, query included; none without a rewrite.
    std::optional<std::string> redirectedPath(std::string_view path) const;

    const Route &route() const { return *m_route; }
    const VirtualHost &host() const { return *m_host; }
    const RouteConfiguration &configuration() const { return *m_configuration; }
    const RouteAction *action() const { return std::get_if<RouteAction>(&m_route->action); }
    const RedirectAction *redirect() const { return std::get_if<RedirectAction>(&m_route->action); }
    const DirectResponseAction *direct() const { return std::get_if<DirectResponseAction>(&m_route->action); }
    /// Which of the action's weighted clusters `random` falls on; null if the action has none.
    const WeightedCluster *weighted(std::uint64_t random) const;
    /// The number that a request brings along to be weighted by, where the action names a header for it.
    std::optional<std::uint64_t> weightOf(const RequestView &request) const;
    /// typed_per_filter_config of the weighted cluster (may be null), the route, its virtual host and the
    /// whole configuration, in the order in which they are asked (source/common/http/utility.h,
    /// resolveMostSpecificPerFilterConfig).
    std::array<const PerFilterConfig *, 4> perFilterLevels(const WeightedCluster *cluster) const;
    /// What is said of the filter of this name, if it is a `Config`; else null.
    template<typename Config>
    const Config *perFilter(std::string_view filter, const WeightedCluster *cluster) const
    {
        for (const PerFilterConfig *level : perFilterLevels(cluster)) {
            if (const Config *config = overrideOf<Config>(level, filter))
                return config;
        }
        return nullptr;
    }
    /// Whether a filter runs that its chain has off or on: whoever configures it switches it on.
    bool runs(std::string_view filter, bool offInChain, const WeightedCluster *cluster) const;

private:
    std::string prefixReplaced(std::string_view path, const std::string &replacement) const;
    bool pathMatches(std::string_view path, const RequestView &request) const;
    bool tlsMatches(const ConnectionFacts *connection) const;

    const Route *m_route;
    const VirtualHost *m_host;
    const RouteConfiguration *m_configuration;
    CompiledString m_path;
    std::optional<PathTemplate> m_template;
    std::vector<CompiledHeader> m_headers;
    std::vector<CompiledQueryParameter> m_queryParameters;
    std::vector<CompiledMetadata> m_metadata;
    CompiledCookies m_cookies;
    std::shared_ptr<const re2::RE2> m_rewrite;
    std::shared_ptr<const re2::RE2> m_hostRewrite;
    std::uint64_t m_totalWeight = 0;
};

/// A route configuration ready to serve requests. Immutable: share it between threads.
class CompiledRoutes
{
public:
    static std::shared_ptr<const CompiledRoutes> compile(RouteConfiguration configuration);
    CompiledRoutes(const CompiledRoutes &) = delete;

    const RouteConfiguration &configuration() const { return m_configuration; }
    /// Some route asks about the client's certificate.
    bool asksForTls() const { return m_asksForTls; }
    /// The virtual host for a request; null: 404.
    const VirtualHost *findHost(std::string_view authority) const;
    /// The route for a request; null: 404. `host` gets the virtual host even if none of its routes matches. A
    /// host that wants TLS answers what came without with a redirect.
    const CompiledRoute *find(const RequestView &request, std::uint64_t random,
                              const VirtualHost **host = nullptr) const;

private:
    explicit CompiledRoutes(RouteConfiguration configuration);

    RouteConfiguration m_configuration;
    HostMatcher m_hosts;
    bool m_asksForTls = false;
    std::vector<std::vector<CompiledRoute>> m_routes;
    std::vector<std::optional<CompiledRoute>> m_toTls; ///< of the hosts that want TLS
};

} // namespace sallyport::dataplane
