// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/local_rate_limit_filter.h"

#include "proxy/filters/local_rate_limiter.h"
#include "proxy/telemetry/header_mutator.h"

#include <map>
#include <mutex>

namespace sallyport::filters {

namespace {

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
        , shadowMode(counterOf(limit, store, "shadow_mode"))
        , limiter(limit)
        , ownPolicy(limit.rateLimits, dataplane::RateLimitPolicy::Of::Filter)
    {
        announceLocalRateLimit(limit, store);
        // Formats were checked when the configuration was read.
        if (auto headers = telemetry::HeaderMutator::create(limit.responseHeadersToAdd, {}))
            refusalHeaders = *std::move(headers);
        if (auto headers = telemetry::HeaderMutator::create(limit.requestHeadersToAddWhenNotEnforced, {}))
            notEnforcedHeaders = *std::move(headers);
    }
    dataplane::LocalRateLimit configuration;
    telemetry::HeaderMutator refusalHeaders;
    telemetry::HeaderMutator notEnforcedHeaders;
    telemetry::Counter &enabled;
    telemetry::Counter &enforced;
    telemetry::Counter &limited;
    telemetry::Counter &ok;
    telemetry::Counter &shadowMode;
    LocalRateLimiter limiter;
    dataplane::RateLimitPolicy ownPolicy;
};

/// What routes bring along, made when a request first meets it: their own limits, and what describes
/// requests.
class RouteLimits
{
public:
    explicit RouteLimits(telemetry::StatsStore &store)
        : m_store(store)
    {
    }
    std::shared_ptr<Limit> limit(const dataplane::LocalRateLimit &own)
    {
        const std::lock_guard lock(m_mutex);
        std::shared_ptr<Limit> &slot = m_limits[&own];
        if (!slot)
            slot = std::make_shared<Limit>(own, m_store);
        return slot;
    }
    std::shared_ptr<const dataplane::RateLimitPolicy> policy(const std::vector<dataplane::RateLimit> &limits)
    {
        const std::lock_guard lock(m_mutex);
        std::shared_ptr<const dataplane::RateLimitPolicy> &slot = m_policies[&limits];
        if (!slot)
            slot =
                std::make_shared<dataplane::RateLimitPolicy>(limits, dataplane::RateLimitPolicy::Of::Route);
        return slot;
    }

private:
    telemetry::StatsStore &m_store;
    std::mutex m_mutex;
    std::map<const dataplane::LocalRateLimit *, std::shared_ptr<Limit>> m_limits;
    std::map<const std::vector<dataplane::RateLimit> *, std::shared_ptr<const dataplane::RateLimitPolicy>>
        m_policies;
};

class LocalRateLimitFilter : public HttpFilter
{
public:
    LocalRateLimitFilter(std::shared_ptr<Limit> limit, std::shared_ptr<RouteLimits> routes,
                         std::shared_ptr<const std::string> nodeCluster)
        : m_limit(std::move(limit))
        , m_routes(std::move(routes))
        , m_nodeCluster(std::move(nodeCluster))
    {
    }
    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        if (const auto *own = ofRoute<dataplane::LocalRateLimit>())
            m_limit = m_routes->limit(*own);
        if (!falls(m_limit->configuration.filterEnabled))
            return FilterStatus::Continue;
        m_limit->enabled.inc();
        LocalRateLimiter::Verdict verdict =
            limiter().ask(descriptorsOf(headers), m_callbacks->dispatcher().updateNow());
        m_bucket = std::move(verdict.bucket);
        if (verdict.kind == LocalRateLimiter::Verdict::Kind::Allowed) {
            m_limit->ok.inc();
            return FilterStatus::Continue;
        }
        m_limit->limited.inc();
        if (verdict.kind == LocalRateLimiter::Verdict::Kind::Shadowed) {
            m_limit->shadowMode.inc();
            return FilterStatus::Continue;
        }
        if (!falls(m_limit->configuration.filterEnforced)) {
            m_limit->notEnforcedHeaders.apply(headers,
                                              {m_callbacks->streamInfo(), &headers, nullptr, nullptr, {}});
            return FilterStatus::Continue;
        }
        m_limit->enforced.inc();
        refuse(headers);
        return FilterStatus::Stop;
    }

