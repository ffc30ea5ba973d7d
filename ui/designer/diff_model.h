// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/designer/file_diff.h"

#include <QAbstractListModel>

namespace sallyport::designer {

/// Diffs as rows: a head for each file, then its lines.
class DiffModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum class RowKind { File, Gap, Same, Added, Removed };
    enum Role {
        KindRole = Qt::UserRole + 1, ///< RowKind as int
        BeforeRole,                  ///< line number in the old text; 0: not in it
        AfterRole,
        FileKindRole, ///< of a File row: FileDiff::Kind as int
        CountRole     ///< of a File row: `+12 −1`
    };

    explicit DiffModel(QObject *parent = nullptr);

    void setDiffs(std::vector<FileDiff> diffs);
    const std::vector<FileDiff> &diffs() const { return m_diffs; }
    /// The head of a file; -1 if nothing in it changes.
    int rowOf(const QString &path) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    struct Row
    {
        std::size_t file = 0;
        int line = -1; ///< -1: the file's head
    };
    RowKind kindOf(const Row &row) const;
    QVariant fileData(const FileDiff &diff, int role) const;

    std::vector<FileDiff> m_diffs;
    std::vector<Row> m_rows;
};

} // namespace sallyport::designer
