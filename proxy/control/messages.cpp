// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/messages.h"

#include <QCborArray>
#include <algorithm>

namespace sallyport::control::wire {

namespace {

constexpr QLatin1String time("time");
constexpr QLatin1String first("first");
constexpr QLatin1String values("values");         // name, value, name, value…
constexpr QLatin1String histograms("histograms"); // a list per histogram: name, count, interval, cumulative

void append(QCborArray &array, const HistogramValue::Quantiles &quantiles)
{
    for (const double value : {quantiles.p50, quantiles.p90, quantiles.p99, quantiles.p999})
        array.append(value);
}

HistogramValue::Quantiles quantiles(const QCborArray &array, qsizetype at)
{
    return {array.at(at).toDouble(), array.at(at + 1).toDouble(), array.at(at + 2).toDouble(),
            array.at(at + 3).toDouble()};
}

} // namespace

QCborMap message(QLatin1String name)
{
    QCborMap map;
    map.insert(type, name);
    return map;
}

QCborMap statsMessage(const StatsSnapshot &snapshot)
{
    QCborArray numbers;
    for (const StatValue &value : snapshot.values) {
        numbers.append(value.name);
        numbers.append(value.value);
    }
    QCborArray lists;
    for (const HistogramValue &histogram : snapshot.histograms) {
        QCborArray one{histogram.name, static_cast<qint64>(histogram.count)};
        append(one, histogram.interval);
        append(one, histogram.cumulative);
        lists.append(one);
    }
    QCborMap map = message(stats);
    map.insert(time, snapshot.timeUs);
    map.insert(first, snapshot.first);
    map.insert(values, numbers);
    map.insert(histograms, lists);
    return map;
}

qint64 wholeNumber(const QCborValue &value)
{
    return value.isInteger() ? value.toInteger() : 0;
}

StatsSnapshot readStats(const QCborMap &message)
{
    StatsSnapshot snapshot;
    snapshot.timeUs = wholeNumber(message.value(time));
    snapshot.first = message.value(first).toBool();
    const QCborArray numbers = message.value(values).toArray();
    for (qsizetype i = 0; i + 1 < numbers.size(); i += 2)
        snapshot.values.push_back({numbers.at(i).toString(), wholeNumber(numbers.at(i + 1))});
    for (const QCborValueConstRef item : message.value(histograms).toArray()) {
        const QCborArray one = item.toArray();
        HistogramValue histogram;
        histogram.name = one.at(0).toString();
        histogram.count = static_cast<quint64>(std::max<qint64>(0, wholeNumber(one.at(1))));
        histogram.interval = quantiles(one, 2);
        histogram.cumulative = quantiles(one, 6);
        snapshot.histograms.push_back(std::move(histogram));
    }
    return snapshot;
}

} // namespace sallyport::control::wire
