// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/names.h"
#include "core/analysis/upstream_tls.h"
#include "core/result/ascii_case.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using compile::Protocol;
using model::Severity;
using Entry = model::ServiceEntry;

void eachPort(const MeshFacts &facts,
              const std::function<void(const Entry &, std::size_t, const Entry::Port &, Protocol)> &use)
{
    for (const Entry &entry : facts.mesh.serviceEntries) {
        for (std::size_t i = 0; i < entry.ports.size(); ++i)
            use(entry, i, entry.ports[i], compile::parseProtocol(entry.ports[i].protocol));
    }
}

void httpOnTlsPort(const MeshFacts &facts, Report &report)
{
    eachPort(facts, [&](const Entry &entry, std::size_t i, const Entry::Port &port, Protocol protocol) {
        if ((port.number != 443 && port.number != 8443) || !compile::isHttp(protocol))
            return;
        const std::string path = item("spec.ports", i) + ".protocol";
        Finding &finding =
            report.add(entry, path,
                       "port " + std::to_string(port.number) +
                           " is read as plain HTTP: https calls to it, and to other hosts on this "
                           "port, may break",
                       "use TLS, or port 80 for plaintext");
        finding.fixes.push_back(setScalarFix(entry, path, "TLS", "Use TLS"));
    });
}

bool seenTogether(const Entry &a, const Entry &b)
{
    const auto isPrivate = [](const Entry &entry) {
        return entry.exportTo.size() == 1 && entry.exportTo.front() == ".";
    };
    return a.metadata.resourceNamespace == b.metadata.resourceNamespace || (!isPrivate(a) && !isPrivate(b));
}

/// Calls `tell(first, second, host, second's port index, same protocol)`.
template<typename Tell>
void eachRepetition(const MeshFacts &facts, Tell tell)
{
    const std::vector<Entry> &entries = facts.mesh.serviceEntries;
    for (std::size_t second = 1; second < entries.size(); ++second) {
        for (std::size_t first = 0; first < second; ++first) {
            const Entry &a = entries[first];
            const Entry &b = entries[second];
            for (const std::string &host : b.hosts) {
                if (std::find(a.hosts.begin(), a.hosts.end(), host) == a.hosts.end() || !seenTogether(a, b))
                    continue;
                for (std::size_t i = 0; i < b.ports.size(); ++i) {
                    for (const Entry::Port &port : a.ports) {
                        if (port.number == b.ports[i].number)
                            tell(a, b, host, i,
                                 compile::parseProtocol(port.protocol) ==
                                         compile::parseProtocol(b.ports[i].protocol) &&
                                     a.resolution == b.resolution);
                    }
                }
            }
        }
    }
}

void definedTwice(const MeshFacts &facts, Report &report)
{
    eachRepetition(
        facts, [&report](const Entry &a, const Entry &b, const std::string &host, std::size_t i, bool same) {
            if (same && a.metadata.resourceNamespace != b.metadata.resourceNamespace)
                report.add(b, item("spec.ports", i),
                           host + ':' + std::to_string(b.ports[i].number) + " is defined by " + a.title() +
                               " too: the older one is used",
                           "keep one of them");
        });
}

void definedDifferently(const MeshFacts &facts, Report &report)
{
    eachRepetition(
        facts, [&report](const Entry &a, const Entry &b, const std::string &host, std::size_t i, bool same) {
            if (!same)
                report.add(b, item("spec.ports", i),
                           host + ':' + std::to_string(b.ports[i].number) + " is defined differently by " +
                               a.title() + ": protocol or resolution contradict",
                           "write one entry");
        });
}

/// Why istiod does not make one service of two entries of a host.
std::string whyNotMerged(const compile::Service &service, const compile::Service &owner)
{
    if (owner.kubernetes)
        return "the host is a Kubernetes Service's";
    if (service.resolution != owner.resolution)
        return "their resolutions differ";
    if (service.labels != owner.labels)
        return "their labels differ";
    return service.exportTo != owner.exportTo ? "their exportTo differ" : "their namespaces differ";
}

