// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net {

/// What a certificate says, in the forms that logs, headers and RBAC want.
struct CertificateFacts
{
    std::string subject; ///< RFC 2253, as Envoy prints it: `CN=test.client,O=Acme`
    std::string issuer;
    std::string serial; ///< lower-case hexadecimal
    std::vector<std::string> uriSans;
    std::vector<std::string> dnsSans;
    std::vector<std::string> ipSans;
    std::vector<std::string> emailSans;
    std::vector<std::string> otherNameSans; ///< their values, without the OIDs
    std::string sha256;                     ///< lower-case hexadecimal, no colons
    std::string sha1;
    std::vector<std::string> chainSha256; ///< of the chain that was presented, the leaf first
    std::vector<std::string> chainSha1;
    std::vector<std::string> chainSerials;
    std::string urlEncodedPem;
    std::string urlEncodedPemChain; ///< the whole chain that was presented
    std::chrono::system_clock::time_point notBefore;
    std::chrono::system_clock::time_point notAfter;
};

/// The TLS side of a connection after its handshake. Belongs to the connection; facts about certificates are
/// worked out when first asked for.
class TlsInfo
{
public:
    virtual ~TlsInfo() = default;
    /// `TLSv1.3`
    virtual const std::string &version() const = 0;
    /// OpenSSL's name: `ECDHE-RSA-AES128-GCM-SHA256`, `TLS_AES_128_GCM_SHA256`
    virtual const std::string &cipher() const = 0;
    /// What the client asked for (server side) or was told to ask for (client side); may be empty.
    virtual const std::string &sni() const = 0;
    virtual const std::string &alpn() const = 0;
    /// Lower-case hexadecimal; empty without one.
    virtual const std::string &sessionId() const = 0;
    /// BoringSSL's name of the group that the keys were agreed in: `X25519`, `P-256`; empty without one.
    virtual std::string_view group() const = 0;
    virtual bool peerPresented() const = 0;
    virtual bool peerValidated() const = 0;
    virtual bool resumed() const = 0;
    /// Null when the peer presented none.
    virtual const CertificateFacts *peer() const = 0;
    /// Who issued the peer's certificate; null unless this very handshake verified its chain.
    virtual const CertificateFacts *issuer() const = 0;
    /// Null when we presented none.
    virtual const CertificateFacts *own() const = 0;
};

} // namespace sallyport::net
