// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route_matcher.h"
#include "proxy/filters/factories.h"
#include "proxy/server/arriving_request.h"
#include "proxy/server/connection_handler.h"
#include "proxy/server/local_reply.h"
#include "proxy/server/request_id.h"
#include "proxy/server/route_counters.h"
#include "proxy/server/route_mutators.h"
#include "proxy/server/trace_context.h"
#include "proxy/telemetry/codec_stats.h"
#include "proxy/telemetry/http_stats.h"
#include "proxy/telemetry/router_stats.h"

#include <chrono>

namespace sallyport::server {

/// One connection manager as configured, compiled and ready to serve: shared by all workers, immutable but
/// for statistics (envoy.extensions.filters.network.http_connection_manager.v3).
class HttpManager final : public TerminalFilter, public std::enable_shared_from_this<HttpManager>
{
public:
    static Result<std::shared_ptr<const HttpManager>>
    create(const dataplane::HttpConnectionManager &configuration, const FactoryContext &context);
    std::unique_ptr<ConnectionHandler> create(const ConnectionContext &context) const override;

    struct Filter
    {
        std::string name;
        bool disabled = false;
        filters::FilterFactory make;
    };

    /// Without its routes: routes() has them.
    const dataplane::HttpConnectionManager &configuration() const { return m_configuration; }
    const dataplane::CompiledRoutes &routes() const { return *m_routes; }
    const std::shared_ptr<const dataplane::CompiledRoutes> &sharedRoutes() const { return m_routes; }
    const RouteMutators &mutators() const { return m_mutators; }
    const RouteCounters &counters() const { return m_counters; }
    const ArrivalPolicy &arrivals() const { return m_arrivals; }
    const LocalReplies &localReplies() const { return m_localReplies; }
    /// What happens to a request before its route is chosen.
    const telemetry::HeaderMutationList &earlyMutations() const { return m_earlyMutations; }
    const std::vector<Filter> &filters() const { return m_filters; }
    const dataplane::Router &router() const { return m_router; }
    /// Null without the filter.
    const dataplane::IstioAlpn *alpn() const { return m_alpn ? &*m_alpn : nullptr; }
    const std::vector<std::shared_ptr<const telemetry::AccessLogger>> &logs() const { return m_logs; }
    /// The router's, of attempts.
    const std::vector<std::shared_ptr<const telemetry::AccessLogger>> &upstreamLogs() const
    {
        return m_upstreamLogs;
    }
    /// Who names the operation of a request for tracing (Envoy's operation_name).
    enum class Decoration {
        None,       ///< there is no `tracing`
        OfRequests, ///< outbound: the request tells the server
        OfAnswers   ///< inbound: the answer tells the client
    };
    Decoration decoration() const { return m_decoration; }
    /// Null without `tracing`.
    const TraceDecision *traceDecision() const { return m_traceDecision ? &*m_traceDecision : nullptr; }
    void countTrace(TraceReason reason) const;
    /// Null: `tracing` names no tracer.
    const Tracer *tracer() const { return m_tracer ? &*m_tracer : nullptr; }
    /// Of a request that asks after the proxy's health, traced or not.
    void countHealthCheck() const { m_traceCounters.healthCheck.inc(); }
    const http::CodecSettings &codecSettings() const { return m_codecSettings; }
    telemetry::HttpStats &stats() const { return m_stats; }
    telemetry::RouterStats &routerStats() const { return m_routerStats; }
    http::CodecObserver *codecStats() const { return &m_codecStats; }
    /// The body of a direct response; `scratch` holds it if the route has a form for it, and then
    /// `contentType` is set unless it is the usual text. Files were read when the configuration was loaded.
    std::string_view directBody(const dataplane::DirectResponseAction &action, telemetry::LogContext context,
                                std::string &scratch, std::string &contentType) const;
    /// Whether requests for this protocol may upgrade at all, as the connection manager says.
    bool allowsUpgrade(std::string_view type) const;

    // 0: none
    std::chrono::milliseconds streamIdleTimeout;
    std::chrono::milliseconds requestTimeout;
    std::chrono::milliseconds requestHeadersTimeout;
    std::chrono::milliseconds maxStreamDuration;
    std::chrono::milliseconds idleTimeout;
    std::chrono::milliseconds maxConnectionDuration;
    std::chrono::milliseconds drainTimeout;
    std::chrono::milliseconds delayedCloseTimeout;
    std::chrono::milliseconds logInterval;
    std::chrono::milliseconds upstreamLogInterval;
    std::optional<std::chrono::milliseconds> streamFlushTimeout; ///< none: the idle timeout

private:
    /// `http.<prefix>.tracing.…`
    struct TraceCounters
    {
        TraceCounters(telemetry::StatsStore &store, const std::string &prefix);
        telemetry::Counter &clientEnabled;
        telemetry::Counter &notTraceable;
        telemetry::Counter &randomSampling;
        telemetry::Counter &serviceForced;
        telemetry::Counter &healthCheck;
    };
    HttpManager(dataplane::HttpConnectionManager configuration, const FactoryContext &context);
    Result<void> makeFilters(const FactoryContext &context);
    /// What the routes say of filters is counted from the start.
    void announceOverrides(telemetry::StatsStore &store) const;

    dataplane::HttpConnectionManager m_configuration;
    std::shared_ptr<const dataplane::CompiledRoutes> m_routes;
    RouteMutators m_mutators;
    RouteCounters m_counters;
    ArrivalPolicy m_arrivals;
    LocalReplies m_localReplies;
    telemetry::HeaderMutationList m_earlyMutations;
    std::vector<Filter> m_filters;
    dataplane::Router m_router;
    std::optional<dataplane::IstioAlpn> m_alpn;
    std::vector<std::shared_ptr<const telemetry::AccessLogger>> m_logs;
    std::vector<std::shared_ptr<const telemetry::AccessLogger>> m_upstreamLogs;
    struct DirectBody
    {
        std::string text;
        std::optional<LocalReplies::Format> format;
    };
    std::unordered_map<const dataplane::DirectResponseAction *, DirectBody> m_directBodies;
    Decoration m_decoration = Decoration::None;
    std::optional<TraceDecision> m_traceDecision;
    std::optional<Tracer> m_tracer;
    http::CodecSettings m_codecSettings;
    mutable telemetry::HttpStats m_stats;
    TraceCounters m_traceCounters;
    mutable telemetry::RouterStats m_routerStats;
    mutable telemetry::CodecStats m_codecStats;
};

} // namespace sallyport::server
