// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/check.h"
#include "core/analysis/upstream_tls.h"

#include "core/compile/mutual_tls.h"

#include <algorithm>

namespace sallyport::analysis {

namespace {

using Mode = model::ClientTls::Mode;
using model::Severity;

bool entryHasNames(const MeshFacts &facts, const std::string &host)
{
    const auto services = facts.servicesNamed(host);
    return std::any_of(services.begin(), services.end(),
                       [](const auto *service) { return !service->subjectAltNames.empty(); });
}

void plaintextAfterGateway(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        if (!proxy.isGateway())
            continue;
        eachRoute(proxy, [&](const dataplane::Route &route, const std::string &name) {
            const dataplane::Cluster *cluster = proxy.findCluster(name);
            const ClusterName parts = parseCluster(name);
            if (cluster == nullptr || cluster->transport.tls || !cluster->transportMatches.empty() ||
                !isExternal(facts, parts.host))
                return;
            if (const model::VirtualService *service = virtualServiceOf(facts, route.metadata))
                report.add(*service, destinationPath(*service, parts),
                           "traffic leaves the mesh unencrypted after the gateway: " + proxy.instance->name +
                               " sends plaintext to " + parts.host + ':' + std::to_string(parts.port),
                           "send to its TLS port, and originate TLS for it in a DestinationRule");
        });
    }
}

void nameNotVerified(const MeshFacts &facts, Report &report)
{
    for (const TlsBlock &block : tlsBlocks(facts)) {
        if (!block.originates() || block.tls->sni.empty() || !block.tls->subjectAltNames.empty() ||
            block.tls->insecureSkipVerify.value_or(false) || entryHasNames(facts, block.host))
            continue;
        Finding &finding = report.add(*block.rule, block.path,
                                      "the server's name is not verified: with `sni` and without "
                                      "`subjectAltNames` any certificate of the "
                                      "same CA is accepted",
                                      "set subjectAltNames to the names that the server may show");
        finding.fixes.push_back(setBlockFix(*block.rule, block.path + ".subjectAltNames",
                                            "- " + block.tls->sni,
                                            "Set subjectAltNames: [" + block.tls->sni + ']'));
    }
}

void notVerifiedAtAll(const MeshFacts &facts, Report &report)
{
    for (const TlsBlock &block : tlsBlocks(facts)) {
        if (!block.originates() || !block.tls->insecureSkipVerify.value_or(false))
            continue;
        Finding &finding = report.add(*block.rule, block.path + ".insecureSkipVerify",
                                      "the server's certificate is not verified at all");
        finding.fixes.push_back(
            removeFix(*block.rule, block.path + ".insecureSkipVerify", "Verify the certificate"));
    }
}

bool namesScheme(const dataplane::HeaderMutations &headers)
{
    return std::any_of(headers.requestAdd.begin(), headers.requestAdd.end(),
                       [](const dataplane::HeaderValueOption &header) {
                           return header.key == "x-forwarded-proto" || header.key == "X-Forwarded-Proto";
                       });
}

/// A gateway writes the scheme that it was reached by, whatever it speaks itself.
void schemeStaysHttp(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        for (const auto &[chain, manager] : proxy.managers()) {
            for (const dataplane::VirtualHost &host : manager->routes.virtualHosts) {
                for (const dataplane::Route &route : host.routes) {
                    const model::VirtualService *service = virtualServiceOf(facts, route.metadata);
                    if (!proxy.isGateway() || chain->tls || service == nullptr ||
                        namesScheme(route.headers) || namesScheme(host.headers))
                        continue;
                    for (const std::string &name : clustersOf(route)) {
                        const dataplane::Cluster *cluster = proxy.findCluster(name);
                        const ClusterName parts = parseCluster(name);
                        if (cluster == nullptr || !cluster->transport.tls || !isExternal(facts, parts.host))
                            continue;
                        const std::string destination = destinationPath(*service, parts);
                        Finding &finding = report.add(
                            *service, destination,
                            parts.host + " is told x-forwarded-proto: http, although it is reached by TLS: a "
                                         "server that redirects http to https does so forever",
                            "set the request header x-forwarded-proto: https");
                        if (const std::size_t end = destination.find(".route["); end != std::string::npos)
                            finding.fixes.push_back(setScalarFix(*service,
                                                                 destination.substr(0, end) +
                                                                     ".headers.request.set.x-forwarded-proto",
                                                                 "https", "Say x-forwarded-proto: https"));
                    }
                }
            }
        }
    }
}

