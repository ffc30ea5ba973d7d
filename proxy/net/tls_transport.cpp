// SPDX-License-Identifier: GPL-3.0-or-later
// TLS on a descriptor. OpenSSL reads and writes through a BIO of ours that knows when the socket has nothing
// more, so that a request costs one recv and an answer one send, and that never makes OpenSSL wait for
// writability.
#include "proxy/net/tls_connection_info.h"
#include "proxy/net/tls_errors.h"
#include "proxy/net/tls_first_bytes.h"
#include "proxy/net/tls_state.h"

#include <algorithm>
#include <cerrno>
#include <openssl/err.h>
#include <optional>
#include <sys/socket.h>

namespace sallyport::net {

namespace {

constexpr std::size_t RecordSize = std::size_t(16) * 1024;
/// Above this much ciphertext that the system does not take, no more is made.
constexpr std::size_t MaxPendingOutput = std::size_t(64) * 1024;
/// Pieces of at least this size become a record as they are; smaller ones are gathered.
constexpr std::size_t OwnRecordFrom = std::size_t(2) * 1024;

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

    static int bioWrite(BIO *bio, const char *bytes, int size);
    static int bioRead(BIO *bio, char *bytes, int size);
    static long bioControl(BIO *bio, int command, long number, void *pointer);

private:
    std::string sessionKey() const;
    void onHandshakeDone();
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
    std::optional<TlsRefusal> m_refusal;
    std::optional<bool> m_validated;
};

BIO_METHOD *bioMethod()
{
    static BIO_METHOD *const method = [] {
        BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR,
                                        "sallyport descriptor");
        BIO_meth_set_write(made, TlsTransport::bioWrite);
        BIO_meth_set_read(made, TlsTransport::bioRead);
        BIO_meth_set_ctrl(made, TlsTransport::bioControl);
        return made;
    }();
    return method;
}

int TlsTransport::bioWrite(BIO *bio, const char *bytes, int size)
{
    auto &self = *static_cast<TlsTransport *>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    std::size_t sent = 0;
    if (!self.m_hold && self.m_out.isEmpty()) {
        const ssize_t put = ::send(self.m_fd, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (put < 0 && errno != EAGAIN && errno != EINTR) {
            self.m_socketError = errno;
            return -1;
        }
        sent = put < 0 ? 0 : static_cast<std::size_t>(put);
    }
    self.m_out.append({bytes + sent, static_cast<std::size_t>(size) - sent});
    return size;
}

int TlsTransport::bioRead(BIO *bio, char *bytes, int size)
{
    auto &self = *static_cast<TlsTransport *>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    while (self.m_signalled) {
        const ssize_t got = ::recv(self.m_fd, bytes, static_cast<std::size_t>(size), 0);
        if (got > 0) {
            self.m_signalled = got == size || self.m_hangup;
            if (!std::exchange(self.m_heard, true) && self.m_state->server)
                self.m_refusal = refusalOfFirstBytes({bytes, static_cast<std::size_t>(got)});
            return self.m_refusal ? -1 : static_cast<int>(got);
        }
        if (got < 0 && errno == EINTR)
            continue;
        self.m_signalled = false;
        if (got == 0) {
            self.m_eof = true;
            return 0;
        }
        if (errno != EAGAIN) {
            self.m_socketError = errno;
            return -1;
        }
    }
    if (self.m_eof)
        return 0;
    BIO_set_retry_read(bio);
    return -1;
}

long TlsTransport::bioControl(BIO *bio, int command, long /*number*/, void * /*pointer*/)
{
    switch (command) {
    case BIO_CTRL_EOF:
        return static_cast<TlsTransport *>(BIO_get_data(bio))->m_eof ? 1 : 0;
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
        return 1;
    default:
        return 0;
    }
}

void TlsTransport::attach(int fd)
{
    m_fd = fd;
    m_ssl.reset(SSL_new(m_state->context.get()));
    SSL *ssl = m_ssl.get();
    SSL_set_ex_data(ssl, tlsTransportIndex(), this);
    BIO *bio = BIO_new(bioMethod());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    if (m_state->server) {
        SSL_set_accept_state(ssl);
        return;
    }
    SSL_set_connect_state(ssl);
    if (!m_sni.empty())
        SSL_set_tlsext_host_name(ssl, m_sni.c_str());
    if (!m_alpnWire.empty())
        SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char *>(m_alpnWire.data()),
                            static_cast<unsigned int>(m_alpnWire.size()));
    if (m_state->sessions != nullptr) {
        if (const SslSessionPtr session = m_state->sessions->take(sessionKey()); session != nullptr)
            SSL_set_session(ssl, session.get());
    }
}

