// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/metric_store.h"

#include <algorithm>
#include <cmath>

namespace sallyport::metrics {

namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

std::string_view utf8View(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

} // namespace

void MetricStore::add(const QList<control::StatsSnapshot> &snapshots)
{
    QStringList touched;
    bool isNew = false;
    for (const control::StatsSnapshot &snapshot : snapshots) {
        if (!m_proxies.contains(snapshot.proxy)) {
            m_names.append(snapshot.proxy);
            isNew = true;
        } else if (snapshot.first) {
            Q_EMIT restarted(snapshot.proxy);
        }
        add(m_proxies[snapshot.proxy], snapshot);
        m_latestUs = std::max(m_latestUs, snapshot.timeUs);
        if (!touched.contains(snapshot.proxy))
            touched.append(snapshot.proxy);
    }
    if (isNew)
        Q_EMIT proxiesChanged();
    if (!touched.isEmpty())
        Q_EMIT updated(touched);
}

void MetricStore::add(Proxy &proxy, const control::StatsSnapshot &snapshot)
{
    const bool anew = snapshot.first || proxy.timeUs == 0;
    if (snapshot.first) {
        proxy.statistics.clear();
        proxy.latencies.clear();
        proxy.sums = {};
    }
    const double seconds = anew ? 0 : static_cast<double>(snapshot.timeUs - proxy.timeUs) / 1e6;
    proxy.before = proxy.sums;
    // What is not in the snapshot has not changed: its rate is over.
    if (seconds > 0) {
        for (Statistic &statistic : proxy.statistics)
            statistic.rate = 0;
    }
    for (const control::StatValue &value : snapshot.values) {
        auto part = proxy.parts.find(value.name);
        if (part == proxy.parts.end())
            part = proxy.parts.insert(value.name, partOf(utf8View(value.name.toUtf8())));
        Statistic &statistic = proxy.statistics[value.name];
        const double change = static_cast<double>(value.value) - statistic.value;
        if (statistic.name.isEmpty()) {
            statistic.proxy = snapshot.proxy;
            statistic.name = value.name;
        }
        statistic.rate = seconds > 0 ? change / seconds : 0;
        statistic.value = static_cast<double>(value.value);
        if (*part != Part::None)
            proxy.sums[static_cast<std::size_t>(*part)] += change;
    }
    for (auto &latency : proxy.latencies)
        latency.gained = 0;
    for (const control::HistogramValue &value : snapshot.histograms) {
        Statistic &statistic = proxy.statistics[value.name];
        statistic.proxy = snapshot.proxy;
        statistic.name = value.name;
        statistic.histogram = true;
        const double change = static_cast<double>(value.count) - statistic.value;
        statistic.rate = seconds > 0 ? change / seconds : 0;
        statistic.value = static_cast<double>(value.count);
        statistic.quantiles = value.cumulative;
        if (isRequestTime(utf8View(value.name.toUtf8()))) {
            Latency &latency = proxy.latencies[value.name];
            latency.gained = value.count - std::min(latency.count, value.count);
            latency.count = value.count;
            latency.quantiles = value.interval;
        }
    }
    proxy.timeUs = snapshot.timeUs;
    proxy.frames.push_back(frameOf(proxy, snapshot.timeUs, seconds));
    while (!proxy.frames.empty() && proxy.frames.front().timeUs < snapshot.timeUs - keptUs)
        proxy.frames.pop_front();
}

Frame MetricStore::frameOf(const Proxy &proxy, qint64 timeUs, double seconds)
{
    Frame frame;
    frame.timeUs = timeUs;
    frame.values.fill(unknown);
    const auto set = [&frame](Metric metric, double value) {
        frame.values[static_cast<std::size_t>(metric)] = static_cast<float>(value);
    };
    const auto sum = [&proxy](Part part) { return proxy.sums[static_cast<std::size_t>(part)]; };
    set(Metric::DownstreamConnections, sum(Part::DownstreamConnections));
    set(Metric::UpstreamConnections, sum(Part::UpstreamConnections));
    if (seconds > 0) {
        // A counter never runs backwards, but the supervisor's clock may.
        const auto change = [&proxy](Part part) {
            const std::size_t at = static_cast<std::size_t>(part);
            return std::max(0.0, proxy.sums[at] - proxy.before[at]);
        };
        const double answers = change(Part::Requests);
        set(Metric::RequestRate, answers / seconds);
        // Of no answers no share can be wrong.
        set(Metric::ServerErrors, answers > 0 ? 100 * change(Part::ServerErrors) / answers : 0);
        set(Metric::ClientErrors, answers > 0 ? 100 * change(Part::ClientErrors) / answers : 0);
        set(Metric::Handshakes, change(Part::Handshakes) / seconds);
        set(Metric::TlsErrors, change(Part::TlsErrors) / seconds);
        set(Metric::Retries, change(Part::Retries) / seconds);
        set(Metric::BytesIn, change(Part::BytesIn) / seconds);
        set(Metric::BytesOut, change(Part::BytesOut) / seconds);
    }
    // Quantiles of several connection managers cannot be added: those of the busiest stand for the proxy.
    const Latency *busiest = nullptr;
    for (const Latency &latency : proxy.latencies) {
        if (std::isnan(latency.quantiles.p50))
            continue;
        if (!busiest || std::pair(latency.gained, latency.count) > std::pair(busiest->gained, busiest->count))
            busiest = &latency;
    }
    if (busiest) {
        set(Metric::LatencyP50, busiest->quantiles.p50);
        set(Metric::LatencyP90, busiest->quantiles.p90);
        set(Metric::LatencyP99, busiest->quantiles.p99);
    }
    return frame;
}

void MetricStore::clear()
{
    m_names.clear();
    m_proxies.clear();
    m_latestUs = 0;
    Q_EMIT proxiesChanged();
}

const std::deque<Frame> &MetricStore::frames(const QString &proxy) const
{
    static const std::deque<Frame> none;
    const auto it = m_proxies.constFind(proxy);
    return it == m_proxies.constEnd() ? none : it->frames;
}

const QHash<QString, Statistic> &MetricStore::statistics(const QString &proxy) const
{
    static const QHash<QString, Statistic> none;
    const auto it = m_proxies.constFind(proxy);
    return it == m_proxies.constEnd() ? none : it->statistics;
}

} // namespace sallyport::metrics
