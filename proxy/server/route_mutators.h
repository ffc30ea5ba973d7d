// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "proxy/telemetry/header_mutator.h"

#include <unordered_map>

namespace sallyport::server {

/// What a level does to requests and to responses.
struct MutatorPair
{
    telemetry::HeaderMutator request;
    telemetry::HeaderMutator response;
};

/// The mutators of every level of a route configuration, found by the configuration's own objects.
class RouteMutators
{
public:
    static Result<RouteMutators> create(const dataplane::RouteConfiguration &routes);

    /// In Envoy's order: the most specific level first, unless the configuration turns it round.
    void applyToRequest(const dataplane::RouteConfiguration &routes, const dataplane::VirtualHost &host,
                        const dataplane::Route &route, const dataplane::WeightedCluster *cluster,
                        http::HeaderMap &headers, const telemetry::LogContext &context) const;
    void applyToResponse(const dataplane::RouteConfiguration &routes, const dataplane::VirtualHost &host,
                         const dataplane::Route &route, const dataplane::WeightedCluster *cluster,
                         http::HeaderMap &headers, const telemetry::LogContext &context) const;

private:
    Result<void> add(const dataplane::HeaderMutations &mutations);
    template<typename Use>
    void eachLevel(const dataplane::RouteConfiguration &routes, const dataplane::VirtualHost &host,
                   const dataplane::Route &route, const dataplane::WeightedCluster *cluster, Use use) const;

    std::unordered_map<const dataplane::HeaderMutations *, MutatorPair> m_byConfiguration;
};

} // namespace sallyport::server
