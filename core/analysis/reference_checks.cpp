// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/names.h"

#include "core/compile/virtual_services.h"
#include "core/compile/visibility.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;

/// One place of a VirtualService that names a destination, and the gateways (or `mesh`) that its rule is for.
struct DestinationUse
{
    const model::VirtualService *service = nullptr;
    std::string path; ///< of the destination
    model::Destination destination;
    std::string host; ///< in full
    std::set<std::string> gateways;
    bool mirror = false; ///< only copies of requests go there
};

std::set<std::string> resolvedGateways(const model::VirtualService &service,
                                       const std::vector<std::string> &names)
{
    std::set<std::string> resolved;
    for (const std::string &name : names)
        resolved.insert(compile::resolveGatewayName(name, service.metadata.resourceNamespace));
    if (resolved.empty())
        resolved.insert("mesh");
    return resolved;
}

template<typename Match>
std::set<std::string> gatewaysOf(const model::VirtualService &service, const std::vector<Match> &matches)
{
    std::set<std::string> all = resolvedGateways(service, service.gateways);
    std::set<std::string> used;
    for (const Match &match : matches) {
        if (match.gateways.empty())
            return all;
        const std::set<std::string> own = resolvedGateways(service, match.gateways);
        used.insert(own.begin(), own.end());
    }
    return matches.empty() ? all : used;
}

std::vector<DestinationUse> destinationsOf(const MeshFacts &facts)
{
    std::vector<DestinationUse> uses;
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        const auto add = [&](const std::string &path, const model::Destination &destination,
                             const std::set<std::string> &gateways, bool mirror) {
            if (destination.host.empty())
                return;
            uses.push_back({&service, path, destination,
                            model::resolveShortName(destination.host, service.metadata.resourceNamespace),
                            gateways, mirror});
        };
        const auto addAll = [&](const std::string &path, const std::vector<model::RouteDestination> &route,
                                const std::set<std::string> &gateways) {
            for (std::size_t i = 0; i < route.size(); ++i)
                add(item(path + ".route", i) + ".destination", route[i].destination, gateways, false);
        };
        for (const model::HttpRoute &rule : service.http) {
            const std::set<std::string> gateways = gatewaysOf(service, rule.match);
            addAll(rule.fieldPath, rule.route, gateways);
            for (const model::HttpMirror &mirror : rule.mirrors)
                add(rule.fieldPath + ".mirror", mirror.destination, gateways, true);
        }
        for (const auto *list : {&service.tls, &service.tcp}) {
            for (const model::L4Route &rule : *list)
                addAll(rule.fieldPath, rule.route, gatewaysOf(service, rule.match));
        }
    }
    return uses;
}

std::vector<std::string> portsOf(const std::vector<const compile::Service *> &services)
{
    std::vector<std::string> ports;
    for (const compile::Service *service : services) {
        for (const compile::ServicePort &port : service->ports) {
            const std::string text = std::to_string(port.number);
            if (std::find(ports.begin(), ports.end(), text) == ports.end())
                ports.push_back(text);
        }
    }
    return ports;
}

std::vector<std::string> knownHosts(const MeshFacts &facts)
{
    std::vector<std::string> hosts;
    for (const compile::Service &service : facts.context.services)
        hosts.push_back(service.hostname);
    return hosts;
}

void selectorWithoutGateway(const MeshFacts &facts, Report &report)
{
    if (!facts.hasWorkloads())
        return;
    for (const model::Gateway &gateway : facts.mesh.gateways) {
        const bool selected =
            std::any_of(facts.context.instances.begin(), facts.context.instances.end(),
                        [&gateway](const auto &pod) { return model::selects(gateway.selector, pod.labels); });
        if (gateway.selector.empty() || selected)
            continue;
        Finding &finding =
            report.add(gateway, "spec.selector", "no workload carries the labels " + textOf(gateway.selector),
                       "write labels that the gateway's pods have");
        for (const ProxyFacts &proxy : facts.proxies) {
            const auto istio = proxy.instance->labels.find("istio");
            if (proxy.isGateway() && istio != proxy.instance->labels.end())
                finding.fixes.push_back(setBlockFix(gateway, "spec.selector", "istio: " + istio->second,
                                                    "Select " + proxy.instance->workload));
        }
    }
}

