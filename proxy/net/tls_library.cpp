// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace sallyport::net {

namespace {

/// What is kept of an operation's algorithms, by the first of their names.
struct Kept
{
    int operation;
    std::vector<std::string_view> names;
};

const std::vector<Kept> &keptAlgorithms()
{
    // The record layer up to TLS 1.2 keeps its HMAC key as a key and signs with it.
    static const std::vector<Kept> kept{
        {OSSL_OP_DIGEST, {"SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512", "MD5", "MD5-SHA1"}},
        {OSSL_OP_CIPHER,
         {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "AES-128-CBC", "AES-256-CBC",
          "AES-128-CBC-HMAC-SHA1", "AES-256-CBC-HMAC-SHA1", "AES-128-CBC-HMAC-SHA256",
          "AES-256-CBC-HMAC-SHA256"}},
        {OSSL_OP_MAC, {"HMAC"}},
        {OSSL_OP_KDF, {"TLS13-KDF", "TLS1-PRF", "HKDF"}},
        {OSSL_OP_RAND, {"CTR-DRBG", "SEED-SRC"}},
        {OSSL_OP_KEYMGMT, {"RSA", "RSA-PSS", "EC", "ED25519", "X25519", "HMAC"}},
        {OSSL_OP_KEYEXCH, {"ECDH", "X25519"}},
        {OSSL_OP_SIGNATURE, {"RSA", "ECDSA", "ED25519", "HMAC"}},
        {OSSL_OP_ASYM_CIPHER, {"RSA"}},
        {OSSL_OP_DECODER, {"RSA", "RSA-PSS", "EC", "ED25519"}}};
    return kept;
}

bool isNamed(const OSSL_ALGORITHM &algorithm, const std::vector<std::string_view> &names)
{
    const std::string_view all(algorithm.algorithm_names);
    return std::find(names.begin(), names.end(), all.substr(0, all.find(':'))) != names.end();
}

bool readsPublicKey(const OSSL_ALGORITHM &decoder)
{
    const std::string_view properties(decoder.property_definition);
    return properties.find("input=der") != std::string_view::npos &&
           properties.find("structure=SubjectPublicKeyInfo") != std::string_view::npos;
}

/// The default provider behind a provider that shows a part of it.
struct Selection
{
    OSSL_LIB_CTX *inner = nullptr;
    OSSL_PROVIDER *provider = nullptr;
    /// By operation; each list ends with an empty element.
    std::map<int, std::vector<OSSL_ALGORITHM>> algorithms;
};

Selection &selection()
{
    // Lives as long as the process: OpenSSL keeps pointers into it.
    static Selection *const only = new Selection;
    return *only;
}

std::vector<OSSL_ALGORITHM> select(const Kept &kept)
{
    std::vector<OSSL_ALGORITHM> list;
    int uncached = 0;
    const OSSL_ALGORITHM *from =
        OSSL_PROVIDER_query_operation(selection().provider, kept.operation, &uncached);
    for (; from != nullptr && from->algorithm_names != nullptr; ++from) {
        if (isNamed(*from, kept.names) && (kept.operation != OSSL_OP_DECODER || readsPublicKey(*from)))
            list.push_back(*from);
    }
    list.push_back({});
    return list;
}

const OSSL_ALGORITHM *queryOperation(void * /*context*/, int operation, int *uncached)
{
    *uncached = 0;
    const auto found = selection().algorithms.find(operation);
    return found == selection().algorithms.end() ? nullptr : found->second.data();
}

const OSSL_PARAM *gettableParameters(void * /*context*/)
{
    return OSSL_PROVIDER_gettable_params(selection().provider);
}

int getParameters(void * /*context*/, OSSL_PARAM *parameters)
{
    return OSSL_PROVIDER_get_params(selection().provider, parameters);
}

/// The groups of key exchange are told this way; those whose key type is missing are skipped.
int getCapabilities(void * /*context*/, const char *capability, OSSL_CALLBACK *callback, void *argument)
{
    return OSSL_PROVIDER_get_capabilities(selection().provider, capability, callback, argument);
}

template<typename Function>
OSSL_DISPATCH entry(int id, Function *function)
{
    return {id, reinterpret_cast<void (*)()>(function)};
}

int startSelection(const OSSL_CORE_HANDLE * /*core*/, const OSSL_DISPATCH * /*offered*/,
                   const OSSL_DISPATCH **table, void **context)
{
    static const OSSL_DISPATCH functions[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, queryOperation),
                                              entry(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, gettableParameters),
                                              entry(OSSL_FUNC_PROVIDER_GET_PARAMS, getParameters),
                                              entry(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, getCapabilities),
                                              {0, nullptr}};
    Selection &chosen = selection();
    chosen.inner = OSSL_LIB_CTX_new();
    chosen.provider = OSSL_PROVIDER_load(chosen.inner, "default");
    if (chosen.provider == nullptr)
        return 0;
    for (const Kept &kept : keptAlgorithms())
        chosen.algorithms[kept.operation] = select(kept);
    // The algorithms' functions are the default provider's, so what they are given must be its own.
    *context = OSSL_PROVIDER_get0_provider_ctx(chosen.provider);
    *table = functions;
    return 1;
}

OSSL_LIB_CTX *makeLibrary()
{
    constexpr const char *Name = "sallyport";
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    if (OSSL_PROVIDER_add_builtin(library, Name, startSelection) == 1 &&
        OSSL_PROVIDER_load(library, Name) != nullptr)
        return library;
    ERR_clear_error();
    OSSL_LIB_CTX_free(library);
    return nullptr;
}

} // namespace

OSSL_LIB_CTX *tlsLibrary()
{
    static OSSL_LIB_CTX *const library = makeLibrary();
    return library;
}

void useTlsLibraryOnThisThread()
{
    if (OSSL_LIB_CTX *library = tlsLibrary(); library != nullptr)
        OSSL_LIB_CTX_set0_default(library);
}

void leaveTlsLibraryOnThisThread()
{
    OPENSSL_thread_stop();
}

} // namespace sallyport::net
