// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/tls_info.h"

#include <memory>
#include <openssl/x509.h>
#include <string>
#include <vector>

namespace sallyport::net {

/// One name of a certificate's subject alternative names, with its GEN_… type.
struct GeneralName
{
    int type = 0;
    std::string text;
    std::string oid = {}; ///< of an other name
};
/// In the certificate's order; names of types that have no text form are left out.
std::vector<GeneralName> subjectAltNamesOf(X509 *certificate);

/// `chain` holds the certificates after the leaf, or the whole chain with the leaf first; may be null.
CertificateFacts certificateFacts(X509 *leaf, STACK_OF(X509) * chain);
/// The same through a cache of the thread: peers come back with the same certificate.
std::shared_ptr<const CertificateFacts> cachedCertificateFacts(X509 *leaf, STACK_OF(X509) * chain);

} // namespace sallyport::net
