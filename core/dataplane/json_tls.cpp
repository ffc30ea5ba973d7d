// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

namespace {

template<typename A>
void describeVersion(A &a, const char *name, TlsParameters::Version &version)
{
    a.word(name, version, {"TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"});
}

template<typename A>
void describeWatchedDirectory(A &a, std::string &path)
{
    a.group("watched_directory", [&](A &inner) { inner.field("path", path); });
}

template<typename A>
void describeTicketKeys(A &a, std::vector<DataSource> &keys)
{
    if (!A::reading && keys.empty())
        return;
    a.group("session_ticket_keys", [&](A &inner) {
        inner.field("keys", keys);
        inner.check(!keys.empty(), "keys", "at least one key is required");
    });
}

} // namespace

template<typename A>
void describe(A &a, TlsParameters &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.TlsParameters");
    describeVersion(a, "tls_minimum_protocol_version", m.minimum);
    describeVersion(a, "tls_maximum_protocol_version", m.maximum);
    a.field("cipher_suites", m.cipherSuites);
    a.field("ecdh_curves", m.ecdhCurves);
    a.field("signature_algorithms", m.signatureAlgorithms);
    if constexpr (A::reading) {
        std::vector<std::string> policies;
        a.field("compliance_policies", policies);
        m.fips202205 = !policies.empty();
        a.check(policies.empty() || policies.front() == "FIPS_202205", "compliance_policies",
                "only FIPS_202205 is supported by this gateway");
    } else if (m.fips202205) {
        a.set("compliance_policies", QJsonArray{QStringLiteral("FIPS_202205")});
    }
}
SALLYPORT_DESCRIBED(TlsParameters)

template<typename A>
void describe(A &a, TlsCertificate &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.TlsCertificate");
    a.field("certificate_chain", m.certificateChain);
    a.field("private_key", m.privateKey);
    a.field("password", m.password);
    a.field("pkcs12", m.pkcs12);
    a.field("ocsp_staple", m.ocspStaple);
    describeWatchedDirectory(a, m.watchedDirectory);
    a.ignored({"signed_certificate_timestamp"});
    a.refused({"private_key_provider"});
    a.check(!m.pkcs12.isSet() || !m.certificateChain.isSet(), "pkcs12",
            "Certificate configuration can't have both pkcs12 and certificate_chain");
    a.check(!m.pkcs12.isSet() || !m.privateKey.isSet(), "pkcs12",
            "Certificate configuration can't have both pkcs12 and private_key");
    a.check(!m.ocspStaple.inlineString, "ocsp_staple", "OCSP staple cannot be provided via inline_string");
}
SALLYPORT_DESCRIBED(TlsCertificate)

template<typename A>
void describe(A &a, SubjectAltNameMatcher &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher");
    int type = static_cast<int>(m.type) + 1;
    a.word("san_type", type, {"SAN_TYPE_UNSPECIFIED", "EMAIL", "DNS", "URI", "IP_ADDRESS", "OTHER_NAME"});
    if constexpr (A::reading)
        m.type = static_cast<SubjectAltNameMatcher::Type>(type - 1);
    a.always("matcher", m.matcher);
    a.field("oid", m.oid);
    a.check(m.type != SubjectAltNameMatcher::Type::OtherName || !m.oid.empty(), "oid",
            "an OTHER_NAME needs its OID");
}
SALLYPORT_DESCRIBED(SubjectAltNameMatcher)

template<typename A>
void describe(A &a, CertificateValidationContext &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext");
    a.field("trusted_ca", m.trustedCa);
    a.field("verify_certificate_hash", m.verifyCertificateHash);
    a.field("verify_certificate_spki", m.verifyCertificateSpki);
    a.field("match_typed_subject_alt_names", m.subjectAltNames);
    a.field("match_subject_alt_names", m.anySubjectAltNames);
    a.field("crl", m.crl);
    a.field("allow_expired_certificate", m.allowExpiredCertificate);
    int trust = m.acceptUntrusted ? 1 : 0;
    a.word("trust_chain_verification", trust, {"VERIFY_TRUST_CHAIN", "ACCEPT_UNTRUSTED"});
    if constexpr (A::reading)
        m.acceptUntrusted = trust == 1;
    a.field("only_verify_leaf_cert_crl", m.onlyVerifyLeafCrl);
    a.field("max_verify_depth", m.maxVerifyDepth);
    a.check(!m.allowExpiredCertificate || m.trustedCa.isSet(), "allow_expired_certificate",
            "Certificate validity period is always ignored without trusted CA");
    describeWatchedDirectory(a, m.watchedDirectory);
    // Envoy knows the field for others' sake: it verifies nothing by it.
    a.ignored({"system_root_certs"});
    a.refused({"require_signed_certificate_timestamp"});
    a.refused({"ca_certificate_provider_instance"});
    a.refused({"custom_validator_config"});
}
SALLYPORT_DESCRIBED(CertificateValidationContext)

template<typename A>
void describe(A &a, SdsSecretConfig &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig");
    a.field("name", m.name);
    a.field("sds_config", m.source);
}
SALLYPORT_DESCRIBED(SdsSecretConfig)

