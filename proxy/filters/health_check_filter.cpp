// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/health_check_filter.h"

#include "core/dataplane/value_matchers.h"
#include "proxy/upstream/cluster_manager.h"

#include <chrono>

namespace sallyport::filters {

namespace {

using http::Known;

/// The last answer of the upstream, until the time is over in which it came: times follow one another from
/// the start on, as Envoy's timer has it. Shared by the workers.
class AnswerCache
{
public:
    struct Answer
    {
        unsigned status = 0;
        bool degraded = false;
    };

    explicit AnswerCache(std::chrono::nanoseconds period)
        : m_period(period)
    {
    }
    void put(Answer answer)
    {
        m_packed.store(period() << Shift | (answer.degraded ? Degraded : 0U) | answer.status % Degraded,
                       std::memory_order_relaxed);
    }
    std::optional<Answer> get() const
    {
        const std::uint64_t packed = m_packed.load(std::memory_order_relaxed);
        if (packed >> Shift != period())
            return std::nullopt;
        return Answer{static_cast<unsigned>(packed % Degraded), (packed & Degraded) != 0};
    }

private:
    static constexpr unsigned Shift = 16;
    static constexpr std::uint64_t Degraded = 1U << 15U;
    /// From 1 on.
    std::uint64_t period() const
    {
        return 1 + static_cast<std::uint64_t>((std::chrono::steady_clock::now() - m_start) / m_period);
    }

    const std::chrono::nanoseconds m_period;
    const std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    std::atomic<std::uint64_t> m_packed{0};
};

/// `http.<prefix>.health_check.…`, of the requests that the filter answers.
struct Counters
{
    Counters(telemetry::StatsStore &store, const std::string &prefix)
        : requests(store.counter(prefix + "request_total"))
        , ok(store.counter(prefix + "ok"))
        , failed(store.counter(prefix + "failed"))
        , cached(store.counter(prefix + "cached_response"))
        , degraded(store.counter(prefix + "degraded"))
        , clusterNotFound(store.counter(prefix + "failed_cluster_not_found"))
        , clusterEmpty(store.counter(prefix + "failed_cluster_empty"))
        , clusterUnhealthy(store.counter(prefix + "failed_cluster_unhealthy"))
    {
    }
    telemetry::Counter &requests;
    telemetry::Counter &ok;
    telemetry::Counter &failed;
    telemetry::Counter &cached;
    telemetry::Counter &degraded;
    telemetry::Counter &clusterNotFound;
    telemetry::Counter &clusterEmpty;
    telemetry::Counter &clusterUnhealthy;
};

struct HealthCheckShared
{
    HealthCheckShared(telemetry::StatsStore &store, const std::string &prefix)
        : counters(store, prefix)
    {
    }
    Counters counters;
    dataplane::HealthCheckFilter configuration;
    std::vector<dataplane::CompiledHeader> headers;
    std::string cluster;
    std::shared_ptr<const std::atomic<bool>> failed;
    std::unique_ptr<AnswerCache> cache; ///< null: nothing is kept
};

class HealthCheckFilter : public HttpFilter
{
public:
    explicit HealthCheckFilter(std::shared_ptr<HealthCheckShared> shared)
        : m_shared(std::move(shared))
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool endStream) override
    {
        if (!dataplane::allMatch(m_shared->headers, HeaderView(headers, nullptr)))
            return FilterStatus::Continue;
        m_asked = true;
        m_callbacks->streamInfo().healthCheck = true;
        const bool answers = !m_shared->configuration.passThrough || hasFailed() ||
                             (m_shared->cache && m_shared->cache->get());
        if (!answers)
            return FilterStatus::Continue;
        if (endStream)
            answer();
        return FilterStatus::Stop;
    }
    void onBodyHeld(bool complete) override
    {
        if (complete)
            answer();
    }

