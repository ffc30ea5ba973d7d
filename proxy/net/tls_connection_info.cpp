// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_connection_info.h"

#include <openssl/obj_mac.h>

namespace sallyport::net {

namespace {

SSL *withReference(SSL *ssl)
{
    SSL_up_ref(ssl);
    return ssl;
}

int signatureIndex()
{
    static const int index = SSL_SESSION_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

/// A literal; null: it has signed nothing.
const char *signatureOf(SSL *ssl)
{
    int digest = 0;
    int type = 0;
    if (SSL_get_peer_signature_type_nid(ssl, &type) != 1 || SSL_get_peer_signature_nid(ssl, &digest) != 1)
        return nullptr;
    const int bits = digest == NID_sha256 ? 256 : digest == NID_sha384 ? 384 : digest == NID_sha512 ? 512 : 0;
    switch (type) {
    case EVP_PKEY_RSA:
        return bits == 256   ? "rsa_pkcs1_sha256"
               : bits == 384 ? "rsa_pkcs1_sha384"
               : bits == 512 ? "rsa_pkcs1_sha512"
                             : "rsa_pkcs1_sha1";
    case EVP_PKEY_RSA_PSS:
        return bits == 256   ? "rsa_pss_rsae_sha256"
               : bits == 384 ? "rsa_pss_rsae_sha384"
                             : "rsa_pss_rsae_sha512";
    case EVP_PKEY_EC:
        return bits == 256   ? "ecdsa_secp256r1_sha256"
               : bits == 384 ? "ecdsa_secp384r1_sha384"
               : bits == 512 ? "ecdsa_secp521r1_sha512"
                             : "ecdsa_sha1";
    case EVP_PKEY_ED25519:
        return "ed25519";
    default:
        return nullptr;
    }
}

std::string cipherOf(const SSL *ssl)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    if (cipher == nullptr)
        cipher = SSL_get_pending_cipher(ssl);
    return cipher == nullptr ? std::string() : SSL_CIPHER_get_name(cipher);
}

} // namespace

void keepSignatureAlgorithm(SSL_SESSION *session, SSL *ssl)
{
    if (const char *signature = signatureOf(ssl); signature != nullptr)
        SSL_SESSION_set_ex_data(session, signatureIndex(), const_cast<char *>(signature));
}

TlsConnectionInfo::TlsConnectionInfo(std::shared_ptr<const TlsState> state, SSL *ssl, std::string sni,
                                     bool validated)
    : m_state(std::move(state))
    , m_ssl(withReference(ssl))
    // Before the sides have agreed BoringSSL calls it TLS 1.2.
    , m_version(cipherOf(ssl).empty() ? "TLSv1.2" : SSL_get_version(ssl))
    , m_cipher(cipherOf(ssl))
    , m_sni(std::move(sni))
    , m_peerPresented(SSL_get0_peer_certificate(ssl) != nullptr)
    , m_validated(validated)
    , m_resumed(SSL_session_reused(ssl) == 1)
{
    const unsigned char *alpn = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl, &alpn, &size);
    m_alpn.assign(reinterpret_cast<const char *>(alpn), size);
}

void TlsConnectionInfo::setRefusedPeer(std::shared_ptr<const CertificateFacts> peer)
{
    m_peer = std::move(peer);
    m_peerPresented = m_peer != nullptr;
}

const std::string &TlsConnectionInfo::sessionId() const
{
    const SSL_SESSION *session = SSL_get_session(m_ssl.get());
    // A server's sessions of TLS 1.3 are known by their tickets only.
    const bool named = !(SSL_is_server(m_ssl.get()) == 1 && SSL_version(m_ssl.get()) >= TLS1_3_VERSION);
    if (m_sessionId.empty() && session != nullptr && named && SSL_is_init_finished(m_ssl.get()) == 1) {
        constexpr char Digits[] = "0123456789abcdef";
        unsigned int size = 0;
        const unsigned char *id = SSL_SESSION_get_id(session, &size);
        for (unsigned int i = 0; i < size; ++i) {
            m_sessionId += Digits[id[i] >> 4U];
            m_sessionId += Digits[id[i] & 0xFU];
        }
    }
    return m_sessionId;
}

const CertificateFacts *TlsConnectionInfo::peer() const
{
    if (m_peer == nullptr && m_peerPresented)
        m_peer = cachedCertificateFacts(SSL_get0_peer_certificate(m_ssl.get()),
                                        SSL_get_peer_cert_chain(m_ssl.get()));
    return m_peer.get();
}

const CertificateFacts *TlsConnectionInfo::issuer() const
{
    // A session that goes on has verified nothing anew.
    if (m_issuer == nullptr && m_validated && !m_resumed && m_peerPresented) {
        X509 *found = m_state->verifier.issuerOf(SSL_get0_peer_certificate(m_ssl.get()),
                                                 SSL_get_peer_cert_chain(m_ssl.get()));
        if (found != nullptr)
            m_issuer = cachedCertificateFacts(found, nullptr);
    }
    return m_issuer.get();
}

const CertificateFacts *TlsConnectionInfo::own() const
{
    const X509 *leaf = SSL_get_certificate(m_ssl.get());
    for (const OwnCertificate &certificate : m_state->certificates) {
        if (certificate.leaf.get() == leaf)
            return &certificate.inUse.facts;
    }
    return nullptr;
}

std::string_view TlsConnectionInfo::group() const
{
    switch (SSL_get_negotiated_group(m_ssl.get())) {
    case NID_X25519:
        return "X25519";
    case NID_X9_62_prime256v1:
        return "P-256";
    case NID_secp384r1:
        return "P-384";
    case NID_secp521r1:
        return "P-521";
    default:
        return {};
    }
}

std::string_view TlsConnectionInfo::signatureAlgorithm() const
{
    const char *signature = signatureOf(m_ssl.get());
    if (signature == nullptr && m_resumed)
        signature = static_cast<const char *>(
            SSL_SESSION_get_ex_data(SSL_get_session(m_ssl.get()), signatureIndex()));
    return signature == nullptr ? std::string_view() : signature;
}

} // namespace sallyport::net
