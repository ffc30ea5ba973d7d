// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/header_table_model.h"

namespace sallyport::request {

void HeaderTableModel::setHeaders(const QList<Header> &headers)
{
    if (headers == this->headers())
        return;
    beginResetModel();
    m_rows = headers;
    m_rows.append(Header());
    endResetModel();
}

void HeaderTableModel::remove(int row)
{
    if (row < 0 || row >= m_rows.size() - 1)
        return;
    beginRemoveRows({}, row, row);
    m_rows.removeAt(row);
    endRemoveRows();
    Q_EMIT edited();
}

int HeaderTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int HeaderTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : 2;
}

QVariant HeaderTableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Header &header = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return index.column() == 0 ? header.name : header.value;
    case Qt::CheckStateRole:
        if (isNew(index.row()) || index.column() != 0)
            return {};
        return header.enabled ? Qt::Checked : Qt::Unchecked;
    case Qt::AccessibleTextRole:
        if (isNew(index.row()))
            return index.column() == 0 ? tr("New header's name") : tr("New header's value");
        return index.column() == 0 ? tr("Header %1").arg(header.name) : header.value;
    default:
        return {};
    }
}

bool HeaderTableModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!index.isValid())
        return false;
    const int row = index.row();
    Header &header = m_rows[row];
    if (role == Qt::CheckStateRole && !isNew(row) && index.column() == 0) {
        header.enabled = value.toInt() == Qt::Checked;
        Q_EMIT dataChanged(index, index);
        Q_EMIT edited();
        return true;
    }
    if (role != Qt::EditRole)
        return false;
    const QString text = value.toString();
    const bool wasNew = isNew(row);
    if (wasNew && text.trimmed().isEmpty())
        return false;
    // A whole line, pasted into the name.
    const qsizetype colon = wasNew && index.column() == 0 ? text.indexOf(QLatin1Char(':')) : -1;
    if (colon > 0) {
        header.name = text.left(colon).trimmed();
        header.value = text.mid(colon + 1).trimmed();
    } else if (index.column() == 0) {
        header.name = text.trimmed();
    } else {
        header.value = text;
    }
    Q_EMIT dataChanged(this->index(row, 0), this->index(row, 1));
    if (wasNew) {
        beginInsertRows({}, row + 1, row + 1);
        m_rows.append(Header());
        endInsertRows();
    }
    Q_EMIT edited();
    return true;
}

QVariant HeaderTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("Header") : tr("Value");
}

Qt::ItemFlags HeaderTableModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable;
    if (index.column() == 0 && !isNew(index.row()))
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

} // namespace sallyport::request
