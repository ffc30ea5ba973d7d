// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/value_matchers.h"
#include "proxy/http/codec.h"
#include "proxy/net/secret_store.h"
#include "proxy/net/socket.h"
#include "proxy/net/tls_context.h"
#include "proxy/telemetry/code_counters.h"
#include "proxy/telemetry/codec_stats.h"
#include "proxy/upstream/health_check.h"
#include "proxy/upstream/host.h"
#include "proxy/upstream/lb_stats.h"
#include "proxy/upstream/outlier_detection.h"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

namespace sallyport::upstream {

/// `cluster.<name>.…`; handles are resolved once.
struct ClusterStats
{
    explicit ClusterStats(telemetry::StatsStore &store, const std::string &prefix);

    telemetry::Counter &cxTotal;
    telemetry::Gauge &cxActive;
    telemetry::Counter &cxHttp1Total;
    telemetry::Counter &cxHttp2Total;
    telemetry::Counter &cxConnectFail;
    telemetry::Counter &bindErrors;
    telemetry::Counter &cxConnectTimeout;
    telemetry::Counter &cxConnectAttemptsExceeded;
    telemetry::Counter &cxOverflow;
    telemetry::Counter &cxPoolOverflow;
    telemetry::Counter &cxNoneHealthy;
    telemetry::Counter &cxProtocolError;
    telemetry::Counter &cxCloseNotify;
    telemetry::Counter &cxDestroy;
    telemetry::Counter &cxDestroyLocal;
    telemetry::Counter &cxDestroyRemote;
    telemetry::Counter &cxDestroyWithActive;
    telemetry::Counter &cxDestroyLocalWithActive;
    telemetry::Counter &cxDestroyRemoteWithActive;
    telemetry::Counter &cxRxBytes;
    telemetry::Counter &cxTxBytes;
    telemetry::Gauge &cxRxBuffered;
    telemetry::Gauge &cxTxBuffered;
    telemetry::Counter &cxMaxRequests;
    telemetry::Counter &cxMaxDurationReached;
    telemetry::Counter &cxIdleTimeout;
    telemetry::Histogram &cxConnectMs;
    telemetry::Histogram &cxLengthMs;
    telemetry::Counter &rqTotal;
    telemetry::Gauge &rqActive;
    telemetry::Counter &rqPendingTotal;
    telemetry::Gauge &rqPendingActive;
    telemetry::Counter &rqPendingOverflow;
    telemetry::Counter &rqPendingFailureEject;
    telemetry::Counter &rqActiveOverflow;
    telemetry::Counter &rqCancelled;
    telemetry::Counter &rqTimeout;
    telemetry::Counter &rqPerTryTimeout;
    telemetry::Counter &rqPerTryIdleTimeout;
    telemetry::Counter &rqRxReset;
    telemetry::Counter &rqTxReset;
    telemetry::Counter &rqRetry;
    telemetry::Counter &rqRetryBackoffExponential;
    telemetry::Counter &rqRetryBackoffRateLimited;
    telemetry::Counter &rqRetryLimitExceeded;
    telemetry::Counter &rqRetryOverflow;
    telemetry::Counter &rqRetrySuccess;
    telemetry::Counter &rqMaintenance;
    telemetry::Counter &rqMaxDurationReached;
    telemetry::Counter &retryOrShadowAbandoned;
    telemetry::Counter &flowBackedUp;
    telemetry::Counter &flowDrained;
    telemetry::Counter &flowPausedReading;
    telemetry::Counter &flowResumedReading;
    telemetry::Histogram &rqPerCx;
    telemetry::Gauge &membershipTotal;
    telemetry::Gauge &membershipHealthy;
    telemetry::Gauge &membershipDegraded;
    telemetry::Gauge &membershipExcluded;
    telemetry::Gauge &maxHostWeight;
    telemetry::Counter &membershipChange;
    telemetry::Counter &updateAttempt;
    telemetry::Counter &updateSuccess;
    telemetry::Counter &updateFailure;
    telemetry::Counter &updateNoRebuild;
    telemetry::Counter &originalDstHostInvalid;
    telemetry::Counter &internalRedirectSucceeded;
    telemetry::Counter &internalRedirectFailed;

    /// track_cluster_stats.request_response_sizes.
    struct Sizes
    {
        telemetry::Histogram &requestHeaders;
        telemetry::Histogram &requestHeaderCount;
        telemetry::Histogram &requestBody;
        telemetry::Histogram &responseHeaders;
        telemetry::Histogram &responseHeaderCount;
        telemetry::Histogram &responseBody;
    };
    /// track_cluster_stats.timeout_budgets: what requests and their attempts used, in percent.
    struct TimeoutBudgets
    {
        telemetry::Histogram &request;
        telemetry::Histogram &attempt;
    };
    std::optional<Sizes> sizes;
    std::optional<TimeoutBudgets> timeoutBudgets;
    /// What of these is asked for. Before the first request.
    void track(const dataplane::Cluster &configuration);

