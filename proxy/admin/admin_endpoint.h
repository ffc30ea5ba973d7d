// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/server_state.h"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::admin {

/// A request to the admin interface.
struct AdminRequest
{
    std::string method;
    std::string path;                         ///< without query
    std::map<std::string, std::string> query; ///< decoded; the first of each name

    bool has(const std::string &name) const { return query.find(name) != query.end(); }
    std::string get(const std::string &name) const
    {
        const auto found = query.find(name);
        return found == query.end() ? std::string() : found->second;
    }
};

/// What an endpoint answers.
struct AdminAnswer
{
    unsigned status = 200;
    std::string body;
    std::string contentType = "text/plain; charset=UTF-8";
    bool nosniffFirst = false; ///< x-content-type-options stands first as well, as in /config_dump's errors
    /// Where set, makes the body once the answer itself is counted.
    std::function<std::string()> makeBody = {};
};

/// A query parameter, for the help page.
struct AdminParameter
{
    std::string_view name;
    std::string_view help;
};

/// One endpoint: Envoy's path, its help, and what it does.
struct AdminEndpoint
{
    std::string_view path;
    std::string_view help;
    bool mutates = false; ///< POST only
    AdminAnswer (*answer)(const AdminRequest &request, ServerState &state);
    std::span<const AdminParameter> parameters = {};
};

/// All endpoints, by path.
std::span<const AdminEndpoint> adminEndpoints();

/// Finds the endpoint and runs it; 404 with the help, 405 for a mutating one without POST
/// (envoy-behaviour.md 7.1). The body may be left to be made.
AdminAnswer beginAnswer(const AdminRequest &request, ServerState &state);
/// The same with its body.
AdminAnswer answerAdmin(const AdminRequest &request, ServerState &state);

/// `/stats?filter=a%20b` taken apart. Where it has no parameters, those of `form` count: a body that was sent
/// as application/x-www-form-urlencoded.
AdminRequest parseAdminTarget(std::string_view method, std::string_view target, std::string_view form = {});

// The endpoints, by the file they are in.
AdminAnswer statsEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer prometheusEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer clustersEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer configDumpEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer certsEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer listenersEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer readyEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer serverInfoEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer memoryEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer runtimeEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer runtimeModifyEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer recentLookupsEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer clearLookupsEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer enableLookupsEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer disableLookupsEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer contentionEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer profilerEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer heapProfilerEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer heapDumpEndpoint(const AdminRequest &request, ServerState &state);
AdminAnswer initDumpEndpoint(const AdminRequest &request, ServerState &state);

} // namespace sallyport::admin
