// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/request_history.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>
#include <QStandardPaths>

namespace sallyport::request {

RequestHistory::RequestHistory(const QString &folder, QObject *parent)
    : QAbstractListModel(parent)
    , m_folder(folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
                                      QLatin1String("/sallyport/requests")
                                : folder)
{
}

void RequestHistory::setProject(const QString &projectFolder)
{
    beginResetModel();
    m_project = projectFolder;
    m_items.clear();
    read();
    endResetModel();
}

void RequestHistory::add(const SentDraft &sent)
{
    const auto same = std::find_if(m_items.begin(), m_items.end(),
                                   [&sent](const SentDraft &item) { return item.draft == sent.draft; });
    if (same != m_items.end()) {
        const int row = static_cast<int>(same - m_items.begin());
        beginRemoveRows({}, row, row);
        m_items.erase(same);
        endRemoveRows();
    }
    beginInsertRows({}, 0, 0);
    m_items.prepend(sent);
    endInsertRows();
    if (m_items.size() > limit) {
        beginRemoveRows({}, limit, static_cast<int>(m_items.size()) - 1);
        m_items.resize(limit);
        endRemoveRows();
    }
    write();
}

void RequestHistory::clear()
{
    beginResetModel();
    m_items.clear();
    endResetModel();
    write();
}

const RequestDraft *RequestHistory::find(const QString &method, const QString &url) const
{
    for (const SentDraft &item : m_items) {
        if (item.draft.method.compare(method, Qt::CaseInsensitive) == 0 && item.draft.fullUrl() == url)
            return &item.draft;
    }
    return nullptr;
}

int RequestHistory::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

QVariant RequestHistory::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const SentDraft &item = m_items[index.row()];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole: {
        const QString status = item.status > 0 ? QString::number(item.status) : tr("no answer");
        return QStringLiteral("%1 %2 → %3").arg(item.draft.method, item.draft.url, status);
    }
    case Qt::ToolTipRole:
        return tr("Sent by %1, %2")
            .arg(item.draft.instance, item.when.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")));
    case DraftRole:
        return QVariant::fromValue(item.draft);
    default:
        return {};
    }
}

QString RequestHistory::path() const
{
    const QByteArray name =
        QCryptographicHash::hash(m_project.toUtf8(), QCryptographicHash::Sha256).toHex().left(32);
    return m_folder + QLatin1Char('/') + QString::fromLatin1(name) + QLatin1String(".json");
}

void RequestHistory::read()
{
    if (m_project.isEmpty())
        return;
    QFile file(path());
    if (!file.open(QIODevice::ReadOnly))
        return;
    const QJsonObject root = QJsonDocument::fromJson(file.readAll()).object();
    for (const QJsonValue value : root.value(QLatin1String("requests")).toArray()) {
        const QJsonObject object = value.toObject();
        SentDraft item;
        item.draft = RequestDraft::fromJson(object);
        item.when = QDateTime::fromString(object.value(QLatin1String("when")).toString(), Qt::ISODate);
        item.status = object.value(QLatin1String("status")).toInt();
        item.tookUs = static_cast<qint64>(object.value(QLatin1String("tookUs")).toDouble());
        if (!item.draft.url.isEmpty() && m_items.size() < limit)
            m_items.append(item);
    }
}

void RequestHistory::write() const
{
    if (m_project.isEmpty())
        return;
    QJsonArray list;
    for (const SentDraft &item : m_items) {
        QJsonObject object = item.draft.toJson();
        object.insert(QStringLiteral("when"), item.when.toString(Qt::ISODate));
        object.insert(QStringLiteral("status"), item.status);
        object.insert(QStringLiteral("tookUs"), item.tookUs);
        list.append(object);
    }
    const QJsonObject root{{QStringLiteral("project"), m_project}, {QStringLiteral("requests"), list}};
    QDir().mkpath(m_folder);
    QSaveFile file(path());
    if (!file.open(QIODevice::WriteOnly))
        return;
    // Bodies can be anything: nobody else need read them.
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(QJsonDocument(root).toJson());
    file.commit();
}

} // namespace sallyport::request
