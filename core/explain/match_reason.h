// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/listener.h"
#include "core/dataplane/request_view.h"

namespace sallyport::explain {

/// Matchers in words. Whether something matches is always asked of core/dataplane, one criterion at a time.

/// `/status/*, method is GET`
std::string describe(const dataplane::RouteMatch &match);
/// `destination port 80, TLS, SNI test.com`
std::string describe(const dataplane::FilterChainMatch &match);
/// `principal is spiffe://… and not path /headers`
std::string describe(const dataplane::RbacRule &rule);
std::string describe(const dataplane::StringMatcher &matcher);

/// What keeps a request from a route, one criterion each: `the path /headers does not begin with /status`.
/// Empty if it matches.
std::vector<std::string> unmet(const dataplane::Route &route, const dataplane::VirtualHost &host,
                               const dataplane::RouteConfiguration &routes,
                               const dataplane::RequestView &request);

/// Which of the virtual host's domains the authority meant, and how: `the domain test.com, its exact name`.
std::string domainOf(const dataplane::RouteConfiguration &routes, const dataplane::VirtualHost &host,
                     std::string_view authority);

/// Whether the permissions, and whether the principals of a policy match. None: it has no such side.
struct PolicySides
{
    bool operation = false;
    bool source = false;
};
PolicySides sidesOf(const dataplane::RbacPolicy &policy, const dataplane::ConnectionFacts &connection,
                    const dataplane::RequestView *request);
std::string describeOperations(const dataplane::RbacPolicy &policy);
std::string describeSources(const dataplane::RbacPolicy &policy);

} // namespace sallyport::explain
