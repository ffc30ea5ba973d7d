// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/tls_connection_info.h"
#include "proxy/net/tls_first_bytes.h"
#include "proxy/net/tls_state.h"

#include <optional>
#include <string>
#include <vector>

namespace sallyport::net {

/// TLS on a descriptor. OpenSSL reads and writes through a BIO of ours that knows when the socket has nothing
/// more, so that a request costs one recv and an answer one send, and that never makes OpenSSL wait for
/// writability.
class TlsTransport final : public Transport
{
public:
    TlsTransport(std::shared_ptr<const TlsState> state, TlsObserver *observer,
                 const TlsClientOverrides *overrides, const std::string &sni, std::string alpnWire)
        : m_state(std::move(state))
        , m_observer(observer)
        , m_sni(sni)
        , m_alpnWire(std::move(alpnWire))
    {
        if (overrides != nullptr)
            m_expectedNames = overrides->verifySans;
    }
    ~TlsTransport() override;
    TlsTransport(const TlsTransport &) = delete;
    TlsTransport &operator=(const TlsTransport &) = delete;

    void attach(int fd) override;
    Handshake handshake() override;
    Io read(Buffer &buffer, std::size_t wanted) override;
    Io write(Buffer &buffer) override;
    bool writePending() const override { return !m_out.isEmpty(); }
    void sayGoodbye() override;
    std::shared_ptr<const TlsInfo> tls() const override { return m_info; }
    const std::string &failureReason() const override { return m_failure; }

    int verify(X509_STORE_CTX *context);
    void remember(SSL_SESSION *session);
    /// Whether the client that says this hello is served.
    bool welcome(SSL *ssl);
    /// Whether it gets the OCSP response of the certificate that was chosen.
    bool staple(SSL *ssl);
    void log(const char *line) const { m_state->keyLog->write(m_fd, line); }

    static int bioWrite(BIO *bio, const char *bytes, int size);
    static int bioRead(BIO *bio, char *bytes, int size);
    static long bioControl(BIO *bio, int command, long number, void *pointer);
    static BIO_METHOD *bioMethod();

private:
    std::string sessionKey() const;
    void onHandshakeDone();
    std::string peersName() const;
    void describeFailed();
    void recordFailure();
    void endOutput();
    void count(TlsEvent event)
    {
        if (m_observer != nullptr)
            m_observer->onTlsEvent(event);
    }
    bool sendPending();
    Outcome encrypt(Buffer &buffer, std::size_t &bytes);

    std::shared_ptr<const TlsState> m_state;
    TlsObserver *m_observer;
    SslPtr m_ssl;
    std::shared_ptr<TlsConnectionInfo> m_info;
    Buffer m_out; ///< ciphertext that the system has not taken yet
    std::string m_sni;
    std::string m_alpnWire;
    std::vector<std::string> m_expectedNames;
    std::string m_failure;
    std::string m_verifyDetail;
    int m_fd = -1;
    int m_socketError = 0;
    bool m_hold = false; ///< several records follow: gather them
    bool m_eof = false;
    bool m_broken = false; ///< OpenSSL allows nothing more, not even a goodbye
    bool m_heard = false;  ///< the peer has sent bytes
    bool m_wantsStaple = false;
    bool m_done = false;        ///< with the handshake
    bool m_saysNothing = false; ///< not even an alert
    std::shared_ptr<const CertificateFacts> m_refusedPeer;
    std::optional<TlsRefusal> m_refusal;
    std::optional<bool> m_validated;
};

/// That of a connection, as OpenSSL's callbacks find it.
TlsTransport &transportOf(const SSL *ssl);

} // namespace sallyport::net
