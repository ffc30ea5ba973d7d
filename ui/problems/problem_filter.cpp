// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/problem_filter.h"

#include "ui/problems/problem_table_model.h"

#include <algorithm>

namespace sallyport::problems {

ProblemFilter::ProblemFilter(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(ProblemTableModel::SortRole);
    setDynamicSortFilter(true);
}

void ProblemFilter::setWords(const QString &words)
{
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

void ProblemFilter::setShown(model::Severity severity, bool shown)
{
    if (shown)
        m_hidden.erase(severity);
    else
        m_hidden.insert(severity);
    invalidateFilter();
}

bool ProblemFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    const auto severity = static_cast<model::Severity>(index.data(ProblemTableModel::SeverityRole).toInt());
    const QString text = index.data(ProblemTableModel::SearchRole).toString();
    return isShown(severity) && std::all_of(m_words.begin(), m_words.end(), [&text](const QString &word) {
               return text.contains(word, Qt::CaseInsensitive);
           });
}

} // namespace sallyport::problems
