// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/mesh_ca.h"

#include "core/pki/certificate_builder.h"
#include "core/pki/pem.h"

namespace sallyport::pki {

std::string IssuedCertificate::chainPem() const
{
    return toPem(chain);
}

Result<MeshCa> MeshCa::create(const std::string &trustDomain, std::chrono::seconds validity)
{
    Result<PrivateKey> key = PrivateKey::generate(KeyType::EcP256);
    if (!key)
        return fail(key.error());
    CertificateRequest request;
    request.organization = trustDomain;
    request.commonName = "Mesh CA " + trustDomain;
    request.ca = true;
    request.validity = validity;
    Result<Certificate> certificate = issueCertificate(request, *key, {}, {});
    if (!certificate)
        return fail(certificate.error());
    return MeshCa(trustDomain, *std::move(certificate), *std::move(key));
}

Result<MeshCa> MeshCa::restore(const std::string &trustDomain, const Certificate &certificate,
                               const PrivateKey &key)
{
    if (!certificate.belongsTo(key))
        return fail("the mesh CA's key does not belong to its certificate");
    if (!certificate.isCa())
        return fail("the mesh CA's certificate is not a CA certificate", {},
                    "it needs the basic constraint CA:TRUE");
    return MeshCa(trustDomain, certificate, key);
}

Result<IssuedCertificate> MeshCa::issueWorkload(const std::string &spiffeId,
                                                std::chrono::seconds validity) const
{
    if (!spiffeId.starts_with("spiffe://" + m_trustDomain + '/'))
        return fail("the identity " + spiffeId + " is not of the trust domain " + m_trustDomain);
    Result<PrivateKey> key = PrivateKey::generate(KeyType::EcP256);
    if (!key)
        return fail(key.error());
    CertificateRequest request;
    request.subjectAltNames.uris.push_back(spiffeId);
    request.server = true;
    request.client = true;
    request.validity = validity;
    Result<Certificate> certificate = issueCertificate(request, *key, m_certificate, m_key);
    if (!certificate)
        return fail(certificate.error());
    return IssuedCertificate{*std::move(key), {*std::move(certificate)}};
}

} // namespace sallyport::pki
