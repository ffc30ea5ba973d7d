// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/connection_manager.h"

#include "core/compile/access_logging.h"
#include "core/compile/authentication.h"
#include "core/compile/authorization.h"
#include "core/compile/connection_settings.h"
#include "core/compile/http_routes.h"
#include "core/compile/names.h"
#include "core/compile/tracing.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

using dataplane::HttpConnectionManager;
using dataplane::HttpFilter;

HttpFilter opaque(const char *name, const char *type, QJsonObject value = {})
{
    const std::string typeUrl = std::string("envoy.extensions.filters.http.") + type;
    value.insert(QStringLiteral("@type"), QString::fromStdString("type.googleapis.com/" + typeUrl));
    HttpFilter filter;
    filter.name = name;
    filter.config = dataplane::OpaqueConfig{typeUrl, std::move(value)};
    return filter;
}

template<typename Config>
HttpFilter plain(const char *name)
{
    HttpFilter filter;
    filter.name = name;
    filter.config = Config();
    return filter;
}

void append(std::vector<HttpFilter> &filters, std::vector<HttpFilter> more)
{
    for (HttpFilter &filter : more)
        filters.push_back(std::move(filter));
}

HttpFilter forwardProxy(dataplane::DnsCache cache)
{
    HttpFilter filter;
    filter.name = "envoy.filters.http.dynamic_forward_proxy";
    filter.config = dataplane::DynamicForwardProxy{std::move(cache)};
    return filter;
}

/// Whether clients of some port of the service are to speak TLS to it.
bool originatesTls(const ProxyContext &proxy, const Service &service)
{
    using Mode = model::ClientTls::Mode;
    const MergedRule *rule = proxy.ruleFor(service);
    return std::any_of(service.ports.begin(), service.ports.end(), [rule](const ServicePort &port) {
        const auto tls = effectivePolicy(rule, port.number, {}).policy.tls;
        return tls && (tls->mode == Mode::Simple || tls->mode == Mode::Mutual);
    });
}

/// Where low ports are others on this machine: the port that a host without one stands for.
void appendLocalPort(std::vector<HttpFilter> &filters, const ProxyContext &proxy, bool tls)
{
    constexpr std::uint32_t plainPort = 80;
    constexpr std::uint32_t tlsPort = 443;
    const std::uint32_t usual = tls ? tlsPort : plainPort;
    const std::uint32_t local = proxy.mesh.placement.localPort(usual);
    if (local == usual)
        return;
    dataplane::SetFilterState::Value port;
    port.objectKey = dataplane::dynamicPortKey;
    port.format.text = std::to_string(local);
    HttpFilter filter;
    filter.name = "envoy.filters.http.set_filter_state";
    filter.config = dataplane::SetFilterState{{std::move(port)}};
    filters.push_back(std::move(filter));
}

std::vector<HttpFilter> filtersFor(const ProxyContext &proxy, HttpSide side, Protocol protocol,
                                   const Service *owner)
{
    std::vector<HttpFilter> filters;
    if (side != HttpSide::SidecarOutbound) {
        const Authorization authorization(proxy);
        append(filters, authorization.customHttpFilters());
        if (auto jwt = jwtFilter(proxy))
            filters.push_back(std::move(*jwt));
        append(filters, authorization.httpFilters());
    }
    if (protocol == Protocol::GrpcWeb)
        filters.push_back(opaque("envoy.filters.http.grpc_web", "grpc_web.v3.GrpcWeb"));
    filters.push_back(opaque(
        "envoy.filters.http.grpc_stats", "grpc_stats.v3.FilterConfig",
        {{QStringLiteral("emit_filter_state"), true}, {QStringLiteral("stats_for_all_methods"), false}}));
    filters.push_back(plain<dataplane::Fault>(names::faultFilter));
    filters.push_back(plain<dataplane::CorsPolicy>(names::corsFilter));
    const bool isDynamic = owner && owner->resolution == Resolution::Dynamic;
    if (side == HttpSide::SidecarOutbound && (isDynamic || proxy.scope.dynamicDns))
        appendLocalPort(filters, proxy, isDynamic && originatesTls(proxy, *owner));
    if (side == HttpSide::SidecarOutbound && isDynamic)
        filters.push_back(forwardProxy(dnsCacheOf(*owner)));
    if (side == HttpSide::SidecarOutbound && proxy.scope.dynamicDns)
        filters.push_back(forwardProxy(anyHostDnsCache()));
    filters.push_back(plain<dataplane::Router>("envoy.filters.http.router"));
    return filters;
}