bool looksPrivate(const compile::Service &service)
{
    for (const char *domain : {".internal", ".local", ".lan", ".corp", ".home", ".intranet", ".private"}) {
        if (service.hostname.ends_with(domain))
            return true;
    }
    return std::any_of(service.endpoints.begin(), service.endpoints.end(), [](const auto &endpoint) {
        const std::string &address = endpoint.address;
        return model::isIpAddress(address) && (compile::cidrContains("10.0.0.0/8", address) ||
                                               compile::cidrContains("172.16.0.0/12", address) ||
                                               compile::cidrContains("192.168.0.0/16", address) ||
                                               compile::cidrContains("fc00::/7", address));
    });
}

/// Without a CA the operating system's are trusted: none of them signs for a private host.
void publicAuthorities(const MeshFacts &facts, Report &report)
{
    for (const TlsBlock &block : tlsBlocks(facts)) {
        const auto services = facts.servicesNamed(block.host);
        if (block.originates() && block.tls->credentialName.empty() && block.tls->caCertificates.empty() &&
            !block.tls->insecureSkipVerify.value_or(false) && !services.empty() &&
            services.front()->external && looksPrivate(*services.front()))
            report.add(*block.rule, block.path,
                       "the public CAs of the operating system are trusted for " + block.host +
                           ", which looks like a private host",
                       "name the CA that signs for it, by credentialName or caCertificates");
    }
}

bool coversName(const std::string &host, const std::string &name)
{
    return host == name || model::isSubsetOf(name, host);
}

void unlikelyServerName(const MeshFacts &facts, Report &report)
{
    for (const TlsBlock &block : tlsBlocks(facts)) {
        const std::vector<std::string> &names = block.tls->subjectAltNames;
        if (!block.originates() || block.tls->sni.empty() || facts.servicesNamed(block.host).empty() ||
            coversName(block.host, block.tls->sni) ||
            std::find(names.begin(), names.end(), block.tls->sni) != names.end())
            continue;
        Finding &finding = report.add(*block.rule, block.path + ".sni",
                                      "the SNI " + block.tls->sni + " is no name of " + block.host);
        if (!model::isWildcard(block.host))
            finding.fixes.push_back(
                setScalarFix(*block.rule, block.path + ".sni", block.host, "Say " + block.host));
    }
}

/// For sidecars a credential counts only in a rule that selects their workloads.
void credentialIgnored(const MeshFacts &facts, Report &report)
{
    const std::vector<TlsBlock> blocks = tlsBlocks(facts);
    for (const ProxyFacts &proxy : facts.proxies) {
        if (proxy.isGateway())
            continue;
        eachRoute(proxy, [&](const dataplane::Route &route, const std::string &name) {
            const dataplane::Cluster *cluster = proxy.findCluster(name);
            const ClusterName parts = parseCluster(name);
            // Nobody sends plaintext to the ports of TLS unless a rule does.
            const bool unlikely = (parts.port == 443 || parts.port == 8443) &&
                                  virtualServiceOf(facts, route.metadata) == nullptr;
            if (cluster == nullptr || cluster->transport.tls || unlikely)
                return;
            for (const compile::Service *service : facts.servicesNamed(parts.host)) {
                const auto effective =
                    compile::effectivePolicy(facts.ruleFor(proxy, *service), parts.port, parts.subset);
                for (const TlsBlock &block : blocks) {
                    const bool holds = effective.rule != nullptr && effective.policy.tls &&
                                       *effective.policy.tls == *block.tls &&
                                       std::any_of(effective.rule->from.begin(), effective.rule->from.end(),
                                                   [&block](const auto *from) {
                                                       return from->title() == block.rule->title();
                                                   });
                    if (holds && block.originates() && !block.tls->credentialName.empty() &&
                        block.tls->credentialName.compare(0, 12, "configmap://") != 0 &&
                        !block.rule->workloadSelector)
                        report.add(*block.rule, block.path + ".credentialName",
                                   "sidecars ignore this credential and send plaintext to " + parts.host +
                                       ':' + std::to_string(parts.port),
                                   "send through the egress gateway, or give the rule a workloadSelector");
                }
            }
        });
    }
}

