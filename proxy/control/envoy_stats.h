// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "proxy/control/stats_snapshot.h"

#include <QByteArray>
#include <QHash>

namespace sallyport::control {

/// What changed between two answers of an Envoy's `/stats?format=json&usedonly&histogram_buckets=detailed`.
class EnvoyStats
{
public:
    static const char *const path;

    /// The first call tells everything.
    Result<StatsSnapshot> next(const QByteArray &json);

private:
    struct Samples
    {
        quint64 cumulative = 0;
        QByteArray interval; ///< its buckets, as text
        bool operator==(const Samples &) const = default;
    };
    bool m_first = true;
    QHash<QString, qint64> m_values;
    QHash<QString, Samples> m_histograms;
};

} // namespace sallyport::control
