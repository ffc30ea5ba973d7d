// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/own_certificate.h"

namespace sallyport::net {

/// Sets which sessions a server's context resumes: those that were made under the same names, issuers,
/// demands on the client's certificate and server names of the filter chain. A renewed certificate keeps
/// them, and other processes with the same ticket keys share them, as with Envoy.
void setSessionIdContext(SSL_CTX *context, const std::vector<OwnCertificate> &certificates,
                         const std::vector<CertificateInUse> &authorities,
                         const std::optional<dataplane::CertificateValidationContext> &validation,
                         const std::vector<std::string> &serverNames);

} // namespace sallyport::net
