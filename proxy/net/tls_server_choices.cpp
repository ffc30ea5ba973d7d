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

int chooseCertificate(SSL *ssl, void *state)
{
    const auto &certificates = static_cast<const TlsState *>(state)->certificates;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr)
        return 1;
    const auto offers = [name](const OwnCertificate &own) {
        return std::any_of(own.names.begin(), own.names.end(),
                           [name](const std::string &pattern) { return dnsNameMatches(name, pattern); });
    };
    if (std::none_of(certificates.begin(), certificates.end(), offers))
        return 1;
    // Of every key type the first that fits; OpenSSL then picks the type that the client can verify.
    SSL_certs_clear(ssl);
    for (auto own = certificates.rbegin(); own != certificates.rend(); ++own) {
        if (!offers(*own))
            continue;
        STACK_OF(X509) *chain = sk_X509_new_null();
        for (const X509Ptr &certificate : own->chain)
            sk_X509_push(chain, certificate.get());
        const int used = SSL_use_cert_and_key(ssl, own->leaf.get(), own->key.get(), chain, 1);
        sk_X509_free(chain);
        if (used != 1)
            return 0;
    }
    return 1;
}

} // namespace sallyport::net
