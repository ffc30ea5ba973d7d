// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/bindings.h"
#include "core/analysis/check.h"
#include "core/analysis/names.h"

#include "core/compile/virtual_services.h"
#include "core/compile/visibility.h"

#include <algorithm>
#include <set>

namespace sallyport::analysis {

namespace {

using model::Severity;

/// Calls `use(match, path)` for every match of every rule.
template<typename Use>
void eachMatch(const model::VirtualService &service, Use use)
{
    const auto look = [&use](const auto &rules) {
        for (const auto &rule : rules) {
            for (std::size_t m = 0; m < rule.match.size(); ++m)
                use(rule.match[m], item(rule.fieldPath + ".match", m));
        }
    };
    look(service.http);
    look(service.tls);
    look(service.tcp);
}

void matchNamesOtherGateway(const MeshFacts &facts, Report &report)
{
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        const std::set<std::string> bound = gatewayNames(service);
        eachMatch(service, [&](const auto &match, const std::string &path) {
            for (std::size_t g = 0; g < match.gateways.size(); ++g) {
                const std::string resolved =
                    compile::resolveGatewayName(match.gateways[g], service.metadata.resourceNamespace);
                if (bound.count(resolved) == 0)
                    report.add(service, item(path + ".gateways", g),
                               "the match is for " + resolved + ", and the VirtualService is bound to " +
                                   listed({bound.begin(), bound.end()}) + ": it never applies",
                               "name the gateway in spec.gateways too");
            }
        });
    }
}

void portOfNoListener(const MeshFacts &facts, Report &report)
{
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        const std::string &nameSpace = service.metadata.resourceNamespace;
        eachMatch(service, [&](const auto &match, const std::string &path) {
            if (match.port == 0)
                return;
            std::set<std::string> gateways;
            for (const std::string &name : match.gateways)
                gateways.insert(compile::resolveGatewayName(name, nameSpace));
            if (gateways.empty())
                gateways = gatewayNames(service);
            std::set<std::uint32_t> ports;
            for (const std::string &name : gateways) {
                if (const model::Gateway *gateway = facts.findGateway(name)) {
                    for (const model::Gateway::Server &server : gateway->servers)
                        ports.insert(server.portNumber);
                } else if (name != "mesh") {
                    return; // EGR0202 says so
                }
            }
            for (const compile::Service &known : facts.context.services) {
                const bool named =
                    std::any_of(service.hosts.begin(), service.hosts.end(), [&](const std::string &host) {
                        return model::hostsOverlap(known.hostname, model::resolveShortName(host, nameSpace));
                    });
                for (const compile::ServicePort &port : known.ports) {
                    if (gateways.count("mesh") != 0 && named)
                        ports.insert(port.number);
                }
            }
            if (ports.empty() || ports.count(match.port) != 0)
                return;
            std::vector<std::string> known;
            known.reserve(ports.size());
            for (const std::uint32_t port : ports)
                known.push_back(std::to_string(port));
            report.add(service, path + ".port",
                       "no listener of " + listed({gateways.begin(), gateways.end()}) + " has port " +
                           std::to_string(match.port) + " for these hosts, but " + listed(known) +
                           ": the match never applies");
        });
    }
}

void portNotChosen(const MeshFacts &facts, Report &report)
{
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        const auto look = [&](const auto &rules) {
            for (const auto &rule : rules) {
                for (std::size_t d = 0; d < rule.route.size(); ++d) {
                    const model::Destination &to = rule.route[d].destination;
                    const auto services = facts.servicesNamed(
                        model::resolveShortName(to.host, service.metadata.resourceNamespace));
                    if (to.port != 0 || services.size() != 1 || services.front()->ports.size() < 2)
                        continue;
                    std::vector<std::string> ports;
                    for (const compile::ServicePort &port : services.front()->ports)
                        ports.push_back(std::to_string(port.number));
                    const std::string path = item(rule.fieldPath + ".route", d) + ".destination";
                    Finding &finding =
                        report.add(service, path,
                                   to.host + " has the ports " + listed(ports) +
                                       ", and none is chosen: the port of the listener is taken",
                                   "choose one");
                    for (const std::string &port : ports)
                        finding.fixes.push_back(
                            setBlockFix(service, path + ".port", "number: " + port, "Send to port " + port));
                }
            }
        };
        look(service.http);
        look(service.tls);
        look(service.tcp);
    }
}

