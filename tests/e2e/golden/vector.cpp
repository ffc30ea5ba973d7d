// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/vector.h"

#include "tests/e2e/golden/regular_expression.h"
#include "tests/e2e/golden/rsa_test_key.h"
#include "tests/e2e/mesh/recorded_project.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QSet>
#include <arpa/inet.h>
#include <memory>
#include <mutex>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <sys/socket.h>
#include <unistd.h>

namespace golden {

namespace {

const QString root = QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/dataplane");

bool isFree(int port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool bound = ::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    ::close(fd);
    return bound;
}

/// A port below the ephemeral ones that nobody in this process was given before.
int takePort()
{
    static std::mutex mutex;
    static QSet<int> taken;
    const std::scoped_lock lock(mutex);
    for (int attempt = 0; attempt < 5000; ++attempt) {
        const int port = QRandomGenerator::global()->bounded(20000, 32000);
        if (taken.contains(port) || !isFree(port))
            continue;
        taken.insert(port);
        return port;
    }
    return 0;
}

/// The certificate and key of this name as one file, with the password `secret`.
bool writePkcs12(const QString &name)
{
    const auto bioOf = [](const QString &path) {
        return std::unique_ptr<BIO, decltype(&BIO_free)>(
            BIO_new_file(QFile::encodeName(path).constData(), "r"), BIO_free);
    };
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(bioOf(name + ".pem").get(), nullptr, nullptr, nullptr), X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(bioOf(name + ".key").get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> pkcs12(
        PKCS12_create("secret", nullptr, key.get(), certificate.get(), nullptr, 0, 0, 0, 0, 0), PKCS12_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(
        BIO_new_file(QFile::encodeName(name + ".p12").constData(), "w"), BIO_free);
    return pkcs12 && out && i2d_PKCS12_bio(out.get(), pkcs12.get()) == 1;
}

} // namespace

QStringList vectors()
{
    QStringList names;
    for (const QString &name : QDir(root).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        if (QFile::exists(root + '/' + name + "/exchanges.json"))
            names.append(name);
    }
    return names;
}

QJsonObject vectorFile(const QString &name, const QString &file)
{
    QFile json(root + '/' + name + '/' + file);
    return json.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(json.readAll()).object() : QJsonObject();
}

bool writeTestPki(const QString &folder)
{
    const QDir from(root + "/pki");
    const QStringList files = from.entryList({"*.pem"}, QDir::Files, QDir::Name);
    for (const QString &file : files) {
        const QString name = file.chopped(4);
        QFile key(folder + '/' + name + ".key");
        const QByteArray text = name.endsWith("-rsa") ? rsaTestKey(name) : testKey(name);
        if (!QFile::copy(from.filePath(file), folder + '/' + file) || !key.open(QIODevice::WriteOnly) ||
            key.write(text) != text.size())
            return false;
    }
    for (const QString &staple : from.entryList({"*.ocsp"}, QDir::Files)) {
        if (!QFile::copy(from.filePath(staple), folder + '/' + staple))
            return false;
    }
    return !files.isEmpty() && writePkcs12(folder + "/server");
}

Placeholders::Placeholders(QString folder, QString pki)
    : m_folder(std::move(folder))
    , m_pki(std::move(pki))
{
}

int Placeholders::port(const QString &name)
{
    int &port = m_ports[name];
    if (port == 0)
        port = takePort();
    return port;
}

QString Placeholders::text(QString value)
{
    static const QRegularExpression placeholder("@port:([\\w-]+)@");
    value = replaceEach(value, placeholder, [this](const QRegularExpressionMatch &match) {
        return QString::number(port(match.captured(1)));
    });
    return value.replace("@dir@", m_folder).replace("@pki@", m_pki);
}

QJsonValue Placeholders::fill(const QJsonValue &value)
{
    static const QRegularExpression whole("^@port:([\\w-]+)@$");
    if (value.isObject()) {
        QJsonObject filled;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            filled.insert(text(it.key()), fill(it.value()));
        return filled;
    }
    if (value.isArray()) {
        QJsonArray filled;
        for (const QJsonValue &item : value.toArray())
            filled.append(fill(item));
        return filled;
    }
    if (!value.isString())
        return value;
    if (const auto match = whole.match(value.toString()); match.hasMatch())
        return port(match.captured(1));
    return text(value.toString());
}

} // namespace golden
