// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace sallyport::model {

namespace {

/// A namespace, `.` or `*`, before which `~` takes out instead of in; then a domain without partial
/// wildcards.
void validateEgressHost(const std::string &host, const std::string &path, Findings &findings)
{
    const std::size_t slash = host.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == host.size()) {
        findings.error(Rule::Value, path, "\"" + host + "\" is not of the form namespace/host",
                       "write namespace/host, ./host or */host");
        return;
    }
    const std::string_view scope = std::string_view(host).substr(0, slash);
    const std::string_view excluded = scope.substr(scope.starts_with('~') ? 1 : 0);
    const std::string name = host.substr(slash + 1);
    if (!excluded.empty() && excluded != "*" && excluded != "." && !isDnsLabel(excluded))
        findings.error(Rule::Value, path,
                       "invalid namespace value \"" + std::string(scope) + "\" in \"" + host + '"',
                       "a namespace, \".\" or \"*\" stands before the /, before it perhaps \"~\"");
    if (isWildcard(name) && name != "*" && !name.starts_with("*."))
        findings.error(Rule::Value, path, "partial wildcard \"" + name + "\" is not allowed",
                       "put a dot behind the *");
    else if (!isWildcardDomain(name))
        findings.error(Rule::Value, path, "\"" + name + "\" is no domain name");
    else if (name != "*" && name.find('.') == std::string::npos)
        findings.error(Rule::Value, path, "short names such as \"" + name + "\" are not allowed here",
                       "write the full domain name");
}

/// Returns whether there is a port at all.
bool validatePort(const Sidecar::Port &port, const std::string &path, Findings &findings)
{
    if (!findings.given(path))
        return false;
    if (!port.name.empty() && !isDnsLabel(port.name))
        findings.error(Rule::Value, path + ".name", "the port name \"" + port.name + "\" is no DNS label");
    if (!port.protocol.empty() && protocolFamily(port.protocol) == ProtocolFamily::Unknown)
        findings.error(Rule::Value, path + ".protocol", "unsupported protocol \"" + port.protocol + '"');
    if (port.targetPort != 0)
        findings.error(Rule::Value, path + ".targetPort", "targetPort has no impact on a Sidecar",
                       "take it out");
    return true;
}

void validateNumber(const Sidecar::Port &port, const std::string &path, std::set<std::uint32_t> &known,
                    Findings &findings)
{
    if (!isPort(port.number))
        findings.error(Rule::Value, path + ".number", "a port number is from 1 to 65535");
    else if (!known.insert(port.number).second)
        findings.error(Rule::Duplicate, path + ".number",
                       "port " + std::to_string(port.number) + " has a listener already");
}

void validateBind(const std::string &bind, const std::string &path, Findings &findings)
{
    if (!bind.empty() && !isIpAddress(bind))
        findings.error(Rule::Value, path, "\"" + bind + "\" is not a valid IP address");
}

/// Port 0 is a Unix socket.
void validateSocket(const Sidecar::Egress &egress, const std::string &path, std::set<std::string> &known,
                    Findings &findings)
{
    const std::string_view bind = egress.bind;
    if (!bind.starts_with(unixScheme))
        findings.error(Rule::Value, path + ".port.number", "a port number is from 1 to 65535",
                       "0 is for a bind of unix://");
    else if (!isUnixAddress(bind.substr(unixScheme.size())))
        findings.error(Rule::Value, path + ".bind", "a unix address is an absolute path or @name");
    if (egress.captureMode == "IPTABLES")
        findings.error(Rule::Exclusive, path + ".captureMode", "a Unix socket cannot be captured",
                       "DEFAULT or NONE");
    if (!known.insert(egress.bind).second)
        findings.error(Rule::Duplicate, path + ".bind", "another listener has this socket");
}

