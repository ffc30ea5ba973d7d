// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/handshake.h"

#include <algorithm>

namespace sallyport::explain {

namespace {

using Version = dataplane::TlsParameters::Version;

constexpr unsigned long sslLibrary = 16UL << 24U;

/// Both libraries number a received alert 1000 + alert.
std::string tlsError(unsigned long reason, const std::string &name, const std::string &detail = {})
{
    return "TLS_error:|" + std::to_string(sslLibrary | reason) + ":SSL routines:OPENSSL_internal:" + name +
           (detail.empty() ? "" : ":" + detail) + ":TLS_error_end";
}

std::string textOf(Version version)
{
    switch (version) {
    case Version::Tls10:
        return "TLSv1";
    case Version::Tls11:
        return "TLSv1.1";
    case Version::Tls13:
        return "TLSv1.3";
    case Version::Auto:
    case Version::Tls12:
        break;
    }
    return "TLSv1.2";
}

/// Envoy's defaults: 1.2 at least; at most 1.2 for clients and 1.3 for servers.
Version given(Version version, Version otherwise)
{
    return version == Version::Auto ? otherwise : version;
}

/// The alert that a server sends for a certificate that it does not take.
std::pair<unsigned long, std::string> alertFor(const std::string &detail)
{
    if (detail.find("expired") != std::string::npos)
        return {1045, "SSLV3_ALERT_CERTIFICATE_EXPIRED"};
    if (detail.find("issuer") != std::string::npos || detail.find("self") != std::string::npos)
        return {1048, "TLSV1_ALERT_UNKNOWN_CA"};
    return {1046, "SSLV3_ALERT_CERTIFICATE_UNKNOWN"};
}

Handshake failing(Handshake handshake, const char *reason, const std::string &error,
                  const std::string &decision)
{
    handshake.reason = reason;
    handshake.end = Handshake::End::ClientFails;
    handshake.clientError = error;
    handshake.decision = decision;
    return handshake;
}

/// The server says no to the client's certificate: in TLS 1.3 the client does not wait for that.
Handshake refused(Handshake handshake, const char *reason, bool late, unsigned long alert,
                  const std::string &name, const std::string &decision)
{
    if (!late)
        return failing(std::move(handshake), reason, tlsError(alert, name), decision);
    handshake.reason = reason;
    handshake.end = Handshake::End::ClosedAfterwards;
    handshake.decision = decision;
    return handshake;
}

} // namespace

std::string resetInHandshake()
{
    return "TLS_error:|33554536:system library:OPENSSL_internal:Connection reset by peer:TLS_error_end";
}

std::string notTls()
{
    return tlsError(247, "WRONG_VERSION_NUMBER");
}

std::string secretNotSupplied()
{
    return "TLS_error: Secret is not supplied by SDS";
}

Handshake shakeHands(const TlsClientSide &client, const TlsServerSide &server)
{
    Handshake handshake;
    if (!server.shown.missing.empty() || !server.check.missing.empty() || server.shown.chain.empty()) {
        const std::string &missing =
            !server.shown.missing.empty() ? server.shown.missing : server.check.missing;
        handshake.why.push_back("the server's secret " + server.shown.secret + ": " +
                                (missing.empty() ? std::string("it has no certificate") : missing));
        return failing(std::move(handshake), "server-without-certificate", resetInHandshake(),
                       "the server has no certificate and closes the connection");
    }
    const Version highest =
        std::min(given(client.maximum, Version::Tls12), given(server.maximum, Version::Tls13));
    const Version lowest =
        std::max(given(client.minimum, Version::Tls12), given(server.minimum, Version::Tls12));
    if (highest < lowest)
        return failing(std::move(handshake), "tls-version", tlsError(1070, "TLSV1_ALERT_PROTOCOL_VERSION"),
                       "the two have no TLS version in common");
    handshake.version = textOf(highest);
    for (const std::string &protocol : server.alpn) {
        if (handshake.alpn.empty() &&
            std::find(client.alpn.begin(), client.alpn.end(), protocol) != client.alpn.end())
            handshake.alpn = protocol;
    }
    handshake.why.push_back("the server shows " + describe(server.shown.chain.front()));
    if (client.check.demandsAnything() || !client.expectedNames.empty()) {
        const Judgement judgement =
            judge(server.shown.chain, client.check, client.expectedNames, PeerRole::Server);
        if (!judgement.accepted) {
            handshake.why.push_back("the client refuses it: " + judgement.detail);
            return failing(std::move(handshake), "server-certificate-refused",
                           tlsError(125, "CERTIFICATE_VERIFY_FAILED", judgement.detail),
                           "the client does not accept the server's certificate");
        }
        handshake.why.emplace_back(judgement.validated ? "the client accepts it"
                                                       : "the client takes it unverified");
    } else {
        handshake.why.emplace_back("the client does not verify it");
    }
    const bool late = highest == Version::Tls13;
    const bool asks = server.demandsCertificate || server.check.demandsAnything();
    if (!asks) {
        handshake.why.emplace_back("the server asks for no client certificate");
    } else if (client.shown.chain.empty()) {
        handshake.why.emplace_back("the client has no certificate to show");
        if (server.demandsCertificate)
            return refused(std::move(handshake), "client-certificate-demanded", late, 1040,
                           "SSLV3_ALERT_HANDSHAKE_FAILURE",
                           "the server demands a client certificate, and gets none");
    } else {
        handshake.peerPresented = true;
        handshake.why.push_back("the client shows " + describe(client.shown.chain.front()));
        const Judgement judgement = judge(client.shown.chain, server.check, {}, PeerRole::Client);
        if (!judgement.accepted) {
            handshake.why.push_back("the server refuses it: " + judgement.detail);
            const auto [alert, name] = alertFor(judgement.detail);
            return refused(std::move(handshake), "client-certificate-refused", late, alert, name,
                           "the server does not accept the client's certificate");
        }
        handshake.peerValidated = judgement.validated;
        handshake.why.emplace_back(judgement.validated ? "the server accepts it"
                                                       : "the server takes it unverified");
    }
    handshake.decision =
        handshake.version + (handshake.peerPresented ? ", both sides show certificates"
                                                     : ", only the server shows a certificate");
    if (!handshake.alpn.empty())
        handshake.decision += ", ALPN " + handshake.alpn;
    return handshake;
}

} // namespace sallyport::explain