/// A session was verified under certain names: it resumes under the same only.
std::string TlsTransport::sessionKey() const
{
    std::string key = m_sni;
    for (const std::string &name : m_expectedNames)
        key += '\n' + name;
    return key;
}

Transport::Handshake TlsTransport::handshake()
{
    if (m_state->server && !m_readable)
        return Handshake::Pending;
    ERR_clear_error();
    const int result = SSL_do_handshake(m_ssl.get());
    m_readable = m_signalled || SSL_has_pending(m_ssl.get()) == 1;
    if (result == 1) {
        onHandshakeDone();
        return Handshake::Done;
    }
    const int error = SSL_get_error(m_ssl.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return Handshake::Pending;
    recordFailure();
    return m_failure.empty() ? Handshake::Closed : Handshake::Failed;
}

void TlsTransport::onHandshakeDone()
{
    SSL *ssl = m_ssl.get();
    const bool resumed = SSL_session_reused(ssl) == 1;
    std::string sni = m_sni;
    if (m_state->server) {
        const char *asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        sni = asked == nullptr ? "" : asked;
    }
    // A resumed session carries the verdict of its first handshake.
    const bool validated = m_validated.value_or(resumed && m_state->verifier.verifiesChain() &&
                                                SSL_get_verify_result(ssl) == X509_V_OK &&
                                                SSL_get0_peer_certificate(ssl) != nullptr);
    m_info = std::make_shared<TlsConnectionInfo>(m_state, ssl, std::move(sni), validated);
    if (m_observer == nullptr)
        return;
    count(TlsEvent::Handshake);
    if (resumed)
        count(TlsEvent::SessionReused);
    if (!m_info->peerPresented())
        count(TlsEvent::NoCertificate);
    m_observer->onTlsNegotiated(m_info->version(), m_info->cipher(), m_info->curve(),
                                m_info->signatureAlgorithm());
}

void TlsTransport::recordFailure()
{
    m_broken = true;
    if (m_refusal) {
        ERR_clear_error();
        if (m_refusal->reason != 0) {
            count(TlsEvent::ConnectionError);
            m_failure = failureText(*m_refusal);
        }
        if (m_refusal->alert >= 0)
            m_out.append(std::string{21, 3, 1, 0, 2, 2, static_cast<char>(m_refusal->alert)});
        endOutput();
        return;
    }
    const OSSL_HANDSHAKE_STATE reached = SSL_get_state(m_ssl.get());
    TlsFailure failure = takeTlsFailure({m_socketError, m_verifyDetail, m_state->server,
                                         reached == TLS_ST_CW_CLNT_HELLO || reached == TLS_ST_CR_SRVR_HELLO});
    if (failure.noPeerCertificate)
        count(TlsEvent::FailVerifyNoCert);
    if (failure.isConnectionError())
        count(TlsEvent::ConnectionError);
    m_failure = std::move(failure.reason);
    endOutput();
}

void TlsTransport::endOutput()
{
    sendPending();
    // The alert must arrive: unread bytes would make the kernel answer with a reset, which overtakes it.
    ::shutdown(m_fd, SHUT_WR);
    char dropped[4096];
    while (::recv(m_fd, dropped, sizeof dropped, 0) > 0) {
    }
}

int TlsTransport::verify(X509_STORE_CTX *context)
{
    const TlsVerifier::Verdict verdict = m_state->verifier.verify(context, m_expectedNames, m_sni);
    m_validated = verdict.validated;
    if (verdict.event)
        count(*verdict.event);
    m_verifyDetail = verdict.detail;
    if (verdict.x509Error != 0 && !verdict.accepted)
        X509_STORE_CTX_set_error(context, verdict.x509Error);
    return verdict.accepted ? 1 : 0;
}

void TlsTransport::remember(SSL_SESSION *session)
{
    keepSignatureAlgorithm(session, m_ssl.get());
    m_state->sessions->store(sessionKey(), SslSessionPtr(session));
}

Transport::Io TlsTransport::read(Buffer &buffer, std::size_t wanted)
{
    Io io;
    m_socketError = 0;
    SSL *ssl = m_ssl.get();
    while (io.bytes < wanted) {
        std::size_t room = 0;
        char *to = buffer.reserve(4096, &room);
        ERR_clear_error();
        const int got = SSL_read(ssl, to, static_cast<int>(room));
        if (got > 0) {
            buffer.commit(static_cast<std::size_t>(got));
            io.bytes += static_cast<std::size_t>(got);
            m_readable = m_signalled || SSL_has_pending(ssl) == 1;
            if (m_readable)
                continue;
            return io;
        }
        buffer.commit(0);
        m_readable = false;
        switch (SSL_get_error(ssl, got)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            break;
        case SSL_ERROR_ZERO_RETURN:
            io.outcome = Outcome::End;
            break;
        case SSL_ERROR_SYSCALL:
            m_broken = true;
            io.outcome = m_socketError != 0 ? Outcome::Reset : Outcome::End;
            break;
        default:
            recordFailure();
            io.outcome = Outcome::Failed;
            break;
        }
        return io;
    }
    return io;
}

bool TlsTransport::sendPending()
{
    while (!m_out.isEmpty()) {
        iovec pieces[16];
        msghdr message{};
        message.msg_iov = pieces;
        message.msg_iovlen = static_cast<std::size_t>(m_out.pieces(pieces, 16));
        const ssize_t put = ::sendmsg(m_fd, &message, MSG_NOSIGNAL);
        if (put < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN)
                return true;
            m_socketError = errno;
            return false;
        }
        m_out.drain(static_cast<std::size_t>(put));
    }
    return true;
}

