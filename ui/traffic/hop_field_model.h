// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/log_entry.h"

#include <QAbstractTableModel>
#include <QList>
#include <QStringList>

namespace sallyport::traffic {

/// All log fields of one request: a row for each field, a column for each line.
class HopFieldModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    /// In the order in which the request met the proxies.
    void setEntries(const QList<control::LogEntry> &entries);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QList<control::LogEntry> m_entries;
    QStringList m_fields;
};

} // namespace sallyport::traffic
