// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/fault_filter.h"

#include "core/dataplane/value_matchers.h"
#include "proxy/net/timer.h"

#include <charconv>

namespace sallyport::filters {

namespace {

struct FaultStats
{
    telemetry::Counter &delays;
    telemetry::Counter &aborts;
    telemetry::Counter &overflow;
    telemetry::Gauge &active;
    telemetry::StatsStore &store;
    std::string prefix;
};

std::optional<std::uint32_t> headerNumber(const http::HeaderMap &headers, std::string_view name)
{
    const std::string_view text = headers.get(name);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                                     : std::nullopt;
}

class FaultFilter : public HttpFilter
{
public:
    FaultFilter(std::shared_ptr<const dataplane::Fault> fault, std::shared_ptr<const FaultStats> stats)
        : m_fault(std::move(fault))
        , m_stats(std::move(stats))
    {
    }
    ~FaultFilter() override
    {
        if (m_active)
            m_stats->active.dec();
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        const auto *own = ofRoute<dataplane::Fault>();
        const dataplane::Fault *fault = own != nullptr ? own : m_fault.get();
        if (!fault->upstreamCluster.empty() && fault->upstreamCluster != routedCluster())
            return FilterStatus::Continue;
        const HeaderView view(headers, nullptr);
        if (!fault->headers.empty() && !dataplane::allMatch(dataplane::compileHeaders(fault->headers), view))
            return FilterStatus::Continue;
        m_abortStatus = abortStatus(*fault, headers);
        const std::optional<std::chrono::milliseconds> delay = delayFor(*fault, headers);
        const bool injects = (delay && delay->count() > 0) || m_abortStatus || m_grpcStatus;
        if (!injects)
            return FilterStatus::Continue;
        if (fault->maxActiveFaults && m_stats->active.value() >= *fault->maxActiveFaults) {
            m_stats->overflow.inc();
            return FilterStatus::Continue;
        }
        m_downstreamCluster = headers.get("x-envoy-downstream-service-cluster");
        if (fault->disableDownstreamClusterStats)
            m_downstreamCluster.clear();
        if (!fault->filterMetadata.isEmpty())
            m_callbacks->streamInfo().dynamicMetadata[QStringLiteral("envoy.filters.http.fault")] =
                fault->filterMetadata;
        begin();
        if (delay && delay->count() > 0) {
            count(m_stats->delays, "delays_injected");
            m_callbacks->streamInfo().flags.set(telemetry::ResponseFlag::DelayInjected);
            m_timer = std::make_unique<net::Timer>(m_callbacks->dispatcher(), [this] { afterDelay(); });
            m_timer->arm(*delay);
            return FilterStatus::Stop;
        }
        abort();
        return FilterStatus::Stop;
    }

private:
    bool hits(const dataplane::FractionalPercent &percentage, std::optional<std::uint32_t> limit)
    {
        std::uint32_t numerator = percentage.numerator;
        if (limit)
            numerator = std::min(numerator, *limit);
        return m_callbacks->random() % percentage.denominatorValue() < numerator;
    }
    std::optional<std::chrono::milliseconds> delayFor(const dataplane::Fault &fault,
                                                      const http::HeaderMap &headers)
    {
        if (!fault.delay)
            return std::nullopt;
        if (fault.delay->fixed)
            return hits(fault.delay->percentage, {})
                       ? std::optional(
                             std::chrono::duration_cast<std::chrono::milliseconds>(*fault.delay->fixed))
                       : std::nullopt;
        const std::optional<std::uint32_t> asked = headerNumber(headers, "x-envoy-fault-delay-request");
        if (!asked ||
            !hits(fault.delay->percentage, headerNumber(headers, "x-envoy-fault-delay-request-percentage")))
            return std::nullopt;
        return std::chrono::milliseconds(*asked);
    }
    std::optional<unsigned> abortStatus(const dataplane::Fault &fault, const http::HeaderMap &headers)
    {
        if (!fault.abort)
            return std::nullopt;
        if (fault.abort->httpStatus)
            return hits(fault.abort->percentage, {}) ? fault.abort->httpStatus : std::nullopt;
        if (fault.abort->grpcStatus) {
            if (hits(fault.abort->percentage, {}))
                m_grpcStatus = fault.abort->grpcStatus;
            return std::nullopt;
        }
        const std::optional<std::uint32_t> limit =
            headerNumber(headers, "x-envoy-fault-abort-request-percentage");
        if (const std::optional<std::uint32_t> asked = headerNumber(headers, "x-envoy-fault-abort-request");
            asked && *asked >= 200 && *asked < 600)
            return hits(fault.abort->percentage, limit) ? asked : std::nullopt;
        if (const std::optional<std::uint32_t> asked =
                headerNumber(headers, "x-envoy-fault-abort-grpc-request");
            asked && hits(fault.abort->percentage, limit))
            m_grpcStatus = asked;
        return std::nullopt;
    }
    /// Where the route leads by name; empty if it leads nowhere, or to clusters that are picked later.
    void count(telemetry::Counter &counter, const char *name)
    {
        counter.inc();
        if (!m_downstreamCluster.empty())
            m_stats->store.counter(m_stats->prefix + m_downstreamCluster + '.' + name).inc();
    }
    void begin()
    {
        m_active = true;
        m_stats->active.inc();
    }
    void afterDelay()
    {
        if (m_abortStatus || m_grpcStatus)
            abort();
        else
            m_callbacks->continueDecoding();
    }
    void abort()
    {
        count(m_stats->aborts, "aborts_injected");
        LocalReply reply;
        reply.status = m_abortStatus.value_or(200);
        reply.body = "fault filter abort";
        reply.details = "fault_filter_abort";
        reply.flag = telemetry::ResponseFlag::FaultInjected;
        reply.grpcStatus = m_grpcStatus;
        m_callbacks->sendLocalReply(reply);
    }

    std::shared_ptr<const dataplane::Fault> m_fault;
    std::shared_ptr<const FaultStats> m_stats;
    std::unique_ptr<net::Timer> m_timer;
    std::string m_downstreamCluster; ///< whose own statistics count too; empty: none
    std::optional<unsigned> m_abortStatus;
    std::optional<unsigned> m_grpcStatus;
    bool m_active = false;
};

} // namespace

FilterFactory makeFaultFactory(const dataplane::Fault &configuration, telemetry::StatsStore &store,
                               const std::string &statPrefix)
{
    auto fault = std::make_shared<const dataplane::Fault>(configuration);
    const std::string prefix = statPrefix + "fault.";
    store.counter(prefix + "response_rl_injected");
    auto stats = std::make_shared<const FaultStats>(FaultStats{
        store.counter(prefix + "delays_injected"), store.counter(prefix + "aborts_injected"),
        store.counter(prefix + "faults_overflow"), store.gauge(prefix + "active_faults"), store, prefix});
    return [fault, stats] { return std::make_unique<FaultFilter>(fault, stats); };
}

} // namespace sallyport::filters
