// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/finding.h"

#include <QAbstractTableModel>

namespace sallyport::problems {

/// Findings as rows.
class ProblemTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { SeverityColumn, CodeColumn, MessageColumn, ResourceColumn, PlaceColumn, ColumnCount };
    enum Role {
        SeverityRole = Qt::UserRole, ///< model::Severity as int
        SearchRole,                  ///< all that a text filter looks at
        SortRole
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setFindings(std::vector<Finding> findings);
    const Finding *finding(const QModelIndex &index) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(const Finding &finding, int column) const;

    std::vector<Finding> m_findings;
};

/// `Error`, `Warning`, `Note`: the word for a severity.
QString severityWord(model::Severity severity);
/// The icon of resources/icons that says the same.
QString severityIcon(model::Severity severity);

} // namespace sallyport::problems
