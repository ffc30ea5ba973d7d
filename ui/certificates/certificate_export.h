// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential_store.h"
#include "core/pki/secret_yaml.h"

#include <QString>

namespace sallyport::certificates {

/// What an imported credential can be written as, for use elsewhere.
enum class ExportForm {
    SecretTls,     ///< a Secret with tls.key, tls.crt, ca.crt
    SecretGeneric, ///< a Secret with key, cert, cacert
    Pkcs12,        ///< a store with key, chain and CAs, sealed with a passphrase
    Certificates   ///< the chain and the CAs as PEM, without the key
};

/// `test.client-secret.yaml`
QString exportFileName(const pki::CredentialId &id, ExportForm form);

/// Writes it to a file, which only its owner can read if it holds the private key. `passphrase` is that of a
/// PKCS#12 store. Blocks.
Result<void> exportCredential(const pki::CredentialStore &store, const pki::CredentialId &id, ExportForm form,
                              const QString &path, const std::string &passphrase = {});

/// `kubectl create -n … secret generic …` from the files of the store: it works in a shell of this machine.
QString kubectlLine(const pki::CredentialStore &store, const pki::CredentialId &id, pki::SecretKeys keys);

} // namespace sallyport::certificates
