// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/bootstrap.h"

#include <set>
#include <string>

/// What Envoy refuses at load although every field is well formed. A check says where in the bootstrap it
/// failed: its error's place is a JSON path.
namespace sallyport::dataplane {

using Checked = Result<void>;

/// A check that failed at the field with this JSON path.
Checked failAt(const std::string &path, std::string what);

/// Runs checks in order until one fails.
class Chain
{
public:
    void operator()(Checked result)
    {
        if (m_result && !result)
            m_result = std::move(result);
    }
    bool good() const { return m_result.has_value(); }
    Checked take() { return std::move(m_result); }

private:
    Checked m_result;
};

/// What the bootstrap itself declares, for those who refer to it.
struct DeclaredNames
{
    std::set<std::string, std::less<>> names; ///< of clusters
    std::map<std::string, const Secret *, std::less<>> certificates;
    std::map<std::string, const Secret *, std::less<>> validations;
    std::map<std::string, const Secret *, std::less<>> ticketKeys;
    bool has(const std::string &name) const { return names.find(name) != names.end(); }
};

// check_files.cpp
/// That a file, if one is named, is there and none of the system's own.
Checked checkFile(const std::string &file, const std::string &path);

// check_matchers.cpp
Checked checkRegex(const std::string &pattern, const std::string &path);
Checked checkString(const StringMatcher &matcher, const std::string &path);
Checked checkHeaders(const std::vector<HeaderMatcher> &headers, const std::string &path);
/// What rate_limits match requests by.
Checked checkRateLimits(const std::vector<RateLimit> &limits, const std::string &path);
Checked checkRewrite(const std::optional<RegexRewrite> &rewrite, const std::string &path);

// check_routes.cpp
Checked checkRoutes(const RouteConfiguration &config, const std::string &path, const DeclaredNames &clusters);

// check_http_filters.cpp
Checked checkRbac(const Rbac &rbac, const std::string &path);
/// The rules of a connection's filter, which sees no requests.
Checked checkNetworkRbac(const Rbac &rbac, const std::string &path);
Checked checkHttpFilters(const HttpConnectionManager &manager, const std::string &path);

// check_listeners.cpp
/// Of something that is listened on.
Checked checkAddress(const SocketAddress &address, const std::string &path);
Checked checkListener(const Listener &listener, const std::string &path, const DeclaredNames &declared);

// check_tls.cpp
Checked checkUpstreamTls(const UpstreamTlsContext &tls, const std::string &path,
                         const DeclaredNames &declared);
Checked checkDownstreamTls(const DownstreamTlsContext &tls, const std::string &path,
                           const DeclaredNames &declared);

} // namespace sallyport::dataplane
