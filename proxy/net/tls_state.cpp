// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_state.h"

#include "proxy/net/session_id_context.h"
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
            withOpensslReason("Failed to initialize cipher suites " + cipherList(parameters.cipherSuites)));
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
        return fail(withOpensslReason("Failed to initialize ECDH curves " + curves));
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
        return fail(withOpensslReason("Failed to use the certificate " + own.inUse.path));
    return {};
}

Result<std::shared_ptr<TlsState>> createCommon(const dataplane::CommonTlsContext &common, bool server,
                                               const TlsMaterial &material,
                                               std::optional<OwnCertificate::StaplePolicy> stapling,
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
    auto verifier = TlsVerifier::create(material.validation);
    if (!verifier)
        return fail(verifier.error());
    state->verifier = std::move(*verifier);
    state->verifier.applyTo(context, server, requireCertificate);
    for (const auto &configured : material.certificates) {
        auto own = stapling ? OwnCertificate::load(configured, *stapling) : OwnCertificate::load(configured);
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
    if (common.keyLog) {
        auto log = KeyLog::open(*common.keyLog);
        if (!log)
            return fail(log.error());
        state->keyLog = *std::move(log);
        SSL_CTX_set_keylog_callback(context, logKey);
    }
    return state;
}

/// Which sessions there are, and for how long.
void applyResumption(SSL_CTX *context, const dataplane::DownstreamTlsContext &configuration)
{
    SSL_CTX_set_session_cache_mode(
        context, configuration.disableStatefulSessionResumption ? SSL_SESS_CACHE_OFF : SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context, 4096);
    // TLS 1.3 resumes by tickets alone.
    SSL_CTX_set_num_tickets(context, configuration.disableStatelessSessionResumption ? 0 : 1);
    if (configuration.disableStatelessSessionResumption)
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    const auto seconds = configuration.sessionTimeout
                             ? std::chrono::duration_cast<std::chrono::seconds>(*configuration.sessionTimeout)
                             : std::chrono::seconds(7200);
    SSL_CTX_set_timeout(context, static_cast<long>(seconds.count()));
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
                       const std::vector<std::string> &serverNames, const TlsMaterial &material)
{
    auto created = createCommon(configuration.common, true, material, configuration.ocspStaplePolicy,
                                configuration.requireClientCertificate);
    if (!created)
        return fail(created.error());
    const std::shared_ptr<TlsState> state = *created;
    SSL_CTX *context = state->context.get();
    state->staplePolicy = configuration.ocspStaplePolicy;
    state->fullScanOnMismatch = configuration.fullScanCertsOnSniMismatch;
    state->cipherGroups = groupsOfCiphers(context, configuration.common.parameters.cipherSuites);
    SSL_CTX_set_client_hello_cb(context, onClientHello, state.get());
    SSL_CTX_set_cert_cb(context, chooseCertificate, state.get());
    SSL_CTX_set_tlsext_status_cb(context, stapleResponse);
    SSL_CTX_set_tlsext_status_arg(context, state.get());
    if (configuration.preferClientCiphers)
        SSL_CTX_clear_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    const std::vector<dataplane::DataSource> &ticketKeys =
        material.ticketKeys.empty() ? configuration.sessionTicketKeys : material.ticketKeys;
    if (!ticketKeys.empty()) {
        if (auto set = setTicketKeys(context, ticketKeys); !set)
            return fail(set.error());
    }
    if (!state->alpnWire.empty())
        SSL_CTX_set_alpn_select_cb(context, chooseAlpn, state.get());
    setSessionIdContext(context, state->certificates, state->verifier.authorities(), material.validation,
                        serverNames);
    applyResumption(context, configuration);
    return std::shared_ptr<const TlsState>(state);
}

Result<std::shared_ptr<const TlsState>>
TlsState::createClient(const dataplane::UpstreamTlsContext &configuration, const TlsMaterial &material)
{
    auto created = createCommon(configuration.common, false, material, std::nullopt, false);
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
