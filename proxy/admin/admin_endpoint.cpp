// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_endpoint.h"

#include "proxy/admin/admin_page.h"
#include "proxy/admin/log_levels.h"
#include "proxy/telemetry/access_logger.h"
#include "proxy/telemetry/stats.h"

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
        for (const AdminParameter &parameter : endpoint.parameters) {
            text += "      ";
            text += parameter.name;
            text += ": ";
            text += parameter.help;
            text += '\n';
        }
    }
    return {200, std::move(text)};
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
    // Whoever does not want the listeners stopped, and not drained either, wants nothing.
    if (request.has("skip_exit") && !request.has("graceful"))
        return ok();
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
    state.reopenLogs();
    return ok();
}

AdminAnswer hotRestartVersionEndpoint(const AdminRequest &, ServerState &)
{
    return {200, "disabled"};
}

constexpr std::array switchParameters{AdminParameter{"enable", "y or n"}};
constexpr std::array clusterParameters{
    AdminParameter{"filter", "regular expression (RE2) that a cluster's name has to match"},
    AdminParameter{"format", "text or json"}};
constexpr std::array dumpParameters{
    AdminParameter{"resource", "only this repeated field of the dump, as static_clusters"},
    AdminParameter{"mask", "only these fields, of each resource if one is asked for: a list of paths"},
    AdminParameter{"name_regex", "only what has a name that matches"},
    AdminParameter{"include_eds", "the endpoints of the clusters as well"}};
constexpr std::array drainParameters{
    AdminParameter{"graceful", "answers close their connections first, for the drain time"},
    AdminParameter{"skip_exit", "drain, but go on listening"},
    AdminParameter{"inboundonly", "only listeners with traffic_direction INBOUND"}};
constexpr std::array initParameters{AdminParameter{"mask", "only these components"}};
constexpr std::array formatParameters{AdminParameter{"format", "text or json"}};
constexpr std::array loggingParameters{
    AdminParameter{"paths", "several levels: <logger>:<level>,<logger>:<level>"},
    AdminParameter{"group", "one logger's: <logger>:<level> (needs fine-grain logging, which there is not)"},
    AdminParameter{"level", "of all loggers: trace, debug, info, warning, error, critical or off"}};
constexpr std::array statsParameters{
    AdminParameter{"usedonly", "only what was ever written"},
    AdminParameter{"filter", "regular expression (RE2) that a name has to match"},
    AdminParameter{"invert_filter", "the names that do not match instead"},
    AdminParameter{"format", "html, active-html, text, json or prometheus"},
    AdminParameter{"type", "All, Counters, Histograms, Gauges or TextReadouts"},
    AdminParameter{"histogram_buckets", "cumulative, disjoint, detailed or summary"}};
constexpr std::array prometheusParameters{
    AdminParameter{"usedonly", "only what was ever written"},
    AdminParameter{"text_readouts", "texts as well, as gauges of value 0"},
    AdminParameter{"filter", "regular expression (RE2) that a name has to match"},
    AdminParameter{"invert_filter", "the names that do not match instead"},
    AdminParameter{"histogram_buckets", "cumulative or summary"}};

