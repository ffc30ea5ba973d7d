// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_export.h"

#include "core/pki/pkcs12.h"

#include <openssl/crypto.h>

#include <QFile>

namespace sallyport::certificates {

namespace {

constexpr unsigned secretMode = 0600;
constexpr unsigned publicMode = 0644;

} // namespace

QString exportFileName(const pki::CredentialId &id, ExportForm form)
{
    const QString name = QString::fromStdString(id.name);
    switch (form) {
    case ExportForm::Certificates:
        return name + QStringLiteral("-certificates.pem");
    case ExportForm::Pkcs12:
        return name + QStringLiteral(".p12");
    case ExportForm::SecretTls:
    case ExportForm::SecretGeneric:
        break;
    }
    return name + QStringLiteral("-secret.yaml");
}

Result<void> exportCredential(const pki::CredentialStore &store, const pki::CredentialId &id, ExportForm form,
                              const QString &path, const std::string &passphrase)
{
    const Result<pki::Credential> credential = store.get(id);
    if (!credential)
        return fail(credential.error());
    if (form == ExportForm::Certificates)
        return pki::writeFileAtomically(
            path.toStdString(), pki::toPem(credential->chain) + pki::toPem(credential->ca), publicMode);
    if (form == ExportForm::Pkcs12) {
        std::vector<pki::Certificate> chain = credential->chain;
        chain.insert(chain.end(), credential->ca.begin(), credential->ca.end());
        const Result<std::string> sealed = pki::encodePkcs12(credential->key, chain, id.name, passphrase);
        return sealed ? pki::writeFileAtomically(path.toStdString(), *sealed, secretMode)
                      : fail(sealed.error());
    }
    std::string yaml =
        pki::secretYaml(*credential, id.secretNamespace,
                        form == ExportForm::SecretTls ? pki::SecretKeys::Tls : pki::SecretKeys::Generic);
    Result<void> written = pki::writeFileAtomically(path.toStdString(), yaml, secretMode);
    OPENSSL_cleanse(yaml.data(), yaml.size());
    return written;
}

QString kubectlLine(const pki::CredentialStore &store, const pki::CredentialId &id, pki::SecretKeys keys)
{
    const std::string folder =
        store.folder() + '/' + id.mesh + '/' + id.secretNamespace + '/' + id.name + '/';
    const auto existing = [&folder](const char *file) {
        return QFile::exists(QString::fromStdString(folder + file)) ? folder + file : std::string();
    };
    return QString::fromStdString(pki::kubectlCreateLine(
        id.name, id.secretNamespace, {existing("tls.key"), existing("tls.crt"), existing("ca.crt")}, keys));
}

} // namespace sallyport::certificates
