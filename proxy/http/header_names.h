// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::http {

/// Headers that the proxy itself reads or writes: found in a HeaderMap without comparing names.
enum class Known : std::uint8_t {
    Authority,
    Method,
    Path,
    Scheme,
    Status,
    Protocol,
    Accept,
    AcceptEncoding,
    AccessControlAllowCredentials,
    AccessControlAllowHeaders,
    AccessControlAllowMethods,
    AccessControlAllowOrigin,
    AccessControlAllowPrivateNetwork,
    AccessControlExposeHeaders,
    AccessControlMaxAge,
    AccessControlRequestHeaders,
    AccessControlRequestMethod,
    AccessControlRequestPrivateNetwork,
    Age,
    Authorization,
    CacheControl,
    CdnLoop,
    ClientTraceId,
    Connection,
    ContentEncoding,
    ContentLength,
    ContentType,
    Cookie,
    Date,
    Etag,
    Expect,
    Expires,
    ForwardedClientCert,
    ForwardedFor,
    ForwardedHost,
    ForwardedPort,
    ForwardedProto,
    GrpcAcceptEncoding,
    GrpcMessage,
    GrpcStatus,
    GrpcTimeout,
    Host,
    Http2Settings,
    IfMatch,
    IfModifiedSince,
    IfNoneMatch,
    IfRange,
    IfUnmodifiedSince,
    KeepAlive,
    LastModified,
    Location,
    Origin,
    Pragma,
    ProxyConnection,
    ProxyStatus,
    Referer,
    RequestId,
    Server,
    SetCookie,
    Te,
    TransferEncoding,
    Upgrade,
    UserAgent,
    Vary,
    Via,
    EnvoyAttemptCount,
    EnvoyDecoratorOperation,
    EnvoyDegraded,
    EnvoyDownstreamServiceCluster,
    EnvoyDownstreamServiceNode,
    EnvoyExpectedRequestTimeout,
    EnvoyExternalAddress,
    EnvoyForceTrace,
    EnvoyHedgeOnPerTryTimeout,
    EnvoyImmediateHealthCheckFail,
    EnvoyInternal,
    EnvoyIpTags,
    EnvoyIsTimeoutRetry,
    EnvoyMaxRetries,
    EnvoyOriginalHost,
    EnvoyOriginalPath,
    EnvoyOriginalUrl,
    EnvoyOverloaded,
    EnvoyRateLimited,
    EnvoyRetriableHeaderNames,
    EnvoyRetriableStatusCodes,
    EnvoyRetryGrpcOn,
    EnvoyRetryOn,
    EnvoyUpstreamAltStatName,
    EnvoyUpstreamCanary,
    EnvoyUpstreamHealthCheckedCluster,
    EnvoyUpstreamRequestPerTryTimeout,
    EnvoyUpstreamRequestTimeout,
    EnvoyUpstreamRequestTimeoutAltResponse,
    EnvoyUpstreamServiceTime,
    EnvoyUpstreamStreamDuration,
    Count,
    None = 255
};

inline constexpr std::size_t KnownCount = static_cast<std::size_t>(Known::Count);

/// The name on the wire, lower-case.
std::string_view headerName(Known known);
/// `name` in lower case; None for any other name.
Known knownHeader(std::string_view name);
/// Whether a request (or response) carries several values of this header as one comma-separated line, as
/// Envoy's inline headers do.
bool isOneLineInRequests(Known known);
bool isOneLineInResponses(Known known);

} // namespace sallyport::http
