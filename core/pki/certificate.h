// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/private_key.h"
#include "core/result/result.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using X509 = struct x509_st;

namespace sallyport::pki {

using TimePoint = std::chrono::system_clock::time_point;

/// The subject alternative names that matter to a mesh (RFC 5280 §4.2.1.6).
struct SubjectAltNames
{
    std::vector<std::string> dns;
    std::vector<std::string> uris;
    std::vector<std::string> ips; ///< text form
    std::vector<std::string> emails;

    bool isEmpty() const { return dns.empty() && uris.empty() && ips.empty() && emails.empty(); }
    /// `DNS:a, URI:b, IP:c` in the order of the fields above.
    std::string toString() const;
};

/// Whether a certificate may be used for a purpose by its extended key usage; `Unrestricted` has no such
/// extension.
enum class KeyPurpose { Unrestricted, Allowed, Forbidden };

/// An X.509 certificate as a value; copies share one immutable OpenSSL object. Thread-safe to read.
class Certificate
{
public:
    Certificate() = default;
    /// Takes over one reference of `certificate`.
    explicit Certificate(X509 *certificate);

    bool isNull() const { return m_certificate == nullptr; }
    /// RFC 2253 form, as `openssl x509 -nameopt RFC2253` prints it.
    std::string subject() const;
    std::string issuer() const;
    std::string commonName() const;
    /// Upper-case hexadecimal.
    std::string serial() const;
    TimePoint notBefore() const;
    TimePoint notAfter() const;
    SubjectAltNames subjectAltNames() const;
    /// May sign others: basic constraints and key usage say so (or it is of version 1).
    bool isCa() const;
    /// Its basic constraints say CA:TRUE, whatever its key usage allows.
    bool saysCa() const;
    bool isSelfSigned() const;
    KeyPurpose clientPurpose() const;
    KeyPurpose serverPurpose() const;
    /// `RSA 2048`, `EC P-256`, …
    std::string keyDescription() const;
    int keySecurityBits() const;
    std::string signatureAlgorithm() const;
    /// SHA-256 of the DER form, lower-case hexadecimal without separators.
    std::string fingerprint() const;
    std::string toPem() const;
    std::string toDer() const;

    bool belongsTo(const PrivateKey &key) const;
    /// Whether `ca`'s key made this signature; says nothing of validity.
    bool isSignedBy(const Certificate &ca) const;

    X509 *handle() const { return m_certificate.get(); }
    bool operator==(const Certificate &other) const;

private:
    std::shared_ptr<X509> m_certificate;
};

/// Verifies `leaf` through `intermediates` to one of `roots` at time `at`, as TLS would, without looking at
/// names or purposes.
Result<void> verifyChain(const Certificate &leaf, const std::vector<Certificate> &intermediates,
                         const std::vector<Certificate> &roots, TimePoint at);

} // namespace sallyport::pki