Transport::Io TlsTransport::write(Buffer &buffer)
{
    Io io;
    // Goes on until everything is sent or the system takes no more: only then does writability signal again.
    do {
        if (!sendPending()) {
            io.outcome = Outcome::Reset;
            return io;
        }
        if (!m_out.isEmpty())
            return io;
        m_hold = buffer.size() > RecordSize;
        io.outcome = encrypt(buffer, io.bytes);
        m_hold = false;
    } while (io.outcome == Outcome::Progress && (!buffer.isEmpty() || !m_out.isEmpty()));
    return io;
}

/// Turns bytes into records until enough of them wait to be sent.
Transport::Outcome TlsTransport::encrypt(Buffer &buffer, std::size_t &bytes)
{
    while (!buffer.isEmpty() && m_out.size() < MaxPendingOutput) {
        const std::size_t front = buffer.front().size();
        const bool alone = front >= OwnRecordFrom;
        const std::string_view record = buffer.linearize(alone ? std::min(front, RecordSize)
                                                               : std::min(buffer.size(), 2 * OwnRecordFrom));
        ERR_clear_error();
        const int put = SSL_write(m_ssl.get(), record.data(), static_cast<int>(record.size()));
        if (put > 0) {
            buffer.drain(static_cast<std::size_t>(put));
            bytes += static_cast<std::size_t>(put);
            continue;
        }
        if (m_socketError != 0) {
            m_broken = true;
            return Outcome::Reset;
        }
        // Output never blocks and renegotiation is off, so there is nothing to wait for.
        recordFailure();
        return Outcome::Failed;
    }
    return Outcome::Progress;
}

void TlsTransport::sayGoodbye()
{
    if (m_broken || m_info == nullptr)
        return;
    ERR_clear_error();
    SSL_shutdown(m_ssl.get());
    ERR_clear_error();
    sendPending();
}

} // namespace

int tlsTransportIndex()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int verifyPeer(X509_STORE_CTX *context, void * /*unused*/)
{
    auto *ssl = static_cast<SSL *>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return static_cast<TlsTransport *>(SSL_get_ex_data(ssl, tlsTransportIndex()))->verify(context);
}

int rememberSession(SSL *ssl, SSL_SESSION *session)
{
    // Taking it over is told by 1.
    static_cast<TlsTransport *>(SSL_get_ex_data(ssl, tlsTransportIndex()))->remember(session);
    return 1;
}

std::unique_ptr<Transport> makeTlsTransport(std::shared_ptr<const TlsState> state, TlsObserver *observer,
                                            const TlsClientOverrides *overrides, const std::string &sni,
                                            std::string alpnWire)
{
    return std::make_unique<TlsTransport>(std::move(state), observer, overrides, sni, std::move(alpnWire));
}

} // namespace sallyport::net
