// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/stats_snapshot.h"
#include "ui/metrics/metric.h"

#include <QHash>
#include <QObject>
#include <QStringList>
#include <array>
#include <deque>
#include <limits>
#include <vector>

namespace sallyport::metrics {

/// One moment of one proxy. NaN: not known, or nothing to tell (the latency of no request).
struct Frame
{
    qint64 timeUs = 0;
    std::array<float, metricCount> values;

    float operator[](Metric metric) const { return values[static_cast<std::size_t>(metric)]; }
};

/// A statistic as it is now.
struct Statistic
{
    QString proxy;
    QString name;     ///< Envoy's
    double value = 0; ///< of a histogram the number of its samples
    double rate = 0;  ///< change per second between the last two snapshots
    bool histogram = false;
    control::HistogramValue::Quantiles quantiles; ///< of a histogram, since the start
};

/// The last ten minutes of every proxy's metrics, and all of their statistics as they are now. Fed with what
/// a LabSession tells.
class MetricStore : public QObject
{
    Q_OBJECT

public:
    static constexpr qint64 keptUs = 600'000'000;
    /// Longer than this without a snapshot is a gap: the proxy was down.
    static constexpr qint64 gapUs = 2'500'000;

    using QObject::QObject;

    void add(const QList<control::StatsSnapshot> &snapshots);
    void clear();

    /// In the order in which they were first heard of.
    const QStringList &proxies() const { return m_names; }
    const std::deque<Frame> &frames(const QString &proxy) const;
    /// The last moment of any proxy.
    qint64 latestUs() const { return m_latestUs; }
    const QHash<QString, Statistic> &statistics(const QString &proxy) const;

Q_SIGNALS:
    void proxiesChanged();
    /// The proxy's process is a new one: what it counted before is over.
    void restarted(const QString &proxy);
    /// New frames and statistics of these proxies.
    void updated(const QStringList &proxies);

private:
    struct Latency
    {
        quint64 count = 0;
        quint64 gained = 0;
        control::HistogramValue::Quantiles quantiles;
    };
    struct Proxy
    {
        QHash<QString, Statistic> statistics;
        QHash<QString, Part> parts; ///< of the names seen: they are looked at once
        std::array<double, partCount> sums = {};
        std::array<double, partCount> before = {};
        QHash<QString, Latency> latencies;
        qint64 timeUs = 0;
        std::deque<Frame> frames;
    };

    void add(Proxy &proxy, const control::StatsSnapshot &snapshot);
    static Frame frameOf(const Proxy &proxy, qint64 timeUs, double seconds);

    QStringList m_names;
    QHash<QString, Proxy> m_proxies;
    qint64 m_latestUs = 0;
};

} // namespace sallyport::metrics
