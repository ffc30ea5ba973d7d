// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/pem.h"

namespace sallyport::pki {

/// Whether `bytes` are a PKCS#12 store (RFC 7292).
bool isPkcs12(std::string_view bytes);

/// The key, its certificate (first) and the other certificates of a store. Tries the empty passphrase before
/// it asks.
Result<KeyMaterial> decodePkcs12(std::string_view bytes, const std::string &file,
                                 const PassphrasePrompt &prompt = {});

/// Key and chain as a store that OpenSSL 3, Java 17 and Windows read: AES-256, PBKDF2, SHA-256 MAC.
Result<std::string> encodePkcs12(const PrivateKey &key, const std::vector<Certificate> &chain,
                                 const std::string &name, const std::string &passphrase);

} // namespace sallyport::pki
