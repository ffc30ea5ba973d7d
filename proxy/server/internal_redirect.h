// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "proxy/http/header_map.h"
#include "proxy/telemetry/router_stats.h"

#include <map>
#include <set>
#include <string>

namespace sallyport::server {

/// What the streams of one request have been through, one internal redirect after the other.
struct InternalRedirects
{
    unsigned count = 0;
    /// By the route that redirected, the routes that this led to; previous_routes asks for it.
    std::map<std::string, std::set<std::string>, std::less<>> targets;
};

/// Whether a request that came by `fromTls` may go on, by `toTls`, on the route of this name; the predicates
/// are asked in their order (source/extensions/internal_redirect).
bool predicatesAccept(const dataplane::InternalRedirectPolicy &policy, const std::string &fromRoute,
                      const std::string &toRoute, bool fromTls, bool toTls, InternalRedirects &redirects);

/// Whether answers with this status are followed at all.
bool followsStatus(const dataplane::InternalRedirectPolicy &policy, unsigned status);

/// The request that a `location` leads to, made of the one that was answered with it: its scheme, host and
/// path, and of the answer the headers that are to be copied. False: the location is no URL, or changes a
/// scheme that has to stay, which is counted; the headers are then as they were.
bool leadElsewhere(http::HeaderMap &request, const http::HeaderMap &answer,
                   const dataplane::InternalRedirectPolicy &policy, telemetry::RouterStats &stats);

} // namespace sallyport::server
