// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/session_ticket_keys.h"

#include "proxy/net/tls_verifier.h"

#include <algorithm>
#include <array>
#include <memory>
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <string>
#include <utility>

namespace sallyport::net {

namespace {

/// What seals and opens session tickets: a name, a key for HMAC and one for AES-256.
struct TicketKey
{
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> hmac{};
    std::array<unsigned char, 32> aes{};
};

int ticketKeysIndex()
{
    static const int index = SSL_CTX_get_ex_new_index(
        0, nullptr, nullptr, nullptr, [](void *, void *keys, CRYPTO_EX_DATA *, int, long, void *) {
            delete static_cast<std::vector<TicketKey> *>(keys);
        });
    return index;
}

int useTicketKey(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                 int sealing)
{
    const auto &keys =
        *static_cast<std::vector<TicketKey> *>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ticketKeysIndex()));
    auto key = keys.begin();
    if (sealing == 1) {
        std::copy(key->name.begin(), key->name.end(), name);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
            return -1;
    } else {
        key = std::find_if(keys.begin(), keys.end(), [name](const TicketKey &each) {
            return std::equal(each.name.begin(), each.name.end(), name);
        });
        if (key == keys.end())
            return 0;
    }
    std::string digest = "sha256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    if (EVP_MAC_init(mac, key->hmac.data(), key->hmac.size(), parameters.data()) != 1 ||
        EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->aes.data(), iv, sealing) != 1)
        return -1;
    // A ticket that an older key opens is replaced, and each of TLS 1.3, where they are for one use.
    const bool keeps = key == keys.begin() && SSL_version(ssl) < TLS1_3_VERSION;
    return sealing == 1 || keeps ? 1 : 2;
}

} // namespace

Result<void> setTicketKeys(SSL_CTX *context, const std::vector<dataplane::DataSource> &sources)
{
    auto keys = std::make_unique<std::vector<TicketKey>>();
    for (const dataplane::DataSource &source : sources) {
        const auto bytes = readDataSource(source);
        if (!bytes)
            return fail(bytes.error());
        TicketKey &key = keys->emplace_back();
        const std::size_t expected = key.name.size() + key.hmac.size() + key.aes.size();
        if (bytes->size() != expected)
            return fail("Incorrect TLS session ticket key length. Length " + std::to_string(bytes->size()) +
                        ", expected length " + std::to_string(expected) + '.');
        auto from = bytes->begin();
        for (const auto &[part, size] :
             {std::pair(key.name.data(), key.name.size()), std::pair(key.hmac.data(), key.hmac.size()),
              std::pair(key.aes.data(), key.aes.size())}) {
            std::copy_n(from, size, part);
            from += static_cast<std::ptrdiff_t>(size);
        }
    }
    SSL_CTX_set_ex_data(context, ticketKeysIndex(), keys.release());
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, useTicketKey);
    return {};
}

} // namespace sallyport::net
