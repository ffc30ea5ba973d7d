// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/kind_notices.h"

#include "core/model/spelling.h"

#include <algorithm>
#include <array>

namespace sallyport::model {

namespace {

using Kinds = std::set<std::string, std::less<>>;

/// The kinds of Istio's own API groups (istio:pkg/config/schema/metadata.yaml); empty: another group.
const Kinds &kindsOfIstio(std::string_view group)
{
    static const Kinds networking{"ServiceEntry", "WorkloadEntry", "WorkloadGroup",
                                  "Gateway",      "Sidecar",       "VirtualService",
                                  "EnvoyFilter",  "ProxyConfig",   "DestinationRule"};
    static const Kinds security{"AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"};
    static const Kinds telemetry{"Telemetry"};
    static const Kinds extensions{"WasmPlugin", "TrafficExtension"};
    static const Kinds none;
    if (group == "networking.istio.io")
        return networking;
    if (group == "security.istio.io")
        return security;
    if (group == "telemetry.istio.io")
        return telemetry;
    return group == "extensions.istio.io" ? extensions : none;
}

/// What a cluster's controllers make of such kinds is not there in a lab.
bool isWithoutEffect(std::string_view group, std::string_view kind)
{
    static constexpr std::array<std::string_view, 6> kinds{
        "WasmPlugin", "TrafficExtension", "WorkloadGroup", "IstioOperator", "Ingress", "NetworkPolicy"};
    const bool ofGatewayApi = group == "gateway.networking.k8s.io" && kind != "GatewayClass";
    return ofGatewayApi || (std::find(kinds.begin(), kinds.end(), kind) != kinds.end() &&
                            (group.ends_with(".istio.io") || group == "networking.k8s.io"));
}

} // namespace

void reportKind(const Resource &resource, const DecodeContext &context)
{
    const std::string group = resource.apiVersion.substr(0, resource.apiVersion.find('/'));
    if (isWithoutEffect(group, resource.kind)) {
        context.report("EGR0110", Severity::Information,
                       resource.kind + " has no effect in a lab, but it has one in a cluster",
                       resource.place(), {}, "it is kept as it is");
        return;
    }
    const Kinds &known = kindsOfIstio(group);
    if (known.empty() || known.count(resource.kind) > 0)
        return;
    const std::string closest = closestSpelling(resource.kind, known);
    context.report("EGR0105", Severity::Error, group + " has no kind \"" + resource.kind + '"',
                   resource.place("kind"), "kind",
                   closest.empty() ? std::string() : "did you mean \"" + closest + "\"?");
}

} // namespace sallyport::model
