// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/local_rate_limit_filter.h"

#include "proxy/telemetry/header_mutator.h"

#include <cmath>
#include <map>
#include <mutex>

namespace sallyport::filters {

namespace {

/// Fills steadily: `tokens_per_fill` in each `fill_interval`, a fraction of a token at a time
/// (source/common/common/token_bucket_impl.h).
class TokenBucket
{
public:
    explicit TokenBucket(const dataplane::LocalRateLimit &limit)
        : m_most(limit.maxTokens)
        , m_perSecond(limit.tokensPerFill / std::chrono::duration<double>(limit.fillInterval).count())
        , m_tokens(limit.maxTokens)
        , m_at(net::Clock::now())
    {
    }
    bool take(net::Clock::time_point now)
    {
        const std::lock_guard lock(m_mutex);
        fill(now);
        if (m_tokens < 1)
            return false;
        m_tokens -= 1;
        return true;
    }
    struct Level
    {
        std::uint32_t remaining = 0;
        std::chrono::seconds untilNext{}; ///< 0 while there are tokens
    };
    Level level(net::Clock::time_point now)
    {
        const std::lock_guard lock(m_mutex);
        fill(now);
        if (m_tokens >= 1)
            return {static_cast<std::uint32_t>(m_tokens), {}};
        return {0, std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - m_tokens) / m_perSecond)))};
    }

private:
    void fill(net::Clock::time_point now)
    {
        if (now <= m_at)
            return;
        m_tokens = std::min<double>(m_most, m_tokens + std::chrono::duration<double>(now - m_at).count() *
                                                           m_perSecond);
        m_at = now;
    }

    double m_most;
    double m_perSecond;
    std::mutex m_mutex;
    double m_tokens;
    net::Clock::time_point m_at;
};

telemetry::Counter &counterOf(const dataplane::LocalRateLimit &limit, telemetry::StatsStore &store,
                              const char *name)
{
    return store.counter(limit.statPrefix + ".http_local_rate_limit." + name);
}

struct Limit
{
    Limit(const dataplane::LocalRateLimit &limit, telemetry::StatsStore &store)
        : configuration(limit)
        , enabled(counterOf(limit, store, "enabled"))
        , enforced(counterOf(limit, store, "enforced"))
        , limited(counterOf(limit, store, "rate_limited"))
        , ok(counterOf(limit, store, "ok"))
    {
        announceLocalRateLimit(limit, store);
        if (limit.hasTokenBucket)
            bucket.emplace(limit);
        // Formats were checked when the configuration was read.
        if (auto headers = telemetry::HeaderMutator::create(limit.responseHeadersToAdd, {}))
            refusalHeaders = *std::move(headers);
        if (auto headers = telemetry::HeaderMutator::create(limit.requestHeadersToAddWhenNotEnforced, {}))
            notEnforcedHeaders = *std::move(headers);
    }
    dataplane::LocalRateLimit configuration;
    std::optional<TokenBucket> bucket; ///< none: nothing is too much
    telemetry::HeaderMutator refusalHeaders;
    telemetry::HeaderMutator notEnforcedHeaders;
    telemetry::Counter &enabled;
    telemetry::Counter &enforced;
    telemetry::Counter &limited;
    telemetry::Counter &ok;
};

struct Limits
{
    std::mutex mutex;
    std::map<const dataplane::LocalRateLimit *, std::shared_ptr<Limit>> perRoute;
};

class LocalRateLimitFilter : public HttpFilter
{
public:
    LocalRateLimitFilter(std::shared_ptr<Limit> limit,
                         std::function<std::shared_ptr<Limit>(const dataplane::LocalRateLimit &)> perRoute)
        : m_limit(std::move(limit))
        , m_perRoute(std::move(perRoute))
    {
    }
    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        if (const auto *own = ofRoute<dataplane::LocalRateLimit>())
            m_limit = m_perRoute(*own);
        const dataplane::LocalRateLimit &configuration = m_limit->configuration;
        if (!falls(configuration.filterEnabled))
            return FilterStatus::Continue;
        m_limit->enabled.inc();
        m_counted = m_limit->bucket.has_value();
        if (!m_limit->bucket || m_limit->bucket->take(m_callbacks->dispatcher().updateNow())) {
            m_limit->ok.inc();
            return FilterStatus::Continue;
        }
        m_limit->limited.inc();
        if (!falls(configuration.filterEnforced)) {
            m_limit->notEnforcedHeaders.apply(headers,
                                              {m_callbacks->streamInfo(), &headers, nullptr, nullptr, {}});
            return FilterStatus::Continue;
        }
        m_limit->enforced.inc();
        LocalReply reply;
        // A limit that is reached is no success (Envoy takes 429 for statuses below 400).
        reply.status = configuration.status < 400 ? 429 : configuration.status;
        reply.body = "local_rate_limited";
        reply.details = "local_rate_limited";
        reply.flag = telemetry::ResponseFlag::RateLimited;
        reply.modifyHeaders = [this, &headers](http::HeaderMap &response) {
            m_limit->refusalHeaders.apply(response,
                                          {m_callbacks->streamInfo(), &headers, &response, nullptr, {}});
        };
        m_callbacks->sendLocalReply(reply);
        return FilterStatus::Stop;
    }

    void encodeHeaders(http::HeaderMap &headers, bool) override
    {
        if (!m_counted || !m_limit->configuration.xRateLimitHeaders)
            return;
        const TokenBucket::Level level = m_limit->bucket->level(m_callbacks->dispatcher().updateNow());
        headers.set("x-ratelimit-limit", std::to_string(m_limit->configuration.maxTokens));
        headers.set("x-ratelimit-remaining", std::to_string(level.remaining));
        headers.set("x-ratelimit-reset", std::to_string(level.untilNext.count()));
    }

private:
    /// Without a value nothing is limited: both switches are off by default.
    bool falls(const dataplane::RuntimeFractionalPercent &percent)
    {
        return percent.defaultValue && m_callbacks->random() % percent.defaultValue->denominatorValue() <
                                           percent.defaultValue->numerator;
    }

    std::shared_ptr<Limit> m_limit;
    bool m_counted = false; ///< the bucket was asked
    std::function<std::shared_ptr<Limit>(const dataplane::LocalRateLimit &)> m_perRoute;
};

} // namespace

void announceLocalRateLimit(const dataplane::LocalRateLimit &ofRoute, telemetry::StatsStore &store)
{
    for (const char *name : {"enabled", "enforced", "rate_limited", "ok", "shadow_mode"})
        counterOf(ofRoute, store, name);
}

FilterFactory makeLocalRateLimitFactory(const dataplane::LocalRateLimit &configuration,
                                        telemetry::StatsStore &store)
{
    auto limit = std::make_shared<Limit>(configuration, store);
    auto limits = std::make_shared<Limits>();
    auto perRoute = [limits, &store](const dataplane::LocalRateLimit &own) {
        const std::lock_guard lock(limits->mutex);
        std::shared_ptr<Limit> &slot = limits->perRoute[&own];
        if (!slot)
            slot = std::make_shared<Limit>(own, store);
        return slot;
    };
    return [limit, perRoute] { return std::make_unique<LocalRateLimitFilter>(limit, perRoute); };
}

} // namespace sallyport::filters
