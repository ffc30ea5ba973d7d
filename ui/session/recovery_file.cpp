// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/recovery_file.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QStandardPaths>

namespace sallyport::session {

namespace {

constexpr auto settleTime = std::chrono::seconds(1);
constexpr auto ownerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

QString stateFolder()
{
    const QString configured = qEnvironmentVariable("XDG_STATE_HOME");
    const QString state =
        QDir::isAbsolutePath(configured) ? configured : QDir::homePath() + QStringLiteral("/.local/state");
    return state + QStringLiteral("/sallyport/recovery");
}

QString pathFor(const QString &folder)
{
    const QByteArray hash = QCryptographicHash::hash(folder.toUtf8(), QCryptographicHash::Sha256).toHex();
    return stateFolder() + QLatin1Char('/') + QString::fromLatin1(hash.left(16));
}

QJsonValue toJson(const std::optional<std::string> &text)
{
    return text ? QJsonValue(QString::fromStdString(*text)) : QJsonValue();
}

std::optional<std::string> fromJson(const QJsonValue &value)
{
    return value.isString() ? std::optional(value.toString().toStdString()) : std::nullopt;
}

QByteArray encode(const model::FileChanges &changes)
{
    QJsonArray list;
    for (const model::FileChange &change : changes)
        list.append(QJsonObject{{QStringLiteral("path"), QString::fromStdString(change.path)},
                                {QStringLiteral("before"), toJson(change.before)},
                                {QStringLiteral("after"), toJson(change.after)}});
    return QJsonDocument(QJsonObject{{QStringLiteral("version"), 1}, {QStringLiteral("changes"), list}})
        .toJson();
}

} // namespace

RecoveryFile::RecoveryFile(const QString &folder, QObject *parent)
    : QObject(parent)
    , m_path(pathFor(folder) + QStringLiteral(".json"))
    , m_lock(pathFor(folder) + QStringLiteral(".lock"))
{
    QDir().mkpath(stateFolder());
    QFile::setPermissions(stateFolder(), ownerOnly | QFileDevice::ExeOwner);
    m_lock.setStaleLockTime(0);
    m_owner = m_lock.tryLock();
    m_writer.setMaxThreadCount(1);
    m_settle.setSingleShot(true);
    m_settle.setInterval(settleTime);
    connect(&m_settle, &QTimer::timeout, this, &RecoveryFile::write);
}

RecoveryFile::~RecoveryFile()
{
    if (m_settle.isActive())
        write();
    m_writer.waitForDone();
}

std::optional<UnsavedWork> RecoveryFile::read() const
{
    QFile file(m_path);
    if (!m_owner || !file.open(QIODevice::ReadOnly))
        return std::nullopt;
    UnsavedWork work;
    work.when = file.fileTime(QFileDevice::FileModificationTime);
    const QJsonObject document = QJsonDocument::fromJson(file.readAll()).object();
    for (const QJsonValue &value : document[QLatin1String("changes")].toArray()) {
        const QJsonObject change = value.toObject();
        work.changes.push_back({change[QLatin1String("path")].toString().toStdString(),
                                fromJson(change[QLatin1String("before")]),
                                fromJson(change[QLatin1String("after")])});
    }
    if (work.changes.empty())
        return std::nullopt;
    return work;
}

void RecoveryFile::keep(model::FileChanges changes)
{
    m_changes = std::move(changes);
    m_settle.start();
}

void RecoveryFile::remove()
{
    m_settle.stop();
    m_changes.clear();
    write();
}

void RecoveryFile::write()
{
    if (!m_owner)
        return;
    m_writer.start([path = m_path, changes = m_changes] {
        if (changes.empty()) {
            QFile::remove(path);
            return;
        }
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return;
        file.setPermissions(ownerOnly);
        file.write(encode(changes));
        file.commit();
    });
}

} // namespace sallyport::session