    void encodeHeaders(http::HeaderMap &headers, bool) override
    {
        if (m_asked) {
            if (m_shared->cache)
                m_shared->cache->put({headers.status(), headers.has(Known::EnvoyDegraded)});
            headers.set(Known::EnvoyUpstreamHealthCheckedCluster, m_shared->cluster);
        }
        if (hasFailed())
            headers.set(Known::EnvoyImmediateHealthCheckFail, "true");
    }

private:
    bool hasFailed() const { return m_shared->failed && m_shared->failed->load(std::memory_order_relaxed); }

    void answer()
    {
        Counters &counters = m_shared->counters;
        counters.requests.inc();
        LocalReply reply;
        reply.status = 200;
        reply.details = "health_check_ok";
        if (hasFailed()) {
            reply.status = 503;
            reply.details = "health_check_failed";
        } else if (m_shared->cache) {
            // Its time may have ended while the request came.
            const AnswerCache::Answer last = m_shared->cache->get().value_or(AnswerCache::Answer{200, false});
            reply.status = last.status;
            reply.details = "health_check_cached";
            counters.cached.inc();
            if (last.degraded) {
                counters.degraded.inc();
                reply.modifyHeaders = [](http::HeaderMap &headers) { headers.set(Known::EnvoyDegraded, ""); };
            }
        } else {
            judgeClusters(reply);
        }
        const bool well = reply.status >= 200 && reply.status < 300;
        (well ? counters.ok : counters.failed).inc();
        if (!well)
            reply.flag = telemetry::ResponseFlag::FailedLocalHealthCheck;
        m_callbacks->sendLocalReply(reply);
    }

    void judgeClusters(LocalReply &reply) const
    {
        for (const auto &[name, percent] : m_shared->configuration.clusterMinHealthyPercentages) {
            reply.details = "health_check_ok_cluster_healthy";
            const char *why = nullptr;
            telemetry::Counter *counter = nullptr;
            const upstream::ClusterInfoPtr cluster = m_callbacks->clusters().find(name);
            // Envoy cuts off what is behind the point.
            const double wanted = static_cast<double>(static_cast<std::uint64_t>(percent));
            if (!cluster) {
                why = "health_check_failed_no_cluster_found";
                counter = &m_shared->counters.clusterNotFound;
            } else {
                const auto total = static_cast<double>(cluster->stats().membershipTotal.value());
                const auto well = static_cast<double>(cluster->stats().membershipHealthy.value() +
                                                      cluster->stats().membershipDegraded.value());
                if (total == 0 && wanted > 0) {
                    why = "health_check_failed_cluster_empty";
                    counter = &m_shared->counters.clusterEmpty;
                } else if (well < total * wanted / 100) {
                    why = "health_check_failed_cluster_unhealthy";
                    counter = &m_shared->counters.clusterUnhealthy;
                }
            }
            if (why != nullptr) {
                counter->inc();
                reply.status = 503;
                reply.details = why;
                return;
            }
        }
    }

    const std::shared_ptr<HealthCheckShared> m_shared;
    bool m_asked = false; ///< the request asks after the proxy's health
};

} // namespace

FilterFactory makeHealthCheckFactory(const dataplane::HealthCheckFilter &configuration, std::string cluster,
                                     std::shared_ptr<const std::atomic<bool>> failed,
                                     telemetry::StatsStore &store, const std::string &statPrefix)
{
    auto shared = std::make_shared<HealthCheckShared>(store, statPrefix + "health_check.");
    shared->configuration = configuration;
    shared->headers = dataplane::compileHeaders(configuration.headers);
    shared->cluster = std::move(cluster);
    shared->failed = std::move(failed);
    if (configuration.cacheTime >= std::chrono::milliseconds(1))
        shared->cache = std::make_unique<AnswerCache>(configuration.cacheTime);
    return [shared] { return std::make_unique<HealthCheckFilter>(shared); };
}

} // namespace sallyport::filters
