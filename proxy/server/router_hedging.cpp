// SPDX-License-Identifier: GPL-3.0-or-later
// hedge_on_per_try_timeout: an attempt that takes too long is not given up, another one begins beside it, and
// the first good answer counts.
#include "proxy/server/router.h"

#include "proxy/server/active_stream.h"

#include <algorithm>
#include <utility>

namespace sallyport::server {

using http::Known;

bool Router::wantsHedging(const http::HeaderMap &headers) const
{
    const std::string_view asked = headers.get(Known::EnvoyHedgeOnPerTryTimeout);
    if (asked == "true" || asked == "false")
        return asked == "true";
    const std::optional<dataplane::HedgePolicy> &policy =
        m_action->hedgePolicy ? m_action->hedgePolicy : m_route->host().hedgePolicy;
    return policy && policy->hedgeOnPerTryTimeout;
}

/// Whatever retry_on says: there is no failure that it could speak of.
void Router::hedge(UpstreamRequest &request)
{
    m_cluster->onLocalOriginTimeout(*request.host());
    request.setOverdue();
    if (!m_retries || m_stream.responseStarted() || !takeRetry(true))
        return;
    auto facts = std::make_unique<const telemetry::StreamInfo>(m_stream.streamInfo());
    m_hedged.push_back({std::move(m_attempt), std::move(facts)});
    scheduleRetry(After::Timeout);
}

bool Router::isHedged(const UpstreamRequest &request) const
{
    return std::any_of(m_hedged.begin(), m_hedged.end(),
                       [&request](const Hedged &hedged) { return hedged.attempt.get() == &request; });
}

bool Router::mayOthersSucceed(const UpstreamRequest &request) const
{
    const auto isOther = [&request](const std::unique_ptr<UpstreamRequest> &attempt) {
        return attempt && attempt.get() != &request && attempt->awaitingHeaders();
    };
    return m_waitingForRetry || isOther(m_attempt) ||
           std::any_of(m_hedged.begin(), m_hedged.end(),
                       [&isOther](const Hedged &hedged) { return isOther(hedged.attempt); });
}

void Router::takeHedgedMeters()
{
    for (const Hedged &hedged : m_hedged)
        hedged.attempt->takeMeters();
}

void Router::giveUp(std::unique_ptr<UpstreamRequest> attempt)
{
    if (!attempt)
        return;
    attempt->reset();
    dispatcher().deferredDelete(std::move(attempt));
}

void Router::giveUpHedged()
{
    for (Hedged &hedged : std::exchange(m_hedged, {}))
        giveUp(std::move(hedged.attempt));
}

void Router::settleOn(UpstreamRequest &request)
{
    m_waitingForRetry = false;
    m_backOffTimer.reset();
    leaveRetryBreaker();
    if (m_hedged.empty())
        return;
    std::vector<Hedged> hedged = std::exchange(m_hedged, {});
    for (Hedged &each : hedged) {
        if (each.attempt.get() != &request) {
            giveUp(std::move(each.attempt));
            continue;
        }
        giveUp(std::move(m_attempt));
        m_attempt = std::move(each.attempt);
        m_stream.streamInfo().takeUpstreamOf(*each.facts);
    }
}

} // namespace sallyport::server
