// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/expectations.h"

#include <QAbstractItemModel>
#include <vector>

namespace sallyport::shell {

/// The verdict of the project's checks: each check, and below it what was expected and seen.
class VerdictModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { What, Where, Expected, Seen, ColumnCount };

    explicit VerdictModel(QObject *parent = nullptr);

    void clear();
    /// One check's rows.
    void add(const std::vector<lab::Row> &rows);
    int passed() const;
    int failed() const;
    bool passedAt(const QModelIndex &index) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Verdict
    {
        QString check;
        std::vector<lab::Row> rows;
        bool passed() const;
    };
    QString textAt(const QModelIndex &index) const;

    std::vector<Verdict> m_checks;
};

} // namespace sallyport::shell
