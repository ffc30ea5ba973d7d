// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/matcher.h"

namespace sallyport::dataplane {

/// envoy.extensions.transport_sockets.tls.v3.TlsParameters
struct TlsParameters
{
    enum class Version { Auto, Tls10, Tls11, Tls12, Tls13 };
    Version minimum = Version::Auto;
    Version maximum = Version::Auto;
    std::vector<std::string> cipherSuites;
    std::vector<std::string> ecdhCurves;
    std::vector<std::string> signatureAlgorithms; ///< by TLS 1.3's names
    bool fips202205 = false;                      ///< compliance_policies

    bool operator==(const TlsParameters &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.TlsCertificate
struct TlsCertificate
{
    DataSource certificateChain;
    DataSource privateKey;
    DataSource password;
    DataSource pkcs12 = {};            ///< in the place of the chain and the key
    DataSource ocspStaple = {};        ///< an OCSP response, DER
    std::string watchedDirectory = {}; ///< of the files of a secret: a move in there has them read again

    bool operator==(const TlsCertificate &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher
struct SubjectAltNameMatcher
{
    enum class Type { Email, Dns, Uri, IpAddress, OtherName };
    Type type = Type::Dns;
    std::string oid; ///< of an OtherName, in dotted form
    StringMatcher matcher;

    bool operator==(const SubjectAltNameMatcher &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext
struct CertificateValidationContext
{
    DataSource trustedCa;
    std::string watchedDirectory = {};              ///< as that of a TlsCertificate
    std::vector<std::string> verifyCertificateHash; ///< SHA-256, hexadecimal, colons allowed
    std::vector<std::string> verifyCertificateSpki; ///< SHA-256, base64
    std::vector<SubjectAltNameMatcher> subjectAltNames;
    std::vector<StringMatcher> anySubjectAltNames; ///< the older match_subject_alt_names: a name of any type
    DataSource crl;
    bool allowExpiredCertificate = false;
    bool acceptUntrusted = false; ///< trust_chain_verification: ACCEPT_UNTRUSTED
    std::optional<bool> onlyVerifyLeafCrl;
    std::optional<std::uint32_t> maxVerifyDepth;

    bool operator==(const CertificateValidationContext &) const = default;
};

/// A secret by name: in the bootstrap (no source) or in a watched file.
struct SdsSecretConfig
{
    std::string name;
    std::optional<ConfigSource> source;

    bool operator==(const SdsSecretConfig &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.TlsKeyLog: secrets of connections for those who capture traffic
struct TlsKeyLog
{
    std::string path;
    std::vector<CidrRange> localRanges;  ///< none: all
    std::vector<CidrRange> remoteRanges; ///< none: all

    bool operator==(const TlsKeyLog &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
struct CommonTlsContext
{
    TlsParameters parameters;
    std::vector<TlsCertificate> certificates;
    std::vector<SdsSecretConfig> certificateSecrets;
    std::optional<CertificateValidationContext> validation; ///< also the default of a combined context
    std::optional<SdsSecretConfig> validationSecret;        ///< alone, or merged over `validation`
    std::vector<std::string> alpnProtocols;
    std::optional<TlsKeyLog> keyLog = {};

    bool operator==(const CommonTlsContext &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
struct DownstreamTlsContext
{
    /// What becomes of a certificate whose OCSP response is missing or has expired.
    enum class OcspStaplePolicy { Lenient, Strict, MustStaple };

    CommonTlsContext common;
    bool requireClientCertificate = false;
    std::optional<Duration> sessionTimeout;
    bool disableStatelessSessionResumption = false;
    bool disableStatefulSessionResumption = false;
    bool fullScanCertsOnSniMismatch = false;
    bool preferClientCiphers = false;
    std::vector<DataSource> sessionTicketKeys; ///< 80 bytes each: the first seals, all open
    std::optional<SdsSecretConfig> sessionTicketKeysSecret;
    OcspStaplePolicy ocspStaplePolicy = OcspStaplePolicy::Lenient;

    bool operator==(const DownstreamTlsContext &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
struct UpstreamTlsContext
{
    CommonTlsContext common;
    std::string sni;
    bool autoHostSni = false;
    bool autoSniSanValidation = false;
    bool allowRenegotiation = false;
    std::uint32_t maxSessionKeys = 1;

    bool operator==(const UpstreamTlsContext &) const = default;
};

/// envoy.extensions.transport_sockets.tls.v3.Secret
struct Secret
{
    std::string name;
    std::optional<TlsCertificate> certificate;
    std::optional<CertificateValidationContext> validation;
    std::vector<DataSource> sessionTicketKeys = {};

    bool operator==(const Secret &) const = default;
};

} // namespace sallyport::dataplane
