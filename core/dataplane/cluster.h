// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/dns_resolver.h"
#include "core/dataplane/health_check.h"
#include "core/dataplane/http_connection_manager.h"
#include "core/dataplane/tls.h"

namespace sallyport::dataplane {

enum class HealthStatus { Unknown, Healthy, Unhealthy, Draining, Timeout, Degraded };

/// envoy.config.endpoint.v3.LbEndpoint
struct LbEndpoint
{
    SocketAddress address;
    std::string hostname;
    HealthStatus health = HealthStatus::Unknown;
    Metadata metadata;
    std::uint32_t weight = 1;
    // health_check_config
    std::uint32_t healthCheckPort = 0;               ///< 0: the endpoint's
    std::string healthCheckHostname;                 ///< empty: what the health check says
    std::optional<SocketAddress> healthCheckAddress; ///< none: the endpoint's
    bool activeHealthCheckDisabled = false;

    bool operator==(const LbEndpoint &) const = default;
};

/// envoy.config.endpoint.v3.LocalityLbEndpoints
struct LocalityLbEndpoints
{
    Locality locality;
    std::vector<LbEndpoint> endpoints;
    std::optional<std::uint32_t> weight;
    std::uint32_t priority = 0;
    Metadata metadata;

    bool operator==(const LocalityLbEndpoints &) const = default;
};

/// envoy.config.endpoint.v3.ClusterLoadAssignment
struct ClusterLoadAssignment
{
    struct DropOverload
    {
        std::string category;
        FractionalPercent percentage;
        bool operator==(const DropOverload &) const = default;
    };
    std::string clusterName;
    std::vector<LocalityLbEndpoints> endpoints;
    std::uint32_t overprovisioningFactor = 140;
    bool weightedPriorityHealth = false;
    std::vector<DropOverload> dropOverloads; ///< one at most

    bool operator==(const ClusterLoadAssignment &) const = default;
};

/// envoy.config.cluster.v3.CircuitBreakers.Thresholds
struct CircuitBreakerThresholds
{
    bool highPriority = false;
    std::uint32_t maxConnections = 1024;
    std::uint32_t maxPendingRequests = 1024;
    std::uint32_t maxRequests = 1024;
    std::uint32_t maxRetries = 3;
    bool trackRemaining = false;
    std::optional<double> retryBudgetPercent; ///< set: instead of maxRetries
    std::uint32_t minRetryConcurrency = 3;
    std::optional<std::uint32_t> maxConnectionPools;

    bool operator==(const CircuitBreakerThresholds &) const = default;
};

/// envoy.config.cluster.v3.OutlierDetection, with Envoy's defaults
struct OutlierDetection
{
    std::uint32_t consecutive5xx = 5;
    Duration interval = std::chrono::seconds(10);
    Duration baseEjectionTime = std::chrono::seconds(30);
    std::optional<Duration> maxEjectionTime;
    Duration maxEjectionTimeJitter{};
    std::uint32_t maxEjectionPercent = 10;
    std::uint32_t enforcingConsecutive5xx = 100;
    std::uint32_t enforcingSuccessRate = 100;
    std::uint32_t successRateMinimumHosts = 5;
    std::uint32_t successRateRequestVolume = 100;
    std::uint32_t successRateStdevFactor = 1900;
    std::uint32_t consecutiveGatewayFailure = 5;
    std::uint32_t enforcingConsecutiveGatewayFailure = 0;
    bool splitExternalLocalOriginErrors = false;
    std::uint32_t consecutiveLocalOriginFailure = 5;
    std::uint32_t enforcingConsecutiveLocalOriginFailure = 100;
    std::uint32_t enforcingLocalOriginSuccessRate = 100;
    std::uint32_t failurePercentageThreshold = 85;
    std::uint32_t enforcingFailurePercentage = 0;
    std::uint32_t enforcingFailurePercentageLocalOrigin = 0;
    std::uint32_t failurePercentageMinimumHosts = 5;
    std::uint32_t failurePercentageRequestVolume = 50;
    bool alwaysEjectOneHost = false;
    std::optional<bool> activeHealthCheckUnejects; ///< true

    bool operator==(const OutlierDetection &) const = default;
};

/// envoy.config.cluster.v3.Cluster.LbSubsetConfig
struct LbSubsetConfig
{
    enum class Fallback { NoFallback, AnyEndpoint, DefaultSubset, KeysSubset, NotDefined };
    struct Selector
    {
        std::vector<std::string> keys;
        Fallback fallback = Fallback::NotDefined;
        std::vector<std::string> fallbackKeys;
        bool singleHostPerSubset = false;
        bool operator==(const Selector &) const = default;
    };
    Fallback fallback = Fallback::NoFallback;
    QJsonObject defaultSubset;
    std::vector<Selector> selectors;
    bool localityWeightAware = false;
    bool scaleLocalityWeight = false;
    bool panicModeAny = false;
    bool listAsAny = false;

    bool operator==(const LbSubsetConfig &) const = default;
};

/// envoy.extensions.upstreams.http.v3.HttpProtocolOptions
struct UpstreamHttpProtocolOptions
{
    enum class Protocol { Http1, Http2, UseDownstream, Auto };
    Protocol protocol = Protocol::Http1;
    CommonHttpProtocolOptions common;
    Http1ProtocolOptions http1;
    Http2ProtocolOptions http2;
    bool autoSni = false;
    bool autoSanValidation = false;
    std::string overrideAutoSniHeader;
    /// outlier_detection.error_matcher: an answer that fits one of these, all headers of it, is an error to
    /// outlier detection, and no other is. Empty: 5xx are.
    std::vector<std::vector<HeaderMatcher>> outlierErrors;