void applyPathNormalization(HttpConnectionManager &manager,
                            model::MeshConfig::PathNormalization normalization)
{
    using Normalization = model::MeshConfig::PathNormalization;
    manager.normalizePath = normalization != Normalization::None;
    manager.mergeSlashes =
        normalization == Normalization::MergeSlashes || normalization == Normalization::DecodeAndMergeSlashes;
    manager.escapedSlashes = normalization == Normalization::DecodeAndMergeSlashes
                                 ? HttpConnectionManager::EscapedSlashes::UnescapeAndForward
                                 : HttpConnectionManager::EscapedSlashes::KeepUnchanged;
}

using CertDetails = HttpConnectionManager::ClientCertDetails;

CertDetails certDetails(const std::string &wanted, CertDetails byDefault)
{
    return wanted == "SANITIZE"              ? CertDetails::Sanitize
           : wanted == "FORWARD_ONLY"        ? CertDetails::ForwardOnly
           : wanted == "APPEND_FORWARD"      ? CertDetails::AppendForward
           : wanted == "SANITIZE_SET"        ? CertDetails::SanitizeSet
           : wanted == "ALWAYS_FORWARD_ONLY" ? CertDetails::AlwaysForwardOnly
                                             : byDefault;
}

bool setsOwnCert(CertDetails details)
{
    return details == CertDetails::SanitizeSet || details == CertDetails::AppendForward;
}

void applyProxyHeaders(HttpConnectionManager &manager, const model::ProxyHeaders &headers)
{
    if (!headers.requestId)
        manager.generateRequestId = false;
    if (headers.serverDisabled) {
        manager.serverName = "envoy";
        manager.serverHeader = HttpConnectionManager::ServerHeader::PassThrough;
    } else if (!headers.server.empty()) {
        manager.serverName = headers.server;
    }
    manager.appendXForwardedPort = headers.xForwardedPort;
    if (headers.preserveHttp1HeaderCase)
        manager.http1.headerCase = dataplane::Http1ProtocolOptions::HeaderCase::Preserve;
    for (dataplane::VirtualHost &virtualHost : manager.routes.virtualHosts)
        virtualHost.includeRequestAttemptCount &= headers.attemptCount;
    for (HttpFilter &filter : manager.filters) {
        if (auto *router = std::get_if<dataplane::Router>(&filter.config))
            router->suppressEnvoyHeaders = !headers.debugHeaders;
    }
}

} // namespace

dataplane::NetworkFilter connectionManager(const ProxyContext &proxy, HttpSide side,
                                           const std::string &statPrefix,
                                           dataplane::RouteConfiguration routes, Protocol protocol,
                                           const Service *owner)
{
    const model::MeshConfig &config = proxy.config;
    HttpConnectionManager manager;
    manager.statPrefix = names::statistics(statPrefix);
    manager.routes = std::move(routes);
    manager.filters = filtersFor(proxy, side, protocol, owner);
    const LogSide logSide = side == HttpSide::SidecarInbound ? LogSide::Server : LogSide::Client;
    manager.accessLogs = accessLogs(proxy.mesh, proxy.instance, logSide);
    manager.streamIdleTimeout = dataplane::Duration::zero();
    manager.proxy100Continue = true;
    manager.upgrades.push_back({"websocket", true});
    applyTracing(proxy, logSide, manager);
    applyPathNormalization(manager, config.pathNormalization);
    switch (side) {
    case HttpSide::SidecarOutbound:
        break;
    case HttpSide::SidecarInbound:
        manager.serverName = "istio-envoy";
        manager.clientCert = certDetails(config.proxyHeaders.forwardedClientCert, CertDetails::AppendForward);
        if (setsOwnCert(manager.clientCert)) {
            const model::ProxyHeaders &wanted = config.proxyHeaders;
            manager.setCurrentClientCert.subject = wanted.certSubject;
            manager.setCurrentClientCert.cert = wanted.certWhole;
            manager.setCurrentClientCert.chain = wanted.certChain;
            manager.setCurrentClientCert.dns = wanted.certDns;
            manager.setCurrentClientCert.uri = wanted.certUri;
        }
        break;
    case HttpSide::Gateway:
        manager.serverName = "istio-envoy";
        manager.useRemoteAddress = true;
        manager.xffNumTrustedHops = config.numTrustedProxies;
        manager.clientCert = certDetails(config.forwardClientCertDetails, CertDetails::SanitizeSet);
        if (setsOwnCert(manager.clientCert))
            manager.setCurrentClientCert = {true, true, false, true, true};
        break;
    }
    manager.common.idleTimeout = config.idleTimeout;
    if (config.connectionSettings)
        applyConnectionSettings(*config.connectionSettings, side == HttpSide::Gateway, manager);
    manager.http1.acceptHttp10 = config.http10;
    applyProxyHeaders(manager, config.proxyHeaders);
    dataplane::NetworkFilter filter;
    filter.name = "envoy.filters.network.http_connection_manager";
    filter.config = std::move(manager);
    return filter;
}

