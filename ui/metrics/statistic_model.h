// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/metrics/metric_store.h"

#include <QAbstractTableModel>

namespace sallyport::metrics {

/// Every statistic of the lab's proxies under Envoy's name, with its value, how much it changed since a
/// moment that a person chose, and how fast it changes.
class StatisticModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Proxy, Value, Delta, Rate, ColumnCount };
    enum Role { SortRole = Qt::UserRole + 1, FilterRole };

    explicit StatisticModel(MetricStore &store, QObject *parent = nullptr);

    /// Deltas count from now on.
    void mark();
    void setPaused(bool paused);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row
    {
        Statistic statistic;
        double marked = 0;
    };
    void update(const QStringList &proxies);
    void restart(const QString &proxy);
    void reset();

    MetricStore &m_store;
    QList<Row> m_rows;
    QHash<QString, int> m_places; ///< by proxy and name
    bool m_paused = false;
};

/// `p50 1.1 · p90 9.4 · p99 34`
QString histogramText(const Statistic &statistic);

} // namespace sallyport::metrics