    void encodeHeaders(http::HeaderMap &headers, bool) override
    {
        if (!m_bucket || !m_limit->configuration.xRateLimitHeaders)
            return;
        const TokenBucket::Level level = m_bucket->level(m_callbacks->dispatcher().updateNow());
        headers.set("x-ratelimit-limit", std::to_string(m_bucket->most()));
        headers.set("x-ratelimit-remaining", std::to_string(level.remaining));
        headers.set("x-ratelimit-reset", std::to_string(level.untilNext.count()));
    }

private:
    LocalRateLimiter &limiter()
    {
        if (!m_limit->configuration.perConnection)
            return m_limit->limiter;
        std::shared_ptr<LocalRateLimiter> &own = m_callbacks->connectionLimiter();
        if (!own)
            own = std::make_shared<LocalRateLimiter>(m_limit->configuration);
        return *own;
    }
    void refuse(const http::HeaderMap &headers)
    {
        const dataplane::LocalRateLimit &configuration = m_limit->configuration;
        LocalReply reply;
        // A limit that is reached is no success (Envoy takes 429 for statuses below 400).
        reply.status = configuration.status < 400 ? 429 : configuration.status;
        reply.body = "local_rate_limited";
        reply.details = "local_rate_limited";
        reply.flag = telemetry::ResponseFlag::RateLimited;
        if (configuration.resourceExhausted)
            reply.grpcStatus = 8;
        reply.modifyHeaders = [this, &headers](http::HeaderMap &response) {
            m_limit->refusalHeaders.apply(response,
                                          {m_callbacks->streamInfo(), &headers, &response, nullptr, {}});
            if (m_limit->configuration.retryAfter)
                response.set(
                    "retry-after",
                    std::to_string(m_bucket->level(m_callbacks->dispatcher().updateNow()).untilNext.count()));
        };
        m_callbacks->sendLocalReply(reply);
    }
    std::vector<dataplane::DescribedRequest> descriptorsOf(const http::HeaderMap &headers)
    {
        std::vector<dataplane::DescribedRequest> descriptors;
        const dataplane::LocalRateLimit &configuration = m_limit->configuration;
        if (configuration.descriptors.empty())
            return descriptors;
        static const QJsonObject none;
        const dataplane::CompiledRoute *route = m_callbacks->route();
        const HeaderView view(headers, &m_callbacks->streamInfo().dynamicMetadata,
                              &m_callbacks->connectionFacts());
        const dataplane::RateLimitedRequest request{
            view, route != nullptr ? route->route().metadata.filters : none, *m_nodeCluster, routedCluster()};
        if (!configuration.rateLimits.empty()) {
            m_limit->ownPolicy.describe(request, 0, descriptors);
        } else if (route != nullptr && route->action() != nullptr) {
            for (const auto *limits : appliedRateLimits(configuration, *route->action(), route->host()))
                m_routes->policy(*limits)->describe(request, configuration.stage, descriptors);
        }
        return descriptors;
    }
    /// Without a value nothing is limited: both switches are off by default.
    bool falls(const dataplane::RuntimeFractionalPercent &percent)
    {
        return percent.defaultValue && m_callbacks->random() % percent.defaultValue->denominatorValue() <
                                           percent.defaultValue->numerator;
    }

    std::shared_ptr<Limit> m_limit;
    std::shared_ptr<RouteLimits> m_routes;
    std::shared_ptr<const std::string> m_nodeCluster;
    std::shared_ptr<TokenBucket> m_bucket; ///< that decided
};

} // namespace

void announceLocalRateLimit(const dataplane::LocalRateLimit &ofRoute, telemetry::StatsStore &store)
{
    for (const char *name : {"enabled", "enforced", "rate_limited", "ok", "shadow_mode"})
        counterOf(ofRoute, store, name);
}

FilterFactory makeLocalRateLimitFactory(const dataplane::LocalRateLimit &configuration,
                                        telemetry::StatsStore &store, const std::string &nodeCluster)
{
    auto limit = std::make_shared<Limit>(configuration, store);
    auto routes = std::make_shared<RouteLimits>(store);
    auto cluster = std::make_shared<const std::string>(nodeCluster);
    return
        [limit, routes, cluster] { return std::make_unique<LocalRateLimitFilter>(limit, routes, cluster); };
}

} // namespace sallyport::filters
