// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"
#include "core/dataplane/route.h"
#include "core/result/result.h"
#include "proxy/telemetry/formatter.h"

#include <unordered_map>

namespace sallyport::server {

/// The headers that one level of a configuration takes away and adds, ready to run: removals first, then
/// overwriting values, then added ones (source/common/router/header_parser.cc).
class HeaderMutator
{
public:
    static Result<HeaderMutator> create(const std::vector<dataplane::HeaderValueOption> &add,
                                        const std::vector<std::string> &remove);
    void apply(http::HeaderMap &headers, const telemetry::LogContext &context) const;
    bool isEmpty() const { return m_add.empty() && m_remove.empty(); }

private:
    struct Addition
    {
        std::string name; ///< lower case
        telemetry::TextFormatter value;
        dataplane::HeaderAppendAction action;
        bool keepEmpty;
    };
    std::vector<Addition> m_add;
    std::vector<std::string> m_remove;
};

/// What a level does to requests and to responses.
struct MutatorPair
{
    HeaderMutator request;
    HeaderMutator response;
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
