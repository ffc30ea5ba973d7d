// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/access_log.h"
#include "core/dataplane/route.h"
#include "core/dataplane/set_filter_state.h"
#include "core/dataplane/tracing.h"

namespace sallyport::dataplane {

enum class HeadersWithUnderscores { Allow, RejectRequest, DropHeader };

/// envoy.config.core.v3.HttpProtocolOptions
struct CommonHttpProtocolOptions
{
    std::optional<Duration> idleTimeout;
    std::optional<Duration> maxConnectionDuration;
    std::optional<std::uint32_t> maxHeadersCount;
    std::optional<std::uint32_t> maxResponseHeadersKb;
    std::optional<Duration> maxStreamDuration;
    HeadersWithUnderscores headersWithUnderscores = HeadersWithUnderscores::Allow;
    std::optional<std::uint32_t> maxRequestsPerConnection;

    bool operator==(const CommonHttpProtocolOptions &) const = default;
};

/// envoy.config.core.v3.Http1ProtocolOptions
struct Http1ProtocolOptions
{
    std::optional<bool> allowAbsoluteUrl;
    bool acceptHttp10 = false;
    std::string defaultHostForHttp10;
    enum class HeaderCase { Lower, ProperWords, Preserve };
    HeaderCase headerCase = HeaderCase::Lower;
    bool enableTrailers = false;
    bool allowChunkedLength = false;
    std::optional<bool> overrideStreamErrorOnInvalidHttpMessage;
    bool sendFullyQualifiedUrl = false;
    std::optional<bool> useBalsaParser;
    bool allowCustomMethods = false;
    std::vector<StringMatcher> ignoredUpgrades; ///< ignore_http_11_upgrade

    bool operator==(const Http1ProtocolOptions &) const = default;
};

/// envoy.config.core.v3.Http2ProtocolOptions
struct Http2ProtocolOptions
{
    std::optional<std::uint32_t> hpackTableSize;
    std::optional<std::uint32_t> maxConcurrentStreams;
    std::optional<std::uint32_t> initialStreamWindowSize;
    std::optional<std::uint32_t> initialConnectionWindowSize;
    bool allowConnect = false;
    std::optional<std::uint32_t> maxOutboundFrames;
    std::optional<std::uint32_t> maxOutboundControlFrames;
    std::optional<std::uint32_t> maxConsecutiveInboundFramesWithEmptyPayload;
    std::optional<std::uint32_t> maxInboundPriorityFramesPerStream;
    std::optional<std::uint32_t> maxInboundWindowUpdateFramesPerDataFrameSent;
    std::optional<bool> overrideStreamErrorOnInvalidHttpMessage;
    std::optional<Duration> keepaliveInterval;
    std::optional<Duration> keepaliveTimeout;
    std::optional<Duration> keepaliveIdleInterval; ///< `connection_idle_interval`
    std::optional<double> keepaliveJitterPercent;  ///< `interval_jitter`

    bool operator==(const Http2ProtocolOptions &) const = default;
};

/// One entry of http_filters. `kind` is decided by the type URL.
struct HttpFilter
{
    std::string name;
    bool disabled = false;
    std::variant<OpaqueConfig, Router, Rbac, Fault, CorsPolicy, JwtAuthentication, ExtAuthz, LocalRateLimit,
                 IstioAlpn, DynamicForwardProxy, HeaderMutationFilter, HealthCheckFilter, BufferFilter,
                 SetFilterState>
        config;

    bool operator==(const HttpFilter &) const = default;
};

/// envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig
struct LocalReplyConfig
{
    struct Mapper
    {
        AccessLogFilter filter;
        std::optional<std::uint32_t> statusCode;
        std::optional<DataSource> body;
        std::optional<FormatString> bodyFormat;
        std::vector<HeaderValueOption> headersToAdd;
        bool operator==(const Mapper &) const = default;
    };
    std::vector<Mapper> mappers;
    std::optional<FormatString> bodyFormat;

    bool operator==(const LocalReplyConfig &) const = default;
};

/// One of original_ip_detection_extensions: where the client's address is told that comes through a proxy.
struct OriginalIpDetection
{
    enum class Kind { ForwardedFor, CustomHeader };
    Kind kind = Kind::ForwardedFor;
    // envoy.extensions.http.original_ip_detection.xff.v3.XffConfig
    std::uint32_t trustedHops = 0;
    std::vector<CidrRange> trustedRanges; ///< of proxies, in place of their number
    bool skipAppend = true;               ///< the peer is not added to x-forwarded-for
    // envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig
    std::string headerName;
    bool trusted = false; ///< the address counts when it is asked whether the request is internal
    std::optional<std::uint32_t> rejectWithStatus; ///< requests without the header

