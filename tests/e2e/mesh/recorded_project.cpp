// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/mesh/recorded_project.h"

#include <QCryptographicHash>
#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QRegularExpression>

namespace golden {

namespace {

const QString root = QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/mesh");

QByteArray read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

/// A file of pki/, or a key.
QByteArray pki(const QString &file)
{
    return file.endsWith(".key") ? testKey(file.chopped(4)) : read(root + "/pki/" + file);
}

} // namespace

QStringList projects()
{
    QStringList names;
    for (const QString &name : QDir(root).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        if (QFile::exists(root + '/' + name + "/answers.json"))
            names.append(name);
    }
    return names;
}

QJsonObject answersOf(const QString &name)
{
    return QJsonDocument::fromJson(read(root + '/' + name + "/answers.json")).object();
}

bool writeProject(const QString &name, const QString &folder)
{
    static const QRegularExpression placeholder("@pki:([\\w.-]+)@");
    const QString from = root + '/' + name + "/project";
    QDirIterator files(from, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    bool written = false;
    while (files.hasNext()) {
        const QString path = files.next();
        const QString to = folder + path.mid(from.size());
        QByteArray text = read(path);
        QRegularExpressionMatch match;
        while ((match = placeholder.match(QString::fromUtf8(text))).hasMatch())
            text.replace(match.captured(0).toUtf8(), pki(match.captured(1)).toBase64());
        written = QDir().mkpath(QFileInfo(to).path()) && write(to, text);
        if (!written)
            return false;
    }
    return written;
}

bool writePki(const QDir &folder)
{
    for (const QString &file : QDir(root + "/pki").entryList({"*.crt"}, QDir::Files)) {
        const QString name = file.chopped(4);
        if (!write(folder.filePath(file), pki(file)) || !write(folder.filePath(name + ".key"), testKey(name)))
            return false;
    }
    return true;
}

QByteArray testKey(const QString &name)
{
    // An ECPrivateKey of P-256 (RFC 5915) whose secret is a hash of the name, as ../golden/test-key makes it.
    const QByteArray secret =
        QCryptographicHash::hash("golden test key: " + name.toUtf8(), QCryptographicHash::Sha256);
    const QByteArray der =
        QByteArray::fromHex("30310201010420") + secret + QByteArray::fromHex("a00a06082a8648ce3d030107");
    return "-----BEGIN EC PRIVATE KEY-----\n" + der.toBase64() + "\n-----END EC PRIVATE KEY-----\n";
}

} // namespace golden