dataplane::NetworkFilter tcpProxy(const ProxyContext &proxy, const std::string &cluster, bool logged,
                                  bool inbound)
{
    dataplane::TcpProxy config;
    config.statPrefix = cluster;
    config.cluster = cluster;
    if (logged)
        config.idleTimeout = proxy.config.idleTimeout;
    if (logged)
        config.accessLogs =
            accessLogs(proxy.mesh, proxy.instance, inbound ? LogSide::Server : LogSide::Client);
    dataplane::NetworkFilter filter;
    filter.name = "envoy.filters.network.tcp_proxy";
    filter.config = std::move(config);
    return filter;
}

dataplane::NetworkFilter tcpProxy(const ProxyContext &proxy,
                                  const std::vector<model::RouteDestination> &destinations,
                                  const std::string &statPrefix, const StatPort &listenerPort)
{
    const auto clusterOf = [&](const model::Destination &destination) {
        return destinationCluster(destination, proxy.scope.find(destination.host), listenerPort.number);
    };
    const model::Destination &first = destinations.front().destination;
    const Service *service = proxy.scope.find(first.host);
    const MergedRule *rule = service ? proxy.ruleFor(*service) : nullptr;
    if (destinations.size() == 1) {
        dataplane::NetworkFilter filter = tcpProxy(proxy, clusterOf(first), true);
        auto &config = std::get<dataplane::TcpProxy>(filter.config);
        if (service)
            config.statPrefix =
                outboundStatName(proxy.mesh.config(), *service, first.subset, listenerPort, config.cluster);
        applyRule(config, rule, first.subset);
        return filter;
    }
    dataplane::NetworkFilter filter = tcpProxy(proxy, statPrefix, true);
    auto &config = std::get<dataplane::TcpProxy>(filter.config);
    config.cluster.clear();
    for (const model::RouteDestination &destination : destinations) {
        if (destination.weight > 0)
            config.weightedClusters.push_back(
                {clusterOf(destination.destination), static_cast<std::uint32_t>(destination.weight)});
    }
    // One listener has one tunnel: the first destination's rule decides, without its subset.
    applyRule(config, rule, {});
    return filter;
}

void applyRule(dataplane::TcpProxy &config, const MergedRule *rule, const std::string &subset)
{
    if (!rule)
        return;
    const std::optional<model::TrafficPolicy> &policy = rule->rule.trafficPolicy;
    if (policy && policy->connectionPool) {
        if (policy->connectionPool->tcpIdleTimeout)
            config.idleTimeout = policy->connectionPool->tcpIdleTimeout;
        config.maxDownstreamConnectionDuration = policy->connectionPool->maxConnectionDuration;
    }
    const auto hashesSource = [](const std::optional<model::TrafficPolicy> &from) {
        return from && from->loadBalancer && from->loadBalancer->consistentHash &&
               from->loadBalancer->consistentHash->key == model::ConsistentHash::Key::SourceIp;
    };
    bool bySource = hashesSource(policy);
    std::optional<model::Tunnel> tunnel =
        policy && subset.empty() ? policy->tunnel : std::optional<model::Tunnel>();
    for (const model::DestinationRule::Subset &candidate : rule->rule.subsets) {
        if (subset.empty() || candidate.name != subset)
            continue;
        if (candidate.trafficPolicy && candidate.trafficPolicy->loadBalancer)
            bySource = hashesSource(candidate.trafficPolicy);
        // The rule's own tunnel is not a subset's.
        if (candidate.trafficPolicy)
            tunnel = candidate.trafficPolicy->tunnel;
        break;
    }
    if (bySource) {
        dataplane::HashPolicy hash;
        hash.kind = dataplane::HashPolicy::Kind::SourceIp;
        config.hashPolicies.push_back(std::move(hash));
    }
    if (tunnel) {
        const bool v6 = tunnel->targetHost.find(':') != std::string::npos;
        const std::string host = v6 ? '[' + tunnel->targetHost + ']' : tunnel->targetHost;
        config.tunneling.emplace();
        config.tunneling->hostname = host + ':' + std::to_string(tunnel->targetPort);
        config.tunneling->usePost = tunnel->protocol == "POST";
    }
}

dataplane::RouteConfiguration routeConfiguration(const std::string &name)
{
    dataplane::RouteConfiguration routes;
    routes.name = name;
    routes.validateClusters = false;
    routes.maxDirectResponseBodyBytes = 1U << 20U;
    routes.ignorePortInHostMatching = true;
    return routes;
}

} // namespace sallyport::compile
