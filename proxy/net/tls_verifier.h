// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/dns_name.h"
#include "core/dataplane/tls.h"
#include "core/dataplane/value_matchers.h"
#include "core/result/result.h"
#include "proxy/net/certificate_facts.h"
#include "proxy/net/openssl_ptr.h"
#include "proxy/net/tls_context.h"
#include "proxy/net/verified_chains.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::net {

/// Reads a DataSource; the error names the file. Empty if nothing is set.
Result<std::string> readDataSource(const dataplane::DataSource &source);
/// What `/certs` calls the place of a DataSource: its file name, or `<inline>`.
std::string dataSourceName(const dataplane::DataSource &source);

/// Verifies the peer's certificate as a CertificateValidationContext asks, in Envoy's order: chain, then
/// names, then hashes (envoy-behaviour.md 5.2). Immutable, shared by all threads.
class TlsVerifier
{
public:
    /// The verdict on one certificate.
    struct Verdict
    {
        bool accepted = false;
        bool validated = false; ///< something was checked and held
        std::string detail;     ///< `verify cert failed: …`
        int x509Error = 0;      ///< decides the alert; 0 keeps that of the chain
        std::optional<TlsEvent> event;
    };

    static Result<TlsVerifier>
    create(const std::optional<dataplane::CertificateValidationContext> &validation);

    /// Puts anchors and CRLs into the context's store and sets what is asked of the peer.
    void applyTo(SSL_CTX *context, bool server, bool requireCertificate) const;
    /// auto_sni_san_validation: the name that is asked for must be in the certificate.
    void expectAskedName() { m_expectAskedName = true; }
    /// `context` is a chain verification that OpenSSL prepared; `expectedNames` are those of
    /// auto_san_validation, `askedName` is the SNI.
    Verdict verify(X509_STORE_CTX *context, const std::vector<std::string> &expectedNames,
                   const std::string &askedName) const;
    const std::vector<CertificateInUse> &authorities() const { return m_authorities; }
    /// Who issued `leaf`, whose chain was verified here: an anchor or one of those `presented` with it. Null
    /// if chains are not verified. Borrowed.
    X509 *issuerOf(X509 *leaf, const STACK_OF(X509) * presented) const;
    bool verifiesChain() const { return m_verifyChain; }

private:
    struct NameMatcher
    {
        int type = 0;
        bool exactDns = false;
        std::string exact;
        dataplane::CompiledString matcher;
        std::string oid = {};
    };
    bool matchesName(const GeneralName &name) const;
    bool chainHolds(X509_STORE_CTX *context) const;

    bool m_verifyChain = false;
    bool m_acceptUntrusted = false;
    bool m_allowExpired = false;
    int m_depth = 100;
    std::vector<NameMatcher> m_names;
    bool m_checkNames = false;
    bool m_expectAskedName = false;
    std::vector<std::string> m_hashes;     ///< lower-case hexadecimal
    std::vector<std::string> m_publicKeys; ///< SHA-256, binary
    std::shared_ptr<X509_STORE> m_store;
    std::vector<X509Ptr> m_anchors;
    std::unique_ptr<VerifiedChains> m_verified; ///< null where each chain must be verified anew
    std::vector<CertificateInUse> m_authorities;
};

using dataplane::dnsNameMatches;

} // namespace sallyport::net
