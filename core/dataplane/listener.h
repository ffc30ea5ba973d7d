// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "core/dataplane/tls.h"

#include <memory>

namespace sallyport::dataplane {

/// tunneling_config of a TCP proxy: the bytes go through a CONNECT, or a POST, to this authority. It stands
/// by itself, because clang makes no std::optional of a class inside the one whose members have initializers.
struct TcpTunneling
{
    std::string hostname; ///< `host:port`, a format of the access log's operators
    bool usePost = false;
    std::string postPath; ///< `/` when empty
    std::vector<HeaderValueOption> headersToAdd;
    bool operator==(const TcpTunneling &) const = default;
};

/// envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
struct TcpProxy
{
    struct Weighted
    {
        std::string name;
        std::uint32_t weight = 0;
        std::optional<Metadata> metadataMatch = std::nullopt; ///< goes before the proxy's own, key by key
        bool operator==(const Weighted &) const = default;
    };
    /// When the connection to the host begins; but for Immediate `maxEarlyDataBytes` is needed.
    enum class ConnectMode { Immediate, OnDownstreamData, OnDownstreamTlsHandshake };
    std::string statPrefix;
    std::string cluster;
    std::vector<Weighted> weightedClusters;
    std::optional<Duration> idleTimeout; ///< 1 h when absent
    std::optional<Duration> maxDownstreamConnectionDuration;
    std::uint32_t maxConnectAttempts = 1;
    std::vector<HashPolicy> hashPolicies;
    std::vector<AccessLog> accessLogs;
    std::optional<Metadata> metadataMatch;
    std::optional<TcpTunneling> tunneling;
    bool logOnConnected = false;         ///< access_log_options: a record when the host is there
    std::optional<Duration> logInterval; ///< access_log_options: records while the connection is open
    ConnectMode connectMode = ConnectMode::Immediate;
    /// What is read before the host is there, at least; absent: nothing.
    std::optional<std::uint32_t> maxEarlyDataBytes;

    bool operator==(const TcpProxy &) const = default;
};

/// envoy.extensions.filters.network.sni_cluster.v3.SniCluster
struct SniCluster
{
    bool operator==(const SniCluster &) const = default;
};

/// A connection that a filter answers itself: envoy.extensions.filters.network.direct_response
struct NetworkDirectResponse
{
    DataSource response;
    bool operator==(const NetworkDirectResponse &) const = default;
};

/// envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig: finds the address of the name
/// that the client asks for in TLS.
struct SniDynamicForwardProxy
{
    DnsCache cache;
    std::uint32_t port = 443;
    bool operator==(const SniDynamicForwardProxy &) const = default;
};

/// envoy.config.listener.v3.Filter
struct NetworkFilter
{
    std::string name;
    std::variant<OpaqueConfig, HttpConnectionManager, TcpProxy, Rbac, SniCluster, NetworkDirectResponse,
                 SniDynamicForwardProxy>
        config;

    bool operator==(const NetworkFilter &) const = default;
};

/// envoy.config.listener.v3.FilterChainMatch
struct FilterChainMatch
{
    enum class SourceType { Any, SameIpOrLoopback, External };
    std::optional<std::uint32_t> destinationPort;
    std::vector<CidrRange> prefixRanges;
    std::vector<CidrRange> directSourcePrefixRanges;
    SourceType sourceType = SourceType::Any;
    std::vector<CidrRange> sourcePrefixRanges;
    std::vector<std::uint32_t> sourcePorts;
    std::vector<std::string> serverNames;
    std::string transportProtocol;
    std::vector<std::string> applicationProtocols;

    bool operator==(const FilterChainMatch &) const = default;
};

/// envoy.config.listener.v3.FilterChain
struct FilterChain
{
    std::string name;
    FilterChainMatch match;
    std::vector<NetworkFilter> filters;
    std::optional<DownstreamTlsContext> tls; ///< none: plaintext
    std::optional<Duration> transportSocketConnectTimeout;
    Metadata metadata;

    bool operator==(const FilterChain &) const = default;
};

/// envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
struct ProxyProtocolFilter
{
    /// A TLV that becomes dynamic metadata.
    struct Rule
    {
        std::uint32_t tlvType = 0;
        std::string metadataNamespace; ///< empty: the filter's own
        std::string key;
        bool operator==(const Rule &) const = default;
    };
    bool optional = false; ///< allow_requests_without_proxy_protocol
    bool refusesV1 = false;
    bool refusesV2 = false;
    std::string statPrefix;
    std::vector<Rule> rules;
    ProxyTlvSelection passThrough;

    bool operator==(const ProxyProtocolFilter &) const = default;
};

/// envoy.config.listener.v3.ListenerFilterChainMatchPredicate
struct ListenerPredicate
{
    enum class Kind { None, Or, And, Not, Any, DestinationPorts };
    Kind kind = Kind::None;
    std::vector<ListenerPredicate> rules; ///< Or, And; one of Not
    std::int64_t start = 0;               ///< DestinationPorts: [start, end)
    std::int64_t end = 0;

    /// Whether it holds for a connection to this port.
    bool holds(std::uint32_t destinationPort) const;
    bool operator==(const ListenerPredicate &) const = default;
};

/// envoy.config.listener.v3.ListenerFilter
struct ListenerFilter
{
    enum class Kind { TlsInspector, HttpInspector, ProxyProtocol, OriginalDst, Other };
    std::string name;
    Kind kind = Kind::Other;
    ProxyProtocolFilter proxyProtocol;
    bool ja3Fingerprint = false; ///< TlsInspector
    bool ja4Fingerprint = false; ///< TlsInspector
    std::optional<ListenerPredicate> filterDisabled;
    OpaqueConfig other;

    bool operator==(const ListenerFilter &) const = default;
};

enum class TrafficDirection { Unspecified, Inbound, Outbound };

/// envoy.config.listener.v3.Listener
struct Listener
{
    std::string name;
    SocketAddress address;
    std::vector<SocketAddress> additionalAddresses;
    std::string statPrefix;
    std::vector<FilterChain> filterChains;
    std::optional<FilterChain> defaultFilterChain;
    std::vector<ListenerFilter> listenerFilters;
    std::optional<Duration> listenerFiltersTimeout; ///< 15 s
    bool continueOnListenerFiltersTimeout = false;
    bool useOriginalDst = false;
    bool bindToPort = true;
    std::optional<bool> transparent;
    std::uint32_t perConnectionBufferLimit = 1U << 20U;
    TrafficDirection direction = TrafficDirection::Unspecified;
    /// Whether a failed health check makes it drain (ModifyOnly: only its removal or change does).
    enum class DrainType { Default, ModifyOnly };
    DrainType drainType = DrainType::Default;
    std::vector<AccessLog> accessLogs;
    std::optional<std::uint32_t> tcpBacklogSize;
    std::optional<bool> enableReusePort;
    std::optional<std::uint32_t> maxConnectionsToAcceptPerSocketEvent;
    std::optional<bool> bypassOverloadManager;
    bool ignoreGlobalConnLimit = false;
    Metadata metadata;

    bool operator==(const Listener &) const = default;
};

} // namespace sallyport::dataplane
