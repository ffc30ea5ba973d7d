// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/outlier_detection.h"

#include "proxy/upstream/host_picker.h"

#include <algorithm>
#include <cmath>

namespace sallyport::upstream {

OutlierDetector::OutlierDetector(const dataplane::OutlierDetection &configuration,
                                 telemetry::StatsStore &store, const std::string &clusterPrefix,
                                 std::function<void()> onEjectionsChanged)
    : m_configuration(configuration)
    , m_onEjectionsChanged(std::move(onEjectionsChanged))
    , m_active(store.gauge(clusterPrefix + "outlier_detection.ejections_active"))
    , m_overflow(store.counter(clusterPrefix + "outlier_detection.ejections_overflow"))
    , m_enforcedTotal(store.counter(clusterPrefix + "outlier_detection.ejections_enforced_total"))
    , m_total(store.counter(clusterPrefix + "outlier_detection.ejections_total"))
{
    const std::string prefix = clusterPrefix + "outlier_detection.";
    m_5xx = makeKind(store, prefix, "consecutive_5xx", "ejections_consecutive_5xx");
    m_gateway = makeKind(store, prefix, "consecutive_gateway_failure");
    m_local = makeKind(store, prefix, "consecutive_local_origin_failure");
    m_successRate = makeKind(store, prefix, "success_rate", "ejections_success_rate");
    m_localSuccessRate = makeKind(store, prefix, "local_origin_success_rate");
    m_failurePercentage = makeKind(store, prefix, "failure_percentage");
    m_localFailurePercentage = makeKind(store, prefix, "local_origin_failure_percentage");
    store.counter(prefix + "ejections_detected_degradation");
}

OutlierDetector::Kind OutlierDetector::makeKind(telemetry::StatsStore &store, const std::string &prefix,
                                                const std::string &name, const char *deprecated)
{
    Kind kind;
    kind.detected = &store.counter(prefix + "ejections_detected_" + name);
    kind.enforced = &store.counter(prefix + "ejections_enforced_" + name);
    if (deprecated != nullptr)
        kind.deprecated = &store.counter(prefix + deprecated);
    return kind;
}

std::chrono::milliseconds OutlierDetector::interval() const
{
    return std::max(std::chrono::milliseconds(1),
                    std::chrono::ceil<std::chrono::milliseconds>(m_configuration.interval));
}

void OutlierDetector::setHosts(const std::vector<HostPtr> &hosts)
{
    const std::lock_guard lock(m_mutex);
    std::unordered_map<const Host *, Record> records;
    for (const HostPtr &host : hosts) {
        const auto old = m_records.find(host.get());
        Record &record = records[host.get()];
        if (old != m_records.end())
            record = old->second;
        record.host = host;
    }
    m_records.swap(records);
    m_hostCount = hosts.size();
    m_ejectedCount = static_cast<std::size_t>(std::count_if(
        m_records.begin(), m_records.end(), [](const auto &entry) { return entry.second.ejected; }));
    m_active.set(static_cast<std::int64_t>(m_ejectedCount));
}

void OutlierDetector::putResult(Host &host, AttemptResult result, unsigned status)
{
    bool changed = false;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_records.find(&host);
        if (found == m_records.end())
            return;
        Record &record = found->second;
        const bool before = record.ejected;
        const bool split = m_configuration.splitExternalLocalOriginErrors;
        switch (result) {
        case AttemptResult::HttpStatus:
            onStatus(record, status);
            break;
        case AttemptResult::LocalConnectFinal:
            if (!split)
                onStatus(record, 200);
            [[fallthrough]];
        case AttemptResult::LocalConnectSuccess:
            if (split) {
                ++record.localRequests;
                ++record.localSuccesses;
                record.consecutiveLocal = 0;
            }
            break;
        case AttemptResult::LocalFailure:
        case AttemptResult::LocalTimeout:
            if (split)
                onLocalFailure(record);
            else
                onStatus(record, result == AttemptResult::LocalTimeout ? 504 : 503);
            break;
        }
        changed = before != record.ejected;
    }
    if (changed)
        m_onEjectionsChanged();
}