    bool operator==(const OriginalIpDetection &) const = default;
};

/// Who is internal; without it nobody is.
struct InternalAddresses
{
    std::vector<CidrRange> ranges; ///< none given: RFC 1918, loopback and unique local addresses
    bool unixSockets = false;
    const std::vector<CidrRange> &rangesInForce() const
    {
        static const std::vector<CidrRange> standard{{"10.0.0.0", 8},     {"172.16.0.0", 12},
                                                     {"192.168.0.0", 16}, {"127.0.0.1", 32},
                                                     {"::1", 128},        {"fd00::", 8}};
        return ranges.empty() ? standard : ranges;
    }
    bool operator==(const InternalAddresses &) const = default;
};

/// envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
struct HttpConnectionManager
{
    enum class Codec { Auto, Http1, Http2 };
    enum class ClientCertDetails { Sanitize, ForwardOnly, AppendForward, SanitizeSet, AlwaysForwardOnly };
    enum class ServerHeader { Overwrite, AppendIfAbsent, PassThrough };
    enum class EscapedSlashes {
        ImplementationDefault,
        KeepUnchanged,
        RejectRequest,
        UnescapeAndRedirect,
        UnescapeAndForward
    };
    struct SetCurrentClientCert
    {
        bool subject = false;
        bool cert = false;
        bool chain = false;
        bool dns = false;
        bool uri = false;
        bool operator==(const SetCurrentClientCert &) const = default;
    };
    struct Upgrade
    {
        std::string type; ///< lower case
        bool enabled = true;
        bool operator==(const Upgrade &) const = default;
    };

    Codec codec = Codec::Auto;
    std::string statPrefix;
    RouteConfiguration routes;
    std::vector<HttpFilter> filters;
    std::vector<AccessLog> accessLogs;
    // access_log_options: records beside the one at a stream's end.
    bool logNewRequests = false;
    bool logTunnels = false; ///< when an upgrade or a CONNECT is granted
    std::optional<Duration> logInterval;
    std::string serverName = "envoy";
    ServerHeader serverHeader = ServerHeader::Overwrite;
    std::string schemeOverwrite;        ///< scheme_header_transformation
    bool schemeMatchesUpstream = false; ///< the scheme says how the upstream is spoken to
    std::vector<HeaderMutation>
        earlyMutations; ///< early_header_mutation_extensions, before the route is chosen
    bool useRemoteAddress = false;
    std::uint32_t xffNumTrustedHops = 0;
    bool skipXffAppend = false;
    std::vector<OriginalIpDetection> ipDetections;
    bool addUserAgent = false;
    std::string via;
    std::optional<bool> generateRequestId;
    bool preserveExternalRequestId = false;
    bool alwaysSetRequestIdInResponse = false;
    std::optional<bool> packTraceReason;
    bool useRequestIdForTraceSampling = true;
    ClientCertDetails clientCert = ClientCertDetails::Sanitize;
    SetCurrentClientCert setCurrentClientCert;
    bool proxy100Continue = false;
    std::vector<Upgrade> upgrades;
    bool rejectsFragments =
        true; ///< `#` in a path; else what is behind is cut off. See applyRuntimeFeatures()
    std::optional<bool> normalizePath;
    bool mergeSlashes = false;
    EscapedSlashes escapedSlashes = EscapedSlashes::ImplementationDefault;
    std::optional<InternalAddresses> internalAddresses;
    std::optional<LocalReplyConfig> localReply;
    bool stripMatchingHostPort = false;
    bool stripAnyHostPort = false;
    bool stripTrailingHostDot = false;
    std::optional<bool> streamErrorOnInvalidHttpMessage;
    CommonHttpProtocolOptions common;
    Http1ProtocolOptions http1;
    Http2ProtocolOptions http2;
    std::optional<std::uint32_t> maxRequestHeadersKb;
    std::optional<Duration> streamIdleTimeout;
    std::optional<Duration> streamFlushTimeout; ///< none: the idle timeout
    std::optional<Duration> requestTimeout;
    std::optional<Duration> requestHeadersTimeout;
    std::optional<Duration> drainTimeout;
    std::optional<Duration> delayedCloseTimeout;
    bool appendLocalOverload = false;
    bool appendXForwardedPort = false;
    std::optional<bool> addProxyProtocolConnectionState;
    /// No span is reported. That it is there makes requests carry the decorator of their route; its samplings
    /// stand in request ids.
    std::optional<QJsonObject> tracing;
    std::optional<TraceHeaders> traceHeaders; ///< what `tracing` says of a tracer; read only

    bool operator==(const HttpConnectionManager &) const = default;
};

} // namespace sallyport::dataplane
