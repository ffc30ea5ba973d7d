// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/policies.h"
#include "core/analysis/upstream_tls.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;

/// One host and port outside of the mesh that a sidecar sends to.
struct Outside
{
    const compile::Service *service = nullptr;
    std::uint32_t port = 0;
};

bool hasGateway(const MeshFacts &facts)
{
    return std::any_of(facts.proxies.begin(), facts.proxies.end(),
                       [](const ProxyFacts &proxy) { return proxy.isGateway(); });
}

bool hasEgress(const MeshFacts &facts)
{
    return std::any_of(facts.proxies.begin(), facts.proxies.end(),
                       [&facts](const ProxyFacts &proxy) { return facts.isEgress(proxy); });
}

/// Whether some listener of the sidecar sends straight to this cluster.
bool sendsTo(const ProxyFacts &proxy, const std::string &cluster)
{
    bool found = false;
    eachRoute(proxy, [&](const auto &, const std::string &name) { found = found || name == cluster; });
    for (const dataplane::Listener &listener : proxy.compiled->bootstrap.listeners) {
        for (const dataplane::FilterChain &chain : listener.filterChains) {
            const std::vector<std::string> clusters = passedTo(chain);
            found = found || std::find(clusters.begin(), clusters.end(), cluster) != clusters.end();
        }
    }
    return found;
}

/// Ports of entries outside of the mesh that some sidecar reaches without a gateway.
std::vector<Outside> reachedDirectly(const MeshFacts &facts)
{
    std::vector<Outside> all;
    for (const compile::Service &service : facts.context.services) {
        if (!service.external || service.kubernetes || service.source == nullptr)
            continue;
        for (const compile::ServicePort &port : service.ports) {
            const std::string cluster = "outbound|" + std::to_string(port.number) + "||" + service.hostname;
            const bool direct =
                std::any_of(facts.proxies.begin(), facts.proxies.end(),
                            [&](const auto &proxy) { return !proxy.isGateway() && sendsTo(proxy, cluster); });
            if (direct)
                all.push_back({&service, port.number});
        }
    }
    return all;
}

std::string portPath(const MeshFacts &facts, const Outside &outside)
{
    for (const model::ServiceEntry &entry : facts.mesh.serviceEntries) {
        for (std::size_t i = 0; &entry == outside.service->source && i < entry.ports.size(); ++i) {
            if (entry.ports[i].number == outside.port)
                return item("spec.ports", i);
        }
    }
    return "spec";
}

void leavesDirectly(const MeshFacts &facts, Report &report)
{
    if (!hasGateway(facts))
        return;
    for (const Outside &outside : reachedDirectly(facts))
        report.add(
            *outside.service->source, portPath(facts, outside),
            outside.service->hostname + ':' + std::to_string(outside.port) +
                " leaves directly from the pod, not through the egress gateway",
            "send it to the gateway by a VirtualService for `mesh`, or leave the port out of the entry");
}

/// TLS that goes out beside the gateway escapes what the gateway knows of paths and methods.
void escapesPolicies(const MeshFacts &facts, Report &report)
{
    for (const Outside &outside : reachedDirectly(facts)) {
        const compile::ServicePort *port = outside.service->port(outside.port);
        if (!compile::isTls(port->protocol))
            continue;
        for (const Policy &policy : facts.mesh.authorizationPolicies) {
            const auto gateways = gatewaysUnder(facts, policy);
            const bool egress = std::any_of(gateways.begin(), gateways.end(),
                                            [&](const auto *gateway) { return facts.isEgress(*gateway); });
            bool names = false;
            eachOperation(policy, [&](std::size_t, std::size_t, const Policy::Operation &operation) {
                const std::vector<std::string> &hosts = operation.hosts.values;
                names = names ||
                        (!(operation.paths.isEmpty() && operation.methods.isEmpty()) &&
                         std::find(hosts.begin(), hosts.end(), outside.service->hostname) != hosts.end());
            });
            if (egress && names)
                report.add(*outside.service->source, portPath(facts, outside),
                           "https to " + outside.service->hostname + ':' + std::to_string(outside.port) +
                               " goes past " + policy.title() + ", which the egress gateway enforces",
                           "send the port through the gateway by its SNI, or leave it out of the entry");
        }
    }
}

