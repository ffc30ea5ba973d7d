// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/header_names.h"

#include <array>

namespace sallyport::http {

namespace {

constexpr std::array<std::string_view, KnownCount> Names = {
    ":authority",
    ":method",
    ":path",
    ":scheme",
    ":status",
    ":protocol",
    "accept",
    "accept-encoding",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "age",
    "authorization",
    "cache-control",
    "cdn-loop",
    "x-client-trace-id",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "expires",
    "x-forwarded-client-cert",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "grpc-accept-encoding",
    "grpc-message",
    "grpc-status",
    "grpc-timeout",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "location",
    "origin",
    "pragma",
    "proxy-connection",
    "proxy-status",
    "referer",
    "x-request-id",
    "server",
    "set-cookie",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-envoy-attempt-count",
    "x-envoy-decorator-operation",
    "x-envoy-degraded",
    "x-envoy-downstream-service-cluster",
    "x-envoy-downstream-service-node",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-external-address",
    "x-envoy-force-trace",
    "x-envoy-hedge-on-per-try-timeout",
    "x-envoy-immediate-health-check-fail",
    "x-envoy-internal",
    "x-envoy-ip-tags",
    "x-envoy-is-timeout-retry",
    "x-envoy-max-retries",
    "x-envoy-original-host",
    "x-envoy-original-path",
    "x-envoy-original-url",
    "x-envoy-overloaded",
    "x-envoy-ratelimited",
    "x-envoy-retriable-header-names",
    "x-envoy-retriable-status-codes",
    "x-envoy-retry-grpc-on",
    "x-envoy-retry-on",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-canary",
    "x-envoy-upstream-healthchecked-cluster",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-upstream-service-time",
    "x-envoy-upstream-stream-duration-ms",
};

constexpr std::array OneLineInRequests = {Known::Accept,
                                          Known::AcceptEncoding,
                                          Known::AccessControlRequestHeaders,
                                          Known::AccessControlRequestMethod,
                                          Known::AccessControlRequestPrivateNetwork,
                                          Known::Authorization,
                                          Known::CacheControl,
                                          Known::CdnLoop,
                                          Known::ClientTraceId,
                                          Known::EnvoyDownstreamServiceCluster,
                                          Known::EnvoyDownstreamServiceNode,
                                          Known::EnvoyExternalAddress,
                                          Known::EnvoyForceTrace,
                                          Known::EnvoyHedgeOnPerTryTimeout,
                                          Known::EnvoyInternal,
                                          Known::EnvoyIpTags,
                                          Known::EnvoyRetryOn,
                                          Known::EnvoyRetryGrpcOn,
                                          Known::EnvoyRetriableStatusCodes,
                                          Known::EnvoyRetriableHeaderNames,
                                          Known::EnvoyIsTimeoutRetry,
                                          Known::EnvoyOriginalPath,
                                          Known::EnvoyOriginalHost,
                                          Known::EnvoyOriginalUrl,
                                          Known::EnvoyUpstreamAltStatName,
                                          Known::EnvoyUpstreamRequestTimeoutAltResponse,
                                          Known::Expect,
                                          Known::ForwardedClientCert,
                                          Known::ForwardedFor,
                                          Known::ForwardedHost,
                                          Known::ForwardedProto,
                                          Known::GrpcAcceptEncoding,
                                          Known::GrpcTimeout,
                                          Known::Authority,
                                          Known::Method,
                                          Known::Path,
                                          Known::Protocol,
                                          Known::Scheme,
                                          Known::Te,
                                          Known::UserAgent,
                                          Known::EnvoyExpectedRequestTimeout,
                                          Known::EnvoyMaxRetries,
                                          Known::EnvoyUpstreamRequestTimeout,
                                          Known::EnvoyUpstreamRequestPerTryTimeout,
                                          Known::EnvoyUpstreamStreamDuration,
                                          Known::ForwardedPort,
                                          Known::IfMatch,
                                          Known::IfModifiedSince,
                                          Known::IfNoneMatch,
                                          Known::IfRange,
                                          Known::IfUnmodifiedSince,
                                          Known::Origin,
                                          Known::Pragma,
                                          Known::Referer};

constexpr std::array OneLineInResponses = {Known::AccessControlAllowCredentials,
                                           Known::AccessControlAllowHeaders,
                                           Known::AccessControlAllowMethods,
                                           Known::AccessControlAllowOrigin,
                                           Known::AccessControlAllowPrivateNetwork,
                                           Known::AccessControlExposeHeaders,
                                           Known::AccessControlMaxAge,
                                           Known::Age,
                                           Known::CacheControl,
                                           Known::ContentEncoding,
                                           Known::Date,
                                           Known::EnvoyDegraded,
                                           Known::EnvoyImmediateHealthCheckFail,
                                           Known::EnvoyRateLimited,
                                           Known::EnvoyUpstreamCanary,
                                           Known::EnvoyUpstreamHealthCheckedCluster,
                                           Known::Etag,
                                           Known::Expires,
                                           Known::GrpcMessage,
                                           Known::GrpcStatus,
                                           Known::LastModified,
                                           Known::Location,
                                           Known::Server,
                                           Known::EnvoyUpstreamServiceTime,
                                           Known::Status,
                                           Known::Vary};

constexpr std::array OneLineInBoth = {
    Known::Connection, Known::ContentType,      Known::EnvoyDecoratorOperation,
    Known::KeepAlive,  Known::ProxyConnection,  Known::ProxyStatus,
    Known::RequestId,  Known::TransferEncoding, Known::Upgrade,
    Known::Via,        Known::ContentLength,    Known::EnvoyAttemptCount};

constexpr std::size_t Slots = 1024;

constexpr std::size_t slotOf(std::string_view name)
{
    const auto byte = [name](std::size_t index) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(name[index]));
    };
    std::uint32_t hash = static_cast<std::uint32_t>(name.size()) * 2654435761U;
    hash ^= byte(0) * 40503U;
    hash ^= byte(name.size() - 1) * 2246822519U;
    hash ^= byte(name.size() / 2) * 3266489917U;
    if (name.size() > 12)
        hash ^= byte(11) * 668265263U ^ byte(name.size() - 5) * 374761393U;
    return (hash ^ (hash >> 15U)) & (Slots - 1);
}

