// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/statistic_model.h"

#include <QLocale>
#include <cmath>

namespace sallyport::metrics {

namespace {

QString key(const QString &proxy, const QString &name)
{
    return proxy + QLatin1Char('\n') + name;
}

QString number(double value)
{
    return QLocale().toString(value, 'f', value == std::floor(value) ? 0 : 1);
}

QString quantile(double value)
{
    return std::isnan(value) ? QStringLiteral("–") : QLocale().toString(value, 'f', value < 10 ? 1 : 0);
}

} // namespace

QString histogramText(const Statistic &statistic)
{
    return StatisticModel::tr("p50 %1 · p90 %2 · p99 %3")
        .arg(quantile(statistic.quantiles.p50), quantile(statistic.quantiles.p90),
             quantile(statistic.quantiles.p99));
}

StatisticModel::StatisticModel(MetricStore &store, QObject *parent)
    : QAbstractTableModel(parent)
    , m_store(store)
{
    connect(&store, &MetricStore::updated, this, [this](const QStringList &proxies) {
        if (!m_paused)
            update(proxies);
    });
    connect(&store, &MetricStore::proxiesChanged, this, [this] {
        if (m_store.proxies().isEmpty())
            reset();
    });
    connect(&store, &MetricStore::restarted, this, &StatisticModel::restart);
    update(store.proxies());
}

void StatisticModel::restart(const QString &proxy)
{
    for (Row &row : m_rows) {
        if (row.statistic.proxy != proxy)
            continue;
        row.marked = 0;
        row.statistic.value = 0;
        row.statistic.rate = 0;
    }
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0, Value), index(rowCount() - 1, Rate));
}

void StatisticModel::reset()
{
    beginResetModel();
    m_rows.clear();
    m_places.clear();
    endResetModel();
}

void StatisticModel::setPaused(bool paused)
{
    m_paused = paused;
    if (!paused)
        update(m_store.proxies());
}

void StatisticModel::mark()
{
    for (Row &row : m_rows)
        row.marked = row.statistic.value;
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0, Delta), index(rowCount() - 1, Delta));
}

void StatisticModel::update(const QStringList &proxies)
{
    QList<Row> added;
    int first = -1;
    int last = -1;
    for (const QString &proxy : proxies) {
        for (const Statistic &statistic : m_store.statistics(proxy)) {
            const auto place = m_places.constFind(key(proxy, statistic.name));
            if (place == m_places.constEnd()) {
                added.append({statistic, 0});
                continue;
            }
            Row &row = m_rows[*place];
            if (row.statistic.value == statistic.value && row.statistic.rate == statistic.rate)
                continue;
            row.statistic = statistic;
            first = first < 0 ? *place : std::min(first, *place);
            last = std::max(last, *place);
        }
    }
    // One signal for all: a view that shows some of them repaints once.
    if (first >= 0)
        Q_EMIT dataChanged(index(first, 0), index(last, ColumnCount - 1));
    if (added.isEmpty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(added.size()) - 1);
    for (const Row &row : std::as_const(added)) {
        m_places.insert(key(row.statistic.proxy, row.statistic.name), static_cast<int>(m_rows.size()));
        m_rows.append(row);
    }
    endInsertRows();
}

int StatisticModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int StatisticModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant StatisticModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Row &row = m_rows[index.row()];
    const Statistic &statistic = row.statistic;
    const double delta = statistic.value - row.marked;
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        switch (index.column()) {
        case Name:
            return statistic.name;
        case Proxy:
            return role == Qt::DisplayRole ? statistic.proxy.section(QLatin1Char('/'), -1) : statistic.proxy;
        case Value:
            return statistic.histogram ? histogramText(statistic) : number(statistic.value);
        case Delta:
            return delta == 0 ? QStringLiteral("0")
                              : (delta > 0 ? QStringLiteral("+") : QString()) + number(delta);
        case Rate:
            return statistic.rate == 0 ? QStringLiteral("–") : number(statistic.rate);
        default:
            return {};
        }
    case SortRole:
        switch (index.column()) {
        case Name:
            return statistic.name;
        case Proxy:
            return statistic.proxy;
        case Value:
            return statistic.value;
        case Delta:
            return delta;
        case Rate:
            return statistic.rate;
        default:
            return {};
        }
    case FilterRole:
        return QString(statistic.proxy + QLatin1Char(' ') + statistic.name);
    case Qt::TextAlignmentRole:
        return index.column() >= Value ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                       : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant StatisticModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section >= Value ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole)
        return section == Delta  ? tr("Change since the mark was set, or since the start")
               : section == Rate ? tr("Change per second between the last two looks")
                                 : QVariant();
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Statistic");
    case Proxy:
        return tr("Proxy");
    case Value:
        return tr("Value");
    case Delta:
        return tr("Δ");
    case Rate:
        return tr("per second");
    default:
        return {};
    }
}

} // namespace sallyport::metrics