/// `127.0.0.1:8080`, `[::1]:8080`, `:8080`, `0.0.0.0:8080` or a Unix socket.
void validateEndpoint(const std::string &endpoint, const std::string &path, Findings &findings)
{
    if (endpoint.empty())
        return;
    if (endpoint.starts_with(unixScheme)) {
        if (!isUnixAddress(std::string_view(endpoint).substr(unixScheme.size())))
            findings.error(Rule::Value, path, "a unix address is an absolute path or @name");
        return;
    }
    constexpr const char *hint = "127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT, :PORT or unix://PATH";
    const std::size_t colon = endpoint.rfind(':');
    if (colon == std::string::npos) {
        findings.error(Rule::Value, path, "\"" + endpoint + "\" has no port", hint);
        return;
    }
    static constexpr std::array<std::string_view, 5> hosts{"", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"};
    const std::string_view host = std::string_view(endpoint).substr(0, colon);
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end())
        findings.error(Rule::Value, path,
                       "the application is reached on this pod, not at \"" + std::string(host) + '"', hint);
    std::uint32_t port = 0;
    const char *begin = endpoint.data() + colon + 1;
    const char *last = endpoint.data() + endpoint.size();
    const auto [end, error] = std::from_chars(begin, last, port);
    if (error != std::errc() || end != last || !isPort(port))
        findings.error(Rule::Value, path, "a port number is from 1 to 65535", hint);
}

void validateCaptureMode(const std::string &mode, const std::string &path, Findings &findings)
{
    if (!mode.empty() && mode != "DEFAULT" && mode != "IPTABLES" && mode != "NONE")
        findings.error(Rule::Value, path, "\"" + mode + "\" is no capture mode", "DEFAULT, IPTABLES or NONE");
}

/// Hosts that one listener has twice, or that a wildcard beside them has.
void warnOfRepeatedHosts(const Sidecar &sidecar, const std::vector<std::string> &hosts,
                         const std::string &path, Findings &findings)
{
    std::map<std::string, std::set<std::string>> seen; // by namespace
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        const std::size_t slash = hosts[i].find('/');
        if (slash == std::string::npos || hosts[i].starts_with('~'))
            continue;
        std::string scope = hosts[i].substr(0, slash);
        if (scope == ".")
            scope = sidecar.metadata.resourceNamespace;
        const std::string name = hosts[i].substr(slash + 1);
        std::set<std::string> &known = seen[scope];
        const bool repeated = name == "*" ? !known.empty() : known.count(name) > 0 || known.count("*") > 0;
        if (repeated)
            findings.warning(item(path, i), "\"" + hosts[i] + "\" is listed twice");
        known.insert(name);
    }
    if (seen.size() > 1 && seen.count("*") > 0 && seen["*"].count("*") > 0)
        findings.warning(path, "\"*/*\" already takes every host");
}

void validateEgress(const Sidecar &sidecar, Findings &findings)
{
    bool catchAll = false;
    std::set<std::uint32_t> ports;
    std::set<std::string> sockets;
    for (std::size_t i = 0; i < sidecar.egress.size(); ++i) {
        const Sidecar::Egress &egress = sidecar.egress[i];
        const std::string path = item("spec.egress", i);
        if (egress.port && validatePort(*egress.port, path + ".port", findings)) {
            if (egress.port->number == 0) {
                validateSocket(egress, path, sockets, findings);
            } else {
                validateNumber(*egress.port, path + ".port", ports, findings);
                validateBind(egress.bind, path + ".bind", findings);
            }
            if (catchAll)
                findings.error(Rule::Value, path, "a listener without a port must be the last one");
        } else {
            if (catchAll)
                findings.error(Rule::Duplicate, path, "there is another listener without a port",
                               "put their hosts together");
            catchAll = true;
        }
        validateCaptureMode(egress.captureMode, path + ".captureMode", findings);
        if (egress.hosts.empty())
            findings.error(Rule::Missing, path + ".hosts", "an egress listener needs hosts",
                           "\"*/*\" takes all");
        for (std::size_t k = 0; k < egress.hosts.size(); ++k)
            validateEgressHost(egress.hosts[k], item(path + ".hosts", k), findings);
        warnOfRepeatedHosts(sidecar, egress.hosts, path + ".hosts", findings);
    }
}

