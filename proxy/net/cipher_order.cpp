// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/cipher_order.h"

#include <algorithm>

namespace sallyport::net {

namespace {

/// Envoy's lists (envoy-behaviour.md 5.1), in BoringSSL's syntax.
const std::vector<std::string> &defaultCiphers()
{
    static const std::vector<std::string> ciphers{
        "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
        "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384"};
    return ciphers;
}

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ":") + name;
    return text;
}

/// Brackets group equals in BoringSSL's syntax.
std::string flatList(const std::vector<std::string> &ciphers)
{
    std::string flat = joined(ciphers);
    flat.erase(std::remove_if(flat.begin(), flat.end(), [](char c) { return c == '[' || c == ']'; }),
               flat.end());
    std::replace(flat.begin(), flat.end(), '|', ':');
    return flat;
}

/// Where the client has a cipher in its list; after all if it has not.
std::size_t placeOf(unsigned cipher, const unsigned char *list, std::size_t size)
{
    std::size_t at = 0;
    while (at + 1 < size && (list[at] << 8U | list[at + 1]) != static_cast<int>(cipher))
        at += 2;
    return at;
}

} // namespace

std::string cipherList(const std::vector<std::string> &configured)
{
    return flatList(configured.empty() ? defaultCiphers() : configured);
}

CipherGroups groupsOfCiphers(const SSL_CTX *context, const std::vector<std::string> &configured)
{
    CipherGroups groups;
    const STACK_OF(SSL_CIPHER) *taken = SSL_CTX_get_ciphers(context);
    for (const std::string &entry : configured.empty() ? defaultCiphers() : configured) {
        const std::string names = ':' + flatList({entry}) + ':';
        std::vector<OfferedCipher> &group = groups.emplace_back();
        for (int i = 0; i < sk_SSL_CIPHER_num(taken); ++i) {
            const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(taken, i);
            if (names.find(':' + std::string(SSL_CIPHER_get_name(cipher)) + ':') != std::string::npos)
                group.push_back({SSL_CIPHER_get_protocol_id(cipher), SSL_CIPHER_get_name(cipher)});
        }
    }
    return groups;
}

void orderEquals(SSL *ssl, const CipherGroups &groups)
{
    const unsigned char *list = nullptr;
    const std::size_t size = SSL_client_hello_get0_ciphers(ssl, &list);
    std::string ordered;
    bool changed = false;
    for (std::vector<OfferedCipher> group : groups) {
        const auto before = [&](const OfferedCipher &a, const OfferedCipher &b) {
            return placeOf(a.id, list, size) < placeOf(b.id, list, size);
        };
        if (!std::is_sorted(group.begin(), group.end(), before)) {
            changed = true;
            std::stable_sort(group.begin(), group.end(), before);
        }
        for (const OfferedCipher &cipher : group)
            ordered += (ordered.empty() ? "" : ":") + cipher.name;
    }
    if (changed)
        SSL_set_cipher_list(ssl, ordered.c_str());
}

} // namespace sallyport::net
