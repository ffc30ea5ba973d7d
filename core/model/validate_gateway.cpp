// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/host_name.h"
#include "core/model/lexical.h"
#include "core/model/validation.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace sallyport::model {

namespace {

void validateHost(const std::string &host, const std::string &path, Findings &findings)
{
    const std::size_t slash = host.find('/');
    std::string name = host;
    if (slash != std::string::npos) {
        const std::string scope = host.substr(0, slash);
        name = host.substr(slash + 1);
        if (scope != "*" && scope != "." && !isDnsLabel(scope))
            findings.error(Rule::Value, path, "invalid namespace value \"" + scope + "\" in \"" + host + '"',
                           "a namespace, \".\" or \"*\" stands before the /");
    }
    if (name == "*" || isIpAddress(name))
        return;
    if (isWildcard(name) && !name.starts_with("*."))
        findings.error(Rule::Value, path, "partial wildcard \"" + name + "\" is not allowed",
                       "put a dot behind the *");
    else if (!isWildcardDomain(name))
        findings.error(Rule::Value, path, "\"" + name + "\" is no domain name");
    else if (name.find('.') == std::string::npos)
        findings.error(Rule::Value, path, "short names such as \"" + name + "\" are not allowed here",
                       "write the full domain name");
}

void validatePort(const Gateway::Server &server, const std::string &path, Findings &findings)
{
    const bool unixBind = server.bind.starts_with(unixScheme);
    if (server.portName.empty())
        findings.error(Rule::Missing, path + ".port.name", "a server's port needs a name");
    if (protocolFamily(server.protocol) == ProtocolFamily::Unknown)
        findings.error(server.protocol.empty() ? Rule::Missing : Rule::Value, path + ".port.protocol",
                       "invalid protocol \"" + server.protocol + '"',
                       "one of HTTP, HTTPS, HTTP2, GRPC, GRPC-Web, TLS, TCP, Mongo, Redis, MySQL");
    if (unixBind && server.portNumber != 0)
        findings.error(Rule::Exclusive, path + ".port.number",
                       "the port number must be 0 where a unix address is bound");
    if (!unixBind && !isPort(server.portNumber))
        findings.error(Rule::Value, path + ".port.number", "a port number is from 1 to 65535");
    const yaml::NodePtr target = findings.at(path + ".port.targetPort");
    if (target && target->scalar != "0")
        findings.error(Rule::Value, path + ".port.targetPort", "targetPort is not supported on a Gateway",
                       "the Service's targetPort decides");
}

void validateServer(const Gateway::Server &server, const std::string &path, Findings &findings)
{
    if (server.hosts.empty())
        findings.error(Rule::Missing, path + ".hosts", "a server needs at least one host",
                       "\"*\" takes every host");
    for (std::size_t i = 0; i < server.hosts.size(); ++i)
        validateHost(server.hosts[i], path + ".hosts[" + std::to_string(i) + ']', findings);
    if (!findings.given(path + ".port"))
        findings.error(Rule::Missing, path + ".port", "a server needs a port");
    else
        validatePort(server, path, findings);
    if (server.bind.starts_with(unixScheme)) {
        if (!isUnixAddress(std::string_view(server.bind).substr(unixScheme.size())))
            findings.error(Rule::Value, path + ".bind", "a unix address is an absolute path or @name");
    } else if (!server.bind.empty() && !isIpAddress(server.bind)) {
        findings.error(Rule::Value, path + ".bind", "\"" + server.bind + "\" is not a valid IP address");
    }

    const bool http = isHttpProtocol(server.protocol);
    if (!server.tls) {
        if (isTlsProtocol(server.protocol))
            findings.error(Rule::Missing, path + ".tls",
                           "a server of protocol " + server.protocol + " must have TLS settings");
        return;
    }
    const ServerTls &tls = *server.tls;
    const bool certificates =
        !tls.serverCertificate.empty() || !tls.privateKey.empty() || !tls.caCertificates.empty();
    if (http && (tls.mode != ServerTls::Mode::Passthrough || certificates)) {
        findings.error(Rule::Exclusive, path + ".tls",
                       "a server of protocol " + server.protocol + " cannot have TLS settings",
                       "use HTTPS, or httpsRedirect alone");
        return;
    }
    if (!http && !isTlsProtocol(server.protocol)) {
        findings.error(Rule::Exclusive, path + ".tls",
                       "a server of protocol " + server.protocol + " cannot have TLS settings", "use TLS");
        return;
    }
    if (!http && tls.httpsRedirect)
        findings.warning(path + ".tls.httpsRedirect",
                         "httpsRedirect should only be used with http servers: here it has no effect");
    validateServerTls(tls, path + ".tls", findings);
}

bool hasPair(const ServerTls &tls)
{
    return !tls.serverCertificate.empty() && !tls.privateKey.empty();
}

/// Fields that name certificates, and what to call them.
std::vector<std::pair<std::string, std::string>> certificateFields(const ServerTls &tls)
{
    std::vector<std::pair<std::string, std::string>> fields;
    if (!tls.serverCertificate.empty())
        fields.emplace_back("serverCertificate", "server certificate");
    if (!tls.privateKey.empty())
        fields.emplace_back("privateKey", "private key");
    if (!tls.caCertificates.empty())
        fields.emplace_back("caCertificates", "CA bundle");
    if (!tls.credentialName.empty())
        fields.emplace_back("credentialName", "credentialName");
    if (!tls.credentialNames.empty())
        fields.emplace_back("credentialNames", "credentialNames");
    if (!tls.tlsCertificates.empty())
        fields.emplace_back("tlsCertificates", "tlsCertificates");
    return fields;
}

void validateSources(const ServerTls &tls, const std::string &path, Findings &findings)
{
    const int sources = (hasPair(tls) ? 1 : 0) + (tls.credentialName.empty() ? 0 : 1) +
                        (tls.credentialNames.empty() ? 0 : 1) + (tls.tlsCertificates.empty() ? 0 : 1);
    if (sources > 1)
        findings.error(Rule::Exclusive, path,
                       "only one of credential_name, credential_names, tls_certificates and the pair of "
                       "serverCertificate and privateKey can be given",
                       "keep one of them");
}

void validateCiphers(const ServerTls &tls, const std::string &path, Findings &findings)
{
    std::set<std::string> seen;
    for (std::size_t i = 0; i < tls.cipherSuites.size(); ++i) {
        const std::string &cipher = tls.cipherSuites[i];
        const std::string at = path + ".cipherSuites[" + std::to_string(i) + ']';
        if (!isCipherSuite(cipher))
            findings.warning(at, "cipher suite \"" + cipher + "\" is unknown and left out");
        else if (!seen.insert(cipher).second)
            findings.warning(at, "cipher suite \"" + cipher + "\" is listed twice");
    }
    const bool old = tls.minProtocolVersion == ServerTls::Version::Tls10 ||
                     tls.minProtocolVersion == ServerTls::Version::Tls11;
    if (old && tls.cipherSuites.empty())
        findings.warning(path + ".minProtocolVersion",
                         "TLS below 1.2 needs cipherSuites that it can use; none are given");
}

} // namespace

