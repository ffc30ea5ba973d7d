// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/http_manager.h"

#include "proxy/filters/local_rate_limit_filter.h"
#include "proxy/net/tls_verifier.h"
#include "proxy/server/http_connection.h"

#include <algorithm>

namespace sallyport::server {

namespace {

using std::chrono::milliseconds;

milliseconds orDefault(const std::optional<dataplane::Duration> &configured, milliseconds standard)
{
    return configured ? std::chrono::ceil<milliseconds>(*configured) : standard;
}

Result<void> makeLogs(const std::vector<dataplane::AccessLog> &configured, const FactoryContext &context,
                      std::vector<std::shared_ptr<const telemetry::AccessLogger>> &logs)
{
    for (const dataplane::AccessLog &log : configured) {
        auto logger = telemetry::AccessLogger::create(log, context.logFiles, context.logListener);
        if (!logger)
            return fail(logger.error());
        logs.push_back(*std::move(logger));
    }
    return {};
}

} // namespace

HttpManager::HttpManager(dataplane::HttpConnectionManager configuration, const FactoryContext &context)
    : streamIdleTimeout(orDefault(configuration.streamIdleTimeout, std::chrono::minutes(5)))
    , requestTimeout(orDefault(configuration.requestTimeout, milliseconds(0)))
    , requestHeadersTimeout(orDefault(configuration.requestHeadersTimeout, milliseconds(0)))
    , maxStreamDuration(orDefault(configuration.common.maxStreamDuration, milliseconds(0)))
    , idleTimeout(orDefault(configuration.common.idleTimeout, std::chrono::hours(1)))
    , maxConnectionDuration(orDefault(configuration.common.maxConnectionDuration, milliseconds(0)))
    , drainTimeout(orDefault(configuration.drainTimeout, std::chrono::seconds(5)))
    , delayedCloseTimeout(orDefault(configuration.delayedCloseTimeout, std::chrono::seconds(1)))
    , logInterval(orDefault(configuration.logInterval, milliseconds(0)))
    , upstreamLogInterval(0)
    , m_configuration(std::move(configuration))
    , m_routes(dataplane::CompiledRoutes::compile(std::move(m_configuration.routes)))
    , m_counters(m_routes->configuration(), context.stats)
    , m_arrivals(m_configuration, context.node)
    , m_traceDecision(TraceDecision::create(m_configuration))
    , m_codecSettings(http::CodecSettings::forServer(m_configuration))
    , m_stats(context.stats, m_configuration.statPrefix, context.listenerStatName)
    , m_traceCounters(context.stats, m_stats.prefix() + "tracing.")
    , m_routerStats(context.stats, m_stats.prefix())
    , m_codecStats(context.stats, {})
{
}

HttpManager::TraceCounters::TraceCounters(telemetry::StatsStore &store, const std::string &prefix)
    : clientEnabled(store.counter(prefix + "client_enabled"))
    , notTraceable(store.counter(prefix + "not_traceable"))
    , randomSampling(store.counter(prefix + "random_sampling"))
    , serviceForced(store.counter(prefix + "service_forced"))
    , healthCheck(store.counter(prefix + "health_check"))
{
}

void HttpManager::countTrace(TraceReason reason) const
{
    switch (reason) {
    case TraceReason::NotTraced:
        m_traceCounters.notTraceable.inc();
        break;
    case TraceReason::Sampled:
        m_traceCounters.randomSampling.inc();
        break;
    case TraceReason::ServiceForced:
        m_traceCounters.serviceForced.inc();
        break;
    case TraceReason::ClientForced:
        m_traceCounters.clientEnabled.inc();
        break;
    }
}

Result<std::shared_ptr<const HttpManager>>
HttpManager::create(const dataplane::HttpConnectionManager &configuration, const FactoryContext &context)
{
    std::shared_ptr<HttpManager> manager(new HttpManager(configuration, context));
    if (configuration.tracing)
        manager->m_decoration = context.direction == dataplane::TrafficDirection::Outbound
                                    ? Decoration::OfRequests
                                    : Decoration::OfAnswers;
    if (configuration.traceHeaders)
        manager->m_tracer.emplace(*configuration.traceHeaders,
                                  context.direction == dataplane::TrafficDirection::Inbound);
    Result<RouteMutators> mutators = RouteMutators::create(manager->m_routes->configuration());
    if (!mutators)
        return fail(mutators.error());
    manager->m_mutators = *std::move(mutators);
    Result<LocalReplies> replies = LocalReplies::create(configuration.localReply);
    if (!replies)
        return fail(replies.error());
    manager->m_localReplies = *std::move(replies);
    Result<telemetry::HeaderMutationList> early =
        telemetry::HeaderMutationList::create(configuration.earlyMutations);
    if (!early)
        return fail(early.error());
    manager->m_earlyMutations = *std::move(early);
    if (configuration.streamFlushTimeout)
        manager->streamFlushTimeout = std::chrono::ceil<milliseconds>(*configuration.streamFlushTimeout);
    if (Result<void> made = makeLogs(configuration.accessLogs, context, manager->m_logs); !made)
        return fail(made.error());
    for (const dataplane::VirtualHost &host : manager->m_routes->configuration().virtualHosts) {
        for (const dataplane::Route &route : host.routes) {
            const auto *direct = std::get_if<dataplane::DirectResponseAction>(&route.action);
            if (direct == nullptr)
                continue;
            DirectBody &prepared = manager->m_directBodies[direct];
            if (direct->body.isSet()) {
                Result<std::string> text = net::readDataSource(direct->body);
                if (!text)
                    return fail(text.error());
                prepared.text = *std::move(text);
            }
            if (direct->bodyFormat) {
                Result<LocalReplies::Format> format = LocalReplies::makeFormat(*direct->bodyFormat);
                if (!format)
                    return fail(format.error());
                prepared.format = *std::move(format);
            }
        }
    }
    if (Result<void> made = manager->makeFilters(context); !made)
        return fail(made.error());
    return std::shared_ptr<const HttpManager>(manager);
}

Result<void> HttpManager::makeFilters(const FactoryContext &context)
{
    const filters::ProxyFacts proxy{context.node.cluster, context.healthcheckFailed};
    for (const dataplane::HttpFilter &filter : m_configuration.filters) {
        if (const auto *router = std::get_if<dataplane::Router>(&filter.config)) {
            m_router = *router;
            upstreamLogInterval = orDefault(router->upstreamLogInterval, milliseconds(0));
            if (Result<void> made = makeLogs(router->upstreamLogs, context, m_upstreamLogs); !made)
                return fail(made.error());
            continue;
        }
        if (const auto *alpn = std::get_if<dataplane::IstioAlpn>(&filter.config)) {
            if (!filter.disabled)
                m_alpn = *alpn;
            continue;
        }
        Result<filters::FilterFactory> factory =
            filters::makeFactory(filter, context.stats, m_stats.prefix(), proxy);
        if (!factory)
            return fail(factory.error());
        if (*factory)
            m_filters.push_back({filter.name, filter.disabled, *std::move(factory)});
    }
    announceOverrides(context.stats);
    return {};
}

void HttpManager::announceOverrides(telemetry::StatsStore &store) const
{
    const auto announce = [&store](const dataplane::PerFilterConfig &level) {
        for (const auto &[name, own] : level) {
            if (const auto *limit = std::get_if<dataplane::LocalRateLimit>(&own))
                filters::announceLocalRateLimit(*limit, store);
        }
    };
    const dataplane::RouteConfiguration &routes = m_routes->configuration();
    announce(routes.perFilter);
    for (const dataplane::VirtualHost &host : routes.virtualHosts) {
        announce(host.perFilter);
        for (const dataplane::Route &route : host.routes) {
            announce(route.perFilter);
            const auto *action = std::get_if<dataplane::RouteAction>(&route.action);
            if (action == nullptr)
                continue;
            for (const dataplane::WeightedCluster &cluster : action->weightedClusters)
                announce(cluster.perFilter);
        }
    }
}

std::unique_ptr<ConnectionHandler> HttpManager::create(const ConnectionContext &context) const
{
    return std::make_unique<HttpConnection>(shared_from_this(), context);
}

std::string_view HttpManager::directBody(const dataplane::DirectResponseAction &action,
                                         telemetry::LogContext context, std::string &scratch,
                                         std::string &contentType) const
{
    const auto found = m_directBodies.find(&action);
    if (found == m_directBodies.end())
        return {};
    const DirectBody &body = found->second;
    if (!body.format)
        return body.text;
    context.localReplyBody = body.text;
    if (body.format->contentType != "text/plain")
        contentType = body.format->contentType;
    scratch = body.format->apply(context);
    return scratch;
}

bool HttpManager::allowsUpgrade(std::string_view type) const
{
    return std::any_of(m_configuration.upgrades.begin(), m_configuration.upgrades.end(),
                       [&](const auto &upgrade) { return upgrade.enabled && upgrade.type == type; });
}

Result<std::shared_ptr<const TerminalFilter>>
makeHttpConnectionManager(const dataplane::HttpConnectionManager &configuration,
                          const FactoryContext &context)
{
    auto manager = HttpManager::create(configuration, context);
    if (!manager)
        return fail(manager.error());
    return std::shared_ptr<const TerminalFilter>(*std::move(manager));
}

} // namespace sallyport::server