void portsWithoutCluster(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        for (const compile::EgressListener &listener : proxy.scope.listeners) {
            for (const compile::Service &service : proxy.scope.servicesOf(listener)) {
                const compile::Service *owner = proxy.scope.find(service.hostname);
                if (owner == nullptr || owner->source == service.source || service.kubernetes)
                    continue;
                const auto &entry = static_cast<const Entry &>(*service.source);
                for (std::size_t i = 0; i < entry.ports.size(); ++i) {
                    const std::uint32_t number = entry.ports[i].number;
                    if (service.port(number) && !owner->port(number))
                        report.add(entry, item("spec.ports", i),
                                   service.hostname + ':' + std::to_string(number) +
                                       " has a listener and no cluster, so that requests end in 503 NC: " +
                                       owner->source->title() +
                                       " is older and has the host, and the two are not merged, since " +
                                       whyNotMerged(service, *owner),
                                   "write one entry, or entries that differ in their ports only");
                }
            }
        }
    }
}

bool isBytes(Protocol protocol)
{
    return protocol == Protocol::Tcp || protocol == Protocol::Sniffed || protocol == Protocol::Mongo ||
           protocol == Protocol::MySql || protocol == Protocol::Redis;
}

bool takesWholePort(const Entry &entry, Protocol protocol)
{
    return isBytes(protocol) && entry.addresses.empty() && entry.location == Entry::Location::MeshExternal;
}

void notToldApart(const MeshFacts &facts, Report &report)
{
    eachPort(facts, [&](const Entry &entry, std::size_t i, const Entry::Port &port, Protocol protocol) {
        if (takesWholePort(entry, protocol))
            report.add(
                entry, item("spec.ports", i),
                "port " + std::to_string(port.number) +
                    " is taken for every address: without HTTP, TLS or `addresses` the hosts of a port "
                    "cannot be told apart",
                "use protocol TLS or HTTP, or write the addresses");
    });
}

void takesOthers(const MeshFacts &facts, Report &report)
{
    eachPort(facts, [&](const Entry &entry, std::size_t i, const Entry::Port &port, Protocol protocol) {
        if (!takesWholePort(entry, protocol))
            return;
        eachPort(facts, [&](const Entry &other, std::size_t, const Entry::Port &taken, Protocol byName) {
            if (&other != &entry && taken.number == port.number && compile::isTls(byName))
                report.add(entry, item("spec.ports", i),
                           "everything on port " + std::to_string(port.number) + " that " + other.title() +
                               " does not name goes to this entry, also with REGISTRY_ONLY",
                           "use protocol TLS, or write the addresses");
        });
    });
}

/// Without an address of its own a port of HTTP and one of bytes would share one listener.
/// A sidecar looks at a connection's first bytes: TLS and HTTP go by their names, what is neither goes to the
/// bytes. But an entry of bytes does not get what begins like HTTP.
void listenersCollide(const MeshFacts &facts, Report &report)
{
    eachPort(facts, [&](const Entry &entry, std::size_t i, const Entry::Port &port, Protocol protocol) {
        if (!isBytes(protocol) || !entry.addresses.empty() || protocol == Protocol::Sniffed)
            return;
        eachPort(facts, [&](const Entry &other, std::size_t, const Entry::Port &taken, Protocol spoken) {
            if (&other != &entry && taken.number == port.number && compile::isHttp(spoken) &&
                other.addresses.empty() && seenTogether(other, entry))
                report.add(entry, item("spec.ports", i) + ".protocol",
                           "port " + std::to_string(port.number) + " is " + taken.protocol + " in " +
                               other.title() + " and " + port.protocol +
                               " here, and neither has addresses: what begins like HTTP goes by its Host and "
                               "never to this entry, everything else on the port comes here",
                           "use TLS in both, or write the addresses");
        });
    });
}

