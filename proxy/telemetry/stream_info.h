// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/stream.h"
#include "proxy/net/address.h"
#include "proxy/net/tls_info.h"
#include "proxy/telemetry/filter_state.h"
#include "proxy/telemetry/response_flag.h"

#include <QJsonObject>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::telemetry {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

/// What tls_inspector made of the ClientHello; a text is empty unless it was asked for.
struct TlsFingerprints
{
    std::string ja3; ///< MD5 in hexadecimal
    std::string ja4;
};

/// Everything that is known about one stream (or one TCP connection) when its log line is written. The
/// connection manager, the router and the filters fill it in as things happen. Views point into
/// configuration, which outlives the stream.
struct StreamInfo
{
    // Times. Monotonic points are durations' ends; startWall is what START_TIME prints.
    std::chrono::system_clock::time_point startWall{};
    TimePoint start{};
    std::optional<TimePoint> lastDownstreamRx;
    std::optional<TimePoint> firstUpstreamTx;
    std::optional<TimePoint> lastUpstreamTx;
    std::optional<TimePoint> firstUpstreamRx;
    std::optional<TimePoint> lastUpstreamRx;
    std::optional<TimePoint> firstDownstreamTx;
    std::optional<TimePoint> lastDownstreamTx;
    std::optional<TimePoint> upstreamConnectStart;
    std::optional<TimePoint> upstreamConnectEnd;
    std::optional<TimePoint> upstreamHandshakeEnd;
    std::optional<TimePoint> poolReady;
    std::optional<TimePoint> upstreamRequestCreated;
    std::optional<TimePoint> downstreamHandshakeEnd;
    std::optional<TimePoint> end;

    // Downstream
    std::optional<http::Protocol> protocol;
    net::Address localAddress;
    net::Address directLocalAddress;
    net::Address remoteAddress; ///< the trusted client
    net::Address directRemoteAddress;
    std::string requestedServerName; ///< as tls_inspector saw it
    const net::TlsInfo *downstreamTls = nullptr;
    std::shared_ptr<const TlsFingerprints> fingerprints; ///< null: tls_inspector saw no ClientHello
    std::string downstreamTransportFailure;
    std::string connectionTerminationDetails;
    std::string downstreamLocalCloseReason;
    bool downstreamResetByPeer = false;
    std::uint64_t connectionId = 0;
    std::string requestId;    ///< of a TCP connection: one made for logs
    bool healthCheck = false; ///< the request asks after the proxy's health
    std::string traceId;      ///< in hexadecimal digits; empty: the request is in no trace
    std::string spanId;       ///< of the proxy's own part in it
    bool traceForced = false; ///< the request id says that somebody wants it traced
    std::string_view filterChainName;
    std::string_view listenerName;
    std::string_view logType = "DownstreamEnd"; ///< %ACCESS_LOG_TYPE%

    // The answer
    unsigned responseCode = 0;
    std::string responseCodeDetails;
    ResponseFlags flags;
    std::uint64_t bytesReceived = 0;
    std::uint64_t bytesSent = 0;
    std::uint64_t requestHeaderBytes = 0;
    std::uint64_t responseHeaderBytes = 0;
    std::uint64_t responseTrailerBytes = 0;
    std::uint64_t downstreamWireReceived = 0;
    std::uint64_t downstreamWireSent = 0;
    std::uint64_t downstreamHeaderReceived = 0;
    std::uint64_t downstreamHeaderSent = 0;
    std::uint64_t downstreamDecompressedHeaderReceived = 0; ///< names and values, as HPACK gave them
    std::uint64_t downstreamDecompressedHeaderSent = 0;

    // Routing
    unsigned routeResolutions = 0; ///< how often a route was looked for
    std::chrono::nanoseconds routeResolutionTime{};
    bool hasRoute = false;
    std::string_view routeName;
    std::string_view virtualHostName;
    std::string_view virtualClusterName;
    std::string_view upstreamCluster;    ///< its observability name
    std::string_view upstreamClusterRaw; ///< its name

