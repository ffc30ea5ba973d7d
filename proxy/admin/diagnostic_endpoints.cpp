// SPDX-License-Identifier: GPL-3.0-or-later
// What looks into the process rather than at its traffic. Envoy's profilers have no counterpart here: these
// endpoints answer as an Envoy does that was built without them.
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_json.h"
#include "proxy/telemetry/stats.h"

#include <cstdio>

namespace sallyport::admin {

AdminAnswer contentionEndpoint(const AdminRequest &, ServerState &)
{
    return {200, "Mutex contention tracing is not enabled: this gateway has none."};
}

AdminAnswer profilerEndpoint(const AdminRequest &request, ServerState &)
{
    const std::string enable = request.get("enable");
    if (enable != "y" && enable != "n")
        return {400, "?enable=<y|n>\n"};
    return {501, "This gateway has no profiler.\n"};
}

AdminAnswer heapProfilerEndpoint(const AdminRequest &, ServerState &)
{
    return {501, "This gateway has no heap profiler."};
}

AdminAnswer heapDumpEndpoint(const AdminRequest &, ServerState &)
{
    return {501, "This gateway does not dump its heap."};
}

/// What initialization still waits for. The admin interface answers once nothing is left to wait for but
/// names of clusters, which have no targets of their own.
AdminAnswer initDumpEndpoint(const AdminRequest &, ServerState &)
{
    return jsonAnswer({});
}

AdminAnswer recentLookupsEndpoint(const AdminRequest &, ServerState &state)
{
    const telemetry::StatsStore &store = state.stats();
    std::string text;
    if (!store.tracksLookups()) {
        text = "Lookup tracking is not enabled. Use /stats/recentlookups/enable to enable.\n";
    } else {
        text = "   Count Lookup\n";
        for (const auto &[name, count] : store.recentLookups()) {
            char number[32];
            std::snprintf(number, sizeof number, "%8llu ", static_cast<unsigned long long>(count));
            text += number + name + '\n';
        }
    }
    return {200, text + "\ntotal: " + std::to_string(store.lookups()) + '\n'};
}

AdminAnswer clearLookupsEndpoint(const AdminRequest &, ServerState &state)
{
    state.stats().clearLookups();
    return {200, "OK\n"};
}

AdminAnswer enableLookupsEndpoint(const AdminRequest &, ServerState &state)
{
    state.stats().setLookupTracking(true);
    return {200, "OK\n"};
}

AdminAnswer disableLookupsEndpoint(const AdminRequest &, ServerState &state)
{
    state.stats().setLookupTracking(false);
    return {200, "OK\n"};
}

} // namespace sallyport::admin