/// Routes of HTTP go by name: who calls an address of an entry that has names only is not routed by it.
void routedByAddress(const MeshFacts &facts, Report &report)
{
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        for (std::size_t h = 0; h < service.hosts.size(); ++h) {
            const std::string &host = service.hosts[h];
            for (const Entry &entry : facts.mesh.serviceEntries) {
                const bool behind =
                    std::any_of(entry.endpoints.begin(), entry.endpoints.end(),
                                [&host](const auto &endpoint) { return endpoint.address == host; });
                if (!model::isIpAddress(host) || !behind || !entry.addresses.empty() ||
                    std::find(entry.hosts.begin(), entry.hosts.end(), host) != entry.hosts.end())
                    continue;
                Finding &finding = report.add(service, item("spec.hosts", h),
                                              entry.title() + " is reached by its name only, not by " + host,
                                              "call it by name, or give the entry its address");
                finding.fixes.push_back(
                    setBlockFix(entry, "spec.addresses", "- " + host, "Give the entry the address " + host));
            }
        }
    }
}

void wildcardAtGateway(const MeshFacts &facts, Report &report)
{
    for (const Entry &entry : facts.mesh.serviceEntries) {
        if (entry.resolution == Entry::Resolution::DynamicDns || !entry.endpoints.empty() ||
            entry.workloadSelector)
            continue;
        for (std::size_t h = 0; h < entry.hosts.size(); ++h) {
            if (!model::isWildcard(entry.hosts[h]))
                continue;
            const bool used = std::any_of(facts.proxies.begin(), facts.proxies.end(), [&](const auto &proxy) {
                bool found = false;
                const auto look = [&](const std::string &name) {
                    found = found || parseCluster(name).host == entry.hosts[h];
                };
                eachRoute(proxy, [&look](const auto &, const std::string &name) { look(name); });
                for (const dataplane::Listener &listener : proxy.compiled->bootstrap.listeners) {
                    for (const dataplane::FilterChain &chain : listener.filterChains) {
                        for (const std::string &name : passedTo(chain))
                            look(name);
                    }
                }
                return found && proxy.isGateway();
            });
            if (used)
                report.add(entry, item("spec.hosts", h),
                           "a gateway has no address to send " + entry.hosts[h] +
                               " to: it does not know where the connection meant to go",
                           "name the hosts, or give the entry an endpoint");
        }
    }
}

void http2Outside(const MeshFacts &facts, Report &report)
{
    eachPort(facts, [&](const Entry &entry, std::size_t i, const Entry::Port &port, Protocol protocol) {
        if (compile::isHttp2(protocol) && entry.location == Entry::Location::MeshExternal)
            report.add(entry, item("spec.ports", i) + ".protocol",
                       "the server behind port " + std::to_string(port.number) +
                           " must speak HTTP/2: nothing else is offered",
                       "use HTTP if it does not");
    });
}

void nameSaysOtherwise(const MeshFacts &facts, Report &report)
{
    const auto look = [&report](const model::Resource &resource, const std::string &path,
                                const std::string &name, const std::string &protocol) {
        const Protocol named = compile::parseProtocol(name.substr(0, name.find('-')));
        if (named != Protocol::Sniffed && named != compile::parseProtocol(protocol))
            report.add(resource, path,
                       "the port is called " + name + ", and speaks " + protocol +
                           ": here the protocol decides, not the name");
    };
    eachPort(facts, [&](const Entry &entry, std::size_t i, const Entry::Port &port, Protocol) {
        look(entry, item("spec.ports", i) + ".name", port.name, port.protocol);
    });
    for (const model::Gateway &gateway : facts.mesh.gateways) {
        for (std::size_t i = 0; i < gateway.servers.size(); ++i)
            look(gateway, item("spec.servers", i) + ".port.name", gateway.servers[i].portName,
                 gateway.servers[i].protocol);
    }
}

