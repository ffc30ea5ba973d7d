// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

using EVP_PKEY = struct evp_pkey_st;

namespace sallyport::pki {

/// What a new key pair is made of.
enum class KeyType { Rsa2048, Rsa3072, Rsa4096, EcP256, EcP384, Ed25519 };

/// `rsa2048`, `rsa3072`, `rsa4096`, `p256`, `p384`, `ed25519`.
Result<KeyType> keyTypeFromName(std::string_view name);

/// A private key. Copies share one OpenSSL object that clears its memory when the last copy goes.
/// It prints itself as `[private key RSA 2048]`: nothing that is logged or shown can leak it by accident.
class PrivateKey
{
public:
    PrivateKey() = default;
    /// Takes over one reference of `key`.
    explicit PrivateKey(EVP_PKEY *key);

    static Result<PrivateKey> generate(KeyType type);

    bool isNull() const { return m_key == nullptr; }
    /// `RSA`, `EC P-256`, `EC P-384`, `Ed25519`, …
    std::string algorithm() const;
    int bits() const;
    /// Bits of security as NIST SP 800-57 counts them: RSA 2048 and P-224 are 112, P-256 is 128.
    int securityBits() const;

    /// PKCS#8 PEM in the clear. Only for files with mode 0600 and for OpenSSL.
    std::string toPem() const;
    /// PKCS#8 PEM encrypted with AES-256-CBC under PBKDF2, as `openssl pkcs8 -topk8 -v2 aes-256-cbc` writes
    /// it.
    Result<std::string> toEncryptedPem(std::string_view passphrase) const;

    EVP_PKEY *handle() const { return m_key.get(); }

private:
    std::shared_ptr<EVP_PKEY> m_key;
};

std::ostream &operator<<(std::ostream &out, const PrivateKey &key);

} // namespace sallyport::pki
