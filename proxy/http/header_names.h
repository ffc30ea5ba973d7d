// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    Authorization,
    CacheControl,
    Connection,
    ContentEncoding,
    ContentLength,
    ContentType,
    Cookie,
    Date,
    Etag,
    Expect,
    ForwardedClientCert, ///< x-forwarded-client-cert
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
    KeepAlive,
    Location,
    Origin,
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
    Via,
    EnvoyAttemptCount,
    EnvoyDecoratorOperation,
    EnvoyDegraded,
    EnvoyDownstreamServiceCluster,
    EnvoyDownstreamServiceNode,
    EnvoyExpectedRequestTimeout, ///< x-envoy-expected-rq-timeout-ms
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
    EnvoyOverloaded,
    EnvoyRateLimited,
    EnvoyRetriableHeaderNames,
    EnvoyRetriableStatusCodes,
    EnvoyRetryGrpcOn,
    EnvoyRetryOn,
    EnvoyUpstreamAltStatName,
    EnvoyUpstreamCanary,
    EnvoyUpstreamRequestPerTryTimeout, ///< x-envoy-upstream-rq-per-try-timeout-ms
    EnvoyUpstreamRequestTimeout,       ///< x-envoy-upstream-rq-timeout-ms
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

} // namespace sallyport::http