void twiceEncrypted(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        if (proxy.isGateway())
            continue;
        for (const compile::Service &service : proxy.scope.services) {
            for (const compile::ServicePort &port : service.ports) {
                const dataplane::Cluster *cluster =
                    proxy.findCluster("outbound|" + std::to_string(port.number) + "||" + service.hostname);
                const compile::MergedRule *rule = facts.ruleFor(proxy, service);
                const auto effective = compile::effectivePolicy(rule, port.number, {});
                const bool originates = effective.policy.tls && (effective.policy.tls->mode == Mode::Simple ||
                                                                 effective.policy.tls->mode == Mode::Mutual);
                if (!compile::isTls(port.protocol) || !service.external || cluster == nullptr ||
                    !cluster->transport.tls || !originates || rule == nullptr)
                    continue;
                report.add(*rule->from.front(), "spec.trafficPolicy",
                           "applications speak TLS to " + service.hostname + ':' +
                               std::to_string(port.number) +
                               " themselves, and the sidecar would wrap it into TLS once more",
                           "originate TLS only for the port that applications send plaintext to");
            }
        }
    }
}

void passedThroughAndEncrypted(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        if (!proxy.isGateway())
            continue;
        for (const dataplane::Listener &listener : proxy.compiled->bootstrap.listeners) {
            for (const dataplane::FilterChain &chain : listener.filterChains) {
                for (const std::string &name : passedTo(chain)) {
                    const dataplane::Cluster *cluster = proxy.findCluster(name);
                    const model::VirtualService *service = virtualServiceOf(facts, chain.metadata);
                    const bool passed = !chain.tls && !chain.match.serverNames.empty();
                    const ClusterName parts = parseCluster(name);
                    if (passed && service != nullptr && cluster != nullptr && cluster->transport.tls &&
                        isExternal(facts, parts.host))
                        report.add(
                            *service, destinationPath(*service, parts),
                            "TLS that is passed through to " + parts.host + ':' + std::to_string(parts.port) +
                                " would be encrypted once more",
                            "let the DestinationRule say DISABLE for a subset of its own, and send there");
                }
            }
        }
    }
}

void noServerName(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        for (const dataplane::Listener &listener : proxy.compiled->bootstrap.listeners) {
            for (const dataplane::FilterChain &chain : listener.filterChains) {
                for (const std::string &name : passedTo(chain)) {
                    const dataplane::Cluster *cluster = proxy.findCluster(name);
                    const ClusterName parts = parseCluster(name);
                    if (cluster == nullptr || !cluster->transport.tls ||
                        !cluster->transport.tls->sni.empty() || !isExternal(facts, parts.host))
                        continue;
                    for (const compile::Service *service : facts.servicesNamed(parts.host)) {
                        if (const compile::MergedRule *rule = facts.ruleFor(proxy, *service))
                            report.add(*rule->from.front(), "spec.trafficPolicy",
                                       "no SNI is sent to " + parts.host + ':' + std::to_string(parts.port) +
                                           ": only HTTP routes take it from the Host",
                                       "set `sni`");
                    }
                }
            }
        }
    }
}