constexpr std::array knownEndpoints{
    AdminEndpoint{"/", "Admin home page", false, homeEndpoint},
    AdminEndpoint{"/allocprofiler", "enable/disable the allocation profiler (not in this gateway)", true,
                  profilerEndpoint, switchParameters},
    AdminEndpoint{"/certs", "print certs on machine", false, certsEndpoint},
    AdminEndpoint{"/clusters", "upstream cluster status", false, clustersEndpoint, clusterParameters},
    AdminEndpoint{"/config_dump", "dump current Envoy configs", false, configDumpEndpoint, dumpParameters},
    AdminEndpoint{"/contention", "dump mutex contention (not traced by this gateway)", false,
                  contentionEndpoint},
    AdminEndpoint{"/cpuprofiler", "enable/disable the CPU profiler (not in this gateway)", true,
                  profilerEndpoint, switchParameters},
    AdminEndpoint{"/drain_listeners", "drain listeners", true, drainListenersEndpoint, drainParameters},
    AdminEndpoint{"/healthcheck/fail", "cause the server to fail health checks", true,
                  healthcheckFailEndpoint},
    AdminEndpoint{"/healthcheck/ok", "cause the server to pass health checks", true, healthcheckOkEndpoint},
    AdminEndpoint{"/heap_dump", "dump the heap (not in this gateway)", false, heapDumpEndpoint},
    AdminEndpoint{"/heapprofiler", "enable/disable the heap profiler (not in this gateway)", true,
                  heapProfilerEndpoint, switchParameters},
    AdminEndpoint{"/help", "print out list of admin commands", false, helpEndpoint},
    AdminEndpoint{"/hot_restart_version", "print the hot restart compatibility version", false,
                  hotRestartVersionEndpoint},
    AdminEndpoint{"/init_dump", "dump what initialization waits for", false, initDumpEndpoint,
                  initParameters},
    AdminEndpoint{"/listeners", "print listener info", false, listenersEndpoint, formatParameters},
    AdminEndpoint{"/logging", "query/change logging levels", true, loggingEndpoint, loggingParameters},
    AdminEndpoint{"/memory", "print current allocation/heap usage", false, memoryEndpoint},
    AdminEndpoint{"/peak_heap_dump", "dump the heap at its peak (not in this gateway)", false,
                  heapDumpEndpoint},
    AdminEndpoint{"/quitquitquit", "exit the server", true, quitEndpoint},
    AdminEndpoint{"/ready", "print server state, return 200 if LIVE, otherwise return 503", false,
                  readyEndpoint},
    AdminEndpoint{"/reopen_logs", "reopen access logs", true, reopenLogsEndpoint},
    AdminEndpoint{"/reset_counters", "reset all counters to zero", true, resetCountersEndpoint},
    AdminEndpoint{"/runtime", "print runtime values", false, runtimeEndpoint},
    AdminEndpoint{"/runtime_modify", "change runtime values (needs an admin layer)", true,
                  runtimeModifyEndpoint},
    AdminEndpoint{"/server_info", "print server version/status information", false, serverInfoEndpoint},
    AdminEndpoint{"/stats", "print server stats", false, statsEndpoint, statsParameters},
    AdminEndpoint{"/stats/prometheus", "print server stats in prometheus format", false, prometheusEndpoint,
                  prometheusParameters},
    AdminEndpoint{"/stats/recentlookups", "show which statistics were asked for by name lately", false,
                  recentLookupsEndpoint},
    AdminEndpoint{"/stats/recentlookups/clear", "forget these names and their number", true,
                  clearLookupsEndpoint},
    AdminEndpoint{"/stats/recentlookups/disable", "stop remembering these names", true,
                  disableLookupsEndpoint},
    AdminEndpoint{"/stats/recentlookups/enable", "remember these names", true, enableLookupsEndpoint},
};

/// What is no escape stays as it is, and a plus, too.
std::string decoded(std::string_view text)
{
    const auto digit = [](char c) -> int {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::map<std::string, std::string> parametersOf(std::string_view query)
{
    std::map<std::string, std::string> parameters;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!pair.empty())
            parameters.emplace(decoded(pair.substr(0, equals)),
                               equals < pair.size() ? decoded(pair.substr(equals + 1)) : std::string());
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return parameters;
}

} // namespace

std::span<const AdminEndpoint> adminEndpoints()
{
    return knownEndpoints;
}

AdminAnswer beginAnswer(const AdminRequest &request, ServerState &state)
{
    const auto found =
        std::find_if(knownEndpoints.begin(), knownEndpoints.end(),
                     [&](const AdminEndpoint &endpoint) { return endpoint.path == request.path; });
    if (found == knownEndpoints.end())
        return {404, "invalid path. " + helpEndpoint(request, state).body};
    if (found->mutates && request.method != "POST")
        return {405, "Method " + request.method + " not allowed, POST required."};
    return found->answer(request, state);
}

AdminAnswer answerAdmin(const AdminRequest &request, ServerState &state)
{
    AdminAnswer answer = beginAnswer(request, state);
    if (answer.makeBody)
        answer.body = answer.makeBody();
    return answer;
}

AdminRequest parseAdminTarget(std::string_view method, std::string_view target, std::string_view form)
{
    AdminRequest request;
    request.method = method;
    const std::size_t question = std::min(target.find('?'), target.size());
    request.path = target.substr(0, question);
    if (question < target.size())
        request.query = parametersOf(target.substr(question + 1));
    if (request.query.empty())
        request.query = parametersOf(form);
    return request;
}

} // namespace sallyport::admin
