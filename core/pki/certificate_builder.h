// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/certificate.h"

#include <chrono>

namespace sallyport::pki {

/// What a new certificate shall say.
struct CertificateRequest
{
    std::string commonName;
    std::string organization;
    SubjectAltNames subjectAltNames;
    bool ca = false;
    bool server = false; ///< EKU serverAuth
    bool client = false; ///< EKU clientAuth
    std::chrono::seconds validity = std::chrono::hours(24 * 365);
    std::chrono::seconds backdate = std::chrono::minutes(2); ///< for peers whose clock is behind
};

/// A certificate for `key`, signed by `issuer`; with `issuer` null it signs itself with its own key.
Result<Certificate> issueCertificate(const CertificateRequest &request, const PrivateKey &key,
                                     const Certificate &issuer, const PrivateKey &issuerKey);

} // namespace sallyport::pki