    /// Where a request came from: inside by `x-envoy-internal`; whether a canary answered it.
    struct Origin
    {
        bool internal = false;
        bool canary = false;
        std::string_view zone = {}; ///< of the host that answered
    };
    /// Where this node is. Before the first request.
    void setLocalZone(std::string zone) { m_localZone = std::move(zone); }
    /// `upstream_rq_<code>`, `upstream_rq_<c>xx` and `upstream_rq_completed`, also under `external.` or
    /// `internal.`, `canary.` and `zone.<here>.<there>.`.
    void chargeCode(unsigned code, Origin origin);
    /// An answer that leads to another attempt: the same, under `retry.` only.
    void chargeRetriedCode(unsigned code);
    /// `upstream_rq_time`, in the same places.
    void chargeTime(std::chrono::milliseconds time, Origin origin);

private:
    enum Part : std::size_t { Plain, External, Internal, Canary, Retry, PartCount };
    telemetry::CodeCounters &codesOf(Part part);
    /// Null: this node or the host is in no zone.
    telemetry::CodeCounters *codesOfZone(std::string_view zone);

    telemetry::StatsStore &m_store;
    std::string m_prefix;
    /// Made with the first answer: of ten thousand clusters most have none.
    std::array<std::atomic<telemetry::CodeCounters *>, PartCount> m_codes{};
    std::array<std::unique_ptr<telemetry::CodeCounters>, PartCount> m_ownedCodes;
    std::mutex m_codesMutex;
    std::string m_localZone;
    std::map<std::string, std::unique_ptr<telemetry::CodeCounters>, std::less<>> m_zoneCodes;
    std::shared_mutex m_zonesMutex;
};

/// One circuit breaker: a count shared by the workers and its limit.
class Breaker
{
public:
    Breaker(std::uint64_t limit, telemetry::Gauge &open, telemetry::Gauge *remaining);
    bool canCreate() const { return m_count.load(std::memory_order_relaxed) < m_limit; }
    void inc() { change(1); }
    void dec() { change(-1); }
    /// Looked at without a change: its gauges count as used.
    void touch() { m_open.touch(); }
    std::uint64_t count() const { return m_count.load(std::memory_order_relaxed); }
    std::uint64_t limit() const { return m_limit; }

private:
    void change(int by);

    std::uint64_t m_limit;
    std::atomic<std::uint64_t> m_count{0};
    telemetry::Gauge &m_open;
    telemetry::Gauge *m_remaining;
};

/// The breakers of one priority.
struct Breakers
{
    Breakers(telemetry::StatsStore &store, const std::string &prefix,
             const dataplane::CircuitBreakerThresholds &thresholds);
    Breaker connections;
    Breaker pending;
    Breaker requests;
    Breaker retries;
    Breaker pools;
    std::optional<double> retryBudgetPercent;
    std::uint32_t minRetryConcurrency;

    bool canRetry() const;
};

/// Of the cluster's connections; none: they are not probed.
std::optional<net::Keepalive> keepaliveOf(const dataplane::Cluster &cluster);

/// Why a cluster turns a request away before it looks for a host.
enum class TurnedAway { No, Maintenance, DropOverload, UnconditionalDropOverload };

/// What is configured of a cluster and what its workers share. Immutable but for statistics, breakers and the
/// host list.
class ClusterInfo : public net::TlsObserver
{
public:
    static Result<std::shared_ptr<ClusterInfo>>
    create(dataplane::Cluster configuration, telemetry::StatsStore &store, net::SecretStore &secrets);

    const dataplane::Cluster &configuration() const { return m_configuration; }
    const std::string &name() const { return m_configuration.name; }
    /// alt_stat_name, or the name.
    const std::string &observabilityName() const
    {
        return m_configuration.altStatName.empty() ? m_configuration.name : m_configuration.altStatName;
    }
    ClusterStats &stats() { return m_stats; }
    LbStats &lbStats() { return m_lbStats; }
    Breakers &breakers(bool highPriority) { return highPriority ? m_high : m_default; }
    /// By maintenance mode and drop_overloads, each by chance where it concerns a part of the requests;
    /// counts what it finds.
    TurnedAway turnsAway();
    /// `upstream.maintenance_mode.<name>` of the runtime, in percent. Main thread.
    void setMaintenance(std::uint64_t percent) { m_maintenance.store(percent, std::memory_order_relaxed); }
    const http::CodecSettings &codecSettings() const { return m_codecSettings; }
    telemetry::CodecStats &codecStats() { return m_codecStats; }
    bool usesHttp2() const;
    bool followsDownstreamProtocol() const;
    bool usesAlpnProtocol() const;
    std::uint32_t maxRequestsPerConnection() const;
    /// The transport for a connection to `host`: TLS, or plaintext.
    std::unique_ptr<net::Transport> makeTransport(const Host &host, const net::TlsClientOverrides &overrides);
    /// The same over `transport`, one of the cluster's.
    std::unique_ptr<net::Transport> makeTransport(const dataplane::UpstreamTransport &transport,
                                                  const Host &host, const net::TlsClientOverrides &overrides);
    bool speaksTls(const Host &host) const;
    const dataplane::UpstreamTransport &transportFor(const Host &host) const;
    /// The one that `labels` lead to; counted, if it is chosen anew.
    const dataplane::UpstreamTransport &transportMatching(const QJsonObject &labels, bool count) const;
    const std::vector<std::pair<const dataplane::UpstreamTransport *, std::shared_ptr<net::TlsClientContext>>>
        &tlsContexts() const
    {
        return m_contexts;
    }

