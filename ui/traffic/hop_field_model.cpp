// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/hop_field_model.h"

#include "ui/traffic/log_line.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

namespace sallyport::traffic {

namespace {

/// What a person looks for first; the rest follows by name.
const char *const firstFields[] = {"start_time",
                                   "duration",
                                   "upstream_service_time",
                                   "method",
                                   "authority",
                                   "path",
                                   "protocol",
                                   "response_code",
                                   "response_flags",
                                   "response_code_details",
                                   "connection_termination_details",
                                   "upstream_transport_failure_reason",
                                   "route_name",
                                   "upstream_cluster",
                                   "upstream_host",
                                   "upstream_local_address",
                                   "downstream_local_address",
                                   "downstream_remote_address",
                                   "requested_server_name"};

QString valueText(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::String:
        return value.toString();
    case QJsonValue::Double:
        return QString::number(value.toDouble(), 'g', 15);
    case QJsonValue::Bool:
        return value.toBool() ? QStringLiteral("true") : QStringLiteral("false");
    case QJsonValue::Array:
        return QString::fromUtf8(QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact));
    case QJsonValue::Object:
        return QString::fromUtf8(QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact));
    default:
        return QStringLiteral("-");
    }
}

} // namespace

void HopFieldModel::setEntries(const QList<control::LogEntry> &entries)
{
    beginResetModel();
    m_entries = entries;
    m_fields.clear();
    QSet<QString> names;
    for (const control::LogEntry &entry : entries) {
        for (auto it = entry.fields.begin(); it != entry.fields.end(); ++it)
            names.insert(it.key());
    }
    for (const char *field : firstFields) {
        const QString name = QString::fromLatin1(field);
        if (names.remove(name))
            m_fields.append(name);
    }
    QStringList rest = names.values();
    rest.sort();
    m_fields += rest;
    endResetModel();
}

int HopFieldModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_fields.size());
}

int HopFieldModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant HopFieldModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != Qt::AccessibleTextRole)
        return {};
    return valueText(m_entries[index.column()].fields.value(m_fields[index.row()]));
}

QVariant HopFieldModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    if (orientation == Qt::Vertical)
        return section < m_fields.size() ? m_fields[section] : QVariant();
    if (section >= m_entries.size())
        return {};
    return role == Qt::ToolTipRole ? m_entries[section].proxy : shortName(m_entries[section].proxy);
}

} // namespace sallyport::traffic