void OutlierDetector::onStatus(Record &record, unsigned status)
{
    ++record.requests;
    if (status < 500) {
        ++record.successes;
        record.consecutive5xx = 0;
        record.consecutiveGateway = 0;
        return;
    }
    const bool gateway = status >= 502 && status <= 504;
    if (!gateway) {
        record.consecutiveGateway = 0;
    } else if (++record.consecutiveGateway == m_configuration.consecutiveGatewayFailure) {
        tryEject(record, m_gateway, m_configuration.enforcingConsecutiveGatewayFailure);
        record.consecutiveGateway = 0;
    }
    if (++record.consecutive5xx == m_configuration.consecutive5xx) {
        tryEject(record, m_5xx, m_configuration.enforcingConsecutive5xx);
        record.consecutive5xx = 0;
    }
}

void OutlierDetector::onLocalFailure(Record &record)
{
    ++record.localRequests;
    if (++record.consecutiveLocal == m_configuration.consecutiveLocalOriginFailure) {
        tryEject(record, m_local, m_configuration.enforcingConsecutiveLocalOriginFailure);
        record.consecutiveLocal = 0;
    }
}

bool OutlierDetector::tryEject(Record &record, Kind &kind, std::uint32_t enforcing)
{
    const HostPtr host = record.host.lock();
    if (!host || record.ejected)
        return false;
    kind.detected->inc();
    if (kind.deprecated != nullptr)
        kind.deprecated->inc();
    const double after = 100.0 * static_cast<double>(m_ejectedCount + 1) /
                         static_cast<double>(std::max<std::size_t>(1, m_hostCount));
    const bool first = m_configuration.alwaysEjectOneHost && m_ejectedCount == 0;
    if (after > m_configuration.maxEjectionPercent && !first) {
        m_overflow.inc();
        return false;
    }
    // Older than the other kinds, it knows two of them, enforced or not.
    if (kind.deprecated != nullptr)
        m_total.inc();
    if (randomNumber() % 100 >= enforcing)
        return false;
    kind.enforced->inc();
    m_enforcedTotal.inc();
    ++record.backOff;
    const auto base = m_configuration.baseEjectionTime;
    const auto most = std::max(m_configuration.maxEjectionTime.value_or(std::chrono::seconds(300)), base);
    record.ejectedFor = std::min<std::chrono::nanoseconds>(base * record.backOff, most);
    if (const auto jitter = m_configuration.maxEjectionTimeJitter.count(); jitter > 0)
        record.ejectedFor += std::chrono::nanoseconds(
            static_cast<std::int64_t>(randomNumber() % static_cast<std::uint64_t>(jitter)));
    record.ejected = true;
    record.ejectedAt = net::Clock::now();
    host->ejected.store(true, std::memory_order_relaxed);
    ++m_ejectedCount;
    m_active.set(static_cast<std::int64_t>(m_ejectedCount));
    return true;
}

void OutlierDetector::uneject(Record &record, net::Clock::time_point now)
{
    record.ejected = false;
    record.lastUnejected = now;
    record.consecutive5xx = 0;
    record.consecutiveGateway = 0;
    record.consecutiveLocal = 0;
    --m_ejectedCount;
    if (const HostPtr host = record.host.lock())
        host->ejected.store(false, std::memory_order_relaxed);
}

void OutlierDetector::onHealthCheckPassed(Host &host)
{
    if (!m_configuration.activeHealthCheckUnejects.value_or(true) ||
        !host.ejected.load(std::memory_order_relaxed))
        return;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_records.find(&host);
        if (found == m_records.end() || !found->second.ejected)
            return;
        uneject(found->second, net::Clock::now());
        m_active.set(static_cast<std::int64_t>(m_ejectedCount));
    }
    m_onEjectionsChanged();
}

