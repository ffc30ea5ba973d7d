// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "proxy/http/stream.h"
#include "proxy/net/dispatcher.h"
#include "proxy/telemetry/stats.h"
#include "proxy/upstream/host.h"

#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <unordered_map>
#include <vector>

namespace sallyport::upstream {

/// What came of one attempt at a host, from outside or on the way to it.
enum class AttemptResult : std::uint8_t {
    HttpStatus,
    LocalConnectSuccess, ///< a request is on its way; its answer says the rest
    LocalConnectFinal,   ///< a connection without requests: that was all
    LocalFailure,
    LocalTimeout
};

/// Takes hosts out of a cluster's balancing while they fail
/// (source/common/upstream/outlier_detection_impl.cc; envoy-behaviour.md 4.6). Shared by the workers; results
/// may come from any thread, onInterval() is called by the main thread.
class OutlierDetector
{
public:
    /// `onEjectionsChanged`: hosts were ejected or came back; any thread.
    OutlierDetector(const dataplane::OutlierDetection &configuration, telemetry::StatsStore &store,
                    const std::string &clusterPrefix, std::function<void()> onEjectionsChanged);

    void setHosts(const std::vector<HostPtr> &hosts);
    /// `status` counts with HttpStatus only.
    void putResult(Host &host, AttemptResult result, unsigned status = 0);
    /// A health check has passed: an ejected host comes back, unless the configuration says that it may not.
    void onHealthCheckPassed(Host &host);
    /// Lets hosts come back whose time is over, and judges success rates. To be called every interval().
    void onInterval(net::Clock::time_point now);
    std::chrono::milliseconds interval() const;

    /// What the last interval came to; -1: there was too little to go by.
    struct SuccessRates
    {
        double average = -1;
        double ejectionThreshold = -1;
    };
    /// `local`: of local origin, else of the answers.
    SuccessRates successRates(bool local) const;
    /// A host's, in percent; -1 as above.
    double successRate(const Host &host, bool local) const;

private:
    struct Record
    {
        std::weak_ptr<Host> host;
        std::uint32_t consecutive5xx = 0;
        std::uint32_t consecutiveGateway = 0;
        std::uint32_t consecutiveLocal = 0;
        std::uint64_t requests = 0; ///< since the last interval
        std::uint64_t successes = 0;
        std::uint64_t localRequests = 0;
        std::uint64_t localSuccesses = 0;
        double successRate = -1; ///< of the last interval
        double localSuccessRate = -1;
        std::uint32_t backOff = 0;
        net::Clock::time_point ejectedAt;
        net::Clock::time_point lastUnejected;
        std::chrono::nanoseconds ejectedFor{0};
        bool ejected = false;
    };
    struct Kind
    {
        telemetry::Counter *detected = nullptr;
        telemetry::Counter *enforced = nullptr;
        telemetry::Counter *deprecated = nullptr;
    };
    Kind makeKind(telemetry::StatsStore &store, const std::string &prefix, const std::string &name,
                  const char *deprecated = nullptr);
    void uneject(Record &record, net::Clock::time_point now);
    void onStatus(Record &record, unsigned status);
    void onLocalFailure(Record &record);
    bool tryEject(Record &record, Kind &kind, std::uint32_t enforcing);
    void judgeRates(bool local);

    const dataplane::OutlierDetection m_configuration;
    std::function<void()> m_onEjectionsChanged;
    telemetry::Gauge &m_active;
    telemetry::Counter &m_overflow;
    telemetry::Counter &m_enforcedTotal;
    telemetry::Counter &m_total;
    Kind m_5xx;
    Kind m_gateway;
    Kind m_local;
    Kind m_successRate;
    Kind m_localSuccessRate;
    Kind m_failurePercentage;
    Kind m_localFailurePercentage;
    mutable std::mutex m_mutex;
    SuccessRates m_rates;
    SuccessRates m_localRates;
    std::unordered_map<const Host *, Record> m_records;
    std::size_t m_hostCount = 0;
    std::size_t m_ejectedCount = 0;
};

} // namespace sallyport::upstream
