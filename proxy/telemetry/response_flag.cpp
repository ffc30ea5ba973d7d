// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/response_flag.h"

namespace sallyport::telemetry {

namespace {

struct Names
{
    std::string_view brief;
    std::string_view full;
};
constexpr std::array<Names, static_cast<std::size_t>(ResponseFlag::Count)> flagNames{
    {{"LH", "FailedLocalHealthCheck"},
     {"UH", "NoHealthyUpstream"},
     {"UT", "UpstreamRequestTimeout"},
     {"LR", "LocalReset"},
     {"UR", "UpstreamRemoteReset"},
     {"UF", "UpstreamConnectionFailure"},
     {"UC", "UpstreamConnectionTermination"},
     {"UO", "UpstreamOverflow"},
     {"NR", "NoRouteFound"},
     {"DI", "DelayInjected"},
     {"FI", "FaultInjected"},
     {"RL", "RateLimited"},
     {"UAEX", "UnauthorizedExternalService"},
     {"RLSE", "RateLimitServiceError"},
     {"DC", "DownstreamConnectionTermination"},
     {"URX", "UpstreamRetryLimitExceeded"},
     {"SI", "StreamIdleTimeout"},
     {"IH", "InvalidEnvoyRequestHeaders"},
     {"DPE", "DownstreamProtocolError"},
     {"UMSDR", "UpstreamMaxStreamDurationReached"},
     {"RFCF", "ResponseFromCacheFilter"},
     {"NFCF", "NoFilterConfigFound"},
     {"DT", "DurationTimeout"},
     {"UPE", "UpstreamProtocolError"},
     {"NC", "NoClusterFound"},
     {"OM", "OverloadManagerTerminated"},
     {"DF", "DnsResolutionFailed"},
     {"DO", "DropOverload"},
     {"DR", "DownstreamRemoteReset"},
     {"UDO", "UnconditionalDropOverload"}}};

} // namespace

std::string_view shortName(ResponseFlag flag)
{
    return flagNames[static_cast<std::size_t>(flag)].brief;
}

std::string_view longName(ResponseFlag flag)
{
    return flagNames[static_cast<std::size_t>(flag)].full;
}

std::optional<ResponseFlag> flagOfReset(http::ResetReason reason)
{
    using Reason = http::ResetReason;
    switch (reason) {
    case Reason::LocalConnectionFailure:
    case Reason::RemoteConnectionFailure:
    case Reason::ConnectionTimeout:
        return ResponseFlag::UpstreamConnectionFailure;
    case Reason::ConnectionTermination:
        return ResponseFlag::UpstreamConnectionTermination;
    case Reason::LocalReset:
    case Reason::LocalRefusedStreamReset:
    case Reason::Http1PrematureUpstreamHalfClose:
        return ResponseFlag::LocalReset;
    case Reason::Overflow:
        return ResponseFlag::UpstreamOverflow;
    case Reason::RemoteReset:
    case Reason::RemoteRefusedStreamReset:
    case Reason::ConnectError:
        return ResponseFlag::UpstreamRemoteReset;
    case Reason::ProtocolError:
        return ResponseFlag::UpstreamProtocolError;
    case Reason::OverloadManager:
        return ResponseFlag::OverloadManagerTerminated;
    }
    return std::nullopt;
}

bool ResponseFlags::hasNamed(std::string_view name) const
{
    for (std::uint8_t i = 0; i < m_count; ++i) {
        if (shortName(m_order[i]) == name)
            return true;
    }
    return false;
}

void ResponseFlags::append(std::string &text, std::string_view (*name)(ResponseFlag)) const
{
    if (m_count == 0)
        text += '-';
    for (std::uint8_t i = 0; i < m_count; ++i) {
        if (i > 0)
            text += ',';
        text += name(m_order[i]);
    }
}

} // namespace sallyport::telemetry
