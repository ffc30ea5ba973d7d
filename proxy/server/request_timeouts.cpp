// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/request_timeouts.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sallyport::server {

namespace {

using http::Known;
using std::chrono::milliseconds;

milliseconds rounded(dataplane::Duration duration)
{
    return std::chrono::duration_cast<milliseconds>(duration);
}

std::optional<milliseconds> millisecondsOf(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(milliseconds(static_cast<std::int64_t>(value))) : std::nullopt;
}

std::optional<milliseconds> takeMilliseconds(http::HeaderMap &headers, Known name)
{
    if (!headers.has(name))
        return std::nullopt;
    const std::optional<milliseconds> value = millisecondsOf(headers.get(name));
    headers.remove(name);
    return value;
}

/// gRPC's own header: up to eight digits and a unit.
std::optional<milliseconds> grpcTimeout(const http::HeaderMap &headers)
{
    std::string_view text = headers.get(Known::GrpcTimeout);
    if (text.size() < 2 || text.size() > 9)
        return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size() - 1, value);
    if (error != std::errc() || end != text.data() + text.size() - 1)
        return std::nullopt;
    switch (text.back()) {
    case 'H':
        return std::chrono::hours(value);
    case 'M':
        return std::chrono::minutes(value);
    case 'S':
        return std::chrono::seconds(value);
    case 'm':
        return milliseconds(value);
    case 'u':
        return std::chrono::ceil<milliseconds>(std::chrono::microseconds(value));
    case 'n':
        return std::chrono::ceil<milliseconds>(std::chrono::nanoseconds(value));
    default:
        return std::nullopt;
    }
}

} // namespace

bool usesStreamDuration(const dataplane::RouteAction &action)
{
    return action.maxStreamDuration || action.grpcTimeoutHeaderMax || action.grpcTimeoutHeaderOffset;
}

void writeGrpcTimeout(http::HeaderMap &headers, milliseconds timeout)
{
    constexpr std::int64_t Most = 99'999'999;
    struct Unit
    {
        char letter;
        std::int64_t ofNext;
    };
    auto value = static_cast<std::int64_t>(timeout.count());
    char letter = 'm';
    for (const Unit &unit : {Unit{'S', 1000}, Unit{'M', 60}, Unit{'H', 60}}) {
        if (value <= Most)
            break;
        value /= unit.ofNext;
        letter = unit.letter;
    }
    headers.set(Known::GrpcTimeout, std::to_string(std::min(value, Most)) + letter);
}

std::optional<milliseconds> takeStreamDuration(const dataplane::RouteAction &action, milliseconds ofManager,
                                               bool grpc, http::HeaderMap &headers)
{
    milliseconds duration = ofManager;
    const std::optional<milliseconds> asked = grpcTimeout(headers);
    if (asked && action.grpcTimeoutHeaderMax) {
        const milliseconds most = rounded(*action.grpcTimeoutHeaderMax);
        duration = most.count() != 0 ? std::min(*asked, most) : *asked;
        if (action.grpcTimeoutHeaderOffset)
            duration = std::max(duration - rounded(*action.grpcTimeoutHeaderOffset), milliseconds(0));
        if (grpc)
            writeGrpcTimeout(headers, duration);
        return duration;
    }
    if (action.maxStreamDuration)
        duration = std::chrono::ceil<milliseconds>(*action.maxStreamDuration);
    if (duration.count() > 0 && grpc && usesStreamDuration(action))
        writeGrpcTimeout(headers, duration);
    return duration.count() > 0 ? std::optional(duration) : std::nullopt;
}

RequestTimeouts takeRequestTimeouts(const dataplane::RouteAction &action, const dataplane::VirtualHost &host,
                                    bool grpc, bool respectExpected, http::HeaderMap &headers)
{
    RequestTimeouts timeouts;
    if (!usesStreamDuration(action)) {
        timeouts.global = action.timeout ? rounded(*action.timeout) : milliseconds(15'000);
        if (grpc && action.maxGrpcTimeout) {
            const milliseconds most = rounded(*action.maxGrpcTimeout);
            milliseconds asked = grpcTimeout(headers).value_or(milliseconds(0));
            const milliseconds offset = rounded(action.grpcTimeoutOffset.value_or(dataplane::Duration()));
            if (offset < asked)
                asked -= offset;
            if (most.count() != 0 && (asked > most || asked.count() == 0))
                asked = most;
            timeouts.global = asked;
        }
    }
    const dataplane::RetryPolicy *retry = action.retryPolicy ? &*action.retryPolicy
                                          : host.retryPolicy ? &*host.retryPolicy
                                                             : nullptr;
    if (retry != nullptr && retry->perTryTimeout)
        timeouts.perTry = rounded(*retry->perTryTimeout);
    if (retry != nullptr && retry->perTryIdleTimeout)
        timeouts.perTryIdle = rounded(*retry->perTryIdleTimeout);
    if (respectExpected && headers.has(Known::EnvoyExpectedRequestTimeout)) {
        if (const auto asked = millisecondsOf(headers.get(Known::EnvoyExpectedRequestTimeout)))
            timeouts.global = *asked;
    } else if (const auto asked = takeMilliseconds(headers, Known::EnvoyUpstreamRequestTimeout)) {
        timeouts.global = *asked;
    }
    if (const auto asked = takeMilliseconds(headers, Known::EnvoyUpstreamRequestPerTryTimeout))
        timeouts.perTry = *asked;
    if (timeouts.perTry >= timeouts.global && timeouts.global.count() != 0)
        timeouts.perTry = milliseconds(0);
    timeouts.attempt = takeMilliseconds(headers, Known::EnvoyUpstreamStreamDuration);
    return timeouts;
}

} // namespace sallyport::server
