// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_endpoint.h"

#include "proxy/admin/log_levels.h"
#include "proxy/telemetry/access_logger.h"
#include "proxy/telemetry/stats.h"

#include <QByteArray>
#include <algorithm>
#include <array>

namespace sallyport::admin {

namespace {

AdminAnswer ok()
{
    return {200, "OK\n"};
}

AdminAnswer helpEndpoint(const AdminRequest &, ServerState &)
{
    std::string text = "admin commands are:\n";
    for (const AdminEndpoint &endpoint : adminEndpoints()) {
        text += "  ";
        text += endpoint.path;
        text += endpoint.mutates ? " (POST): " : ": ";
        text += endpoint.help;
        text += '\n';
    }
    return {200, std::move(text)};
}

AdminAnswer homeEndpoint(const AdminRequest &request, ServerState &state)
{
    return helpEndpoint(request, state);
}

AdminAnswer resetCountersEndpoint(const AdminRequest &, ServerState &state)
{
    for (telemetry::Counter *counter : state.stats().counters())
        counter->reset();
    return ok();
}

AdminAnswer healthcheckFailEndpoint(const AdminRequest &, ServerState &state)
{
    state.setHealthcheckFailed(true);
    return ok();
}

AdminAnswer healthcheckOkEndpoint(const AdminRequest &, ServerState &state)
{
    state.setHealthcheckFailed(false);
    return ok();
}

AdminAnswer drainListenersEndpoint(const AdminRequest &request, ServerState &state)
{
    state.drainListeners({request.has("inboundonly"), request.has("graceful"), request.has("skip_exit")});
    return ok();
}

AdminAnswer quitEndpoint(const AdminRequest &, ServerState &state)
{
    state.quit();
    return ok();
}

AdminAnswer reopenLogsEndpoint(const AdminRequest &, ServerState &state)
{
    state.logFiles().reopenAll();
    return ok();
}

AdminAnswer runtimeEndpoint(const AdminRequest &, ServerState &)
{
    return {200, "{\n \"layers\": [],\n \"entries\": {}\n}\n", "application/json"};
}

AdminAnswer hotRestartVersionEndpoint(const AdminRequest &, ServerState &)
{
    return {200, "disabled"};
}

constexpr std::array endpoints{
    AdminEndpoint{"/", "Admin home page", false, homeEndpoint},
    AdminEndpoint{"/certs", "print certs on machine", false, certsEndpoint},
    AdminEndpoint{"/clusters", "upstream cluster status", false, clustersEndpoint},
    AdminEndpoint{"/config_dump", "dump current Envoy configs", false, configDumpEndpoint},
    AdminEndpoint{"/drain_listeners", "drain listeners", true, drainListenersEndpoint},
    AdminEndpoint{"/healthcheck/fail", "cause the server to fail health checks", true,
                  healthcheckFailEndpoint},
    AdminEndpoint{"/healthcheck/ok", "cause the server to pass health checks", true, healthcheckOkEndpoint},
    AdminEndpoint{"/help", "print out list of admin commands", false, helpEndpoint},
    AdminEndpoint{"/hot_restart_version", "print the hot restart compatibility version", false,
                  hotRestartVersionEndpoint},
    AdminEndpoint{"/listeners", "print listener info", false, listenersEndpoint},
    AdminEndpoint{"/logging", "query/change logging levels", true, loggingEndpoint},
    AdminEndpoint{"/memory", "print current allocation/heap usage", false, memoryEndpoint},
    AdminEndpoint{"/quitquitquit", "exit the server", true, quitEndpoint},
    AdminEndpoint{"/ready", "print server state, return 200 if LIVE, otherwise return 503", false,
                  readyEndpoint},
    AdminEndpoint{"/reopen_logs", "reopen access logs", true, reopenLogsEndpoint},
    AdminEndpoint{"/reset_counters", "reset all counters to zero", true, resetCountersEndpoint},
    AdminEndpoint{"/runtime", "print runtime values", false, runtimeEndpoint},
    AdminEndpoint{"/server_info", "print server version/status information", false, serverInfoEndpoint},
    AdminEndpoint{"/stats", "print server stats", false, statsEndpoint},
    AdminEndpoint{"/stats/prometheus", "print server stats in prometheus format", false, prometheusEndpoint},
};

std::string decoded(std::string_view text)
{
    QByteArray bytes(text.data(), static_cast<qsizetype>(text.size()));
    bytes.replace('+', ' ');
    return QByteArray::fromPercentEncoding(bytes).toStdString();
}

} // namespace

std::span<const AdminEndpoint> adminEndpoints()
{
    return endpoints;
}

AdminAnswer answerAdmin(const AdminRequest &request, ServerState &state)
{
    const auto found = std::find_if(endpoints.begin(), endpoints.end(), [&](const AdminEndpoint &endpoint) {
        return endpoint.path == request.path;
    });
    if (found == endpoints.end())
        return {404, "invalid path. " + helpEndpoint(request, state).body};
    if (found->mutates && request.method != "POST")
        return {405, "Method " + request.method + " not allowed, POST required."};
    return found->answer(request, state);
}

AdminRequest parseAdminTarget(std::string_view method, std::string_view target)
{
    AdminRequest request;
    request.method = method;
    const std::size_t question = std::min(target.find('?'), target.size());
    request.path = target.substr(0, question);
    std::string_view query = question < target.size() ? target.substr(question + 1) : std::string_view();
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!pair.empty())
            request.query.emplace(decoded(pair.substr(0, equals)),
                                  equals < pair.size() ? decoded(pair.substr(equals + 1)) : std::string());
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return request;
}

} // namespace sallyport::admin