/// Whether age alone says which of the two counts: what is exported to some comes before what is for all.
bool sameAudience(const MeshFacts &facts, const model::VirtualService &a, const model::VirtualService &b)
{
    const auto audience = [&facts](const model::VirtualService &service) {
        const std::vector<std::string> &own =
            service.exportTo.empty() ? facts.mesh.config.defaultVirtualServiceExportTo : service.exportTo;
        return compile::isPublic(own) ? std::set<std::string>{"*"}
                                      : std::set<std::string>(own.begin(), own.end());
    };
    const std::set<std::string> ofA = audience(a);
    return ofA == audience(b) &&
           (ofA.count(".") == 0 || a.metadata.resourceNamespace == b.metadata.resourceNamespace);
}

void severalForOneHost(const MeshFacts &facts, Report &report)
{
    const std::vector<model::VirtualService> &services = facts.mesh.virtualServices;
    for (std::size_t second = 1; second < services.size(); ++second) {
        for (std::size_t first = 0; first < second; ++first) {
            const model::VirtualService &a = services[first];
            const model::VirtualService &b = services[second];
            if (gatewayNames(a).count("mesh") == 0 || gatewayNames(b).count("mesh") == 0 ||
                !sameAudience(facts, a, b))
                continue;
            for (std::size_t h = 0; h < b.hosts.size(); ++h) {
                const std::string host = model::resolveShortName(b.hosts[h], b.metadata.resourceNamespace);
                const bool shared = std::any_of(a.hosts.begin(), a.hosts.end(), [&](const auto &other) {
                    return model::resolveShortName(other, a.metadata.resourceNamespace) == host;
                });
                if (shared)
                    report.add(b, item("spec.hosts", h),
                               "for sidecars only one VirtualService has " + host + ", and " + a.title() +
                                   " is the older one: the rules here are not used",
                               "write the rules into one VirtualService");
            }
        }
    }
}

/// A rule that sends what reached a gateway back to the gateway.
void loopAtGateway(const MeshFacts &facts, Report &report)
{
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        const std::string &nameSpace = service.metadata.resourceNamespace;
        for (const std::string &name : gatewayNames(service)) {
            const model::Gateway *gateway = facts.findGateway(name);
            if (gateway == nullptr)
                continue;
            for (const model::HttpRoute &rule : service.http) {
                const bool applies =
                    rule.match.empty() ||
                    std::any_of(rule.match.begin(), rule.match.end(), [&](const model::HttpMatch &match) {
                        return match.gateways.empty() ||
                               std::any_of(match.gateways.begin(), match.gateways.end(),
                                           [&](const std::string &own) {
                                               return compile::resolveGatewayName(own, nameSpace) == name;
                                           });
                    });
                for (std::size_t d = 0; applies && d < rule.route.size(); ++d) {
                    const std::string host =
                        model::resolveShortName(rule.route[d].destination.host, nameSpace);
                    const auto known = facts.servicesNamed(host);
                    const bool back =
                        !known.empty() && known.front()->kubernetes && !known.front()->selector.empty() &&
                        std::any_of(known.front()->endpoints.begin(), known.front()->endpoints.end(),
                                    [gateway](const compile::Endpoint &endpoint) {
                                        return endpoint.instance != nullptr &&
                                               model::selects(gateway->selector, endpoint.instance->labels);
                                    });
                    if (back)
                        report.add(service, item(rule.fieldPath + ".route", d) + ".destination.host",
                                   "at the gateway " + name + " this rule sends requests back to it",
                                   "limit the rule to `gateways: [mesh]`, and send from the gateway to the "
                                   "external host");
                }
            }
        }
    }
}

constexpr Check virtualServiceTable[] = {
    {"EGR0303", Severity::Error, "A match for a gateway that the VirtualService is not bound to",
     matchNamesOtherGateway},
    {"EGR0305", Severity::Warning, "A destination with several ports, and none is chosen", portNotChosen},
    {"EGR0306", Severity::Error, "A match for a port that no listener has", portOfNoListener},
    {"EGR0310", Severity::Error, "Two VirtualServices of the mesh for one host", severalForOneHost},
    {"EGR0321", Severity::Error, "A gateway sends requests back to itself", loopAtGateway},
};

} // namespace

std::span<const Check> virtualServiceChecks()
{
    return virtualServiceTable;
}

} // namespace sallyport::analysis
