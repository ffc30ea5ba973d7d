// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/retry_policy.h"

#include <algorithm>
#include <charconv>

namespace sallyport::compile {

namespace {

constexpr const char *defaultConditions =
    "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

/// RFC 9110 and the IANA registry: what Go's http.StatusText knows.
bool isAssignedStatus(unsigned code)
{
    return (code >= 100 && code <= 103) || (code >= 200 && code <= 208) || code == 226 ||
           (code >= 300 && code <= 308 && code != 306) || (code >= 400 && code <= 418) ||
           (code >= 421 && code <= 426) || code == 428 || code == 429 || code == 431 || code == 451 ||
           (code >= 500 && code <= 508) || code == 510 || code == 511;
}

/// Conditions of the policy's own; without any it keeps those that it has.
void applyConditions(dataplane::RetryPolicy &policy, const std::string &retryOn)
{
    if (retryOn.empty())
        return;
    RetryConditions conditions = parseRetryOn(retryOn);
    policy.retryOn = std::move(conditions.words);
    policy.retriableStatusCodes = std::move(conditions.statusCodes);
}

} // namespace

RetryConditions parseRetryOn(const std::string &retryOn)
{
    RetryConditions conditions;
    std::size_t at = 0;
    while (at <= retryOn.size()) {
        const std::size_t comma = std::min(retryOn.find(',', at), retryOn.size());
        std::string part = retryOn.substr(at, comma - at);
        at = comma + 1;
        part.erase(0, std::min(part.find_first_not_of(" \t\r\n"), part.size()));
        part.erase(part.find_last_not_of(" \t\r\n") + 1);
        if (part.empty())
            continue;
        unsigned code = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), code);
        if (error == std::errc() && end == part.data() + part.size() && isAssignedStatus(code))
            conditions.statusCodes.push_back(code);
        else
            conditions.words += (conditions.words.empty() ? "" : ",") + part;
    }
    if (!conditions.statusCodes.empty() &&
        conditions.words.find("retriable-status-codes") == std::string::npos)
        conditions.words += (conditions.words.empty() ? "" : ",") + std::string("retriable-status-codes");
    return conditions;
}

std::optional<dataplane::RetryPolicy> retryPolicy(const std::optional<model::HttpRetry> &own,
                                                  const std::optional<model::HttpRetry> &meshDefault,
                                                  bool consistentHash)
{
    const std::optional<model::HttpRetry> &source = own ? own : meshDefault;
    dataplane::RetryPolicy policy;
    policy.retryOn = defaultConditions;
    policy.numRetries = 2;
    policy.avoidPreviousHosts = !consistentHash;
    if (source) {
        if (source->attempts <= 0)
            return std::nullopt;
        policy.numRetries = static_cast<std::uint32_t>(source->attempts);
        applyConditions(policy, source->retryOn);
        policy.perTryTimeout = source->perTryTimeout;
        if (source->backoff)
            policy.backOffBase = *source->backoff;
        if (source->retryIgnorePreviousHosts)
            policy.avoidPreviousHosts = *source->retryIgnorePreviousHosts;
        // Every second attempt goes past the priorities, and so the localities, that were tried.
        if (source->retryRemoteLocalities.value_or(false))
            policy.previousPrioritiesUpdate = 2;
    }
    if (policy.avoidPreviousHosts)
        policy.hostSelectionMaxAttempts = 5;
    return policy;
}

std::optional<dataplane::RetryPolicy> inboundRetryPolicy(const std::optional<model::HttpRetry> &meshDefault)
{
    dataplane::RetryPolicy policy;
    policy.retryOn = "reset-before-request";
    policy.numRetries = 2;
    if (!meshDefault)
        return policy;
    if (meshDefault->attempts <= 0)
        return std::nullopt;
    policy.numRetries = static_cast<std::uint32_t>(meshDefault->attempts);
    applyConditions(policy, meshDefault->retryOn);
    if (meshDefault->backoff)
        policy.backOffBase = *meshDefault->backoff;
    return policy;
}

} // namespace sallyport::compile
