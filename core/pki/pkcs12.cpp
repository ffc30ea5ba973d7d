// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/pkcs12.h"

#include "core/pki/openssl_error.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>

namespace sallyport::pki {

namespace {

using Pkcs12Ptr = std::unique_ptr<PKCS12, Free<PKCS12_free>>;

Pkcs12Ptr parse(std::string_view bytes)
{
    const auto *at = reinterpret_cast<const unsigned char *>(bytes.data());
    Pkcs12Ptr store(d2i_PKCS12(nullptr, &at, static_cast<long>(bytes.size())));
    ERR_clear_error();
    return store;
}

Result<KeyMaterial> open(PKCS12 *store, const std::string &passphrase, const std::string &file)
{
    EVP_PKEY *key = nullptr;
    X509 *certificate = nullptr;
    STACK_OF(X509) *others = nullptr;
    if (PKCS12_parse(store, passphrase.c_str(), &key, &certificate, &others) != 1)
        return fail(
            openSslError("the PKCS#12 store cannot be opened", Place{file, 0, 0},
                         "stores encrypted with RC2 (older than OpenSSL 3) must be exported again with AES"));
    KeyMaterial material;
    material.keyWasEncrypted = !passphrase.empty();
    if (key)
        material.keys.emplace_back(key);
    if (certificate)
        material.certificates.emplace_back(certificate);
    for (int i = 0; others && i < sk_X509_num(others); ++i)
        material.certificates.emplace_back(sk_X509_value(others, i));
    sk_X509_free(others);
    if (material.isEmpty())
        return fail("the PKCS#12 store is empty", Place{file, 0, 0});
    return material;
}

} // namespace

bool isPkcs12(std::string_view bytes)
{
    return parse(bytes) != nullptr;
}

Result<KeyMaterial> decodePkcs12(std::string_view bytes, const std::string &file,
                                 const PassphrasePrompt &prompt)
{
    const Pkcs12Ptr store = parse(bytes);
    if (!store)
        return fail("not a PKCS#12 store", Place{file, 0, 0});
    const bool unprotected =
        PKCS12_verify_mac(store.get(), "", 0) == 1 || PKCS12_verify_mac(store.get(), nullptr, 0) == 1;
    ERR_clear_error();
    if (unprotected)
        return open(store.get(), {}, file);
    if (!prompt)
        return fail("the PKCS#12 store is protected", Place{file, 0, 0}, "give its passphrase");
    for (int attempt = 1; attempt <= 3; ++attempt) {
        std::optional<std::string> passphrase = prompt(file, attempt);
        if (!passphrase)
            return fail("the PKCS#12 store is protected and no passphrase was given", Place{file, 0, 0});
        const bool right =
            PKCS12_verify_mac(store.get(), passphrase->c_str(), static_cast<int>(passphrase->size())) == 1;
        Result<KeyMaterial> material =
            fail("the passphrase does not open the PKCS#12 store", Place{file, 0, 0});
        if (right)
            material = open(store.get(), *passphrase, file);
        OPENSSL_cleanse(passphrase->data(), passphrase->size());
        ERR_clear_error();
        if (right)
            return material;
    }
    return fail("the passphrase does not open the PKCS#12 store", Place{file, 0, 0});
}

Result<std::string> encodePkcs12(const PrivateKey &key, const std::vector<Certificate> &chain,
                                 const std::string &name, const std::string &passphrase)
{
    if (key.isNull() || chain.empty())
        return fail("a PKCS#12 store needs a key and its certificate");
    const auto freeStack = [](STACK_OF(X509) * stack) { sk_X509_free(stack); };
    const std::unique_ptr<STACK_OF(X509), decltype(freeStack)> others(sk_X509_new_null(), freeStack);
    for (std::size_t i = 1; i < chain.size(); ++i)
        sk_X509_push(others.get(), chain[i].handle());
    const Pkcs12Ptr store(PKCS12_create(passphrase.c_str(), name.c_str(), key.handle(),
                                        chain.front().handle(), others.get(), NID_aes_256_cbc,
                                        NID_aes_256_cbc, PKCS12_DEFAULT_ITER, PKCS12_DEFAULT_ITER, 0));
    if (!store)
        return fail(openSslError("the PKCS#12 store could not be made"));
    unsigned char *data = nullptr;
    const int size = i2d_PKCS12(store.get(), &data);
    if (size <= 0)
        return fail(openSslError("the PKCS#12 store could not be written"));
    std::string bytes(reinterpret_cast<char *>(data), static_cast<std::size_t>(size));
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    return bytes;
}

} // namespace sallyport::pki