void unusualSpelling(const MeshFacts &facts, Report &report)
{
    for (const Entry &entry : facts.mesh.serviceEntries) {
        for (std::size_t i = 0; i < entry.hosts.size(); ++i) {
            const std::string &host = entry.hosts[i];
            std::string right = host;
            while (right.ends_with('.'))
                right.pop_back();
            right = asciiLowered(right);
            if (right == host)
                continue;
            const std::string path = item("spec.hosts", i);
            Finding &finding =
                report.add(entry, path, "requests for " + right + " do not meet the spelling " + host);
            finding.fixes.push_back(setScalarFix(entry, path, right, "Write " + right));
        }
    }
}

bool isPrivate(const std::string &address)
{
    return compile::cidrContains("10.0.0.0/8", address) || compile::cidrContains("172.16.0.0/12", address) ||
           compile::cidrContains("192.168.0.0/16", address) || compile::cidrContains("127.0.0.0/8", address);
}

void internalWithPublicAddress(const MeshFacts &facts, Report &report)
{
    for (const Entry &entry : facts.mesh.serviceEntries) {
        if (entry.location != Entry::Location::MeshInternal)
            continue;
        for (std::size_t i = 0; i < entry.endpoints.size(); ++i) {
            const std::string &address = entry.endpoints[i].address;
            if (!model::isIpAddress(address) || isPrivate(address))
                continue;
            Finding &finding =
                report.add(entry, "spec.location",
                           address + " does not look like an address of the mesh, and sidecars may "
                                     "try mesh TLS with MESH_INTERNAL");
            finding.fixes.push_back(
                setScalarFix(entry, "spec.location", "MESH_EXTERNAL", "Set MESH_EXTERNAL"));
        }
    }
}

void nowhereToGo(const MeshFacts &facts, Report &report)
{
    for (const Entry &entry : facts.mesh.serviceEntries) {
        for (std::size_t i = 0; i < entry.endpoints.size(); ++i) {
            if (entry.endpoints[i].address.find('<') != std::string::npos)
                report.add(entry, item("spec.endpoints", i) + ".address",
                           entry.endpoints[i].address + " stands for an address that is to be filled in",
                           "write the address");
        }
        if (entry.resolution == Entry::Resolution::Static && entry.endpoints.empty() &&
            !entry.workloadSelector)
            report.add(entry, "spec.resolution", "STATIC needs endpoints, and there are none: 503 UH",
                       "add endpoints, or use DNS");
    }
}

constexpr Check serviceEntryTable[] = {
    {"EGR0801", Severity::Warning, "A TLS port that is read as HTTP", httpOnTlsPort},
    {"EGR0802", Severity::Warning, "A host and port that are defined twice", definedTwice},
    {"EGR0803", Severity::Error, "A host and port that are defined differently", definedDifferently},
    {"EGR0804", Severity::Warning, "A port that is HTTP for one host and bytes for another",
     listenersCollide},
    {"EGR0805", Severity::Warning, "A port whose hosts cannot be told apart", notToldApart},
    {"EGR0806", Severity::Warning, "An entry that takes the traffic of others", takesOthers},
    {"EGR0807", Severity::Error, "A wildcard that a gateway cannot send to", wildcardAtGateway},
    {"EGR0809", Severity::Warning, "A server that must speak HTTP/2", http2Outside},
    {"EGR0810", Severity::Information, "A port's name says another protocol", nameSaysOtherwise},
    {"EGR0813", Severity::Warning, "A host in an unusual spelling", unusualSpelling},
    {"EGR0815", Severity::Warning, "A host that is routed by its address", routedByAddress},
    {"EGR0817", Severity::Warning, "An internal entry with a public address", internalWithPublicAddress},
    {"EGR0818", Severity::Error, "An entry with nowhere to go", nowhereToGo},
    {"EGR0819", Severity::Error, "A port of a host that another entry has", portsWithoutCluster},
};

} // namespace

std::span<const Check> serviceEntryChecks()
{
    return serviceEntryTable;
}

} // namespace sallyport::analysis