void unknownHostsPass(const MeshFacts &facts, Report &report)
{
    if (facts.config().outboundMode == model::OutboundMode::RegistryOnly || !hasEgress(facts))
        return;
    for (const model::ConfigMap &map : facts.mesh.configMaps) {
        if (map.metadata.name != "istio" || map.metadata.resourceNamespace != facts.config().rootNamespace)
            continue;
        Finding &finding = report.add(map, "data.mesh",
                                      "what nobody registered goes out past the egress gateway: "
                                      "outboundTrafficPolicy is ALLOW_ANY",
                                      "set REGISTRY_ONLY");
        const model::ResourceAddress address = model::ResourceAddress::of(map);
        finding.fixes.push_back({"Set REGISTRY_ONLY", [address](model::ProjectEdit &edit) {
                                     return edit.setMeshConfig(address, "outboundTrafficPolicy.mode",
                                                               "REGISTRY_ONLY");
                                 }});
        return;
    }
}

/// An entry for a whole domain, of which routes take some hosts only.
void widerThanRoutes(const MeshFacts &facts, Report &report)
{
    for (const model::ServiceEntry &entry : facts.mesh.serviceEntries) {
        for (std::size_t h = 0; h < entry.hosts.size(); ++h) {
            const std::string &wild = entry.hosts[h];
            std::set<std::string> routed;
            for (const model::VirtualService &service : facts.mesh.virtualServices) {
                for (const std::string &host : service.hosts) {
                    if (model::isWildcard(wild) && model::isSubsetOf(host, wild))
                        routed.insert(host);
                }
            }
            if (!hasEgress(facts) || routed.empty() || routed.count(wild) != 0)
                continue;
            report.add(entry, item("spec.hosts", h),
                       wild + " opens more hosts than are routed: all but " +
                           listed({routed.begin(), routed.end()}) + " leave directly from the pods",
                       "name the hosts that are needed");
        }
    }
}

void pastTheProxy(const MeshFacts &facts, Report &report)
{
    for (const model::Workload &workload : facts.mesh.workloads) {
        for (const auto &[name, value] : workload.pod.annotations) {
            const bool outbound = name.starts_with("traffic.sidecar.istio.io/excludeOutbound") ||
                                  name.starts_with("traffic.sidecar.istio.io/includeOutbound");
            if (outbound && !(name.find("include") != std::string::npos && value == "*"))
                report.add(workload, "spec.template.metadata.annotations[\"" + name + "\"]",
                           "some of what " + workload.metadata.name + " sends goes past its proxy: " + name +
                               ": " + value);
        }
    }
}

void notInjected(const MeshFacts &facts, Report &report)
{
    std::set<std::string> configured;
    for (const model::VirtualService &service : facts.mesh.virtualServices)
        configured.insert(service.metadata.resourceNamespace);
    for (const model::Sidecar &sidecar : facts.mesh.sidecars)
        configured.insert(sidecar.metadata.resourceNamespace);
    for (const model::Workload &workload : facts.mesh.workloads) {
        const std::string &nameSpace = workload.metadata.resourceNamespace;
        const model::Namespace *declared = facts.mesh.findNamespace(nameSpace);
        const auto chosen = [](const model::Labels &labels) {
            return labels.count("sidecar.istio.io/inject") != 0 || labels.count("istio.io/rev") != 0;
        };
        const auto injected =
            std::any_of(facts.context.instances.begin(), facts.context.instances.end(), [&](const auto &pod) {
                return pod.nameSpace == nameSpace && pod.workload == workload.metadata.name &&
                       pod.proxy != compile::Instance::Proxy::None;
            });
        // What says no for itself means it.
        if (injected || chosen(workload.pod.labels) || chosen(workload.pod.annotations) ||
            configured.count(nameSpace) == 0)
            continue;
        report.add(declared != nullptr ? static_cast<const model::Resource &>(*declared) : workload,
                   declared != nullptr ? "metadata.labels" : "spec.template.metadata",
                   workload.metadata.name + " in " + nameSpace +
                       " has no sidecar: routes and policies of the mesh do not hold for what it sends",
                   "label the namespace istio-injection: enabled");
    }
}

constexpr Check postureTable[] = {
    {"EGR0701", Severity::Warning, "A host that is reached past the egress gateway", leavesDirectly},
    {"EGR0703", Severity::Warning, "Unknown hosts pass beside the egress gateway", unknownHostsPass},
    {"EGR0704", Severity::Warning, "https escapes the egress gateway's policies", escapesPolicies},
    {"EGR0706", Severity::Warning, "An entry that opens more than is routed", widerThanRoutes},
    {"EGR0707", Severity::Warning, "Traffic that goes past the proxy", pastTheProxy},
    {"EGR0713", Severity::Warning, "A workload without a sidecar", notInjected},
};

} // namespace

std::span<const Check> postureChecks()
{
    return postureTable;
}

} // namespace sallyport::analysis
