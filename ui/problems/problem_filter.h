// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/problem.h"

#include <QSortFilterProxyModel>
#include <set>

namespace sallyport::problems {

/// The rows that a person wants to see: by severity, and by words that all must be found somewhere in a row.
class ProblemFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit ProblemFilter(QObject *parent = nullptr);

    void setWords(const QString &words);
    void setShown(model::Severity severity, bool shown);
    bool isShown(model::Severity severity) const { return m_hidden.count(severity) == 0; }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    QStringList m_words;
    std::set<model::Severity> m_hidden;
};

} // namespace sallyport::problems
