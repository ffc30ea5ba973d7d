// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/statistic_filter.h"

#include "ui/metrics/statistic_model.h"

#include <algorithm>

namespace sallyport::metrics {

void StatisticFilter::setWords(const QString &text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

void StatisticFilter::setZerosShown(bool shown)
{
    m_zerosShown = shown;
    invalidateFilter();
}

bool StatisticFilter::filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const
{
    const QAbstractItemModel *model = sourceModel();
    if (!m_zerosShown && model->index(sourceRow, StatisticModel::Value, sourceParent)
                                 .data(StatisticModel::SortRole)
                                 .toDouble() == 0)
        return false;
    const QString text = model->index(sourceRow, StatisticModel::Name, sourceParent)
                             .data(StatisticModel::FilterRole)
                             .toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

} // namespace sallyport::metrics
