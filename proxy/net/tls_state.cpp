// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_state.h"

#include "proxy/net/session_ticket_keys.h"
#include "proxy/net/tls_library.h"

#include <algorithm>
#include <cstring>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

namespace sallyport::net {

namespace {

using Version = dataplane::TlsParameters::Version;

constexpr const char *Tls13Ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char *DefaultCurves = "X25519:P-256";

int versionNumber(Version version, int automatic)
{
    switch (version) {
    case Version::Tls10:
        return TLS1_VERSION;
    case Version::Tls11:
        return TLS1_1_VERSION;
    case Version::Tls12:
        return TLS1_2_VERSION;
    case Version::Tls13:
        return TLS1_3_VERSION;
    case Version::Auto:
        break;
    }
    return automatic;
}

std::string joinedByColons(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ":") + name;
    return text;
}

/// BoringSSL's ssl_compliance_policy_fips_202205: AES-GCM, NIST's curves and signatures that FIPS allows.
void applyFips202205(SSL_CTX *context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                     "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384");
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
    SSL_CTX_set1_groups_list(context, "P-256:P-384");
    SSL_CTX_set1_sigalgs_list(context, "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:"
                                       "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:"
                                       "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512");
}

std::string opensslWords(std::string what)
{
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    if (const char *reason = ERR_reason_error_string(error); reason != nullptr)
        what += std::string(": ") + reason;
    return what;
}

int copyPassword(char *buffer, int size, int /*writing*/, void *password)
{
    const auto &text = *static_cast<const std::string *>(password);
    const int length = std::min(size, static_cast<int>(text.size()));
    std::memcpy(buffer, text.data(), static_cast<std::size_t>(length));
    return length;
}

Result<OwnCertificate> loadCertificate(const dataplane::TlsCertificate &configuration)
{
    const auto chain = readDataSource(configuration.certificateChain);
    const auto key = readDataSource(configuration.privateKey);
    const auto password = readDataSource(configuration.password);
    for (const auto *source : {&chain, &key, &password}) {
        if (!*source)
            return fail(source->error());
    }
    OwnCertificate own;
    const BioPtr chainBio(BIO_new_mem_buf(chain->data(), static_cast<int>(chain->size())));
    while (X509 *certificate = PEM_read_bio_X509(chainBio.get(), nullptr, nullptr, nullptr)) {
        if (own.leaf == nullptr)
            own.leaf.reset(certificate);
        else
            own.chain.emplace_back(certificate);
    }
    ERR_clear_error();
    if (own.leaf == nullptr)
        return fail("Failed to load certificate chain from " +
                    dataSourceName(configuration.certificateChain));
    const BioPtr keyBio(BIO_new_mem_buf(key->data(), static_cast<int>(key->size())));
    own.key.reset(
        PEM_read_bio_PrivateKey(keyBio.get(), nullptr, copyPassword, const_cast<std::string *>(&*password)));
    if (own.key == nullptr)
        return fail(
            opensslWords("Failed to load private key from " + dataSourceName(configuration.privateKey)));
    if (X509_check_private_key(own.leaf.get(), own.key.get()) != 1)
        return fail(opensslWords("Failed to load private key from " +
                                 dataSourceName(configuration.privateKey) +
                                 ": it does not belong to the certificate"));
    own.inUse = {
        dataSourceName(configuration.certificateChain), certificateFacts(own.leaf.get(), nullptr), false, {}};
    own.names = own.inUse.facts.dnsSans;
    if (own.names.empty()) {
        char name[256];
        const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(own.leaf.get()), NID_commonName,
                                                   name, sizeof name);
        if (size > 0)
            own.names.emplace_back(name, static_cast<std::size_t>(size));
    }
    return own;
}

Result<void> applyParameters(SSL_CTX *context, const dataplane::TlsParameters &parameters, bool server)
{
    SSL_CTX_set_min_proto_version(context, versionNumber(parameters.minimum, TLS1_2_VERSION));
    SSL_CTX_set_max_proto_version(
        context, versionNumber(parameters.maximum, server ? TLS1_3_VERSION : TLS1_2_VERSION));
    // BoringSSL's limits: Debian's stricter default refuses certificates that Envoy takes.
    SSL_CTX_set_security_level(context,
                               versionNumber(parameters.minimum, TLS1_2_VERSION) < TLS1_2_VERSION ? 0 : 1);
    if (SSL_CTX_set_cipher_list(context, cipherList(parameters.cipherSuites).c_str()) != 1)
        return fail(
            opensslWords("Failed to initialize cipher suites " + cipherList(parameters.cipherSuites)));
    SSL_CTX_set_ciphersuites(context, Tls13Ciphers);
    const std::string curves = joinedByColons(parameters.ecdhCurves);
    const std::string algorithms = joinedByColons(parameters.signatureAlgorithms);
    if (!algorithms.empty() && SSL_CTX_set1_sigalgs_list(context, algorithms.c_str()) != 1) {
        ERR_clear_error();
        return fail("Failed to initialize TLS signature algorithms " + algorithms);
    }
    if (parameters.fips202205) {
        applyFips202205(context);
        return {};
    }
    if (SSL_CTX_set1_groups_list(context, curves.empty() ? DefaultCurves : curves.c_str()) != 1)
        return fail(opensslWords("Failed to initialize ECDH curves " + curves));
    return {};
}