void unknownGateway(const MeshFacts &facts, Report &report)
{
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        const auto look = [&](const std::string &name, const std::string &path) {
            const std::string resolved =
                compile::resolveGatewayName(name, service.metadata.resourceNamespace);
            if (resolved == "mesh" || facts.findGateway(resolved) != nullptr)
                return;
            Finding &finding =
                report.add(service, path, "there is no Gateway " + resolved,
                           "a name without a namespace is looked up in the VirtualService's own");
            for (const model::Gateway &gateway : facts.mesh.gateways) {
                const std::string full = gateway.metadata.resourceNamespace + '/' + gateway.metadata.name;
                if (gateway.metadata.name == name.substr(name.find('/') + 1))
                    finding.fixes.push_back(setScalarFix(service, path, full, "Write " + full));
            }
        };
        for (std::size_t i = 0; i < service.gateways.size(); ++i)
            look(service.gateways[i], item("spec.gateways", i));
    }
}

void unknownDestination(const MeshFacts &facts, Report &report)
{
    for (const DestinationUse &use : destinationsOf(facts)) {
        if (!facts.servicesNamed(use.host).empty())
            continue;
        Finding &finding =
            report.add(*use.service, use.path + ".host",
                       (use.mirror ? "copies of requests go to " : "requests go to ") + use.host +
                           ", which nothing defines" + (use.mirror ? "" : ": 503 NC"),
                       "define it by a ServiceEntry, or correct the name");
        if (const std::string close = closestTo(use.host, knownHosts(facts)); !close.empty())
            finding.fixes.push_back(setScalarFix(*use.service, use.path + ".host", close, "Write " + close));
    }
}

void unknownPort(const MeshFacts &facts, Report &report)
{
    for (const DestinationUse &use : destinationsOf(facts)) {
        const std::vector<const compile::Service *> services = facts.servicesNamed(use.host);
        const bool known = std::any_of(services.begin(), services.end(), [&use](const auto *service) {
            return service->port(use.destination.port) != nullptr;
        });
        if (use.destination.port == 0 || services.empty() || known)
            continue;
        const std::string path = use.path + ".port.number";
        Finding &finding = report.add(*use.service, path,
                                      use.host + " has no port " + std::to_string(use.destination.port) +
                                          ", but " + listed(portsOf(services)) + ": 503 NC",
                                      "choose one of its ports, or add this one");
        for (const std::string &port : portsOf(services)) {
            const model::ResourceAddress address = model::ResourceAddress::of(*use.service);
            finding.fixes.push_back({"Send to port " + port, [address, path, port](model::ProjectEdit &edit) {
                                         return edit.setScalar(address, path, port);
                                     }});
        }
    }
}

void unknownSubset(const MeshFacts &facts, Report &report)
{
    for (const DestinationUse &use : destinationsOf(facts)) {
        const std::vector<const compile::Service *> services = facts.servicesNamed(use.host);
        if (use.destination.subset.empty() || services.empty())
            continue;
        for (const ProxyFacts *proxy : facts.usersOf(*use.service, use.gateways)) {
            const compile::MergedRule *rule = facts.ruleFor(*proxy, *services.front());
            const bool defined =
                rule != nullptr &&
                std::any_of(rule->rule.subsets.begin(), rule->rule.subsets.end(),
                            [&use](const auto &subset) { return subset.name == use.destination.subset; });
            if (defined)
                continue;
            report.add(*use.service, use.path + ".subset",
                       "for " + proxy->instance->name + " there is no subset " + use.destination.subset +
                           " of " + use.host + ": " +
                           (rule == nullptr ? std::string("it has no DestinationRule for the host")
                                            : "its rule is " + rule->from.front()->title()),
                       "define the subset in a DestinationRule that this proxy sees");
        }
    }
}

