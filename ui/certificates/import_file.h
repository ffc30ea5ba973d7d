// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential.h"

#include <QString>

namespace sallyport::certificates {

/// What one chosen file turned out to be. Holds private keys.
struct ImportFile
{
    enum class State { Good, NeedsPassphrase, WrongPassphrase, Failed };
    enum class Form { Pem, Der, Pkcs12, SecretYaml };

    QString path;
    State state = State::Good;
    Form form = Form::Pem;
    QString content;        ///< `private key RSA 2048`, `certificate of spiffe://test.client`
    QString problem;        ///< why it is not Good: one sentence, with its place, without the path
    QString hint;           ///< what to do about that; may be empty
    bool encrypted = false; ///< there is, or may be, a passphrase to give
    pki::KeyMaterial material;
    std::optional<pki::Credential> secret; ///< SecretYaml: what it holds

    QString name() const; ///< without its folder
};

/// Reads a file: PEM, DER, a PKCS#12 store or the manifest of a Secret, told apart by content. `passphrase`
/// may be empty. Blocks on the file system and, for PKCS#12, on key derivation.
ImportFile readImportFile(const QString &path, const QString &passphrase);

/// `private key RSA 2048, certificate of spiffe://test.client, 1 CA certificate (Partner Root CA)`
QString materialText(const pki::KeyMaterial &material);

} // namespace sallyport::certificates
