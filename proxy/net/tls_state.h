// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "proxy/net/cipher_order.h"
#include "proxy/net/openssl_ptr.h"
#include "proxy/net/tls_context.h"
#include "proxy/net/tls_verifier.h"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sallyport::net {

/// A certificate chain of ours with its key.
struct OwnCertificate
{
    X509Ptr leaf;
    KeyPtr key;
    std::vector<X509Ptr> chain;
    std::vector<std::string> names; ///< DNS names, lower case; the common name if there are none
    CertificateInUse inUse;
};

/// Sessions of a client context, to be resumed; shared by the workers. TLS 1.3 tickets are used once.
class ClientSessions
{
public:
    explicit ClientSessions(std::size_t limit)
        : m_limit(limit)
    {
    }
    void store(const std::string &key, SslSessionPtr session);
    SslSessionPtr take(const std::string &key);

private:
    const std::size_t m_limit;
    std::mutex m_mutex;
    std::map<std::string, std::deque<SslSessionPtr>> m_sessions;
};

/// One SSL_CTX and what its callbacks need. Immutable after creation; connections hold it while they live.
struct TlsState
{
    SslCtxPtr context;
    TlsVerifier verifier;
    std::vector<OwnCertificate> certificates;
    std::string alpnWire; ///< length-prefixed protocol names
    /// In the server's order; those of one group are as good as each other, and the client's order decides.
    CipherGroups cipherGroups;
    std::unique_ptr<ClientSessions> sessions;
    bool server = false;

    static Result<std::shared_ptr<const TlsState>>
    createServer(const dataplane::DownstreamTlsContext &configuration,
                 const std::vector<dataplane::TlsCertificate> &certificates,
                 const std::optional<dataplane::CertificateValidationContext> &validation);
    static Result<std::shared_ptr<const TlsState>>
    createClient(const dataplane::UpstreamTlsContext &configuration,
                 const std::vector<dataplane::TlsCertificate> &certificates,
                 const std::optional<dataplane::CertificateValidationContext> &validation);
    std::vector<CertificateInUse> certificatesInUse() const;
};

std::string alpnWireForm(const std::vector<std::string> &protocols);

/// A TLS connection's transport.
std::unique_ptr<Transport> makeTlsTransport(std::shared_ptr<const TlsState> state, TlsObserver *observer,
                                            const TlsClientOverrides *overrides, const std::string &sni,
                                            std::string alpnWire);
/// A transport that fails at once, because its secrets are missing.
std::unique_ptr<Transport> makeSecretMissingTransport();

/// Index of the transport among an SSL's external data.
int tlsTransportIndex();
/// Called by OpenSSL with the transport's SSL.
int verifyPeer(X509_STORE_CTX *context, void *unused);
int chooseAlpn(SSL *ssl, const unsigned char **out, unsigned char *outSize, const unsigned char *offered,
               unsigned int offeredSize, void *state);
int chooseCertificate(SSL *ssl, void *state);
int rememberSession(SSL *ssl, SSL_SESSION *session);

} // namespace sallyport::net
