// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/bindings.h"
#include "core/analysis/check.h"
#include "core/analysis/names.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using model::Severity;
using Server = model::Gateway::Server;

void hostNotAccepted(const MeshFacts &facts, Report &report)
{
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        const std::string &nameSpace = service.metadata.resourceNamespace;
        for (const std::string &name : gatewayNames(service)) {
            const model::Gateway *gateway = facts.findGateway(name);
            for (std::size_t h = 0; gateway != nullptr && h < service.hosts.size(); ++h) {
                const std::string host = model::resolveShortName(service.hosts[h], nameSpace);
                std::vector<std::string> accepted;
                for (const Server &server : gateway->servers) {
                    for (std::string &open : openTo(*gateway, server, nameSpace))
                        accepted.push_back(std::move(open));
                }
                const bool fits = std::any_of(accepted.begin(), accepted.end(), [&host](const auto &open) {
                    return model::hostsOverlap(host, open);
                });
                if (fits)
                    continue;
                Finding &finding = report.add(
                    service, item("spec.hosts", h),
                    "the Gateway " + name + " does not accept " + host + " from the namespace " + nameSpace +
                        ", but " + (accepted.empty() ? std::string("nothing") : listed(accepted)),
                    "add the host to one of its servers");
                const model::ResourceAddress address = model::ResourceAddress::of(*gateway);
                if (gateway->servers.size() == 1)
                    finding.fixes.push_back(
                        {"Accept " + host + " at " + name, [address, host](model::ProjectEdit &edit) {
                             return edit.appendItem(address, "spec.servers[0].hosts", '"' + host + '"');
                         }});
            }
        }
    }
}

/// Services that lead to the pods of a Gateway.
std::vector<const model::Service *> servicesBefore(const MeshFacts &facts, const model::Gateway &gateway)
{
    std::vector<const model::Service *> services;
    for (const model::Service &service : facts.mesh.services) {
        const bool leads =
            std::any_of(facts.context.instances.begin(), facts.context.instances.end(), [&](const auto &pod) {
                return !service.selector.empty() && pod.nameSpace == service.metadata.resourceNamespace &&
                       model::selects(service.selector, pod.labels) &&
                       model::selects(gateway.selector, pod.labels);
            });
        if (leads)
            services.push_back(&service);
    }
    return services;
}

void portWithoutService(const MeshFacts &facts, Report &report)
{
    for (const model::Gateway &gateway : facts.mesh.gateways) {
        const std::vector<const model::Service *> services = servicesBefore(facts, gateway);
        for (std::size_t i = 0; !services.empty() && i < gateway.servers.size(); ++i) {
            const std::uint32_t wanted = gateway.servers[i].portNumber;
            std::vector<std::string> known;
            bool found = false;
            for (const model::Service *service : services) {
                for (const model::Service::Port &port : service->ports) {
                    known.push_back(std::to_string(port.port));
                    found = found || port.port == wanted || port.targetPort == wanted;
                }
            }
            if (!found)
                report.add(gateway, item("spec.servers", i) + ".port.number",
                           "nothing sends to port " + std::to_string(wanted) + ": " +
                               services.front()->title() + " has " + listed(known),
                           "use one of its ports, or add this one to the Service");
        }
    }
}

/// The kinds of rules that a server can use; HTTP unless TLS or TCP is all that is known.
std::vector<std::string> rulesFor(const Server &server)
{
    if (isPassthrough(server))
        return {"tls", "tcp"};
    const compile::Protocol protocol = compile::parseProtocol(server.protocol);
    if (compile::isHttp(protocol) || protocol == compile::Protocol::Https)
        return {"http"};
    return {"tcp"};
}

void wrongKindOfRules(const MeshFacts &facts, Report &report)
{
    struct Attached
    {
        const Binding *first = nullptr;
        bool served = false;
    };
    const std::vector<Binding> bindings = bindingsOf(facts);
    std::map<const Server *, Attached> servers;
    for (const Binding &binding : bindings) {
        if (binding.hosts.empty())
            continue;
        Attached &attached = servers[binding.server];
        attached.first = attached.first == nullptr ? &binding : attached.first;
        for (const std::string &kind : rulesFor(*binding.server)) {
            const model::VirtualService &service = *binding.service;
            attached.served = attached.served || (kind == "http" && !service.http.empty()) ||
                              (kind == "tls" && !service.tls.empty()) ||
                              (kind == "tcp" && !service.tcp.empty());
        }
    }
    for (const auto &[server, attached] : servers) {
        if (attached.served)
            continue;
        const Binding &binding = *attached.first;
        report.add(*binding.gateway, item("spec.servers", binding.index),
                   "port " + std::to_string(server->portNumber) + " is " + server->protocol +
                       (isPassthrough(*server) ? ", passed through"
                        : server->tls          ? ", ended here"
                                               : "") +
                       ": it needs " + listed(rulesFor(*server)) + " rules, and " + binding.service->title() +
                       " has none of them",
                   "write the rules in the kind that the server can use");
    }
}