void OutlierDetector::onInterval(net::Clock::time_point now)
{
    bool changed = false;
    {
        const std::lock_guard lock(m_mutex);
        const std::size_t before = m_ejectedCount;
        for (auto &[key, record] : m_records) {
            if (!record.ejected) {
                if (record.backOff > 0 && now - record.lastUnejected >= m_configuration.interval)
                    --record.backOff;
                continue;
            }
            if (now - record.ejectedAt < record.ejectedFor)
                continue;
            uneject(record, now);
        }
        for (auto &[key, record] : m_records)
            record.successRate = record.localSuccessRate = -1;
        judgeRates(false);
        if (m_configuration.splitExternalLocalOriginErrors)
            judgeRates(true);
        for (auto &[key, record] : m_records) {
            record.requests = record.successes = 0;
            record.localRequests = record.localSuccesses = 0;
        }
        m_active.set(static_cast<std::int64_t>(m_ejectedCount));
        changed = before != m_ejectedCount;
    }
    if (changed)
        m_onEjectionsChanged();
}

OutlierDetector::SuccessRates OutlierDetector::successRates(bool local) const
{
    const std::lock_guard lock(m_mutex);
    return local ? m_localRates : m_rates;
}

double OutlierDetector::successRate(const Host &host, bool local) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_records.find(&host);
    if (found == m_records.end())
        return -1;
    return local ? found->second.localSuccessRate : found->second.successRate;
}

void OutlierDetector::judgeRates(bool local)
{
    SuccessRates &rates = local ? m_localRates : m_rates;
    rates = {};
    if (m_records.size() < m_configuration.successRateMinimumHosts &&
        m_records.size() < m_configuration.failurePercentageMinimumHosts)
        return;
    struct Rated
    {
        Record *record;
        double percent;
    };
    const auto rated = [&](std::uint64_t volume) {
        std::vector<Rated> hosts;
        for (auto &[key, record] : m_records) {
            const std::uint64_t all = local ? record.localRequests : record.requests;
            const std::uint64_t good = local ? record.localSuccesses : record.successes;
            if (!record.ejected && all > 0 && all >= volume)
                hosts.push_back({&record, 100.0 * static_cast<double>(good) / static_cast<double>(all)});
        }
        return hosts;
    };
    for (const Rated &each : rated(std::min(m_configuration.successRateRequestVolume,
                                            m_configuration.failurePercentageRequestVolume)))
        (local ? each.record->localSuccessRate : each.record->successRate) = each.percent;
    const std::vector<Rated> hosts = rated(m_configuration.successRateRequestVolume);
    // Who is ejected for its rate has failed too often as well: both are found out about a host.
    const std::vector<Rated> failing = rated(m_configuration.failurePercentageRequestVolume);
    if (!hosts.empty() && hosts.size() >= m_configuration.successRateMinimumHosts) {
        double sum = 0;
        for (const Rated &each : hosts)
            sum += each.percent;
        const double mean = sum / static_cast<double>(hosts.size());
        double squares = 0;
        for (const Rated &each : hosts)
            squares += (each.percent - mean) * (each.percent - mean);
        const double deviation = std::sqrt(squares / static_cast<double>(hosts.size()));
        const double least = mean - deviation * m_configuration.successRateStdevFactor / 1000.0;
        rates = {mean, least};
        for (const Rated &each : hosts) {
            if (each.percent >= least)
                continue;
            // The older counter does not tell the two apart.
            if (local)
                m_successRate.deprecated->inc();
            tryEject(*each.record, local ? m_localSuccessRate : m_successRate,
                     local ? m_configuration.enforcingLocalOriginSuccessRate
                           : m_configuration.enforcingSuccessRate);
        }
    }
    if (failing.empty() || failing.size() < m_configuration.failurePercentageMinimumHosts)
        return;
    Kind &kind = local ? m_localFailurePercentage : m_failurePercentage;
    for (const Rated &each : failing) {
        if (100 - each.percent < m_configuration.failurePercentageThreshold)
            continue;
        // Envoy ejects it a second time, and counts one that is out for ever.
        if (each.record->ejected)
            kind.detected->inc();
        else
            tryEject(*each.record, kind,
                     local ? m_configuration.enforcingFailurePercentageLocalOrigin
                           : m_configuration.enforcingFailurePercentage);
    }
}

} // namespace sallyport::upstream