void validateIngressTls(const Sidecar::Ingress &ingress, const std::string &path, Findings &findings)
{
    const ServerTls &tls = *ingress.tls;
    const auto refuse = [&](bool given, const char *field) {
        if (given)
            findings.error(Rule::Exclusive, path + '.' + field,
                           std::string(field) + " is not supported in a Sidecar's TLS", "take it out");
    };
    refuse(!tls.subjectAltNames.empty(), "subjectAltNames");
    refuse(tls.httpsRedirect, "httpsRedirect");
    refuse(!tls.credentialName.empty(), "credentialName");
    refuse(!tls.credentialNames.empty(), "credentialNames");
    refuse(!tls.tlsCertificates.empty(), "tlsCertificates");
    refuse(tls.mode == ServerTls::Mode::IstioMutual || tls.mode == ServerTls::Mode::AutoPassthrough, "mode");
    if (!isTlsProtocol(ingress.port.protocol))
        findings.error(Rule::Exclusive, path, "only a port of protocol HTTPS or TLS has TLS settings");
    validateServerTls(tls, path, findings);
}

void validateIngress(const Sidecar &sidecar, Findings &findings)
{
    std::set<std::uint32_t> ports;
    for (std::size_t i = 0; i < sidecar.ingress.size(); ++i) {
        const Sidecar::Ingress &ingress = sidecar.ingress[i];
        const std::string path = item("spec.ingress", i);
        if (!validatePort(ingress.port, path + ".port", findings)) {
            findings.error(Rule::Missing, path + ".port", "a listener needs a port");
            continue;
        }
        validateNumber(ingress.port, path + ".port", ports, findings);
        validateBind(ingress.bind, path + ".bind", findings);
        validateCaptureMode(ingress.captureMode, path + ".captureMode", findings);
        validateEndpoint(ingress.defaultEndpoint, path + ".defaultEndpoint", findings);
        if (ingress.tls)
            validateIngressTls(ingress, path + ".tls", findings);
        if (!ingress.connectionPool)
            continue;
        validateConnectionPool(*ingress.connectionPool, path + ".connectionPool", findings);
        if (findings.given(path + ".connectionPool.http") && !isHttpProtocol(ingress.port.protocol))
            findings.warning(path + ".connectionPool.http",
                             "the port's protocol is not HTTP: its HTTP settings have no effect");
    }
}

} // namespace

void validate(const Sidecar &sidecar, Findings &findings)
{
    validateSelector(sidecar.workloadSelector, "spec.workloadSelector", findings);
    if (sidecar.egress.empty() && sidecar.ingress.empty() && !findings.given("spec.outboundTrafficPolicy") &&
        !sidecar.inboundConnectionPool)
        findings.error(Rule::Missing, "spec", "a Sidecar needs egress, ingress or outboundTrafficPolicy");
    validateEgress(sidecar, findings);
    validateIngress(sidecar, findings);
    if (sidecar.inboundConnectionPool)
        validateConnectionPool(*sidecar.inboundConnectionPool, "spec.inboundConnectionPool", findings);
    if (sidecar.outboundMode == OutboundMode::AllowAnyDynamicDns)
        findings.error(Rule::Value, "spec.outboundTrafficPolicy.mode",
                       "ALLOW_ANY_DYNAMIC_DNS is a mode of the whole mesh, not of a Sidecar",
                       "set it in MeshConfig.outboundTrafficPolicy");
    if (sidecar.egressProxy) {
        const std::string path = "spec.outboundTrafficPolicy.egressProxy";
        if (sidecar.outboundMode != OutboundMode::AllowAny)
            findings.error(Rule::Exclusive, path, "egressProxy needs mode: ALLOW_ANY");
        if (!sidecar.egressProxy->host.empty() && !isFqdn(sidecar.egressProxy->host))
            findings.error(Rule::Value, path + ".host",
                           "\"" + sidecar.egressProxy->host + "\" is no full domain name");
        validateDestination(*sidecar.egressProxy, path, findings);
        if (sidecar.egressProxy->port == 0)
            findings.error(Rule::Missing, path + ".port", "egressProxy needs a port");
    }
}

} // namespace sallyport::model
