// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/matcher.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sallyport::dataplane {

/// envoy.config.core.v3.HealthCheck.Payload: bytes that are sent, or looked for in an answer
struct HealthCheckPayload
{
    std::string bytes;

    bool operator==(const HealthCheckPayload &) const = default;
};

/// envoy.type.v3.Int64Range of statuses: `end` is not among them
struct StatusRange
{
    std::int64_t start = 0;
    std::int64_t end = 0;

    bool operator==(const StatusRange &) const = default;
};

/// envoy.config.core.v3.HealthCheck.HttpHealthCheck
struct HttpHealthCheck
{
    enum class Codec { Http1, Http2 };

    std::string host; ///< empty: the cluster's name
    std::string path;
    std::string method = "GET";
    std::optional<HealthCheckPayload> send;
    std::vector<HealthCheckPayload> receive; ///< in this order, with anything between
    std::uint64_t responseBufferSize = 1024; ///< of a body, so much is looked at; 0: all
    std::vector<HeaderValueOption> requestHeadersToAdd;
    std::vector<std::string> requestHeadersToRemove;
    std::vector<StatusRange> expectedStatuses; ///< empty: 200
    std::vector<StatusRange> retriableStatuses;
    Codec codec = Codec::Http1;
    std::optional<StringMatcher> serviceName;

    bool operator==(const HttpHealthCheck &) const = default;
};

/// envoy.config.core.v3.HealthCheck.TcpHealthCheck; with nothing to receive, to be connected is enough
struct TcpHealthCheck
{
    std::optional<HealthCheckPayload> send;
    std::vector<HealthCheckPayload> receive;

    bool operator==(const TcpHealthCheck &) const = default;
};

/// envoy.config.core.v3.HealthCheck.GrpcHealthCheck
struct GrpcHealthCheck
{
    std::string serviceName;
    std::string authority; ///< empty: the cluster's name
    std::vector<HeaderValueOption> initialMetadata;

    bool operator==(const GrpcHealthCheck &) const = default;
};

/// envoy.config.core.v3.HealthCheck
struct HealthCheck
{
    std::string name; ///< in statistics
    Duration timeout{};
    Duration interval{};
    Duration initialJitter{};
    Duration intervalJitter{};
    std::uint32_t intervalJitterPercent = 0;
    std::uint32_t unhealthyThreshold = 0;
    std::uint32_t healthyThreshold = 0;
    bool reuseConnection = true;
    std::variant<HttpHealthCheck, TcpHealthCheck, GrpcHealthCheck> probe;
    Duration noTrafficInterval = std::chrono::seconds(60);
    std::optional<Duration> noTrafficHealthyInterval;      ///< none: noTrafficInterval
    std::optional<Duration> unhealthyInterval;             ///< none: interval
    std::optional<Duration> unhealthyEdgeInterval;         ///< none: unhealthyInterval
    std::optional<Duration> healthyEdgeInterval;           ///< none: interval
    std::optional<std::vector<std::string>> alpnProtocols; ///< tls_options
    std::optional<QJsonObject> transportSocketMatchCriteria;

    bool operator==(const HealthCheck &) const = default;
};

} // namespace sallyport::dataplane