void applyDefaults(SSL_CTX *context)
{
    // Servers that do not know secure renegotiation are connected to: none is ever renegotiated with.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                     SSL_OP_LEGACY_SERVER_CONNECT);
    // Buffers of idle connections are freed; the chain to send is the configured one, not searched at each
    // handshake.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_cert_verify_callback(context, verifyPeer, nullptr);
}

Result<void> useCertificate(SSL_CTX *context, const OwnCertificate &own)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    for (const X509Ptr &certificate : own.chain)
        sk_X509_push(chain, certificate.get());
    const int used = SSL_CTX_use_cert_and_key(context, own.leaf.get(), own.key.get(), chain, 1);
    sk_X509_free(chain);
    if (used != 1)
        return fail(opensslWords("Failed to use the certificate " + own.inUse.path));
    return {};
}

Result<std::shared_ptr<TlsState>>
createCommon(const dataplane::CommonTlsContext &common, bool server,
             const std::vector<dataplane::TlsCertificate> &certificates,
             const std::optional<dataplane::CertificateValidationContext> &validation,
             bool requireCertificate)
{
    auto state = std::make_shared<TlsState>();
    state->server = server;
    state->context.reset(
        SSL_CTX_new_ex(tlsLibrary(), nullptr, server ? TLS_server_method() : TLS_client_method()));
    SSL_CTX *context = state->context.get();
    applyDefaults(context);
    if (auto applied = applyParameters(context, common.parameters, server); !applied)
        return fail(applied.error());
    auto verifier = TlsVerifier::create(validation);
    if (!verifier)
        return fail(verifier.error());
    state->verifier = std::move(*verifier);
    state->verifier.applyTo(context, server, requireCertificate);
    for (const auto &configured : certificates) {
        auto own = loadCertificate(configured);
        if (!own)
            return fail(own.error());
        state->certificates.push_back(std::move(*own));
    }
    // The first one last, so that it is the one that is used when no name decides.
    for (auto own = state->certificates.rbegin(); own != state->certificates.rend(); ++own) {
        if (auto used = useCertificate(context, *own); !used)
            return fail(used.error());
    }
    state->alpnWire = alpnWireForm(common.alpnProtocols);
    return state;
}

/// Sessions resume only with the configuration that made them.
void setSessionIdContext(SSL_CTX *context, const TlsState &state, bool requireCertificate)
{
    std::string text = requireCertificate ? "require;" : "";
    for (const OwnCertificate &own : state.certificates)
        text += own.inUse.facts.sha256 + ';';
    for (const CertificateInUse &authority : state.verifier.authorities())
        text += authority.facts.sha256 + ';';
    text += state.alpnWire;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char *>(text.data()), text.size(), digest);
    SSL_CTX_set_session_id_context(context, digest, sizeof digest);
}

/// The server's order of ciphers counts up to TLS 1.2. With TLS 1.3 all are as good as each other, and
/// BoringSSL takes the client's first.
int leaveEqualsToClient(SSL *ssl, int * /*alert*/, void *state)
{
    const auto most = SSL_get_max_proto_version(ssl);
    const unsigned char *versions = nullptr;
    std::size_t size = 0;
    if ((most == 0 || most >= TLS1_3_VERSION) &&
        SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &versions, &size) == 1) {
        // A length, then versions of two bytes.
        for (std::size_t i = 1; i + 1 < size; i += 2) {
            if ((versions[i] << 8U | versions[i + 1]) == TLS1_3_VERSION) {
                SSL_clear_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
                return SSL_CLIENT_HELLO_SUCCESS;
            }
        }
    }
    orderEquals(ssl, static_cast<const TlsState *>(state)->cipherGroups);
    return SSL_CLIENT_HELLO_SUCCESS;
}

} // namespace