    // Upstream
    std::optional<http::Protocol> upstreamProtocol;
    net::Address upstreamHost;     ///< the chosen host, also if it could not be reached
    net::Address forwardProxyHost; ///< what a dynamic forward proxy found for the request's own host
    std::string upstreamHostName;
    net::Address upstreamRemoteAddress;
    net::Address upstreamLocalAddress; ///< once a connection was ready
    std::string upstreamTransportFailure;
    std::uint64_t upstreamConnectionId = 0;
    /// The hosts that a TCP connection was tried with, one per attempt, reached or not.
    struct Attempted
    {
        net::Address host;
        std::string hostName;
        std::uint64_t connectionId = 0; ///< 0: no connection was had
    };
    std::vector<Attempted> upstreamAttempted;
    unsigned attemptCount = 0;
    bool upstreamResetByPeer = false;
    std::string upstreamLocalCloseReason;
    std::uint64_t upstreamWireReceived = 0;
    std::uint64_t upstreamWireSent = 0;
    std::uint64_t upstreamHeaderReceived = 0;
    std::uint64_t upstreamHeaderSent = 0;
    std::uint64_t upstreamDecompressedHeaderReceived = 0;
    std::uint64_t upstreamDecompressedHeaderSent = 0;
    std::shared_ptr<const net::TlsInfo> upstreamTls; ///< may outlive its connection

    FilterState filterState;
    std::shared_ptr<const FilterState>
        upstreamFilterState; ///< what the upstream connection was told; may be null

    // Metadata, filter → struct; empty for most streams
    QJsonObject dynamicMetadata; ///< what filters wrote
    QJsonObject routeMetadata;
    QJsonObject virtualHostMetadata;
    QJsonObject clusterMetadata;
    QJsonObject upstreamMetadata; ///< the chosen host's
    QJsonObject filterChainMetadata;
    QJsonObject listenerMetadata;

    /// What `other` knew of its attempt and connection when it was a copy of this, but for what came back.
    void takeUpstreamOf(const StreamInfo &other)
    {
        upstreamRequestCreated = other.upstreamRequestCreated;
        firstUpstreamTx = other.firstUpstreamTx;
        lastUpstreamTx = other.lastUpstreamTx;
        upstreamConnectStart = other.upstreamConnectStart;
        upstreamConnectEnd = other.upstreamConnectEnd;
        upstreamHandshakeEnd = other.upstreamHandshakeEnd;
        poolReady = other.poolReady;
        upstreamProtocol = other.upstreamProtocol;
        upstreamHost = other.upstreamHost;
        upstreamHostName = other.upstreamHostName;
        upstreamMetadata = other.upstreamMetadata;
        upstreamRemoteAddress = other.upstreamRemoteAddress;
        upstreamLocalAddress = other.upstreamLocalAddress;
        upstreamConnectionId = other.upstreamConnectionId;
        upstreamTls = other.upstreamTls;
        upstreamFilterState = other.upstreamFilterState;
        upstreamTransportFailure = other.upstreamTransportFailure;
    }
    /// Another attempt begins: nothing is known of its host and connection yet.
    void forgetUpstream()
    {
        firstUpstreamTx = lastUpstreamTx = firstUpstreamRx = lastUpstreamRx = std::nullopt;
        upstreamConnectStart = upstreamConnectEnd = upstreamHandshakeEnd = poolReady = std::nullopt;
        upstreamProtocol.reset();
        upstreamHost = {};
        upstreamHostName.clear();
        upstreamMetadata = {};
        upstreamRemoteAddress = {};
        upstreamLocalAddress = {};
        upstreamTransportFailure.clear();
        upstreamAttempted.clear();
        upstreamResetByPeer = false;
        upstreamLocalCloseReason.clear();
        upstreamConnectionId = 0;
        upstreamTls.reset();
        upstreamFilterState.reset();
    }
};

} // namespace sallyport::telemetry