void ruleForNothing(const MeshFacts &facts, Report &report)
{
    const std::vector<std::string> hosts = knownHosts(facts);
    for (const model::DestinationRule &rule : facts.mesh.destinationRules) {
        const std::string host = model::resolveShortName(rule.host, rule.metadata.resourceNamespace);
        const bool applies = std::any_of(hosts.begin(), hosts.end(), [&host](const std::string &known) {
            return model::isSubsetOf(known, host);
        });
        if (applies)
            continue;
        Finding &finding = report.add(rule, "spec.host",
                                      "the rule applies to nothing: no Service and no ServiceEntry has the "
                                      "host " +
                                          host);
        if (const std::string close = closestTo(host, hosts); !close.empty())
            finding.fixes.push_back(setScalarFix(rule, "spec.host", close, "Write " + close));
    }
}

void subsetWithoutEndpoint(const MeshFacts &facts, Report &report)
{
    for (const model::DestinationRule &rule : facts.mesh.destinationRules) {
        const std::string host = model::resolveShortName(rule.host, rule.metadata.resourceNamespace);
        const std::vector<const compile::Service *> services = facts.servicesNamed(host);
        for (std::size_t i = 0; i < rule.subsets.size(); ++i) {
            const model::Labels &labels = rule.subsets[i].labels;
            std::size_t endpoints = 0;
            bool selected = false;
            for (const compile::Service *service : services) {
                endpoints += service->endpoints.size();
                for (const compile::Endpoint &endpoint : service->endpoints)
                    selected = selected || model::selects(labels, endpoint.labels);
            }
            if (!labels.empty() && endpoints > 0 && !selected)
                report.add(rule, item("spec.subsets", i) + ".labels",
                           "the subset " + rule.subsets[i].name + " selects no endpoint of " + host +
                               ": 503 UH",
                           "give endpoints the labels " + textOf(labels) + ", or leave the labels out");
        }
    }
}

void unknownSourceNamespace(const MeshFacts &facts, Report &report)
{
    if (!facts.hasWorkloads())
        return;
    for (const model::AuthorizationPolicy &policy : facts.mesh.authorizationPolicies) {
        for (std::size_t r = 0; policy.rules && r < policy.rules->size(); ++r) {
            const model::AuthorizationPolicy::Rule &rule = (*policy.rules)[r];
            for (std::size_t f = 0; f < rule.from.size(); ++f) {
                for (const auto *list :
                     {&rule.from[f].namespaces.values, &rule.from[f].namespaces.notValues}) {
                    for (const std::string &value : *list) {
                        const bool known =
                            std::any_of(facts.namespaces.begin(), facts.namespaces.end(),
                                        [&value](const auto &name) { return matchesPattern(value, name); });
                        if (!known)
                            report.add(
                                policy, item(item("spec.rules", r) + ".from", f) + ".source.namespaces",
                                "no namespace is called " + value,
                                "known are " + listed({facts.namespaces.begin(), facts.namespaces.end()}));
                    }
                }
            }
        }
    }
}

void workloadSelectorForNothing(const MeshFacts &facts, Report &report)
{
    if (!facts.hasWorkloads())
        return;
    const auto look = [&](const model::Resource &resource, const std::optional<model::Labels> &selector,
                          const std::string &path, bool entries) {
        if (!selector || selector->empty())
            return;
        const std::string &nameSpace = resource.metadata.resourceNamespace;
        const bool pods =
            std::any_of(facts.context.instances.begin(), facts.context.instances.end(), [&](const auto &pod) {
                return pod.nameSpace == nameSpace && model::selects(*selector, pod.labels);
            });
        const bool workloads = std::any_of(
            facts.mesh.workloadEntries.begin(), facts.mesh.workloadEntries.end(), [&](const auto &entry) {
                return entries && entry.metadata.resourceNamespace == nameSpace &&
                       (model::selects(*selector, entry.metadata.labels) ||
                        model::selects(*selector, entry.spec.labels));
            });
        if (!pods && !workloads)
            report.add(resource, path,
                       "no workload in " + nameSpace + " carries the labels " + textOf(*selector));
    };
    for (const model::DestinationRule &rule : facts.mesh.destinationRules)
        look(rule, rule.workloadSelector, "spec.workloadSelector", false);
    for (const model::Sidecar &sidecar : facts.mesh.sidecars)
        look(sidecar, sidecar.workloadSelector, "spec.workloadSelector", false);
    for (const model::ServiceEntry &entry : facts.mesh.serviceEntries)
        look(entry, entry.workloadSelector, "spec.workloadSelector", true);
}