    std::vector<HostPtr> hosts() const;
    /// Main thread.
    void setHosts(std::vector<HostPtr> hosts);
    /// `<match>.total_match_count`: hosts that were made are matched with their transports.
    void countTransportMatches(const std::vector<HostPtr> &made);

    /// ORIGINAL_DST: the host with this address, which becomes one of the cluster's if it was none. Any
    /// thread.
    HostPtr destination(const net::Address &address);
    /// Called by any thread when that made a host. Only the first one that is set stays.
    void setOnDestinationAdded(std::function<void(const HostPtr &)> onAdded);
    /// Main thread: counts a host that was made so.
    void countDestination(const HostPtr &host);
    /// Main thread: drops the hosts that no request named since the last call and that have no connections.
    /// Whether there were any.
    bool removeUnusedDestinations();

    /// What attempts at a host came to, for outlier detection.
    void onHttpResult(Host &host, const http::HeaderMap &answer);
    void onConnected(Host &host);
    /// The same of a connection that carries no requests.
    void onTcpConnected(Host &host);
    void onLocalOriginFailure(Host &host, http::ResetReason reason);
    void onLocalOriginTimeout(Host &host);
    /// A host has answered somebody's request with `x-envoy-immediate-health-check-fail`. Any thread; without
    /// health checks nothing happens.
    void onImmediateFailure(const HostPtr &host);
    /// Called by any thread when that happened; the last one that is set stays.
    void setOnImmediateFailure(std::function<void(const HostPtr &)> onFailure);
    /// Empty: its hosts are not checked.
    const std::vector<std::unique_ptr<CompiledHealthCheck>> &healthChecks() const { return m_healthChecks; }
    /// Null with fewer checks than two.
    CombinedHealthStats *combinedHealth() { return m_combinedHealth ? &*m_combinedHealth : nullptr; }
    /// The health of hosts has changed: the gauges follow.
    void recountMembers() { countMembers(hosts()); }
    /// Null without outlier detection.
    OutlierDetector *outliers() { return m_outliers.get(); }
    /// Called by any thread when hosts were ejected or came back. Set it before the first request.
    void setOnEjectionsChanged(std::function<void()> onChanged)
    {
        m_onEjectionsChanged = std::move(onChanged);
    }

    void onTlsEvent(net::TlsEvent event) override;
    void onTlsNegotiated(std::string_view version, std::string_view cipher, std::string_view curve,
                         std::string_view sigalg) override;

private:
    ClusterInfo(dataplane::Cluster configuration, telemetry::StatsStore &store);
    void countMembers(const std::vector<HostPtr> &hosts);
    /// Until they have passed a health check they are not well.
    void awaitHealthChecks(const std::vector<HostPtr> &added) const;
    /// Envoy's main thread has a balancer too, whose subsets it counts with the workers'.
    void countSubsetsOfMainThread(const std::vector<HostPtr> &hosts);
    void showCertificates(const net::TlsClientContext &context);
    void announceProxyHeader(const dataplane::UpstreamTransport &transport);
    /// They exist from the start, as Envoy's do.
    void nameTlsStatistics();

    dataplane::Cluster m_configuration;
    telemetry::StatsStore &m_store;
    std::string m_prefix;
    std::shared_ptr<const void> m_statsScope; ///< before all that counts
    ClusterStats m_stats;
    LbStats m_lbStats;
    std::size_t m_subsets = 0; ///< that the main thread counts
    Breakers m_default;
    Breakers m_high;
    std::atomic<std::uint64_t> m_maintenance{0};
    http::CodecSettings m_codecSettings;
    telemetry::CodecStats m_codecStats;
    std::vector<std::pair<const dataplane::UpstreamTransport *, std::shared_ptr<net::TlsClientContext>>>
        m_contexts;
    std::vector<std::unique_ptr<CompiledHealthCheck>> m_healthChecks;
    std::optional<CombinedHealthStats> m_combinedHealth;
    std::function<void(const HostPtr &)> m_onImmediateFailure;
    std::unique_ptr<OutlierDetector> m_outliers;
    std::vector<std::vector<dataplane::CompiledHeader>> m_outlierErrors;
    std::function<void()> m_onEjectionsChanged;
    mutable std::mutex m_mutex;
    std::vector<HostPtr> m_hosts;
    std::map<net::Address, HostPtr> m_destinations; ///< those of m_hosts that requests named
    std::function<void(const HostPtr &)> m_onDestinationAdded;
};

using ClusterInfoPtr = std::shared_ptr<ClusterInfo>;

} // namespace sallyport::upstream
