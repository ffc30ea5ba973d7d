// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <set>

namespace sallyport::model {

namespace {

void validateEgressHost(const std::string &host, const std::string &path, Findings &findings)
{
    const std::size_t slash = host.find('/');
    if (slash == std::string::npos) {
        findings.error(Rule::Value, path, "\"" + host + "\" needs a namespace",
                       "write namespace/host, ./host or */host");
        return;
    }
    const std::string scope = host.substr(0, slash);
    const std::string name = host.substr(slash + 1);
    if (scope != "*" && scope != "." && scope != "~" && !isDnsLabel(scope))
        findings.error(Rule::Value, path, "invalid namespace value \"" + scope + "\" in \"" + host + '"',
                       "a namespace, \".\", \"*\" or \"~\" stands before the /");
    if (name.empty() || !isWildcardDomain(name))
        findings.error(Rule::Value, path, "\"" + name + "\" is no domain name");
}

void validatePort(const Sidecar::Port &port, const std::string &path, bool required, Findings &findings)
{
    if (required && !findings.given(path)) {
        findings.error(Rule::Missing, path, "a listener needs a port");
        return;
    }
    if (!findings.given(path))
        return;
    if (!isPort(port.number))
        findings.error(Rule::Value, path + ".number", "a port number is from 1 to 65535");
    if (!port.protocol.empty() && protocolFamily(port.protocol) == ProtocolFamily::Unknown)
        findings.error(Rule::Value, path + ".protocol", "unsupported protocol \"" + port.protocol + '"');
}

void validateBind(const std::string &bind, const std::string &path, Findings &findings)
{
    constexpr std::string_view scheme = "unix://";
    const bool unixAddress =
        bind.starts_with(scheme) && isUnixAddress(std::string_view(bind).substr(scheme.size()));
    if (!bind.empty() && !unixAddress && !isIpAddress(bind))
        findings.error(Rule::Value, path, "\"" + bind + "\" is no IP address or unix address");
}

void validateCaptureMode(const std::string &mode, const std::string &path, Findings &findings)
{
    if (!mode.empty() && mode != "DEFAULT" && mode != "IPTABLES" && mode != "NONE")
        findings.error(Rule::Value, path, "\"" + mode + "\" is no capture mode", "DEFAULT, IPTABLES or NONE");
}

void validateEgress(const Sidecar &sidecar, Findings &findings)
{
    bool catchAll = false;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < sidecar.egress.size(); ++i) {
        const Sidecar::Egress &egress = sidecar.egress[i];
        const std::string path = item("spec.egress", i);
        if (egress.port) {
            validatePort(*egress.port, path + ".port", false, findings);
            if (catchAll)
                findings.error(Rule::Value, path, "a listener without a port must be the last one");
        } else {
            if (catchAll)
                findings.error(Rule::Duplicate, path, "there is another listener without a port",
                               "put their hosts together");
            catchAll = true;
        }
        validateBind(egress.bind, path + ".bind", findings);
        validateCaptureMode(egress.captureMode, path + ".captureMode", findings);
        if (egress.hosts.empty())
            findings.error(Rule::Missing, path + ".hosts", "an egress listener needs hosts",
                           "\"*/*\" takes all");
        for (std::size_t k = 0; k < egress.hosts.size(); ++k) {
            const std::string at = item(path + ".hosts", k);
            validateEgressHost(egress.hosts[k], at, findings);
            if (!seen.insert(egress.hosts[k]).second)
                findings.warning(at, "\"" + egress.hosts[k] + "\" is listed twice");
            if (egress.hosts[k] == "*/*" && egress.hosts.size() > 1)
                findings.warning(at, "\"*/*\" already takes every host");
        }
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
    for (std::size_t i = 0; i < sidecar.ingress.size(); ++i) {
        const Sidecar::Ingress &ingress = sidecar.ingress[i];
        const std::string path = item("spec.ingress", i);
        validatePort(ingress.port, path + ".port", true, findings);
        validateBind(ingress.bind, path + ".bind", findings);
        validateCaptureMode(ingress.captureMode, path + ".captureMode", findings);
        if (ingress.connectionPool)
            validateConnectionPool(*ingress.connectionPool, path + ".connectionPool", findings);
        if (ingress.tls && ingress.tls->mode != ServerTls::Mode::Simple &&
            ingress.tls->mode != ServerTls::Mode::Mutual)
            findings.error(Rule::Value, path + ".tls.mode", "a Sidecar's TLS is SIMPLE or MUTUAL");
    }
    if (sidecar.inboundConnectionPool)
        validateConnectionPool(*sidecar.inboundConnectionPool, "spec.inboundConnectionPool", findings);
    if (sidecar.egressProxy) {
        const std::string path = "spec.outboundTrafficPolicy.egressProxy";
        if (sidecar.outboundMode != OutboundMode::AllowAny)
            findings.error(Rule::Exclusive, path, "egressProxy needs mode: ALLOW_ANY");
        validateDestination(*sidecar.egressProxy, path, findings);
        if (sidecar.egressProxy->port == 0)
            findings.error(Rule::Missing, path + ".port", "egressProxy needs a port");
    }
}

} // namespace sallyport::model