std::string alpnWireForm(const std::vector<std::string> &protocols)
{
    std::string wire;
    for (const std::string &protocol : protocols) {
        if (protocol.empty() || protocol.size() > 255)
            continue;
        wire += static_cast<char>(protocol.size());
        wire += protocol;
    }
    return wire;
}

Result<std::shared_ptr<const TlsState>>
TlsState::createServer(const dataplane::DownstreamTlsContext &configuration,
                       const std::vector<dataplane::TlsCertificate> &certificates,
                       const std::optional<dataplane::CertificateValidationContext> &validation)
{
    auto created = createCommon(configuration.common, true, certificates, validation,
                                configuration.requireClientCertificate);
    if (!created)
        return fail(created.error());
    const std::shared_ptr<TlsState> state = *created;
    SSL_CTX *context = state->context.get();
    state->cipherGroups = groupsOfCiphers(context, configuration.common.parameters.cipherSuites);
    SSL_CTX_set_client_hello_cb(context, leaveEqualsToClient, state.get());
    if (configuration.preferClientCiphers)
        SSL_CTX_clear_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (!configuration.sessionTicketKeys.empty()) {
        if (auto set = setTicketKeys(context, configuration.sessionTicketKeys); !set)
            return fail(set.error());
    }
    if (!state->alpnWire.empty())
        SSL_CTX_set_alpn_select_cb(context, chooseAlpn, state.get());
    if (state->certificates.size() > 1)
        SSL_CTX_set_cert_cb(context, chooseCertificate, state.get());
    setSessionIdContext(context, *state, configuration.requireClientCertificate);
    SSL_CTX_set_session_cache_mode(
        context, configuration.disableStatefulSessionResumption ? SSL_SESS_CACHE_OFF : SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context, 4096);
    if (configuration.disableStatelessSessionResumption) {
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        if (configuration.disableStatefulSessionResumption)
            SSL_CTX_set_num_tickets(context, 0);
    } else {
        SSL_CTX_set_num_tickets(context, 1);
    }
    const auto seconds = configuration.sessionTimeout
                             ? std::chrono::duration_cast<std::chrono::seconds>(*configuration.sessionTimeout)
                             : std::chrono::seconds(7200);
    SSL_CTX_set_timeout(context, static_cast<long>(seconds.count()));
    return std::shared_ptr<const TlsState>(state);
}

Result<std::shared_ptr<const TlsState>>
TlsState::createClient(const dataplane::UpstreamTlsContext &configuration,
                       const std::vector<dataplane::TlsCertificate> &certificates,
                       const std::optional<dataplane::CertificateValidationContext> &validation)
{
    auto created = createCommon(configuration.common, false, certificates, validation, false);
    if (!created)
        return fail(created.error());
    const std::shared_ptr<TlsState> state = *created;
    SSL_CTX *context = state->context.get();
    if (configuration.autoSniSanValidation)
        state->verifier.expectAskedName();
    if (configuration.allowRenegotiation)
        SSL_CTX_clear_options(context, SSL_OP_NO_RENEGOTIATION);
    if (configuration.maxSessionKeys > 0) {
        state->sessions = std::make_unique<ClientSessions>(configuration.maxSessionKeys);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, rememberSession);
    } else {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    }
    return std::shared_ptr<const TlsState>(state);
}

std::vector<CertificateInUse> TlsState::certificatesInUse() const
{
    std::vector<CertificateInUse> list = verifier.authorities();
    for (const OwnCertificate &own : certificates)
        list.push_back(own.inUse);
    return list;
}

void ClientSessions::store(const std::string &key, SslSessionPtr session)
{
    // Names come from requests when auto_sni is on: their number must stay bounded.
    constexpr std::size_t MaxNames = 256;
    const std::lock_guard lock(m_mutex);
    if (m_sessions.size() >= MaxNames && m_sessions.find(key) == m_sessions.end())
        m_sessions.clear();
    auto &list = m_sessions[key];
    list.push_front(std::move(session));
    while (list.size() > m_limit)
        list.pop_back();
}

SslSessionPtr ClientSessions::take(const std::string &key)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_sessions.find(key);
    if (found == m_sessions.end() || found->second.empty())
        return nullptr;
    SslSessionPtr &newest = found->second.front();
    if (SSL_SESSION_get_protocol_version(newest.get()) < TLS1_3_VERSION) {
        SSL_SESSION_up_ref(newest.get());
        return SslSessionPtr(newest.get());
    }
    SslSessionPtr session = std::move(newest);
    found->second.pop_front();
    return session;
}

} // namespace sallyport::net
