// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <algorithm>
#include <cctype>

namespace sallyport::model {

namespace {

/// Sidecars are among those that take what has no gateways, or `mesh` among them.
bool isForGateways(const std::vector<std::string> &gateways)
{
    return !gateways.empty() && std::find(gateways.begin(), gateways.end(), "mesh") == gateways.end();
}

/// `outbound_.80_.v1_.host`: the SNI that sidecars make up, which an AUTO_PASSTHROUGH gateway may route by.
/// istiod asks for four parts between underscores, a digit in the second and a letter in the fourth.
bool isMeshSniName(std::string_view host)
{
    constexpr std::string_view prefix = "outbound_";
    if (!host.starts_with(prefix))
        return false;
    host.remove_prefix(prefix.size());
    const auto part = [&host] {
        const std::size_t end = std::min(host.find('_'), host.size());
        const std::string_view text = host.substr(0, end);
        host.remove_prefix(std::min(end + 1, host.size()));
        return text;
    };
    const std::string_view port = part();
    part();
    const std::string_view name = part();
    const auto is = [](auto &&kind) {
        return [kind](char c) { return kind(static_cast<unsigned char>(c)) != 0; };
    };
    return std::any_of(port.begin(), port.end(), is([](int c) { return std::isdigit(c); })) &&
           std::any_of(name.begin(), name.end(), is([](int c) { return std::isalpha(c); }));
}

/// A name may be such a one where a gateway routes by SNI.
bool routesBySni(const VirtualService &service)
{
    return std::any_of(service.tls.begin(), service.tls.end(), [](const L4Route &route) {
        return std::any_of(route.match.begin(), route.match.end(),
                           [](const L4Match &match) { return !match.sniHosts.empty(); });
    });
}

void validateHosts(const VirtualService &service, Findings &findings)
{
    const bool gateways = isForGateways(service.gateways);
    const bool sni = gateways && routesBySni(service);
    for (std::size_t i = 0; i < service.hosts.size(); ++i) {
        const std::string &host = service.hosts[i];
        const std::string path = item("spec.hosts", i);
        if (host == "*" && !gateways)
            findings.error(Rule::Value, path, "the host \"*\" needs a gateway: sidecars do not take it",
                           "name the hosts, or list gateways without mesh");
        else if (!isWildcardDomain(host) && !isIpAddress(host) && !(sni && isMeshSniName(host)))
            findings.error(Rule::Value, path, "\"" + host + "\" is no domain name or IP address");
        for (std::size_t k = 0; k < i; ++k) {
            if (hostsOverlap(host, service.hosts[k]))
                findings.error(Rule::Duplicate, path,
                               "the hosts \"" + service.hosts[k] + "\" and \"" + host + "\" overlap",
                               "keep the wider one");
        }
    }
}

/// Istio looks no further than the first name without a namespace: what stands behind it is not checked.
void validateGatewayNames(const std::vector<std::string> &gateways, const std::string &path,
                          Findings &findings)
{
    for (std::size_t i = 0; i < gateways.size(); ++i) {
        const std::string &name = gateways[i];
        const std::string at = item(path, i);
        const std::size_t slash = name.find('/');
        if (slash != std::string::npos) {
            if (!isDnsLabel(std::string_view(name).substr(0, slash)) ||
                !isFqdn(std::string_view(name).substr(slash + 1)))
                findings.error(Rule::Value, at, "\"" + name + "\" names no gateway", "write namespace/name");
            continue;
        }
        if (name != "mesh" && !isFqdn(name))
            findings.error(Rule::Value, at, "\"" + name + "\" names no gateway",
                           "write name or namespace/name");
        else if (name.find('.') != std::string::npos)
            findings.warning(at, "the form \"" + name + "\" is deprecated", "write namespace/name");
        return;
    }
}

void validateSubnets(const std::vector<std::string> &subnets, const std::string &path, Findings &findings)
{
    for (std::size_t i = 0; i < subnets.size(); ++i) {
        if (!isIpOrCidr(subnets[i]))
            findings.error(Rule::Value, item(path, i), "\"" + subnets[i] + "\" is no IP address or range");
    }
}

void validateL4Match(const L4Match &match, const std::string &path, Findings &findings)
{
    validateSubnets(match.destinationSubnets, path + ".destinationSubnets", findings);
    if (match.port != 0 && !isPort(match.port))
        findings.error(Rule::Value, path + ".port", "a port number is from 1 to 65535");
    if (!match.sourceSubnet.empty() && !isIpOrCidr(match.sourceSubnet))
        findings.error(Rule::Value, path + ".sourceSubnet",
                       "\"" + match.sourceSubnet + "\" is no IP address or range");
    validateLabels(match.sourceLabels, path + ".sourceLabels", findings);
    validateGatewayNames(match.gateways, path + ".gateways", findings);
}

void validateSniHosts(const VirtualService &service, const L4Match &match, const std::string &path,
                      Findings &findings)
{
    if (match.sniHosts.empty())
        findings.error(Rule::Missing, path + ".sniHosts", "a tls match needs sniHosts");
    for (std::size_t i = 0; i < match.sniHosts.size(); ++i) {
        const std::string &sni = match.sniHosts[i];
        const std::string at = item(path + ".sniHosts", i);
        if (isIpAddress(sni)) {
            findings.warning(at, "\"" + sni + "\" is an IP address: clients send no SNI for one");
            continue;
        }
        // Without gateways istiod takes the names of meshes here, too.
        const bool meshNames = service.gateways.empty() || isForGateways(service.gateways);
        if (!isWildcardDomain(sni) && !(meshNames && isMeshSniName(sni))) {
            findings.error(Rule::Value, at, "\"" + sni + "\" is no domain name");
            continue;
        }
        const bool covered = std::any_of(service.hosts.begin(), service.hosts.end(),
                                         [&](const std::string &host) { return isSubsetOf(sni, host); });
        if (!covered)
            findings.error(Rule::Value, at,
                           "the SNI host \"" + sni + "\" is not covered by the VirtualService's hosts",
                           "add it to spec.hosts");
    }
}

void validateTlsRoute(const VirtualService &service, std::size_t index, Findings &findings)
{
    const L4Route &route = service.tls[index];
    const std::string path = item("spec.tls", index);
    if (route.match.empty())
        findings.error(Rule::Missing, path + ".match", "a tls rule needs a match with sniHosts");
    for (std::size_t i = 0; i < route.match.size(); ++i) {
        validateSniHosts(service, route.match[i], item(path + ".match", i), findings);
        validateL4Match(route.match[i], item(path + ".match", i), findings);
    }
    if (route.route.empty())
        findings.error(Rule::Missing, path + ".route", "a tls rule needs a route");
    validateRouteDestinations(route.route, path + ".route", findings);
}

void validateTcpRoute(const VirtualService &service, std::size_t index, Findings &findings)
{
    const L4Route &route = service.tcp[index];
    const std::string path = item("spec.tcp", index);
    for (std::size_t i = 0; i < route.match.size(); ++i)
        validateL4Match(route.match[i], item(path + ".match", i), findings);
    if (route.route.empty())
        findings.error(Rule::Missing, path + ".route", "a tcp rule needs a route");
    validateRouteDestinations(route.route, path + ".route", findings);
}

void validateDelegate(const VirtualService &service, Findings &findings)
{
    constexpr const char *hint = "a VirtualService without hosts is a delegate: it has http routes only";
    if (!service.gateways.empty())
        findings.error(Rule::Missing, "spec.hosts", "a VirtualService with gateways needs hosts", hint);
    if (!service.tls.empty() || !service.tcp.empty())
        findings.error(Rule::Missing, "spec.hosts", "a VirtualService with tls or tcp routes needs hosts",
                       hint);
    for (std::size_t i = 0; i < service.http.size(); ++i) {
        if (service.http[i].delegate)
            findings.error(Rule::Exclusive, item("spec.http", i) + ".delegate",
                           "a delegate cannot delegate further", "give it hosts, or routes of its own");
    }
}

void requireGatewayForClaims(const VirtualService &service, Findings &findings)
{
    if (isForGateways(service.gateways))
        return;
    for (std::size_t i = 0; i < service.http.size(); ++i) {
        for (std::size_t k = 0; k < service.http[i].match.size(); ++k) {
            const HttpMatch &match = service.http[i].match[k];
            const auto check = [&](const std::map<std::string, StringMatch> &headers, const char *field) {
                for (const auto &[name, value] : headers) {
                    if (isJwtClaimHeader(name))
                        findings.error(
                            Rule::Value,
                            item(item("spec.http", i) + ".match", k) + '.' + field + "[\"" + name + "\"]",
                            "JWT claims can be matched at gateways only", "list gateways, without mesh");
                }
            };
            check(match.headers, "headers");
            check(match.withoutHeaders, "withoutHeaders");
        }
    }
}

} // namespace

void validateDestination(const Destination &destination, const std::string &path, Findings &findings)
{
    if (destination.host.empty())
        findings.error(Rule::Missing, path + ".host", "a destination needs a host");
    else if (destination.host == "*" || !isWildcardDomain(destination.host))
        findings.error(Rule::Value, path + ".host", "\"" + destination.host + "\" is no host to send to",
                       "a service's name, such as name.namespace.svc.cluster.local");
    if (!destination.subset.empty() && !isDnsLabel(destination.subset))
        findings.error(Rule::Value, path + ".subset",
                       "the subset \"" + destination.subset + "\" is no DNS label");
    if (findings.given(path + ".port") && !isPort(destination.port))
        findings.error(Rule::Value, path + ".port", "a port number is from 1 to 65535",
                       "give port.number, or leave port out");
}

void validate(const VirtualService &service, Findings &findings)
{
    if (service.hosts.empty())
        validateDelegate(service, findings);
    validateHosts(service, findings);
    validateGatewayNames(service.gateways, "spec.gateways", findings);
    if (service.http.empty() && service.tls.empty() && service.tcp.empty())
        findings.error(Rule::Missing, "spec", "a VirtualService needs http, tls or tcp routes");
    requireGatewayForClaims(service, findings);
    for (std::size_t i = 0; i < service.http.size(); ++i) {
        validateHttpRoute(service, i, findings);
        for (std::size_t k = 0; k < service.http[i].match.size(); ++k)
            validateGatewayNames(service.http[i].match[k].gateways,
                                 item(item("spec.http", i) + ".match", k) + ".gateways", findings);
    }
    for (std::size_t i = 0; i < service.tls.size(); ++i)
        validateTlsRoute(service, i, findings);
    for (std::size_t i = 0; i < service.tcp.size(); ++i)
        validateTcpRoute(service, i, findings);
    validateExportTo(service.exportTo, false, findings);
    // A delegate's rules are merged with its root's: what shadows what is not known here.
    if (!service.hosts.empty())
        validateReachability(service, findings);
}

} // namespace sallyport::model