void validateServerTls(const ServerTls &tls, const std::string &path, Findings &findings)
{
    using Mode = ServerTls::Mode;
    validateCiphers(tls, path, findings);
    if (tls.mode == Mode::Passthrough || tls.mode == Mode::AutoPassthrough) {
        for (const auto &[field, name] : certificateFields(tls))
            findings.warning(path + '.' + field,
                             "TLS that is passed through does not use certificates: the " + name +
                                 " has no effect");
        if (!tls.caCrl.empty())
            findings.warning(path + ".caCrl",
                             "TLS that is passed through does not use certificates: the CRL has no effect");
        validateSources(tls, path, findings);
        return;
    }
    if (tls.mode == Mode::IstioMutual) {
        for (const auto &[field, name] : certificateFields(tls))
            findings.error(Rule::Exclusive, path + '.' + field,
                           "ISTIO_MUTUAL uses the mesh's certificates: a " + name + " (" + field +
                               ") cannot be given",
                           "take it out, or use MUTUAL");
        return;
    }
    validateSources(tls, path, findings);
    if (tls.tlsCertificates.size() > 2)
        findings.warning(path + ".tlsCertificates", "up to 2 certificates are used");
    for (std::size_t i = 0; i < tls.tlsCertificates.size(); ++i) {
        const ServerTls::Certificate &certificate = tls.tlsCertificates[i];
        if (certificate.serverCertificate.empty() || certificate.privateKey.empty())
            findings.error(Rule::Missing, path + ".tlsCertificates[" + std::to_string(i) + ']',
                           "an entry needs serverCertificate and privateKey");
    }
    if (!tls.credentialName.empty() || !tls.credentialNames.empty())
        return;
    if (tls.tlsCertificates.empty()) {
        if (tls.serverCertificate.empty())
            findings.error(Rule::Missing, path, "the mode needs a server certificate",
                           "give credentialName, or serverCertificate and privateKey");
        if (tls.privateKey.empty())
            findings.error(Rule::Missing, path, "the mode needs a private key",
                           "give credentialName, or serverCertificate and privateKey");
    }
    if (tls.mode == Mode::Simple) {
        if (!tls.caCrl.empty())
            findings.error(Rule::Exclusive, path + ".caCrl", "a CRL is not supported with SIMPLE",
                           "client certificates are checked with MUTUAL");
    } else if (tls.caCertificates.empty()) {
        findings.error(Rule::Missing, path, "the mode needs a client CA bundle", "give caCertificates");
    }
}

void validate(const Gateway &gateway, Findings &findings)
{
    if (!isDnsLabel(gateway.metadata.name))
        findings.error(Rule::Value, "metadata.name", "the name of a Gateway is a DNS label, without dots");
    if (gateway.servers.empty())
        findings.error(Rule::Missing, "spec.servers", "a Gateway needs at least one server");
    std::set<std::string> portNames;
    for (std::size_t i = 0; i < gateway.servers.size(); ++i) {
        const std::string path = "spec.servers[" + std::to_string(i) + ']';
        const Gateway::Server &server = gateway.servers[i];
        validateServer(server, path, findings);
        if (!server.portName.empty() && !portNames.insert(server.portName).second)
            findings.error(Rule::Duplicate, path + ".port.name",
                           "port names of one Gateway must be unique: \"" + server.portName +
                               "\" is used twice");
    }
}

} // namespace sallyport::model