bool overlap(const MeshFacts &facts, const model::Gateway &a, const model::Gateway &b)
{
    return &a == &b || std::any_of(facts.proxies.begin(), facts.proxies.end(), [&](const ProxyFacts &proxy) {
        return proxy.isGateway() && model::selects(a.selector, proxy.instance->labels) &&
               model::selects(b.selector, proxy.instance->labels);
    });
}

/// Calls `tell` for each two servers of one workload on one port, the earlier one first.
template<typename Tell>
void eachPair(const MeshFacts &facts, Tell tell)
{
    struct Place
    {
        const model::Gateway *gateway;
        std::size_t index;
        const Server &server() const { return gateway->servers[index]; }
    };
    std::vector<Place> places;
    for (const model::Gateway &gateway : facts.mesh.gateways) {
        for (std::size_t i = 0; i < gateway.servers.size(); ++i)
            places.push_back({&gateway, i});
    }
    for (std::size_t second = 1; second < places.size(); ++second) {
        for (std::size_t first = 0; first < second; ++first) {
            const Place &a = places[first];
            const Place &b = places[second];
            if (a.server().portNumber == b.server().portNumber && a.server().bind == b.server().bind &&
                overlap(facts, *a.gateway, *b.gateway))
                tell(*a.gateway, a.server(), *b.gateway, b.server(), b.index);
        }
    }
}

void sameTlsHost(const MeshFacts &facts, Report &report)
{
    eachPair(facts, [&report](const model::Gateway &a, const Server &first, const model::Gateway &b,
                              const Server &second, std::size_t index) {
        if (!first.tls || !second.tls || first.tls->httpsRedirect || second.tls->httpsRedirect)
            return;
        const auto bare = [](const std::string &host) { return host.substr(host.find('/') + 1); };
        for (const std::string &host : second.hosts) {
            const bool taken = std::any_of(first.hosts.begin(), first.hosts.end(),
                                           [&](const auto &other) { return bare(other) == bare(host); });
            if (taken)
                report.add(b, item("spec.servers", index) + ".hosts",
                           a.title() + " already has " + bare(host) + " on port " +
                               std::to_string(second.portNumber) + ": this server is dropped without a word",
                           "write both servers as one, or give them different hosts");
        }
    });
}

void mixedProtocols(const MeshFacts &facts, Report &report)
{
    eachPair(facts, [&report](const model::Gateway &a, const Server &first, const model::Gateway &b,
                              const Server &second, std::size_t index) {
        const bool plain = compile::isHttp(compile::parseProtocol(first.protocol));
        if (plain != compile::isHttp(compile::parseProtocol(second.protocol)))
            report.add(b, item("spec.servers", index),
                       "port " + std::to_string(second.portNumber) + " is " + first.protocol + " in " +
                           a.title() + " and " + second.protocol + " here: one of them is left out",
                       "use a port of its own for each");
    });
}

void openToEverybody(const MeshFacts &facts, Report &report)
{
    for (const model::Gateway &gateway : facts.mesh.gateways) {
        const std::vector<const ProxyFacts *> proxies = facts.gatewaysOf(gateway);
        const bool egress = std::any_of(proxies.begin(), proxies.end(),
                                        [&facts](const auto *proxy) { return facts.isEgress(*proxy); });
        for (std::size_t i = 0; egress && i < gateway.servers.size(); ++i) {
            for (const std::string &host : gateway.servers[i].hosts) {
                if (host == "*" || host == "*/*")
                    report.add(gateway, item("spec.servers", i) + ".hosts",
                               "any VirtualService of any namespace may send through this egress gateway",
                               "name the namespaces and hosts that may, `namespace/host`");
            }
        }
    }
}

void weakTls(const MeshFacts &facts, Report &report)
{
    using Version = model::ServerTls::Version;
    for (const model::Gateway &gateway : facts.mesh.gateways) {
        for (std::size_t i = 0; i < gateway.servers.size(); ++i) {
            const Server &server = gateway.servers[i];
            if (!server.tls || (server.tls->minProtocolVersion != Version::Tls10 &&
                                server.tls->minProtocolVersion != Version::Tls11))
                continue;
            const std::string path = item("spec.servers", i) + ".tls.minProtocolVersion";
            Finding &finding = report.add(gateway, path, "TLS below 1.2 is allowed");
            finding.fixes.push_back(setScalarFix(gateway, path, "TLSV1_2", "Set TLSV1_2"));
        }
    }
}

constexpr Check gatewayTable[] = {
    {"EGR0302", Severity::Error, "A Gateway does not accept a host that is bound to it", hostNotAccepted},
    {"EGR0304", Severity::Error, "A Gateway's port that nothing sends to", portWithoutService},
    {"EGR0307", Severity::Error, "A Gateway's server without rules of its kind", wrongKindOfRules},
    {"EGR0313", Severity::Error, "Two TLS servers for one host and port", sameTlsHost},
    {"EGR0314", Severity::Error, "Plain and encrypted servers on one port", mixedProtocols},
    {"EGR0315", Severity::Warning, "An egress gateway that is open to every namespace", openToEverybody},
    {"EGR0420", Severity::Warning, "TLS below 1.2 is allowed", weakTls},
};

} // namespace

std::span<const Check> gatewayChecks()
{
    return gatewayTable;
}

} // namespace sallyport::analysis
