// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/request/request_draft.h"

#include <QAbstractTableModel>

namespace sallyport::request {

/// The headers of a draft, edited in place: name (with a check box that leaves the header out) and value. The
/// last row is always empty; what is typed there becomes a header.
class HeaderTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setHeaders(const QList<Header> &headers);
    QList<Header> headers() const { return m_rows.mid(0, m_rows.size() - 1); }
    void remove(int row);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

Q_SIGNALS:
    void edited();

private:
    bool isNew(int row) const { return row == m_rows.size() - 1; }

    QList<Header> m_rows{Header()}; ///< the last one is the empty one
};

} // namespace sallyport::request
