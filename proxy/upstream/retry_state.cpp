// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/retry_state.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sallyport::upstream {

namespace {

struct Word
{
    std::string_view name;
    unsigned bit;
};
constexpr Word words[] = {
    {"5xx", 0},
    {"gateway-error", 1},
    {"reset", 2},
    {"reset-before-request", 3},
    {"connect-failure", 4},
    {"refused-stream", 5},
    {"retriable-4xx", 6},
    {"retriable-status-codes", 7},
    {"retriable-headers", 8},
    {"envoy-ratelimited", 9},
    {"cancelled", 10},
    {"deadline-exceeded", 11},
    {"internal", 12},
    {"resource-exhausted", 13},
    {"unavailable", 14},
    // Nothing speaks HTTP/3 here; who asks for this has a body kept all the same.
    {"http3-post-connect-failure", 15},
};

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

template<typename F>
void eachItem(std::string_view list, F &&use)
{
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        use(trimmed(list.substr(0, comma)));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

std::optional<std::uint32_t> number(std::string_view text)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::chrono::milliseconds toMilliseconds(dataplane::Duration duration)
{
    return std::max(std::chrono::milliseconds(1),
                    std::chrono::duration_cast<std::chrono::milliseconds>(duration));
}

bool anyMatches(const std::vector<dataplane::CompiledHeader> &matchers, const http::HeaderMap &headers)
{
    return std::any_of(matchers.begin(), matchers.end(), [&](const dataplane::CompiledHeader &matcher) {
        std::string joined;
        const bool present = headers.find(std::string_view(matcher.name())) != nullptr;
        return matcher.matchesValue(present ? std::optional(headers.getAll(matcher.name(), joined))
                                            : std::nullopt);
    });
}

} // namespace

std::uint32_t RetryState::parse(std::string_view list)
{
    std::uint32_t conditions = 0;
    eachItem(list, [&](std::string_view item) {
        for (const Word &word : words) {
            if (word.name == item)
                conditions |= 1U << word.bit;
        }
    });
    return conditions;
}

bool RetryState::areConditions(std::string_view list, bool grpc)
{
    constexpr std::uint32_t grpcConditions =
        GrpcCancelled | GrpcDeadlineExceeded | GrpcInternal | GrpcResourceExhausted | GrpcUnavailable;
    bool all = true;
    eachItem(list, [&](std::string_view item) {
        const std::uint32_t condition = parse(item);
        all = all && condition != 0 && ((condition & grpcConditions) != 0) == grpc;
    });
    return all;
}

RetryState::RetryState(const dataplane::RetryPolicy *policy, const http::HeaderMap &request)
{
    using http::Known;
    if (policy && !policy->retriableRequestHeaders.empty() &&
        !anyMatches(dataplane::compileHeaders(policy->retriableRequestHeaders), request))
        return;
    if (policy) {
        m_conditions = parse(policy->retryOn);
        m_remaining = policy->numRetries;
        m_statusCodes = policy->retriableStatusCodes;
        m_headers = dataplane::compileHeaders(policy->retriableHeaders);
        m_interval = toMilliseconds(policy->backOffBase);
        m_longest = policy->backOffMax ? toMilliseconds(*policy->backOffMax) : 10 * m_interval;
        m_resets = policy->rateLimitedResets;
        if (policy->rateLimitedMax)
            m_longestReset = toMilliseconds(*policy->rateLimitedMax);
    }
    if (request.has(Known::EnvoyRetryOn))
        m_conditions |= parse(request.get(Known::EnvoyRetryOn));
    if (request.has(Known::EnvoyRetryGrpcOn))
        m_conditions |= parse(request.get(Known::EnvoyRetryGrpcOn));
    if (request.has(Known::EnvoyRetriableStatusCodes)) {
        eachItem(request.get(Known::EnvoyRetriableStatusCodes), [&](std::string_view item) {
            if (const std::optional<std::uint32_t> code = number(item))
                m_statusCodes.push_back(*code);
        });
    }
    if (!policy && m_conditions != 0)
        m_remaining = 1;
    if (request.has(Known::EnvoyMaxRetries)) {
        if (const std::optional<std::uint32_t> retries = number(request.get(Known::EnvoyMaxRetries));
            retries && m_conditions != 0)
            m_remaining = *retries;
    }
    if (request.has(Known::EnvoyRetriableHeaderNames)) {
        eachItem(request.get(Known::EnvoyRetriableHeaderNames), [&](std::string_view item) {
            dataplane::HeaderMatcher matcher;
            matcher.name = std::string(item);
            m_headers.emplace_back(matcher);
        });
    }
}

bool RetryState::wouldRetry(const http::HeaderMap &response) const
{
    using http::Known;
    const unsigned status = response.status();
    if (response.has(Known::EnvoyRateLimited))
        return (m_conditions & EnvoyRateLimited) != 0;
    if ((m_conditions & FiveXx) != 0 && status >= 500 && status < 600)
        return true;
    if ((m_conditions & GatewayError) != 0 && status >= 502 && status <= 504)
        return true;
    if ((m_conditions & Retriable4xx) != 0 && status == 409)
        return true;
    if ((m_conditions & RetriableStatusCodes) != 0 &&
        std::find(m_statusCodes.begin(), m_statusCodes.end(), status) != m_statusCodes.end())
        return true;
    if ((m_conditions & RetriableHeaders) != 0 && anyMatches(m_headers, response))
        return true;
    constexpr std::uint32_t grpc =
        GrpcCancelled | GrpcDeadlineExceeded | GrpcInternal | GrpcResourceExhausted | GrpcUnavailable;
    if ((m_conditions & grpc) != 0 && response.has(Known::GrpcStatus)) {
        switch (number(response.get(Known::GrpcStatus)).value_or(0)) {
        case 1:
            return (m_conditions & GrpcCancelled) != 0;
        case 4:
            return (m_conditions & GrpcDeadlineExceeded) != 0;
        case 8:
            return (m_conditions & GrpcResourceExhausted) != 0;
        case 13:
            return (m_conditions & GrpcInternal) != 0;
        case 14:
            return (m_conditions & GrpcUnavailable) != 0;
        default:
            return false;
        }
    }
    return false;
}

bool RetryState::wouldRetry(http::ResetReason reason, bool requestSent) const
{
    using Reason = http::ResetReason;
    if (reason == Reason::Overflow)
        return false;
    if ((m_conditions & (FiveXx | GatewayError | Reset)) != 0)
        return true;
    if ((m_conditions & ResetBeforeRequest) != 0 && !requestSent)
        return true;
    if ((m_conditions & RefusedStream) != 0 && reason == Reason::RemoteRefusedStreamReset)
        return true;
    const bool connect = reason == Reason::LocalConnectionFailure ||
                         reason == Reason::RemoteConnectionFailure || reason == Reason::ConnectionTimeout;
    return (m_conditions & ConnectFailure) != 0 && connect;
}

bool RetryState::wouldRetryPerTryTimeout() const
{
    // Envoy treats it as a local reset of the attempt.
    return wouldRetry(http::ResetReason::LocalReset, true);
}

bool RetryState::take()
{
    if (m_remaining == 0)
        return false;
    --m_remaining;
    return true;
}

void RetryState::heedRateLimit(const http::HeaderMap &response, std::chrono::system_clock::time_point now)
{
    using std::chrono::seconds;
    for (const dataplane::RetryPolicy::RateLimitedReset &reset : m_resets) {
        const http::Header *header = response.find(std::string_view(reset.header));
        const std::optional<std::uint32_t> value = header != nullptr ? number(header->value) : std::nullopt;
        if (!value)
            continue;
        seconds wait(*value);
        if (reset.unixTimestamp)
            wait -= std::chrono::floor<seconds>(now.time_since_epoch());
        if (wait >= seconds(0) && wait <= m_longestReset) {
            if (wait > seconds(0))
                m_asked = wait;
            return;
        }
    }
}

RetryState::BackOff RetryState::nextBackOff(std::uint64_t random)
{
    if (const auto asked = std::exchange(m_asked, std::nullopt))
        return {*asked + std::chrono::milliseconds(random % static_cast<std::uint64_t>(asked->count() / 2)),
                true};
    const auto interval = m_interval;
    m_interval = std::min(m_interval * 2, m_longest);
    return {std::chrono::milliseconds(random % static_cast<std::uint64_t>(interval.count())), false};
}

} // namespace sallyport::upstream
