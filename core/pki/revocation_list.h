// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/certificate.h"

#include <optional>

using X509_CRL = struct X509_crl_st;

namespace sallyport::pki {

/// A certificate revocation list (RFC 5280 §5) as a value; copies share one immutable OpenSSL object.
/// Thread-safe to read.
class RevocationList
{
public:
    /// Reads one PEM block, as KeyMaterial holds them.
    static Result<RevocationList> fromPem(const std::string &pem);

    /// RFC 2253 form.
    std::string issuer() const;
    /// When the next list is due; after it, this one proves nothing. None: it does not say.
    std::optional<TimePoint> nextUpdate() const;
    bool isSignedBy(const Certificate &ca) const;
    /// Whether the certificate of this issuer stands on it.
    bool revokes(const Certificate &certificate) const;

private:
    explicit RevocationList(X509_CRL *list);

    std::shared_ptr<X509_CRL> m_list;
};

} // namespace sallyport::pki
