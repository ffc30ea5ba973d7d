// SPDX-License-Identifier: GPL-3.0-or-later
// The handshake of a TLS connection.
#include "proxy/net/tls_transport.h"

#include "proxy/net/certificate_facts.h"
#include "proxy/net/tls_errors.h"

#include <algorithm>
#include <array>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <vector>

namespace sallyport::net {

namespace {

/// The client does not know the curve of the ECDSA key that it would be shown, as far as it said.
bool lacksCurve(SSL *ssl)
{
    const EVP_PKEY *key = SSL_get_privatekey(ssl);
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
        return false;
    constexpr std::size_t longestName = 64;
    std::array<char, longestName> name{};
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) != 1)
        return false;
    std::vector<int> groups(static_cast<std::size_t>(std::max(0L, SSL_get1_groups(ssl, nullptr))));
    if (!groups.empty())
        SSL_get1_groups(ssl, groups.data());
    return std::find(groups.begin(), groups.end(), OBJ_txt2nid(name.data())) == groups.end();
}

} // namespace

TlsTransport::~TlsTransport()
{
    // A connection that just ended says nothing against its session, which OpenSSL would not resume.
    if (m_ssl != nullptr && m_done && !m_broken)
        SSL_set_shutdown(m_ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
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
    // Nobody is told that no version is left to agree on.
    m_saysNothing = SSL_get_min_proto_version(ssl) > SSL_get_max_proto_version(ssl);
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
    m_done = true;
    const bool resumed = SSL_session_reused(ssl) == 1;
    // A resumed session carries the verdict of its first handshake.
    const bool validated = m_validated.value_or(resumed && m_state->verifier.verifiesChain() &&
                                                SSL_get_verify_result(ssl) == X509_V_OK &&
                                                SSL_get0_peer_certificate(ssl) != nullptr);
    m_info = std::make_shared<TlsConnectionInfo>(m_state, ssl, peersName(), validated);
    // Nothing is stapled to a session that goes on, but it counts as it would have been.
    if (m_wantsStaple) {
        const auto shown =
            m_state->certificatesFor(m_info->sni().empty() ? nullptr : m_info->sni().c_str(), true);
        const bool sent = !shown.empty() &&
                          shown.front()->stapling(m_state->staplePolicy) == OwnCertificate::Stapling::Send;
        count(sent ? TlsEvent::OcspStapleResponses : TlsEvent::OcspStapleOmitted);
    }
    if (m_observer == nullptr)
        return;
    count(TlsEvent::Handshake);
    if (resumed)
        count(TlsEvent::SessionReused);
    if (!m_info->peerPresented())
        count(TlsEvent::NoCertificate);
    m_observer->onTlsNegotiated(m_info->version(), m_info->cipher(), m_info->group(),
                                m_info->signatureAlgorithm());
}

std::string TlsTransport::peersName() const
{
    if (!m_state->server)
        return m_sni;
    const char *asked = SSL_get_servername(m_ssl.get(), TLSEXT_NAMETYPE_host_name);
    return asked == nullptr ? "" : asked;
}

/// What a listener's log says of a handshake that came to nothing.
void TlsTransport::describeFailed()
{
    if (m_done || !m_state->server)
        return;
    m_info = std::make_shared<TlsConnectionInfo>(m_state, m_ssl.get(), peersName(), false);
    if (m_refusedPeer != nullptr)
        m_info->setRefusedPeer(m_refusedPeer);
}

void TlsTransport::recordFailure()
{
    m_broken = true;
    describeFailed();
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
    TlsFailure failure =
        takeTlsFailure({m_socketError, m_verifyDetail, m_state->server,
                        reached == TLS_ST_CW_CLNT_HELLO || reached == TLS_ST_CR_SRVR_HELLO,
                        m_state->server && m_state->certificates.size() == 1 && lacksCurve(m_ssl.get())});
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
    // BoringSSL looks at this too, whatever enforce_rsa_key_usage says: of a client before TLS 1.3 last, else
    // before anything (measured, 1.40).
    const bool maySign = (X509_get_key_usage(X509_STORE_CTX_get0_cert(context)) & KU_DIGITAL_SIGNATURE) != 0;
    const auto refuseUsage = [this] {
        m_refusal = TlsRefusal{302, "KEY_USAGE_BIT_INCORRECT", -1};
        return 0;
    };
    const bool last = m_state->server && SSL_version(m_ssl.get()) < TLS1_3_VERSION;
    if (!maySign && !last)
        return refuseUsage();
    const TlsVerifier::Verdict verdict = m_state->verifier.verify(context, m_expectedNames, m_sni);
    m_validated = verdict.validated;
    if (verdict.event)
        count(*verdict.event);
    m_verifyDetail = verdict.detail;
    if (!verdict.accepted)
        m_refusedPeer =
            cachedCertificateFacts(X509_STORE_CTX_get0_cert(context), X509_STORE_CTX_get0_untrusted(context));
    if (verdict.x509Error != 0 && !verdict.accepted)
        X509_STORE_CTX_set_error(context, verdict.x509Error);
    if (!verdict.accepted)
        return 0;
    return maySign ? 1 : refuseUsage();
}

bool TlsTransport::welcome(SSL *ssl)
{
    leaveEqualsToClient(ssl, *m_state);
    m_wantsStaple = asksForStaple(ssl);
    if (!m_wantsStaple)
        return true;
    count(TlsEvent::OcspStapleRequests);
    const std::string name = askedName(ssl);
    if (!m_state->certificatesFor(name.empty() ? nullptr : name.c_str(), true).empty())
        return true;
    count(TlsEvent::OcspStapleFailed);
    // The alert is on its way when OpenSSL gives up.
    m_refusal = TlsRefusal{133, "CONNECTION_REJECTED", -1};
    return false;
}

bool TlsTransport::staple(SSL *ssl)
{
    const X509 *leaf = SSL_get_certificate(ssl);
    const auto own = std::find_if(m_state->certificates.begin(), m_state->certificates.end(),
                                  [leaf](const OwnCertificate &each) { return each.leaf.get() == leaf; });
    m_wantsStaple = false;
    if (own == m_state->certificates.end() ||
        own->stapling(m_state->staplePolicy) != OwnCertificate::Stapling::Send) {
        count(TlsEvent::OcspStapleOmitted);
        return false;
    }
    count(TlsEvent::OcspStapleResponses);
    // OpenSSL takes the copy over.
    const std::string &der = own->staple->der;
    return SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(der.data(), der.size()),
                                           static_cast<long>(der.size())) == 1;
}

