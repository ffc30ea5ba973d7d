// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/resource.h"

namespace sallyport::model {

/// networking.istio.io DestinationRule: ClientTLSSettings
struct ClientTls
{
    enum class Mode { Disable, Simple, Mutual, IstioMutual };
    Mode mode = Mode::Disable;
    std::string clientCertificate;
    std::string privateKey;
    std::string caCertificates;
    std::string credentialName;
    std::vector<std::string> subjectAltNames;
    std::string sni;
    std::optional<bool> insecureSkipVerify;
    std::string caCrl;
    bool operator==(const ClientTls &) const = default;
};

/// LoadBalancerSettings.ConsistentHashLB: requests that have the same here go to the same host
struct ConsistentHash
{
    enum class Key { None, Header, Cookie, SourceIp, QueryParameter };
    Key key = Key::None;
    std::string name; ///< of the header, cookie or query parameter
    std::string cookiePath;
    std::optional<Duration> cookieTtl;
    std::vector<std::pair<std::string, std::string>> cookieAttributes; ///< as written in Set-Cookie
    std::optional<std::uint64_t> minimumRingSize;
    std::optional<std::uint64_t> maglevTableSize; ///< set: Maglev instead of a ring
    bool maglev = false;
    bool operator==(const ConsistentHash &) const = default;
};

/// LocalityLoadBalancerSetting: which regions and zones take the traffic of which
struct LocalityLb
{
    struct Distribute
    {
        std::string from;
        std::map<std::string, std::uint32_t> to;
        bool operator==(const Distribute &) const = default;
    };
    struct Failover
    {
        std::string from;
        std::string to;
        bool operator==(const Failover &) const = default;
    };
    std::optional<bool> enabled;
    std::vector<Distribute> distribute;
    std::vector<Failover> failover;
    std::vector<std::string> failoverPriority;
    bool operator==(const LocalityLb &) const = default;
};

/// ZoneAwareLoadBalancerSetting: traffic stays in the proxy's own zone as far as the hosts there suffice
struct ZoneAwareSetting
{
    std::optional<bool> enabled;
    std::optional<std::uint32_t> minClusterSize;
    std::vector<LocalityLb::Failover> failover;
    std::vector<std::string> failoverPriority;
    bool operator==(const ZoneAwareSetting &) const = default;
};

/// WarmupConfiguration: a new host gets its share bit by bit
struct Warmup
{
    std::optional<Duration> duration;
    std::optional<double> minimumPercent; ///< 10 unless given
    std::optional<double> aggression;     ///< 1.0 unless given
    bool operator==(const Warmup &) const = default;
};

/// LoadBalancerSettings: how one of the hosts is chosen
struct LoadBalancer
{
    enum class Simple { Unspecified, LeastConn, Random, Passthrough, RoundRobin, LeastRequest };
    Simple simple = Simple::Unspecified;
    std::optional<ConsistentHash> consistentHash;
    std::optional<LocalityLb> locality;
    std::optional<ZoneAwareSetting> zoneAware;
    std::optional<Warmup> warmup; ///< also from the deprecated warmupDurationSecs
    bool operator==(const LoadBalancer &) const = default;
};

/// ConnectionPoolSettings, TCP and HTTP
struct ConnectionPool
{
    enum class H2Upgrade { Default, DoNotUpgrade, Upgrade };
    std::int32_t maxConnections = 0; ///< 0: unset, as everywhere in this message
    std::optional<Duration> connectTimeout;
    std::optional<Duration> maxConnectionDuration;
    std::optional<Duration> tcpIdleTimeout;
    std::optional<std::uint32_t> keepaliveProbes;
    std::optional<Duration> keepaliveTime;
    std::optional<Duration> keepaliveInterval;
    std::int32_t http1MaxPendingRequests = 0;
    std::int32_t http2MaxRequests = 0;
    std::int32_t maxRequestsPerConnection = 0;
    std::int32_t maxRetries = 0;
    std::int32_t maxConcurrentStreams = 0;
    std::optional<Duration> httpIdleTimeout;
    H2Upgrade h2Upgrade = H2Upgrade::Default;
    bool useClientProtocol = false;
    std::optional<Duration> http2KeepAliveInterval;
    std::optional<Duration> http2KeepAliveTimeout;
    bool operator==(const ConnectionPool &) const = default;
};

/// OutlierDetection: hosts that fail are left out for a while
struct OutlierDetection
{
    std::int32_t consecutiveErrors = 0; ///< deprecated
    std::optional<std::uint32_t> consecutive5xxErrors;
    std::optional<std::uint32_t> consecutiveGatewayErrors;
    bool splitExternalLocalOriginErrors = false;
    std::optional<std::uint32_t> consecutiveLocalOriginFailures;
    std::optional<Duration> interval;
    std::optional<Duration> baseEjectionTime;
    std::int32_t maxEjectionPercent = 0;
    std::int32_t minHealthPercent = 0;
    std::vector<std::uint32_t> httpErrorCodes; ///< outlierDetectionHttpErrorCodes: replace "5xx"
    bool operator==(const OutlierDetection &) const = default;
};

/// TrafficPolicy.TunnelSettings: TCP goes through an HTTP CONNECT or POST
struct Tunnel
{
    std::string protocol;
    std::string targetHost;
    std::uint32_t targetPort = 0;
    bool operator==(const Tunnel &) const = default;
};

/// TrafficPolicy.RetryBudget: retries as a share of the requests that run
struct RetryBudget
{
    std::optional<double> percent;
    std::uint32_t minRetryConcurrency = 0;
    bool operator==(const RetryBudget &) const = default;
};

struct PortPolicy;

/// TrafficPolicy
struct TrafficPolicy
{
    std::optional<LoadBalancer> loadBalancer;
    std::optional<ConnectionPool> connectionPool;
    std::optional<OutlierDetection> outlierDetection;
    std::optional<ClientTls> tls;
    std::vector<PortPolicy> portLevel;
    std::optional<Tunnel> tunnel;
    std::optional<std::uint32_t> proxyProtocolVersion; ///< 1 or 2
    std::optional<RetryBudget> retryBudget;
    bool operator==(const TrafficPolicy &) const = default;
};

/// One of portLevelSettings: the first four policies of a TrafficPolicy, for one port.
struct PortPolicy
{
    std::uint32_t port = 0;
    TrafficPolicy policy;
    bool operator==(const PortPolicy &) const = default;
};

} // namespace sallyport::model
