// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/local_rate_limit_filter.h"

#include <map>
#include <mutex>

namespace sallyport::filters {

namespace {

class TokenBucket
{
public:
    explicit TokenBucket(const dataplane::LocalRateLimit &limit)
        : m_limit(limit)
        , m_tokens(limit.maxTokens)
        , m_filled(net::Clock::now())
    {
    }
    bool take(net::Clock::time_point now)
    {
        const std::lock_guard lock(m_mutex);
        if (m_limit.fillInterval > dataplane::Duration::zero()) {
            const auto intervals = (now - m_filled) / m_limit.fillInterval;
            if (intervals > 0) {
                m_tokens = std::min<std::uint64_t>(m_limit.maxTokens,
                                                   m_tokens + static_cast<std::uint64_t>(intervals) *
                                                                  m_limit.tokensPerFill);
                m_filled += intervals * m_limit.fillInterval;
            }
        }
        if (m_tokens == 0)
            return false;
        --m_tokens;
        return true;
    }

private:
    dataplane::LocalRateLimit m_limit;
    std::mutex m_mutex;
    std::uint64_t m_tokens;
    net::Clock::time_point m_filled;
};

struct Limit
{
    Limit(const dataplane::LocalRateLimit &limit, telemetry::StatsStore &store)
        : configuration(limit)
        , bucket(limit)
        , enabled(store.counter(limit.statPrefix + ".http_local_rate_limit.enabled"))
        , enforced(store.counter(limit.statPrefix + ".http_local_rate_limit.enforced"))
        , limited(store.counter(limit.statPrefix + ".http_local_rate_limit.rate_limited"))
        , ok(store.counter(limit.statPrefix + ".http_local_rate_limit.ok"))
    {
        store.counter(limit.statPrefix + ".http_local_rate_limit.shadow_mode");
    }
    dataplane::LocalRateLimit configuration;
    TokenBucket bucket;
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
    FilterStatus decodeHeaders(http::HeaderMap &, bool) override
    {
        if (const dataplane::CompiledRoute *route = m_callbacks->route()) {
            if (const auto *own = route->perFilter([](const dataplane::PerFilterConfig &level) {
                    return level.localRateLimit ? &*level.localRateLimit : nullptr;
                }))
                m_limit = m_perRoute(*own);
        }
        const dataplane::LocalRateLimit &configuration = m_limit->configuration;
        if (!configuration.hasTokenBucket || !falls(configuration.filterEnabled))
            return FilterStatus::Continue;
        m_limit->enabled.inc();
        if (m_limit->bucket.take(m_callbacks->dispatcher().updateNow())) {
            m_limit->ok.inc();
            return FilterStatus::Continue;
        }
        m_limit->limited.inc();
        if (!falls(configuration.filterEnforced))
            return FilterStatus::Continue;
        m_limit->enforced.inc();
        LocalReply reply;
        reply.status = configuration.status;
        reply.body = "local_rate_limited";
        reply.details = "local_rate_limited";
        reply.flag = telemetry::ResponseFlag::RateLimited;
        reply.modifyHeaders = [&configuration](http::HeaderMap &headers) {
            for (const dataplane::HeaderValueOption &option : configuration.responseHeadersToAdd)
                headers.add(option.key, option.value);
        };
        m_callbacks->sendLocalReply(reply);
        return FilterStatus::Stop;
    }

private:
    /// Without a value nothing is limited: both switches are off by default.
    bool falls(const dataplane::RuntimeFractionalPercent &percent)
    {
        return percent.defaultValue && m_callbacks->random() % percent.defaultValue->denominatorValue() <
                                           percent.defaultValue->numerator;
    }

    std::shared_ptr<Limit> m_limit;
    std::function<std::shared_ptr<Limit>(const dataplane::LocalRateLimit &)> m_perRoute;
};

} // namespace

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
