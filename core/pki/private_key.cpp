// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/private_key.h"

#include "core/pki/openssl_error.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <ostream>

namespace sallyport::pki {

namespace {

struct NamedType
{
    std::string_view name;
    KeyType type;
};
constexpr std::array<NamedType, 6> keyTypes{{{"rsa2048", KeyType::Rsa2048},
                                             {"rsa3072", KeyType::Rsa3072},
                                             {"rsa4096", KeyType::Rsa4096},
                                             {"p256", KeyType::EcP256},
                                             {"p384", KeyType::EcP384},
                                             {"ed25519", KeyType::Ed25519}}};

EVP_PKEY *generateKey(KeyType type)
{
    switch (type) {
    case KeyType::Rsa2048:
        return EVP_RSA_gen(2048);
    case KeyType::Rsa3072:
        return EVP_RSA_gen(3072);
    case KeyType::Rsa4096:
        return EVP_RSA_gen(4096);
    case KeyType::EcP256:
        return EVP_EC_gen("P-256");
    case KeyType::EcP384:
        return EVP_EC_gen("P-384");
    case KeyType::Ed25519:
        return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    }
    return nullptr;
}

} // namespace

Result<KeyType> keyTypeFromName(std::string_view name)
{
    for (const NamedType &known : keyTypes) {
        if (known.name == name)
            return known.type;
    }
    return fail("unknown key type \"" + std::string(name) + '"', {},
                "use rsa2048, rsa3072, rsa4096, p256, p384 or ed25519");
}

PrivateKey::PrivateKey(EVP_PKEY *key)
    : m_key(key, EVP_PKEY_free)
{
}

Result<PrivateKey> PrivateKey::generate(KeyType type)
{
    EVP_PKEY *key = generateKey(type);
    if (!key)
        return fail(openSslError("a private key could not be made"));
    return PrivateKey(key);
}

std::string PrivateKey::algorithm() const
{
    if (!m_key)
        return "none";
    const int id = EVP_PKEY_get_base_id(m_key.get());
    if (id == EVP_PKEY_EC) {
        std::array<char, 64> group{};
        std::size_t length = 0;
        EVP_PKEY_get_utf8_string_param(m_key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                       &length);
        const std::string_view curve(group.data(), length);
        return "EC " + std::string(curve == "prime256v1"  ? "P-256"
                                   : curve == "secp384r1" ? "P-384"
                                   : curve == "secp521r1" ? "P-521"
                                                          : curve);
    }
    if (id == EVP_PKEY_RSA)
        return "RSA";
    if (id == EVP_PKEY_ED25519)
        return "Ed25519";
    const char *name = EVP_PKEY_get0_type_name(m_key.get());
    return name ? name : "unknown";
}

int PrivateKey::bits() const
{
    return m_key ? EVP_PKEY_get_bits(m_key.get()) : 0;
}

int PrivateKey::securityBits() const
{
    return m_key ? EVP_PKEY_get_security_bits(m_key.get()) : 0;
}

std::string PrivateKey::toPem() const
{
    if (!m_key)
        return {};
    const BioPtr bio = memoryBio();
    if (PEM_write_bio_PKCS8PrivateKey(bio.get(), m_key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return {};
    return bioText(bio.get());
}

Result<std::string> PrivateKey::toEncryptedPem(std::string_view passphrase) const
{
    const BioPtr bio = memoryBio();
    if (!m_key || PEM_write_bio_PKCS8PrivateKey(bio.get(), m_key.get(), EVP_aes_256_cbc(), passphrase.data(),
                                                static_cast<int>(passphrase.size()), nullptr, nullptr) != 1) {
        return fail(openSslError("the private key could not be encrypted"));
    }
    return bioText(bio.get());
}

std::ostream &operator<<(std::ostream &out, const PrivateKey &key)
{
    out << "[private key " << key.algorithm();
    if (key.bits() > 0)
        out << ' ' << key.bits();
    return out << ']';
}

} // namespace sallyport::pki
