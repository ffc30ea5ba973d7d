// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/tls_context.h"

namespace sallyport::telemetry {

/// What counts a TLS event, behind the prefix of a listener or a cluster; `secretsNotReady` is named
/// otherwise on each side.
inline const char *tlsCounterName(net::TlsEvent event, const char *secretsNotReady)
{
    switch (event) {
    case net::TlsEvent::Handshake:
        return "ssl.handshake";
    case net::TlsEvent::ConnectionError:
        return "ssl.connection_error";
    case net::TlsEvent::SessionReused:
        return "ssl.session_reused";
    case net::TlsEvent::NoCertificate:
        return "ssl.no_certificate";
    case net::TlsEvent::FailVerifyNoCert:
        return "ssl.fail_verify_no_cert";
    case net::TlsEvent::FailVerifyError:
        return "ssl.fail_verify_error";
    case net::TlsEvent::FailVerifySan:
        return "ssl.fail_verify_san";
    case net::TlsEvent::FailVerifyCertHash:
        return "ssl.fail_verify_cert_hash";
    case net::TlsEvent::OcspStapleFailed:
        return "ssl.ocsp_staple_failed";
    case net::TlsEvent::OcspStapleOmitted:
        return "ssl.ocsp_staple_omitted";
    case net::TlsEvent::OcspStapleRequests:
        return "ssl.ocsp_staple_requests";
    case net::TlsEvent::OcspStapleResponses:
        return "ssl.ocsp_staple_responses";
    case net::TlsEvent::SecretsNotReady:
        return secretsNotReady;
    }
    return "ssl.connection_error";
}

} // namespace sallyport::telemetry
