// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/tree_filter.h"

#include <algorithm>

namespace sallyport::project {

TreeFilter::TreeFilter(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    setRecursiveFilteringEnabled(true);
}

void TreeFilter::setWords(const QString &words)
{
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool TreeFilter::matches(const QModelIndex &index) const
{
    const QString text = index.data(Qt::ToolTipRole).toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

bool TreeFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    if (m_words.isEmpty())
        return true;
    // A namespace by its name shows everything in it.
    for (QModelIndex above = parent; above.isValid(); above = above.parent()) {
        if (matches(above))
            return true;
    }
    return matches(sourceModel()->index(row, 0, parent));
}

} // namespace sallyport::project