    bool operator==(const UpstreamHttpProtocolOptions &) const = default;
};

/// envoy.config.core.v3.ProxyProtocolConfig: the PROXY header that is sent to hosts.
struct ProxyProtocolConfig
{
    struct Tlv
    {
        std::uint32_t type = 0;
        std::string value;
        bool operator==(const Tlv &) const = default;
    };
    std::uint32_t version = 1;
    ProxyTlvSelection passThrough; ///< of what came with the client's own header; version 2 only
    std::vector<Tlv> added;        ///< version 2 only

    bool operator==(const ProxyProtocolConfig &) const = default;
};

/// One transport socket of a cluster: TLS or plaintext, perhaps behind a PROXY header.
struct UpstreamTransport
{
    std::optional<UpstreamTlsContext> tls;
    std::optional<ProxyProtocolConfig> proxyProtocol;
    bool internal = false;

    bool operator==(const UpstreamTransport &) const = default;
};

/// envoy.config.cluster.v3.Cluster.TransportSocketMatch: the transport of hosts with this metadata
struct TransportSocketMatch
{
    std::string name;
    QJsonObject match;
    UpstreamTransport transport;

    bool operator==(const TransportSocketMatch &) const = default;
};

/// ZoneAwareLbConfig: requests stay in this node's zone as far as the hosts there suffice. Holds, with these
/// defaults, wherever the bootstrap names its own cluster and localities have no weights.
struct ZoneAwareLb
{
    double routingEnabledPercent = 100;
    std::uint64_t minClusterSize = 6;
    bool failTrafficOnPanic = false;

    bool operator==(const ZoneAwareLb &) const = default;
};

/// envoy.config.cluster.v3.Cluster
struct Cluster
{
    enum class Type { Static, StrictDns, LogicalDns, Eds, OriginalDst, DynamicForwardProxy };
    enum class LbPolicy { RoundRobin, LeastRequest, RingHash, Random, Maglev, ClusterProvided };
    enum class HashFunction { XxHash, MurmurHash2 };
    using DnsFamily = dataplane::DnsFamily;

    std::string name;
    std::string altStatName;
    Type type = Type::Static;
    LbPolicy lbPolicy = LbPolicy::RoundRobin;
    bool typedLbPolicy = false; ///< it stands in `load_balancing_policy`
    Duration connectTimeout = std::chrono::seconds(5);
    std::optional<ClusterLoadAssignment> loadAssignment;
    std::string edsServiceName;
    std::vector<CircuitBreakerThresholds> thresholds;
    std::optional<OutlierDetection> outlierDetection;
    std::vector<HealthCheck> healthChecks; ///< a host is well that passes all of them
    std::optional<LbSubsetConfig> subsets;
    std::uint64_t ringMinimum = 1024;
    std::uint64_t ringMaximum = 8U << 20U;
    HashFunction ringHashFunction = HashFunction::XxHash;
    std::uint64_t maglevTableSize = 65537;
    std::uint32_t leastRequestChoices = 2;
    std::optional<Duration> slowStartWindow;
    std::optional<RuntimeDouble> slowStartAggression; ///< 1.0 when absent: the share grows linearly
    double slowStartMinWeightPercent = 10;
    std::optional<RuntimeDouble> leastRequestBias; ///< 1.0 when absent
    bool leastRequestFullScan = false;             ///< of all hosts, not of some chosen at random
    bool consistentUseHostname = false;
    std::optional<std::uint32_t> hashBalanceFactor;
    std::optional<std::string> originalDstHeader; ///< use_http_header
    std::optional<std::uint32_t> originalDstPortOverride;
    std::optional<DnsCache> dnsCache;  ///< DynamicForwardProxy
    bool allowInsecureOptions = false; ///< DynamicForwardProxy: TLS without auto_sni and SAN validation
    double panicThreshold = 50;
    bool localityWeighted = false;
    std::optional<ZoneAwareLb> zoneAware;
    bool closeConnectionsOnHostSetChange = false;
    bool ignoreNewHostsUntilFirstHc = false;
    std::optional<UpstreamHttpProtocolOptions> http;
    UpstreamTransport transport;
    std::vector<TransportSocketMatch> transportMatches;
    DnsFamily dnsFamily = DnsFamily::Auto;
    Duration dnsRefreshRate = std::chrono::seconds(5);
    std::optional<Duration> dnsFailureRefreshRate;
    std::optional<Duration> dnsFailureMaxInterval; ///< none: ten times the failure refresh rate
    Duration dnsJitter{};                          ///< of a refresh, added at random
    std::optional<DnsResolver> dnsResolver;        ///< none: the bootstrap's
    bool respectDnsTtl = false;
    bool waitForWarmOnInit = true;
    std::optional<Duration> cleanupInterval;
    std::uint32_t perConnectionBufferLimit = 1U << 20U;
    std::optional<SocketAddress> bindAddress; ///< upstream_bind_config.source_address
    bool ignoreHealthOnHostRemoval = false;
    bool tcpKeepalive = false; ///< with what the operating system says, where the next three do not
    std::optional<std::uint32_t> tcpKeepaliveTime;
    std::optional<std::uint32_t> tcpKeepaliveInterval;
    std::optional<std::uint32_t> tcpKeepaliveProbes;
    double preconnectRatio = 1;       ///< connections for so many times the streams there are
    bool trackTimeoutBudgets = false; ///< histograms of how much of their timeouts requests use
    bool trackTimeoutBudgetsByOldField = false;
    bool trackRequestResponseSizes = false; ///< histograms of headers and bodies
    Metadata metadata;
    std::vector<OpaqueConfig> networkFilters;

    bool operator==(const Cluster &) const = default;
};

} // namespace sallyport::dataplane
