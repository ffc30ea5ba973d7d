// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/import_file.h"

#include "core/pki/pkcs12.h"
#include "core/pki/secret_yaml.h"
#include "ui/certificates/certificate_facts.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

namespace sallyport::certificates {

namespace {

constexpr qint64 mostBytes = 4 << 20; ///< what core/pki reads of a file

QString tr(const char *text, int number = -1)
{
    return QCoreApplication::translate("ImportFile", text, nullptr, number);
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

/// The sentence of an error, with the line where there is one.
QString sentence(const Error &error)
{
    const QString what = text(error.what);
    return error.where.line > 0 ? tr("line %1: %2").arg(error.where.line).arg(what) : what;
}

bool isSecretManifest(const QByteArray &bytes)
{
    static const QRegularExpression kind(QStringLiteral(R"re(^\s*"?kind"?\s*:\s*"?Secret\b)re"),
                                         QRegularExpression::MultilineOption);
    return kind.match(QString::fromUtf8(bytes)).hasMatch();
}

ImportFile::Form formOf(const QByteArray &bytes)
{
    if (bytes.contains("-----BEGIN "))
        return ImportFile::Form::Pem;
    const std::string_view view(bytes.constData(), static_cast<std::size_t>(bytes.size()));
    return pki::isPkcs12(view) ? ImportFile::Form::Pkcs12 : ImportFile::Form::Der;
}

QString formText(ImportFile::Form form)
{
    switch (form) {
    case ImportFile::Form::Pem:
        return {};
    case ImportFile::Form::Der:
        return tr("DER: ");
    case ImportFile::Form::Pkcs12:
        return tr("PKCS#12: ");
    case ImportFile::Form::SecretYaml:
        break;
    }
    return tr("Secret: ");
}

void readSecret(const QByteArray &bytes, ImportFile &file)
{
    const auto credential = pki::credentialFromSecretYaml(
        std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())), file.path.toStdString());
    if (!credential) {
        file.state = ImportFile::State::Failed;
        file.problem = sentence(credential.error());
        file.hint = text(credential.error().hint);
        return;
    }
    file.secret = *credential;
    if (!credential->key.isNull())
        file.material.keys.push_back(credential->key);
    file.material.certificates = credential->chain;
    file.material.certificates.insert(file.material.certificates.end(), credential->ca.begin(),
                                      credential->ca.end());
    file.content = formText(file.form) + materialText(file.material);
    if (file.material.isEmpty()) {
        file.state = ImportFile::State::Failed;
        file.problem = tr("the Secret has neither a key nor a certificate");
        file.hint = tr("its data has tls.key, tls.crt and ca.crt, or key, cert and cacert");
    }
}

} // namespace

QString ImportFile::name() const
{
    return QFileInfo(path).fileName();
}

QString materialText(const pki::KeyMaterial &material)
{
    QStringList parts;
    for (const pki::PrivateKey &key : material.keys)
        parts.append(tr("private key %1").arg(keyText(key)));
    QStringList authorities;
    for (const pki::Certificate &certificate : material.certificates) {
        if (certificate.isCa())
            authorities.append(identityOf(certificate));
        else
            parts.append(tr("certificate of %1").arg(identityOf(certificate)));
    }
    if (authorities.size() == 1)
        parts.append(tr("CA certificate %1").arg(authorities.front()));
    else if (!authorities.isEmpty())
        parts.append(tr("%1 CA certificates").arg(authorities.size()));
    if (!material.crls.empty())
        parts.append(tr("revocation list"));
    return parts.join(QStringLiteral(", "));
}

ImportFile readImportFile(const QString &path, const QString &passphrase)
{
    ImportFile file;
    file.path = path;
    QFile source(path);
    const QByteArray head = source.open(QIODevice::ReadOnly) ? source.read(mostBytes) : QByteArray();
    source.close();
    if (isSecretManifest(head)) {
        file.form = ImportFile::Form::SecretYaml;
        readSecret(head, file);
        return file;
    }
    file.form = formOf(head);
    bool askedAgain = false;
    const auto prompt = [&](const std::string &, int attempt) -> std::optional<std::string> {
        file.encrypted = true;
        askedAgain = askedAgain || attempt > 1;
        if (attempt > 1 || passphrase.isEmpty())
            return std::nullopt;
        return passphrase.toStdString();
    };
    auto material = pki::readKeyMaterial(path.toStdString(), prompt);
    if (material) {
        file.material = *std::move(material);
        file.content = formText(file.form) + materialText(file.material);
        return file;
    }
    file.problem = sentence(material.error());
    file.hint = text(material.error().hint);
    if (!file.encrypted) {
        file.state = ImportFile::State::Failed;
    } else if (passphrase.isEmpty()) {
        file.state = ImportFile::State::NeedsPassphrase;
        file.problem = file.form == ImportFile::Form::Pkcs12 ? tr("the store is protected by a passphrase")
                                                             : tr("the private key is encrypted");
        file.hint.clear();
    } else if (askedAgain) {
        file.state = ImportFile::State::WrongPassphrase;
        file.problem = tr("the passphrase does not open it");
        file.hint = tr("try again, or ask whoever made the file");
    } else {
        file.state = ImportFile::State::Failed;
    }
    return file;
}

} // namespace sallyport::certificates