void TlsTransport::remember(SSL_SESSION *session)
{
    keepSignatureAlgorithm(session, m_ssl.get());
    m_state->sessions->store(sessionKey(), SslSessionPtr(session));
}

TlsTransport &transportOf(const SSL *ssl)
{
    return *static_cast<TlsTransport *>(SSL_get_ex_data(ssl, tlsTransportIndex()));
}

int tlsTransportIndex()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

int verifyPeer(X509_STORE_CTX *context, void * /*unused*/)
{
    auto *ssl = static_cast<SSL *>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return transportOf(ssl).verify(context);
}

int rememberSession(SSL *ssl, SSL_SESSION *session)
{
    // Taking it over is told by 1.
    transportOf(ssl).remember(session);
    return 1;
}

int onClientHello(SSL *ssl, int *alert, void * /*state*/)
{
    if (transportOf(ssl).welcome(ssl))
        return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_HANDSHAKE_FAILURE;
    return SSL_CLIENT_HELLO_ERROR;
}

int stapleResponse(SSL *ssl, void * /*state*/)
{
    return transportOf(ssl).staple(ssl) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void logKey(const SSL *ssl, const char *line)
{
    transportOf(ssl).log(line);
}

std::unique_ptr<Transport> makeTlsTransport(std::shared_ptr<const TlsState> state, TlsObserver *observer,
                                            const TlsClientOverrides *overrides, const std::string &sni,
                                            std::string alpnWire)
{
    return std::make_unique<TlsTransport>(std::move(state), observer, overrides, sni, std::move(alpnWire));
}

} // namespace sallyport::net