/// Open addressing, filled at compile time: a look-up hashes five bytes and compares one name, seldom two.
struct Table
{
    std::array<std::uint8_t, Slots> slots{};
    std::array<bool, KnownCount> oneLineInRequests{};
    std::array<bool, KnownCount> oneLineInResponses{};

    constexpr Table()
    {
        slots.fill(static_cast<std::uint8_t>(Known::None));
        for (std::size_t i = 0; i < KnownCount; ++i) {
            std::size_t slot = slotOf(Names[i]);
            while (slots[slot] != static_cast<std::uint8_t>(Known::None))
                slot = (slot + 1) & (Slots - 1);
            slots[slot] = static_cast<std::uint8_t>(i);
        }
        for (const Known known : OneLineInRequests)
            oneLineInRequests[static_cast<std::size_t>(known)] = true;
        for (const Known known : OneLineInResponses)
            oneLineInResponses[static_cast<std::size_t>(known)] = true;
        for (const Known known : OneLineInBoth) {
            oneLineInRequests[static_cast<std::size_t>(known)] = true;
            oneLineInResponses[static_cast<std::size_t>(known)] = true;
        }
    }
};

constexpr Table Lookup;

} // namespace

std::string_view headerName(Known known)
{
    return Names[static_cast<std::size_t>(known)];
}

Known knownHeader(std::string_view name)
{
    if (name.empty())
        return Known::None;
    for (std::size_t slot = slotOf(name);; slot = (slot + 1) & (Slots - 1)) {
        const std::uint8_t index = Lookup.slots[slot];
        if (index == static_cast<std::uint8_t>(Known::None) || Names[index] == name)
            return static_cast<Known>(index);
    }
}

bool isOneLineInRequests(Known known)
{
    return known != Known::None && Lookup.oneLineInRequests[static_cast<std::size_t>(known)];
}

bool isOneLineInResponses(Known known)
{
    return known != Known::None && Lookup.oneLineInResponses[static_cast<std::size_t>(known)];
}

} // namespace sallyport::http
