// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/stream.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::telemetry {

/// Why a stream did not simply succeed; the order is Envoy's (envoy/stream_info/stream_info.h).
enum class ResponseFlag : std::uint8_t {
    FailedLocalHealthCheck,
    NoHealthyUpstream,
    UpstreamRequestTimeout,
    LocalReset,
    UpstreamRemoteReset,
    UpstreamConnectionFailure,
    UpstreamConnectionTermination,
    UpstreamOverflow,
    NoRouteFound,
    DelayInjected,
    FaultInjected,
    RateLimited,
    UnauthorizedExternalService,
    RateLimitServiceError,
    DownstreamConnectionTermination,
    UpstreamRetryLimitExceeded,
    StreamIdleTimeout,
    InvalidEnvoyRequestHeaders,
    DownstreamProtocolError,
    UpstreamMaxStreamDurationReached,
    ResponseFromCacheFilter,
    NoFilterConfigFound,
    DurationTimeout,
    UpstreamProtocolError,
    NoClusterFound,
    OverloadManagerTerminated,
    DnsResolutionFailed,
    DropOverload,
    DownstreamRemoteReset,
    UnconditionalDropOverload,
    Count
};

/// `UF`
std::string_view shortName(ResponseFlag flag);
/// `UpstreamConnectionFailure`
std::string_view longName(ResponseFlag flag);

/// What an upstream stream that ended for this reason is marked with.
std::optional<ResponseFlag> flagOfReset(http::ResetReason reason);

/// The flags of one stream, in the order they were set.
class ResponseFlags
{
public:
    void set(ResponseFlag flag)
    {
        if (has(flag) || m_count == m_order.size())
            return;
        m_order[m_count++] = flag;
        m_bits |= 1U << static_cast<unsigned>(flag);
    }
    bool has(ResponseFlag flag) const { return (m_bits >> static_cast<unsigned>(flag) & 1U) != 0; }
    bool isEmpty() const { return m_count == 0; }
    /// One bit for each, by its place in ResponseFlag.
    std::uint32_t bits() const { return m_bits; }
    /// `URX,UF`; `-` without any.
    void appendShort(std::string &text) const { append(text, shortName); }
    void appendLong(std::string &text) const { append(text, longName); }
    bool hasNamed(std::string_view name) const;

private:
    void append(std::string &text, std::string_view (*name)(ResponseFlag)) const;

    std::array<ResponseFlag, 8> m_order{};
    std::uint8_t m_count = 0;
    std::uint32_t m_bits = 0;
};

} // namespace sallyport::telemetry
