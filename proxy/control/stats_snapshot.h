// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <QString>
#include <vector>

namespace sallyport::control {

/// A counter or gauge under Envoy's name: `cluster.outbound|443||test.com;.upstream_rq_total` (istiod ends
/// the names of its clusters with a semicolon in statistics).
struct StatValue
{
    QString name;
    qint64 value = 0;

    bool operator==(const StatValue &) const = default;
};

/// A histogram at one moment; quantiles are NaN without samples.
struct HistogramValue
{
    struct Quantiles
    {
        double p50 = 0;
        double p90 = 0;
        double p99 = 0;
        double p999 = 0;
    };
    QString name;
    quint64 count = 0;  ///< samples since the start
    Quantiles interval; ///< of the samples since the gateway's last flush
    Quantiles cumulative;
};

/// What changed in one proxy's statistics since the snapshot before; the first one has everything that is in
/// use.
struct StatsSnapshot
{
    QString process;    ///< lab::Process::id
    QString proxy;      ///< full name of the workload instance
    qint64 timeUs = 0;  ///< since 1970, UTC
    bool first = false; ///< nothing of an earlier snapshot holds any more: the process is new
    std::vector<StatValue> values;
    std::vector<HistogramValue> histograms;
};

} // namespace sallyport::control

Q_DECLARE_METATYPE(sallyport::control::StatsSnapshot)
