// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/revocation_list.h"

#include "core/pki/asn1_text.h"
#include "core/pki/openssl_error.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

namespace sallyport::pki {

RevocationList::RevocationList(X509_CRL *list)
    : m_list(list, X509_CRL_free)
{
}

Result<RevocationList> RevocationList::fromPem(const std::string &pem)
{
    const BioPtr bio = readBio(pem);
    X509_CRL *list = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr);
    if (!list)
        return fail(openSslError("the revocation list cannot be read"));
    return RevocationList(list);
}

std::string RevocationList::issuer() const
{
    return nameText(X509_CRL_get_issuer(m_list.get()));
}

std::optional<TimePoint> RevocationList::nextUpdate() const
{
    const ASN1_TIME *time = X509_CRL_get0_nextUpdate(m_list.get());
    return time ? std::optional(toTimePoint(time)) : std::nullopt;
}

bool RevocationList::isSignedBy(const Certificate &ca) const
{
    EVP_PKEY *key = ca.isNull() ? nullptr : X509_get0_pubkey(ca.handle());
    const bool valid = key && X509_CRL_verify(m_list.get(), key) == 1;
    if (!valid)
        takeOpenSslReason();
    return valid;
}

bool RevocationList::revokes(const Certificate &certificate) const
{
    if (certificate.isNull() ||
        X509_NAME_cmp(X509_CRL_get_issuer(m_list.get()), X509_get_issuer_name(certificate.handle())) != 0)
        return false;
    X509_REVOKED *entry = nullptr;
    // 2: an entry that takes the certificate off the list again (removeFromCRL).
    return X509_CRL_get0_by_cert(m_list.get(), &entry, certificate.handle()) == 1;
}

} // namespace sallyport::pki