void exportedToNobody(const MeshFacts &facts, Report &report)
{
    const auto look = [&](const auto &list) {
        for (const auto &resource : list) {
            for (std::size_t i = 0; i < resource.exportTo.size(); ++i) {
                const std::string &to = resource.exportTo[i];
                if (to != "*" && to != "." && to != "~" && facts.namespaces.count(to) == 0)
                    report.add(resource, item("spec.exportTo", i), "there is no namespace " + to,
                               "known are " + listed({facts.namespaces.begin(), facts.namespaces.end()}));
            }
        }
    };
    look(facts.mesh.virtualServices);
    look(facts.mesh.destinationRules);
    look(facts.mesh.serviceEntries);
}

/// What a gateway's routes lead to must be exported to where the gateway runs.
void hiddenFromGateway(const MeshFacts &facts, Report &report)
{
    for (const DestinationUse &use : destinationsOf(facts)) {
        const std::vector<const compile::Service *> services = facts.servicesNamed(use.host);
        for (const ProxyFacts *proxy : facts.usersOf(*use.service, use.gateways)) {
            const std::string &viewer = proxy->instance->nameSpace;
            const bool seen = std::any_of(services.begin(), services.end(), [&viewer](const auto *service) {
                return compile::isVisible(service->exportTo, service->nameSpace, viewer);
            });
            if (services.empty() || seen || !proxy->isGateway() || services.front()->source == nullptr)
                continue;
            Finding &finding = report.add(*services.front()->source, "spec.exportTo",
                                          "the gateway " + proxy->instance->name + " cannot see " + use.host +
                                              ", to which its routes lead: 503 NC",
                                          "export it to " + viewer);
            if (services.front()->kubernetes)
                continue;
            const model::ResourceAddress address = model::ResourceAddress::of(*services.front()->source);
            finding.fixes.push_back({"Export to " + viewer, [address, viewer](model::ProjectEdit &edit) {
                                         return edit.appendItem(address, "spec.exportTo", viewer);
                                     }});
        }
    }
}

constexpr Check referenceTable[] = {
    {"EGR0201", Severity::Error, "A Gateway selects no workload", selectorWithoutGateway},
    {"EGR0202", Severity::Error, "A VirtualService names a Gateway that does not exist", unknownGateway},
    {"EGR0203", Severity::Error, "A route leads to a host that nothing defines", unknownDestination},
    {"EGR0204", Severity::Error, "A route leads to a port that the host does not have", unknownPort},
    {"EGR0205", Severity::Error, "A route leads to a subset that its proxy does not see", unknownSubset},
    {"EGR0206", Severity::Warning, "A DestinationRule applies to nothing", ruleForNothing},
    {"EGR0207", Severity::Error, "A subset selects no endpoint", subsetWithoutEndpoint},
    {"EGR0208", Severity::Warning, "A policy names an unknown namespace", unknownSourceNamespace},
    {"EGR0209", Severity::Warning, "A workloadSelector matches nothing", workloadSelectorForNothing},
    {"EGR0220", Severity::Error, "exportTo names an unknown namespace", exportedToNobody},
    {"EGR0222", Severity::Error, "A gateway cannot see what its routes lead to", hiddenFromGateway},
};

} // namespace

std::span<const Check> referenceChecks()
{
    return referenceTable;
}

} // namespace sallyport::analysis
