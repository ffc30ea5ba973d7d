// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/certificate.h"
#include "core/pki/private_key.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::pki {

/// Asked for the passphrase of `what` (a file name); empty optional means that the person gave none.
/// Called in the thread that decodes, at most three times for one file.
using PassphrasePrompt = std::function<std::optional<std::string>(const std::string &what, int attempt)>;

/// All that one file held, in its order.
struct KeyMaterial
{
    std::vector<Certificate> certificates;
    std::vector<PrivateKey> keys;
    std::vector<std::string> crls; ///< PEM
    bool keyWasEncrypted = false;

    bool isEmpty() const { return certificates.empty() && keys.empty() && crls.empty(); }
};

/// Decodes PEM (any number of blocks in any order, text between them ignored, PKCS#1, PKCS#8, SEC1, encrypted
/// or not) or DER (a certificate, a key, a CRL or a PKCS#12 store, told apart by content). `file` names it in
/// errors. Errors: nothing known in it, a broken block (with its line), an encrypted key without or with a
/// wrong passphrase.
Result<KeyMaterial> decodeKeyMaterial(std::string_view bytes, const std::string &file,
                                      const PassphrasePrompt &prompt = {});

/// Reads and decodes a file; refuses one larger than 4 MiB.
Result<KeyMaterial> readKeyMaterial(const std::string &path, const PassphrasePrompt &prompt = {});

/// The PEM blocks of `certificates`, one after the other.
std::string toPem(const std::vector<Certificate> &certificates);

} // namespace sallyport::pki
