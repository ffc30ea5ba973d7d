// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_model.h"

#include <algorithm>

namespace sallyport::certificates {

namespace {

using Kind = CertificateEntry::Kind;

const QString separator = QStringLiteral(" · ");

} // namespace

CertificateModel::CertificateModel(QObject *parent)
    : QAbstractListModel(parent)
{
}

void CertificateModel::setEntries(std::vector<CertificateEntry> entries)
{
    const auto same = [](const CertificateEntry &a, const CertificateEntry &b) { return a.isSameAs(b); };
    const auto [oldFirst, newFirst] =
        std::mismatch(m_entries.begin(), m_entries.end(), entries.begin(), entries.end(), same);
    const auto first = oldFirst - m_entries.begin();
    const auto [oldLast, newLast] =
        std::mismatch(m_entries.rbegin(), std::make_reverse_iterator(oldFirst), entries.rbegin(),
                      std::make_reverse_iterator(newFirst), same);
    const auto tail = oldLast - m_entries.rbegin();
    const auto removed = static_cast<std::ptrdiff_t>(m_entries.size()) - tail - first;
    const auto added = static_cast<std::ptrdiff_t>(entries.size()) - tail - first;
    if (removed > 0) {
        beginRemoveRows({}, static_cast<int>(first), static_cast<int>(first + removed) - 1);
        m_entries.erase(m_entries.begin() + first, m_entries.begin() + first + removed);
        endRemoveRows();
    }
    if (added > 0)
        beginInsertRows({}, static_cast<int>(first), static_cast<int>(first + added) - 1);
    m_entries = std::move(entries);
    if (added > 0)
        endInsertRows();
    if (!m_entries.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1));
}

const CertificateEntry *CertificateModel::entryAt(const QModelIndex &index) const
{
    return index.isValid() && checkIndex(index, CheckIndexOption::IndexIsValid)
               ? &m_entries[static_cast<std::size_t>(index.row())]
               : nullptr;
}

QModelIndex CertificateModel::indexOf(const CertificateEntry &entry) const
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                    [&](const CertificateEntry &each) { return each.hasNameOf(entry); });
    return found == m_entries.end() ? QModelIndex() : index(static_cast<int>(found - m_entries.begin()));
}

QModelIndex CertificateModel::indexOf(const session::CredentialSelection &credential) const
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const CertificateEntry &each) {
        return !each.ofLab() && each.mesh == credential.mesh && each.nameSpace == credential.nameSpace &&
               each.name == credential.name;
    });
    return found == m_entries.end() ? QModelIndex() : index(static_cast<int>(found - m_entries.begin()));
}

void CertificateModel::setNow(TimePoint now)
{
    m_now = now;
    if (!m_entries.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {StateRole, ValidityRole});
}

int CertificateModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QString CertificateModel::groupText(const CertificateEntry &entry)
{
    switch (entry.kind) {
    case Kind::Missing:
    case Kind::Imported:
    case Kind::Secret:
        return tr("Credentials");
    case Kind::Workload:
        return tr("Workloads of the lab");
    case Kind::Authority:
        break;
    }
    return tr("Mesh CAs of the lab");
}

QString CertificateModel::iconOf(const CertificateEntry &entry)
{
    switch (entry.kind) {
    case Kind::Missing:
        return QStringLiteral("ring");
    case Kind::Imported:
        return entry.key.isEmpty() ? QStringLiteral("certificate") : QStringLiteral("key");
    case Kind::Secret:
        return QStringLiteral("file");
    case Kind::Workload:
        return QStringLiteral("sidecar");
    case Kind::Authority:
        break;
    }
    return QStringLiteral("shield");
}

QString CertificateModel::detail(const CertificateEntry &entry) const
{
    if (entry.ofLab())
        return entry.identity;
    QString where = entry.mesh + separator + entry.nameSpace;
    if (!entry.identity.isEmpty())
        where += separator + entry.identity;
    return where;
}

QVariant CertificateModel::data(const QModelIndex &index, int role) const
{
    const CertificateEntry *entry = entryAt(index);
    if (!entry)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return entry->name;
    case DetailRole:
        return detail(*entry);
    case StateRole:
        return stateText(*entry, m_now);
    case ValidityRole:
        return static_cast<int>(validityOf(*entry, m_now));
    case KindRole:
        return static_cast<int>(entry->kind);
    case GroupRole: {
        const QString group = groupText(*entry);
        const bool first =
            index.row() == 0 || groupText(m_entries[static_cast<std::size_t>(index.row()) - 1]) != group;
        return first ? group : QString();
    }
    case UsedRole:
        return !entry->uses.isEmpty();
    case Qt::ToolTipRole:
        return entry->problem.isEmpty() ? kindText(entry->kind) + separator + entry->identity
                                        : entry->problem;
    case Qt::AccessibleTextRole:
        // Read aloud, a row says all that its icon, its colour and its two lines show.
        return QStringList{entry->name, kindText(entry->kind), detail(*entry), stateText(*entry, m_now)}.join(
            QStringLiteral(", "));
    default:
        return {};
    }
}

} // namespace sallyport::certificates
