// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "proxy/net/cipher_order.h"
#include "proxy/net/key_log.h"
#include "proxy/net/openssl_ptr.h"
#include "proxy/net/own_certificate.h"
#include "proxy/net/tls_context.h"
#include "proxy/net/tls_verifier.h"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::net {

/// What secrets supply, beside what is configured in place.
struct TlsMaterial
{
    std::vector<dataplane::TlsCertificate> certificates;
    std::optional<dataplane::CertificateValidationContext> validation;
    std::vector<dataplane::DataSource> ticketKeys;
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

    OwnCertificate::StaplePolicy staplePolicy = OwnCertificate::StaplePolicy::Lenient;
    bool fullScanOnMismatch = false;
    std::shared_ptr<const KeyLog> keyLog; ///< null: nothing is logged

    static Result<std::shared_ptr<const TlsState>>
    createServer(const dataplane::DownstreamTlsContext &configuration,
                 const std::vector<std::string> &serverNames, const TlsMaterial &material);
    static Result<std::shared_ptr<const TlsState>>
    createClient(const dataplane::UpstreamTlsContext &configuration, const TlsMaterial &material);
    /// Those of a server's certificates that may be shown to a client which asks for this name (null: none)
    /// and, or not, for an OCSP response; the first is the one to be shown if its type of key will do. Empty:
    /// the client is turned away.
    std::vector<const OwnCertificate *> certificatesFor(const char *name, bool wantsStaple) const;
    std::vector<CertificateInUse> certificatesInUse() const;
};

/// Names with their lengths in front, as TLS sends them.
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
int onClientHello(SSL *ssl, int *alert, void *state);
int chooseCertificate(SSL *ssl, void *state);
int stapleResponse(SSL *ssl, void *state);
int rememberSession(SSL *ssl, SSL_SESSION *session);
void logKey(const SSL *ssl, const char *line);

/// The server's order of ciphers counts where not all are as good as each other.
void leaveEqualsToClient(SSL *ssl, const TlsState &state);
/// What a ClientHello asks for, before OpenSSL has read it.
std::string askedName(SSL *ssl);
bool asksForStaple(SSL *ssl);

} // namespace sallyport::net