template<typename A>
void describe(A &a, TlsKeyLog &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.TlsKeyLog");
    a.field("path", m.path);
    a.field("local_address_range", m.localRanges);
    a.field("remote_address_range", m.remoteRanges);
}
SALLYPORT_DESCRIBED(TlsKeyLog)

template<typename A>
void describe(A &a, CommonTlsContext &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.CommonTlsContext");
    a.field("tls_params", m.parameters);
    a.field("tls_certificates", m.certificates);
    // A certificate that says nothing is none.
    if constexpr (A::reading)
        std::erase_if(m.certificates, [](const TlsCertificate &certificate) {
            return !certificate.certificateChain.isSet() && !certificate.privateKey.isSet() &&
                   !certificate.pkcs12.isSet();
        });
    a.field("tls_certificate_sds_secret_configs", m.certificateSecrets);
    a.field("alpn_protocols", m.alpnProtocols);
    constexpr std::size_t longestProtocol = 255;
    for (const std::string &protocol : m.alpnProtocols)
        a.check(protocol.size() <= longestProtocol, "alpn_protocols", "Invalid ALPN protocol string");
    if constexpr (A::reading) {
        a.field("validation_context", m.validation);
        a.field("validation_context_sds_secret_config", m.validationSecret);
        a.group("combined_validation_context", [&](A &inner) {
            inner.field("default_validation_context", m.validation);
            inner.field("validation_context_sds_secret_config", m.validationSecret);
        });
    } else if (m.validation && m.validationSecret) {
        a.group("combined_validation_context", [&](A &inner) {
            inner.group(
                "default_validation_context", [&](A &context) { describe(context, *m.validation); }, true);
            inner.field("validation_context_sds_secret_config", m.validationSecret);
        });
    } else {
        a.field("validation_context", m.validation);
        a.field("validation_context_sds_secret_config", m.validationSecret);
    }
    a.field("key_log", m.keyLog);
    a.refused({"tls_certificate_provider_instance", "custom_handshaker", "custom_tls_certificate_selector",
               "tls_certificate_certificate_provider", "validation_context_certificate_provider"});
}
SALLYPORT_DESCRIBED(CommonTlsContext)

template<typename A>
void describe(A &a, DownstreamTlsContext &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext");
    a.group(
        "common_tls_context", [&](A &inner) { describe(inner, m.common); }, true);
    a.field("require_client_certificate", m.requireClientCertificate);
    a.field("session_timeout", m.sessionTimeout);
    a.check(m.common.certificates.empty() || m.common.certificateSecrets.empty(), "common_tls_context",
            "SDS and non-SDS TLS certificates may not be mixed in server contexts");
    a.field("disable_stateless_session_resumption", m.disableStatelessSessionResumption);
    a.field("disable_stateful_session_resumption", m.disableStatefulSessionResumption);
    a.field("full_scan_certs_on_sni_mismatch", m.fullScanCertsOnSniMismatch);
    a.field("prefer_client_ciphers", m.preferClientCiphers);
    describeTicketKeys(a, m.sessionTicketKeys);
    a.field("session_ticket_keys_sds_secret_config", m.sessionTicketKeysSecret);
    a.word("ocsp_staple_policy", m.ocspStaplePolicy, {"LENIENT_STAPLING", "STRICT_STAPLING", "MUST_STAPLE"});
    // Part of the interface, and Envoy turns nobody away for it (measured, 1.40).
    a.ignored({"require_sni"});
}
SALLYPORT_DESCRIBED(DownstreamTlsContext)

template<typename A>
void describe(A &a, UpstreamTlsContext &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext");
    a.group(
        "common_tls_context", [&](A &inner) { describe(inner, m.common); }, true);
    a.field("sni", m.sni);
    a.field("auto_host_sni", m.autoHostSni);
    a.field("auto_sni_san_validation", m.autoSniSanValidation);
    a.field("allow_renegotiation", m.allowRenegotiation);
    a.field("max_session_keys", m.maxSessionKeys, 1U);
    // Peers whose certificates may not sign are refused either way.
    a.ignored({"enforce_rsa_key_usage"});
    a.check(m.sni.find('\0') == std::string::npos, "sni", "SNI names containing NULL-byte are not allowed");
    a.check(m.common.certificates.size() + m.common.certificateSecrets.size() <= 1, "common_tls_context",
            "Multiple TLS certificates are not supported for client contexts");
    a.check(!m.autoSniSanValidation || m.common.validation || m.common.validationSecret,
            "auto_sni_san_validation",
            "'auto_sni_san_validation' was configured without a validation context");
}
SALLYPORT_DESCRIBED(UpstreamTlsContext)

template<typename A>
void describe(A &a, Secret &m)
{
    a.message("envoy.extensions.transport_sockets.tls.v3.Secret");
    a.field("name", m.name);
    a.field("tls_certificate", m.certificate);
    a.field("validation_context", m.validation);
    describeTicketKeys(a, m.sessionTicketKeys);
    a.refused({"generic_secret"});
    a.check(m.certificate || m.validation || !m.sessionTicketKeys.empty(), "", "Secret type not implemented");
}
SALLYPORT_DESCRIBED(Secret)

} // namespace sallyport::dataplane
