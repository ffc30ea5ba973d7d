// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/ocsp_response.h"
#include "core/dataplane/tls.h"
#include "core/result/result.h"
#include "proxy/net/openssl_ptr.h"
#include "proxy/net/tls_context.h"

#include <optional>
#include <string>
#include <vector>

namespace sallyport::net {

/// A certificate chain of ours with its key.
struct OwnCertificate
{
    using StaplePolicy = dataplane::DownstreamTlsContext::OcspStaplePolicy;
    /// What is done with its OCSP response where a client asks for one.
    enum class Stapling { Send, Omit, Refuse };

    X509Ptr leaf;
    KeyPtr key;
    std::vector<X509Ptr> chain;
    std::vector<std::string> names; ///< DNS names, lower case; the common name if there are none
    CertificateInUse inUse;
    std::optional<dataplane::OcspResponse> staple;
    bool demandsStaple = false;

    static Result<OwnCertificate> load(const dataplane::TlsCertificate &configuration);
    /// A server's: with the staple that the policy wants.
    static Result<OwnCertificate> load(const dataplane::TlsCertificate &configuration, StaplePolicy policy);

    Stapling stapling(StaplePolicy policy) const;
};

/// With the words for OpenSSL's last error, which is forgotten.
std::string withOpensslReason(std::string what);

} // namespace sallyport::net
