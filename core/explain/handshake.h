// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/certificates.h"

namespace sallyport::explain {

/// The side that opens a TLS connection.
struct TlsClientSide
{
    std::string who; ///< full name of the workload
    std::string sni; ///< empty: none
    std::vector<std::string> alpn;
    Shown shown;
    PeerCheck check;
    std::vector<std::string> expectedNames;
    dataplane::TlsParameters::Version minimum = dataplane::TlsParameters::Version::Auto;
    dataplane::TlsParameters::Version maximum = dataplane::TlsParameters::Version::Auto;
    bool completed = false; ///< the handshake was finished from its point of view
};

/// The side that answers it.
struct TlsServerSide
{
    Shown shown;
    PeerCheck check;
    bool demandsCertificate = false;
    std::vector<std::string> alpn;
    dataplane::TlsParameters::Version minimum = dataplane::TlsParameters::Version::Auto;
    dataplane::TlsParameters::Version maximum = dataplane::TlsParameters::Version::Auto;
};

/// How a TLS handshake ends.
struct Handshake
{
    enum class End {
        Agreed,
        ClientFails,     ///< the client gives up or is told to: `clientError` is what it reports
        ClosedAfterwards ///< TLS 1.3: the client is done when the server refuses its certificate and closes
    };
    End end = End::Agreed;
    std::string clientError; ///< Envoy's transport failure reason, `TLS_error:|268435581:…:TLS_error_end`
    std::string version;     ///< `TLSv1.3`
    std::string alpn;        ///< what was agreed on; empty: nothing
    bool peerPresented = false; ///< the client showed a certificate
    bool peerValidated = false; ///< and the server verified it
    std::string reason;         ///< of a failure: Step::reason
    std::string decision;
    std::vector<std::string> why;
};

/// Whether the two come to terms, and if not, who sees what.
Handshake shakeHands(const TlsClientSide &client, const TlsServerSide &server);

/// Envoy's transport failure reasons for what happens to a TLS client before any handshake.
std::string resetInHandshake();
std::string notTls();
std::string secretNotSupplied();

} // namespace sallyport::explain
