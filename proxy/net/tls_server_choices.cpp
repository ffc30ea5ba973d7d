// SPDX-License-Identifier: GPL-3.0-or-later
// What a TLS server picks by what the ClientHello asks for.
#include "proxy/net/tls_state.h"

#include <algorithm>
#include <cstring>

namespace sallyport::net {

int chooseAlpn(SSL * /*ssl*/, const unsigned char **out, unsigned char *outSize, const unsigned char *offered,
               unsigned int offeredSize, void *state)
{
    const std::string &ours = static_cast<const TlsState *>(state)->alpnWire;
    for (std::size_t i = 0; i < ours.size(); i += static_cast<unsigned char>(ours[i]) + 1U) {
        const auto size = static_cast<unsigned char>(ours[i]);
        for (unsigned int k = 0; k + 1 < offeredSize && k + 1 + offered[k] <= offeredSize;
             k += offered[k] + 1U) {
            if (offered[k] == size && std::memcmp(offered + k + 1, ours.data() + i + 1, size) == 0) {
                *out = offered + k + 1;
                *outSize = size;
                return SSL_TLSEXT_ERR_OK;
            }
        }
    }
    // Nothing in common: no ALPN, and the handshake goes on.
    return SSL_TLSEXT_ERR_NOACK;
}

std::vector<const OwnCertificate *> TlsState::certificatesFor(const char *name, bool wantsStaple) const
{
    const auto mayBeShown = [&](const OwnCertificate &own) {
        return !wantsStaple || own.stapling(staplePolicy) != OwnCertificate::Stapling::Refuse;
    };
    const auto offers = [name](const OwnCertificate &own) {
        return std::any_of(own.names.begin(), own.names.end(),
                           [name](const std::string &pattern) { return dnsNameMatches(name, pattern); });
    };
    std::vector<const OwnCertificate *> fitting;
    std::vector<const OwnCertificate *> all;
    for (const OwnCertificate &own : certificates) {
        if (!mayBeShown(own))
            continue;
        all.push_back(&own);
        if (name != nullptr && offers(own))
            fitting.push_back(&own);
    }
    if (!fitting.empty())
        return fitting;
    // The first stands in for a name that nobody has, unless all are to be searched as without a name.
    if (name == nullptr || fullScanOnMismatch || certificates.empty())
        return all;
    if (!mayBeShown(certificates.front()))
        return {};
    return {&certificates.front()};
}

int chooseCertificate(SSL *ssl, void *pointer)
{
    const auto &state = *static_cast<const TlsState *>(pointer);
    // BoringSSL's own limit for what TLS 1.3 resumes: session_timeout is that of TLS 1.2.
    constexpr long resumableFor = 2L * 24 * 60 * 60;
    if (SSL_version(ssl) >= TLS1_3_VERSION)
        SSL_SESSION_set_timeout(SSL_get_session(ssl), resumableFor);
    if (state.certificates.size() < 2)
        return 1;
    const bool wantsStaple = SSL_get_tlsext_status_type(ssl) == TLSEXT_STATUSTYPE_ocsp;
    const std::vector<const OwnCertificate *> shown =
        state.certificatesFor(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), wantsStaple);
    if (shown.size() == state.certificates.size())
        return 1;
    // Of every key type the first that fits; OpenSSL then picks the type that the client can verify.
    SSL_certs_clear(ssl);
    for (auto own = shown.rbegin(); own != shown.rend(); ++own) {
        STACK_OF(X509) *chain = sk_X509_new_null();
        for (const X509Ptr &certificate : (*own)->chain)
            sk_X509_push(chain, certificate.get());
        const int used = SSL_use_cert_and_key(ssl, (*own)->leaf.get(), (*own)->key.get(), chain, 1);
        sk_X509_free(chain);
        if (used != 1)
            return 0;
    }
    return 1;
}

void leaveEqualsToClient(SSL *ssl, const TlsState &state)
{
    // The order of ciphers counts up to TLS 1.2. With TLS 1.3 all are as good as each other, and BoringSSL
    // takes the client's first.
    const auto most = SSL_get_max_proto_version(ssl);
    const unsigned char *versions = nullptr;
    std::size_t size = 0;
    if ((most == 0 || most >= TLS1_3_VERSION) &&
        SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &versions, &size) == 1) {
        // A length, then versions of two bytes.
        for (std::size_t i = 1; i + 1 < size; i += 2) {
            if ((versions[i] << 8U | versions[i + 1]) == TLS1_3_VERSION) {
                SSL_clear_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
                return;
            }
        }
    }
    orderEquals(ssl, state.cipherGroups);
}

std::string askedName(SSL *ssl)
{
    // The length of the list, then of its names the only one there may be: type 0, length, name.
    constexpr std::size_t before = 5;
    const unsigned char *bytes = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &size) != 1 || size < before ||
        bytes[2] != TLSEXT_NAMETYPE_host_name)
        return {};
    const std::size_t length = static_cast<std::size_t>(bytes[3]) << 8U | bytes[4];
    return {reinterpret_cast<const char *>(bytes) + before, std::min(length, size - before)};
}

bool asksForStaple(SSL *ssl)
{
    const unsigned char *bytes = nullptr;
    std::size_t size = 0;
    return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_status_request, &bytes, &size) == 1 && size > 0 &&
           bytes[0] == TLSEXT_STATUSTYPE_ocsp;
}

} // namespace sallyport::net