void neverUsed(const MeshFacts &facts, Report &report)
{
    std::set<std::string> used;
    for (const ProxyFacts &proxy : facts.proxies) {
        eachRoute(proxy, [&used](const auto &, const std::string &name) { used.insert(name); });
        for (const dataplane::Listener &listener : proxy.compiled->bootstrap.listeners) {
            for (const dataplane::FilterChain &chain : listener.filterChains) {
                // What a sidecar passes on without TLS of its own does not use the block.
                for (const std::string &name : passedTo(chain)) {
                    const dataplane::Cluster *cluster = proxy.findCluster(name);
                    if (proxy.isGateway() || (cluster != nullptr && cluster->transport.tls))
                        used.insert(name);
                }
            }
        }
    }
    const bool hasGateway = std::any_of(facts.proxies.begin(), facts.proxies.end(),
                                        [](const ProxyFacts &proxy) { return proxy.isGateway(); });
    for (const TlsBlock &block : tlsBlocks(facts)) {
        const std::string name =
            "outbound|" + std::to_string(block.port) + '|' + block.subset + '|' + block.host;
        if (block.originates() && block.port != 0 && hasGateway && isExternal(facts, block.host) &&
            used.count(name) == 0)
            report.add(
                *block.rule, block.path,
                "these TLS settings are never used: no route leads to port " + std::to_string(block.port) +
                    (block.subset.empty() ? "" : " of the subset " + block.subset) + " of " + block.host,
                "send to this port, or move the settings to the port that is used");
    }
}

void contradictsPeers(const MeshFacts &facts, Report &report)
{
    for (const ProxyFacts &proxy : facts.proxies) {
        for (const compile::Service &service : facts.context.services) {
            const compile::MergedRule *rule = facts.ruleFor(proxy, service);
            if (rule == nullptr || service.external)
                continue;
            for (const compile::ServicePort &port : service.ports) {
                const auto effective = compile::effectivePolicy(rule, port.number, {});
                if (!effective.policy.tls)
                    continue;
                for (const compile::Endpoint &endpoint : service.endpoints) {
                    const std::uint32_t target = service.portOn(endpoint, port);
                    if (endpoint.instance == nullptr || target == 0 ||
                        endpoint.instance->proxy != compile::Instance::Proxy::Sidecar)
                        continue;
                    const compile::TlsMode wanted =
                        compile::inboundTlsMode(facts.context, *endpoint.instance, target);
                    const bool strict =
                        wanted == compile::TlsMode::Strict && effective.policy.tls->mode == Mode::Disable;
                    const bool off = wanted == compile::TlsMode::Disable &&
                                     effective.policy.tls->mode == Mode::IstioMutual;
                    if (strict || off)
                        report.add(*rule->from.front(), "spec.trafficPolicy.tls",
                                   std::string("clients send ") + (off ? "mesh TLS" : "plaintext") + " to " +
                                       endpoint.instance->name + ':' + std::to_string(target) +
                                       ", whose PeerAuthentication wants " + (off ? "none" : "it"),
                                   "let the rule and the PeerAuthentication say the same");
                }
            }
        }
    }
}

constexpr Check hopTlsTable[] = {
    {"EGR0308", Severity::Warning, "A server behind TLS is told http", schemeStaysHttp},
    {"EGR0403", Severity::Warning, "TLS of the application is encrypted once more", twiceEncrypted},
    {"EGR0404", Severity::Error, "Passed-through TLS is encrypted once more", passedThroughAndEncrypted},
    {"EGR0405", Severity::Error, "TLS without a server name", noServerName},
    {"EGR0406", Severity::Warning, "A server name that is no name of the host", unlikelyServerName},
    {"EGR0409", Severity::Error, "A credential that sidecars ignore", credentialIgnored},
    {"EGR0410", Severity::Warning, "Plaintext after the egress gateway", plaintextAfterGateway},
    {"EGR0411", Severity::Warning, "The server's name is not verified", nameNotVerified},
    {"EGR0412", Severity::Warning, "The server's certificate is not verified", notVerifiedAtAll},
    {"EGR0414", Severity::Information, "Public CAs for a private host", publicAuthorities},
    {"EGR0415", Severity::Warning, "TLS settings that no route uses", neverUsed},
    {"EGR0417", Severity::Error, "DestinationRule and PeerAuthentication contradict", contradictsPeers},
};

} // namespace

std::span<const Check> hopTlsChecks()
{
    return hopTlsTable;
}

} // namespace sallyport::analysis
