// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/tls_info.h"
#include "proxy/net/tls_state.h"

#include <memory>
#include <string>
#include <string_view>

namespace sallyport::net {

/// The facts of one handshake, finished or as far as it came. Keeps the SSL object, so that a log record may
/// be written after the connection is gone.
class TlsConnectionInfo final : public TlsInfo
{
public:
    /// `ssl` gets one more reference.
    TlsConnectionInfo(std::shared_ptr<const TlsState> state, SSL *ssl, std::string sni, bool validated);
    /// The peer's certificate was shown and refused: OpenSSL does not keep it.
    void setRefusedPeer(std::shared_ptr<const CertificateFacts> peer);

    const std::string &version() const override { return m_version; }
    const std::string &cipher() const override { return m_cipher; }
    const std::string &sni() const override { return m_sni; }
    const std::string &alpn() const override { return m_alpn; }
    const std::string &sessionId() const override;
    bool peerPresented() const override { return m_peerPresented; }
    bool peerValidated() const override { return m_validated; }
    bool resumed() const override { return m_resumed; }
    const CertificateFacts *peer() const override;
    const CertificateFacts *issuer() const override;
    const CertificateFacts *own() const override;
    std::string_view group() const override;

    /// BoringSSL's name of the peer's signature algorithm; empty if there is none.
    std::string_view signatureAlgorithm() const;

private:
    std::shared_ptr<const TlsState> m_state;
    SslPtr m_ssl;
    std::string m_version;
    std::string m_cipher;
    std::string m_sni;
    std::string m_alpn;
    mutable std::string m_sessionId;
    mutable std::shared_ptr<const CertificateFacts> m_peer;
    mutable std::shared_ptr<const CertificateFacts> m_issuer;
    bool m_peerPresented;
    bool m_validated;
    bool m_resumed;
};

/// With what the peer signs the handshake in which this session is made: later ones have no signature, and
/// count the first one's.
void keepSignatureAlgorithm(SSL_SESSION *session, SSL *ssl);

} // namespace sallyport::net
