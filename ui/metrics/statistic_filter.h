// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace sallyport::metrics {

/// The statistics of a StatisticModel in whose name or proxy every word is, in any order; those that are 0
/// only on demand.
class StatisticFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setWords(const QString &text);
    void setZerosShown(bool shown);

protected:
    bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;

private:
    QStringList m_words;
    bool m_zerosShown = false;
};

} // namespace sallyport::metrics
