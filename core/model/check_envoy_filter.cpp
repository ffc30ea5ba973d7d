// SPDX-License-Identifier: GPL-3.0-or-later
// EnvoyFilter: its own fields. What they change is Envoy's configuration, which core/compile patches
// (istio:pkg/config/validation/envoyfilter).
#include "core/model/decode.h"

#include <array>

namespace sallyport::model {

namespace {

/// Asks for fields whose values do not matter here.
void ask(Fields &fields, std::initializer_list<const char *> texts)
{
    std::string text;
    for (const char *key : texts)
        fields.textOrNumber(key, text);
}

void checkListenerMatch(Fields &listener)
{
    ask(listener, {"portNumber", "portName", "name", "listenerFilter"});
    listener.object("filterChain", [](Fields &chain) {
        ask(chain, {"name", "sni", "transportProtocol", "applicationProtocols", "destinationPort"});
        chain.object("filter", [](Fields &filter) {
            ask(filter, {"name"});
            filter.object("subFilter", [](Fields &sub) { ask(sub, {"name"}); });
        });
    });
}

void checkRouteMatch(Fields &routes)
{
    ask(routes, {"portNumber", "portName", "gateway", "name"});
    routes.object("vhost", [](Fields &host) {
        ask(host, {"name", "domainName"});
        host.object("route", [](Fields &route) {
            int action = 0;
            ask(route, {"name"});
            route.word("action", action, {"ANY", "ROUTE", "REDIRECT", "DIRECT_RESPONSE"});
        });
    });
}

/// Which kind of match belongs to what is patched.
const char *matchOf(const std::string &applyTo)
{
    if (applyTo == "CLUSTER")
        return "cluster";
    if (applyTo == "ROUTE_CONFIGURATION" || applyTo == "VIRTUAL_HOST" || applyTo == "HTTP_ROUTE")
        return "routeConfiguration";
    const bool ofListener = applyTo == "LISTENER" || applyTo == "FILTER_CHAIN" ||
                            applyTo == "NETWORK_FILTER" || applyTo == "HTTP_FILTER";
    return ofListener ? "listener" : nullptr;
}

void checkMatch(Fields &match, const std::string &applyTo)
{
    int context = 0;
    match.word("context", context, {"ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY", "WAYPOINT"});
    match.object("proxy", [](Fields &proxy) {
        Labels metadata;
        ask(proxy, {"proxyVersion"});
        proxy.labels("metadata", metadata);
    });
    match.object("listener", checkListenerMatch);
    match.object("routeConfiguration", checkRouteMatch);
    match.object("cluster", [](Fields &cluster) {
        ask(cluster, {"portNumber", "service", "subset", "name"});
    });
    match.withoutEffect({"waypoint"});
    const char *wanted = matchOf(applyTo);
    static constexpr std::array<const char *, 3> kinds{"listener", "routeConfiguration", "cluster"};
    for (const char *kind : kinds) {
        if (wanted && match.present(kind) && std::string_view(kind) != wanted)
            match.report("EGR0104", Severity::Error,
                         "a patch of " + applyTo + " is found by \"" + wanted + "\", not by \"" + kind + '"',
                         kind);
    }
}

void checkPatch(Fields &patch)
{
    int operation = 0;
    patch.word("operation", operation,
               {"INVALID", "MERGE", "ADD", "REMOVE", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST",
                "REPLACE", "MERGE_AND_REPLACE_LIST"});
    constexpr int removes = 3;
    if (!patch.present("operation"))
        patch.report("EGR0103", Severity::Error, "a patch needs an operation", {});
    else if (operation != removes && !patch.present("value"))
        patch.report("EGR0103", Severity::Error, "a patch needs a value, unless it removes", {});
    patch.keep({"value"});
    patch.withoutEffect({"filterClass"});
}

} // namespace

void checkEnvoyFilter(Fields &spec)
{
    Labels selector;
    std::int32_t priority = 0;
    spec.object("workloadSelector", [&](Fields &fields) { fields.labels("labels", selector); });
    spec.number("priority", priority);
    if (spec.present("targetRefs"))
        spec.report("EGR0110", Severity::Information,
                    "an EnvoyFilter with targetRefs has no effect in a lab, but it has one in a cluster",
                    "targetRefs", "gateways and sidecars of Istio's own API are selected by labels");
    spec.objects("configPatches", [](Fields &fields) {
        std::string applyTo;
        int index = 0;
        fields.text("applyTo", applyTo);
        fields.word("applyTo", index,
                    {"INVALID", "LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER",
                     "ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE", "CLUSTER", "EXTENSION_CONFIG",
                     "BOOTSTRAP", "LISTENER_FILTER"});
        if (applyTo.empty() && fields.node())
            fields.report("EGR0103", Severity::Error, "a patch says by applyTo what it changes", {});
        fields.object("match", [&](Fields &match) { checkMatch(match, applyTo); });
        if (!fields.object("patch", checkPatch) && fields.node())
            fields.report("EGR0103", Severity::Error, "there is nothing to patch: patch is missing", {});
    });
}

} // namespace sallyport::model
