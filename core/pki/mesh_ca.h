// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/certificate.h"
#include "core/pki/private_key.h"

#include <chrono>
#include <string>
#include <vector>

namespace sallyport::pki {

/// A private key with its certificate chain, leaf first.
struct IssuedCertificate
{
    PrivateKey key;
    std::vector<Certificate> chain;

    std::string chainPem() const;
};

/// The certificate authority of one trust domain: what istiod is to a mesh. It lives in memory for one lab
/// run. SPIFFE X.509-SVID: exactly one URI SAN, no subject needed.
class MeshCa
{
public:
    static Result<MeshCa> create(const std::string &trustDomain,
                                 std::chrono::seconds validity = std::chrono::hours(24 * 365 * 10));
    /// An authority made earlier.
    static Result<MeshCa> restore(const std::string &trustDomain, const Certificate &certificate,
                                  const PrivateKey &key);

    const std::string &trustDomain() const { return m_trustDomain; }
    const Certificate &certificate() const { return m_certificate; }
    const PrivateKey &key() const { return m_key; }

    /// A workload certificate (P-256 key, both purposes). `spiffeId` is a whole URI,
    /// `spiffe://td/ns/NS/sa/SA`, of this trust domain.
    Result<IssuedCertificate> issueWorkload(const std::string &spiffeId,
                                            std::chrono::seconds validity = std::chrono::hours(24)) const;

private:
    MeshCa(std::string trustDomain, Certificate certificate, PrivateKey key)
        : m_trustDomain(std::move(trustDomain))
        , m_certificate(std::move(certificate))
        , m_key(std::move(key))
    {
    }

    std::string m_trustDomain;
    Certificate m_certificate;
    PrivateKey m_key;
};

} // namespace sallyport::pki
