// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/tls_contexts.h"

#include "core/model/lexical.h"

#include <algorithm>
#include <array>

namespace sallyport::compile {

namespace {

using Version = dataplane::TlsParameters::Version;

std::vector<std::string> alpnOf(MeshAlpn alpn)
{
    switch (alpn) {
    case MeshAlpn::Http1:
        return {"istio-http/1.1", "istio", "http/1.1"};
    case MeshAlpn::Http2:
        return {"istio-h2", "istio", "h2"};
    case MeshAlpn::Sniffed:
        // Chosen by the server's HTTP chain; no version is agreed on, so that either can follow.
        return {"istio-http/1.1", "istio"};
    case MeshAlpn::Tcp:
        break;
    }
    return {"istio-peer-exchange", "istio"};
}

void demandNames(dataplane::CertificateValidationContext &validation, const std::vector<std::string> &names)
{
    for (const std::string &name : names)
        validation.anySubjectAltNames.push_back({dataplane::StringMatchKind::Exact, name, false});
}

dataplane::CommonTlsContext clientDefaults(const model::MeshConfig *config)
{
    dataplane::CommonTlsContext context;
    context.parameters.minimum = Version::Tls12;
    context.parameters.maximum = Version::Tls13;
    if (config) {
        context.parameters.cipherSuites = config->tlsDefaults.cipherSuites;
        context.parameters.ecdhCurves = config->tlsDefaults.ecdhCurves;
    }
    return context;
}

Version version(model::ServerTls::Version version)
{
    switch (version) {
    case model::ServerTls::Version::Auto:
        break;
    case model::ServerTls::Version::Tls10:
        return Version::Tls10;
    case model::ServerTls::Version::Tls11:
        return Version::Tls11;
    case model::ServerTls::Version::Tls12:
        return Version::Tls12;
    case model::ServerTls::Version::Tls13:
        return Version::Tls13;
    }
    return Version::Auto;
}

Version version(model::MeshTls::Version version)
{
    return version == model::MeshTls::Version::Tls13 ? Version::Tls13 : Version::Tls12;
}

/// Names that Envoy does not know are dropped by istiod, and repetitions.
std::vector<std::string> knownCiphers(const std::vector<std::string> &wanted)
{
    std::vector<std::string> result;
    for (const std::string &cipher : wanted) {
        bool repeated = false;
        for (const std::string &earlier : result)
            repeated = repeated || earlier == cipher;
        if (!repeated && model::isCipherSuite(cipher))
            result.push_back(cipher);
    }
    return result;
}

/// The mesh's defaults, over which stands what the server says (istio:pilot/pkg/networking/core/listener.go
/// applyDownstreamTLSDefaults).
dataplane::TlsParameters serverParameters(const model::ServerTls &tls, const model::MeshTls &defaults)
{
    dataplane::TlsParameters parameters;
    if (defaults.minProtocolVersion != model::MeshTls::Version::Auto)
        parameters.minimum = version(defaults.minProtocolVersion);
    if (tls.minProtocolVersion != model::ServerTls::Version::Auto)
        parameters.minimum = version(tls.minProtocolVersion);
    parameters.maximum = version(tls.maxProtocolVersion);
    parameters.cipherSuites = knownCiphers(tls.cipherSuites);
    if (parameters.cipherSuites.empty())
        parameters.cipherSuites = defaults.cipherSuites;
    parameters.ecdhCurves = tls.ecdhCurves.empty() ? defaults.ecdhCurves : tls.ecdhCurves;
    return parameters;
}

bool verifiesClients(model::ServerTls::Mode mode)
{
    return mode == model::ServerTls::Mode::Mutual || mode == model::ServerTls::Mode::OptionalMutual;
}

} // namespace

dataplane::UpstreamTlsContext meshUpstreamTls(SecretCollector &secrets, const std::string &sni,
                                              const std::vector<std::string> &identities, MeshAlpn alpn)
{
    dataplane::UpstreamTlsContext context;
    context.common = clientDefaults(nullptr);
    context.common.certificateSecrets.push_back(secrets.workloadCertificate());
    context.common.validation.emplace();
    demandNames(*context.common.validation, identities);
    context.common.validationSecret = secrets.workloadRoot();
    context.common.alpnProtocols = alpnOf(alpn);
    context.sni = sni;
    return context;
}

std::optional<dataplane::UpstreamTlsContext>
upstreamTls(SecretCollector &secrets, const model::ClientTls &tls, const std::vector<std::string> &entryNames,
            bool http2, const model::MeshConfig &config, std::string &error)
{
    using Mode = model::ClientTls::Mode;
    dataplane::UpstreamTlsContext context;
    context.common = clientDefaults(&config);
    context.sni = tls.sni;
    if (http2)
        context.common.alpnProtocols = {"h2"};
    const std::vector<std::string> &names = tls.subjectAltNames.empty() ? entryNames : tls.subjectAltNames;
    const bool skip = tls.insecureSkipVerify.value_or(false);
    // `configmap://NAMESPACE/NAME` holds a CA only.
    constexpr std::string_view configMapScheme = "configmap://";
    const bool configMap = tls.credentialName.starts_with(configMapScheme);
    if (tls.mode == Mode::Mutual) {
        if (!tls.credentialName.empty() && !configMap) {
            context.common.certificateSecrets.push_back(secrets.credential(tls.credentialName));
        } else if (tls.clientCertificate.empty() || tls.privateKey.empty()) {
            error = "MUTUAL without credentialName needs clientCertificate and privateKey";
            return std::nullopt;
        } else {
            context.common.certificateSecrets.push_back(
                secrets.certificateFiles(tls.clientCertificate, tls.privateKey));
        }
    }
    context.common.validation.emplace();
    if (skip)
        return context;
    demandNames(*context.common.validation, names);
    if (!tls.credentialName.empty())
        context.common.validationSecret =
            configMap ? secrets.configMapRoot(tls.credentialName.substr(configMapScheme.size()))
                      : secrets.credentialRoot(tls.credentialName);
    else {
        context.common.validation->crl = SecretCollector::revocations(tls.caCrl);
        context.common.validationSecret =
            secrets.rootFile(tls.caCertificates.empty() ? "system" : tls.caCertificates, tls.caCrl);
    }
    return context;
}

dataplane::DownstreamTlsContext meshInboundTls(SecretCollector &secrets, const MeshContext &mesh, bool tcp)
{
    dataplane::DownstreamTlsContext context;
    context.common.parameters.minimum = version(mesh.config().meshMutualTls.minProtocolVersion);
    context.common.parameters.maximum = Version::Tls13;
    context.common.parameters.cipherSuites = mesh.config().meshMutualTls.cipherSuites;
    if (context.common.parameters.cipherSuites.empty())
        context.common.parameters.cipherSuites = {
            "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",   "AES256-GCM-SHA384",           "AES128-GCM-SHA256"};
    context.common.certificateSecrets.push_back(secrets.workloadCertificate());
    context.common.validation.emplace();
    for (const std::string &domain : mesh.trustDomains())
        context.common.validation->anySubjectAltNames.push_back(
            {dataplane::StringMatchKind::Prefix, "spiffe://" + domain + '/', false});
    context.common.validationSecret = secrets.workloadRoot();
    if (tcp)
        context.common.alpnProtocols = {"istio-peer-exchange", "h2", "http/1.1"};
    else
        context.common.alpnProtocols = {"h2", "http/1.1"};
    context.requireClientCertificate = true;
    return context;
}

dataplane::DownstreamTlsContext gatewayTls(SecretCollector &secrets, const model::ServerTls &tls,
                                           const model::MeshConfig &config, bool tcp)
{
    using Mode = model::ServerTls::Mode;
    dataplane::DownstreamTlsContext context;
    dataplane::CommonTlsContext &common = context.common;
    common.alpnProtocols = {"h2", "http/1.1"};
    if (tls.mode == Mode::IstioMutual) {
        if (tcp)
            common.alpnProtocols.insert(common.alpnProtocols.begin(), "istio-peer-exchange");
        common.certificateSecrets.push_back(secrets.workloadCertificate());
        common.validation.emplace();
        demandNames(*common.validation, tls.subjectAltNames);
        common.validation->acceptUntrusted = tls.insecureSkipVerify;
        common.validation->crl = SecretCollector::revocations(tls.caCrl);
        common.validationSecret = secrets.workloadRoot();
        context.requireClientCertificate = true;
        return context;
    }
    context.requireClientCertificate = tls.mode == Mode::Mutual;
    std::vector<std::string> credentials = tls.credentialNames;
    if (!tls.credentialName.empty())
        credentials.insert(credentials.begin(), tls.credentialName);
    for (std::size_t index = 0; index < credentials.size() && index < 2; ++index)
        common.certificateSecrets.push_back(secrets.credential(credentials[index]));
    for (std::size_t index = 0; index < tls.tlsCertificates.size() && index < 2; ++index)
        common.certificateSecrets.push_back(secrets.certificateFiles(
            tls.tlsCertificates[index].serverCertificate, tls.tlsCertificates[index].privateKey));
    if (common.certificateSecrets.empty())
        common.certificateSecrets.push_back(secrets.certificateFiles(tls.serverCertificate, tls.privateKey));
    if (verifiesClients(tls.mode)) {
        common.validation.emplace();
        demandNames(*common.validation, tls.subjectAltNames);
        common.validation->acceptUntrusted = tls.insecureSkipVerify;
        if (!credentials.empty()) {
            common.validation->verifyCertificateHash = tls.verifyCertificateHash;
            common.validation->verifyCertificateSpki = tls.verifyCertificateSpki;
            common.validationSecret = secrets.credentialRoot(credentials.front(), tls.caCertCredentialName);
        } else {
            common.validation->crl = SecretCollector::revocations(tls.caCrl);
            common.validationSecret = secrets.rootFile(tls.caCertificates, tls.caCrl);
        }
    } else if (!credentials.empty() && !tls.subjectAltNames.empty()) {
        // istiod writes them without any CA.
        demandNames(common.validation.emplace(), tls.subjectAltNames);
    }
    common.parameters = serverParameters(tls, config.tlsDefaults);
    return context;
}

std::string refusedCurves(const dataplane::TlsParameters &parameters)
{
    // Fewer than those that istiod does not warn of: BoringSSL gave two of them up.
    static constexpr std::array<std::string_view, 6> known{"",      "P-256",  "P-384",
                                                           "P-521", "X25519", "X25519MLKEM768"};
    std::string refused;
    for (const std::string &curve : parameters.ecdhCurves) {
        if (std::find(known.begin(), known.end(), curve) == known.end())
            refused += (refused.empty() ? "" : ", ") + curve;
    }
    return refused;
}

} // namespace sallyport::compile
