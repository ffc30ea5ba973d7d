// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/http/header_map.h"
#include "proxy/http/stream.h"

#include <chrono>
#include <optional>
#include <vector>

namespace sallyport::upstream {

/// Whether and when one request is tried again (source/common/router/retry_state_impl.cc). Knows nothing of
/// circuit breakers: the caller asks them.
class RetryState
{
public:
    /// `policy` is the route's; the request's own x-envoy-* headers are read from `request` (they were
    /// removed before if the client may not set them).
    RetryState(const dataplane::RetryPolicy *policy, const http::HeaderMap &request);

    /// Whether every word of `list` is a condition of x-envoy-retry-on (or of x-envoy-retry-grpc-on).
    static bool areConditions(std::string_view list, bool grpc);

    bool isEnabled() const { return m_conditions != 0; }
    std::uint32_t remaining() const { return m_remaining; }

    /// Whether a response is of a kind that is retried.
    bool wouldRetry(const http::HeaderMap &response) const;
    /// The same for a failure before any response. `requestSent`: bytes of the request went out on some
    /// attempt.
    bool wouldRetry(http::ResetReason reason, bool requestSent) const;
    bool wouldRetryPerTryTimeout() const;
    /// One retry is used up; false if none was left.
    bool take();
    /// A response that is to be retried may say when (rate_limited_retry_back_off): that holds for the next
    /// wait only.
    void heedRateLimit(const http::HeaderMap &response, std::chrono::system_clock::time_point now);

    struct BackOff
    {
        std::chrono::milliseconds wait;
        bool rateLimited;
    };
    /// The wait before the next attempt: full jitter below an interval that doubles, or from what the
    /// response asked for to half as much again.
    BackOff nextBackOff(std::uint64_t random);

private:
    enum Condition : std::uint32_t {
        FiveXx = 1U << 0U,
        GatewayError = 1U << 1U,
        Reset = 1U << 2U,
        ResetBeforeRequest = 1U << 3U,
        ConnectFailure = 1U << 4U,
        RefusedStream = 1U << 5U,
        Retriable4xx = 1U << 6U,
        RetriableStatusCodes = 1U << 7U,
        RetriableHeaders = 1U << 8U,
        EnvoyRateLimited = 1U << 9U,
        GrpcCancelled = 1U << 10U,
        GrpcDeadlineExceeded = 1U << 11U,
        GrpcInternal = 1U << 12U,
        GrpcResourceExhausted = 1U << 13U,
        GrpcUnavailable = 1U << 14U,
    };
    static std::uint32_t parse(std::string_view words);

    std::uint32_t m_conditions = 0;
    std::uint32_t m_remaining = 0;
    std::vector<std::uint32_t> m_statusCodes;
    std::vector<dataplane::CompiledHeader> m_headers;
    std::chrono::milliseconds m_interval{25};
    std::chrono::milliseconds m_longest{250};
    std::vector<dataplane::RetryPolicy::RateLimitedReset> m_resets;
    std::chrono::milliseconds m_longestReset{300'000};
    std::optional<std::chrono::milliseconds> m_asked;
};

} // namespace sallyport::upstream
