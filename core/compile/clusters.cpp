// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/clusters.h"

#include "core/compile/cluster_parts.h"
#include "core/compile/config_path.h"
#include "core/compile/endpoints.h"
#include "core/compile/names.h"
#include "core/compile/outbound_tls.h"
#include "core/compile/stat_names.h"
#include "core/compile/traffic_policy.h"

#include <QJsonArray>
#include <algorithm>

namespace sallyport::compile {

namespace {

using dataplane::Cluster;

bool passesThrough(const model::TrafficPolicy &policy)
{
    return policy.loadBalancer && policy.loadBalancer->simple == model::LoadBalancer::Simple::Passthrough;
}

/// A subset is looked for as the whole service is.
Cluster::Type clusterType(const ProxyContext &proxy, const OutboundTarget &target)
{
    const Service &service = target.service;
    if (service.resolution != Resolution::Dynamic &&
        (passesThrough(target.policy.policy) ||
         passesThrough(effectivePolicy(target.policy.rule, target.port.number, {}).policy)))
        return Cluster::Type::OriginalDst;
    switch (service.resolution) {
    case Resolution::ClientSide:
        return Cluster::Type::Static;
    case Resolution::Dns:
        return Cluster::Type::StrictDns;
    case Resolution::DnsRoundRobin:
        return Cluster::Type::LogicalDns;
    case Resolution::Dynamic:
        return Cluster::Type::DynamicForwardProxy;
    case Resolution::Passthrough:
    case Resolution::Alias:
        break;
    }
    // A gateway has no original destination: the cluster stays empty and answers 503 UH.
    return proxy.isGateway() ? Cluster::Type::Static : Cluster::Type::OriginalDst;
}

/// How the cluster speaks HTTP, as far as it differs from plain HTTP/1.1.
void applyProtocol(const ProxyContext &proxy, const OutboundTarget &target, Cluster &cluster)
{
    using Upgrade = model::ConnectionPool::H2Upgrade;
    using Options = dataplane::UpstreamHttpProtocolOptions;
    const model::MeshConfig &config = proxy.mesh.config();
    const Protocol protocol = target.port.protocol;
    const bool plain = isHttpOrSniffed(protocol) && !isHttp2(protocol);
    if (isHttp2(protocol))
        cluster.http.emplace().protocol = Options::Protocol::Http2;
    else if (protocol == Protocol::Sniffed && !proxy.isGateway())
        cluster.http.emplace().protocol = Options::Protocol::UseDownstream;
    else if (plain && proxy.config.proxyHeaders.preserveHttp1HeaderCase)
        cluster.http.emplace().protocol = Options::Protocol::Http1;
    if (plain && cluster.http)
        keepHeaderCase(proxy, *cluster.http);
    const std::optional<model::ConnectionPool> &pool = poolOf(target.policy.policy, config);
    const bool asClient = pool && pool->useClientProtocol;
    const Upgrade upgrade = pool ? pool->h2Upgrade : Upgrade::Default;
    const bool byMesh = config.h2Upgrade && isHttp(protocol) && upgrade != Upgrade::DoNotUpgrade;
    // Only what has no protocol of its own yet is upgraded.
    if (!cluster.http && !asClient && (upgrade == Upgrade::Upgrade || byMesh))
        cluster.http.emplace().protocol = Options::Protocol::Http2;
    if (!asClient)
        return;
    if (!cluster.http || cluster.http->protocol != Options::Protocol::Http1)
        cluster.http.emplace();
    cluster.http->protocol = Options::Protocol::UseDownstream;
}

/// What a dynamic forward proxy can tell the host of.
bool canBeDynamic(Protocol protocol)
{
    return protocol == Protocol::Http || protocol == Protocol::Tls || protocol == Protocol::Grpc ||
           protocol == Protocol::Http2;
}

/// Envoy keeps to its zone only where it knows the others of its own kind, which proxies are told with
/// ISTIO_META_ENABLE_SELF_DISCOVERY in a cluster.
void noteZones(const ProxyContext &proxy, const OutboundTarget &target)
{
    const bool byRule = target.policy.policy.loadBalancer && target.policy.policy.loadBalancer->zoneAware;
    const model::Resource *source = byRule && target.policy.rule ? target.policy.rule->from.front() : nullptr;
    proxy.warnings.push_back(
        {"zone-aware balancing keeps to regions only: the lab's proxies do not discover themselves",
         source ? source->place(target.policy.fieldPath + ".loadBalancer.zoneAwareLbSetting")
                : proxy.mesh.config().place,
         "in a cluster it keeps to zones where ISTIO_META_ENABLE_SELF_DISCOVERY is set"});
}

std::optional<Cluster> makeCluster(const ProxyContext &proxy, const OutboundTarget &target)
{
    const Service &service = target.service;
    const model::TrafficPolicy &policy = target.policy.policy;
    Cluster cluster;
    cluster.name = names::outbound(target.port.number, target.subset, service.hostname);
    cluster.altStatName = names::statistics(outboundStatName(
        proxy.mesh.config(), service, target.subset, {target.port.number, target.port.name}, cluster.name));
    cluster.type = clusterType(proxy, target);
    cluster.connectTimeout = proxy.mesh.config().connectTimeout;
    cluster.thresholds = {unlimitedThresholds()};
    cluster.bindAddress = boundTo(proxy.place.address);
    if (cluster.type == Cluster::Type::OriginalDst) {
        cluster.lbPolicy = Cluster::LbPolicy::ClusterProvided;
        if (!service.kubernetes && target.port.targetPort && target.port.targetPort != target.port.number)
            cluster.originalDstPortOverride = proxy.mesh.placement.localPort(target.port.targetPort);
    } else if (cluster.type == Cluster::Type::DynamicForwardProxy) {
        if (!canBeDynamic(target.port.protocol))
            return std::nullopt;
        cluster.lbPolicy = Cluster::LbPolicy::ClusterProvided;
        cluster.dnsCache = dnsCacheOf(service);
    } else {
        cluster.lbPolicy = Cluster::LbPolicy::LeastRequest;
        cluster.panicThreshold = 0;
        const bool byName = cluster.type != Cluster::Type::Static;
        // At a gateway an entry without resolution has no address; a headless Service has its pods.
        const bool empty = service.resolution == Resolution::Passthrough && !service.kubernetes;
        const bool reachesAny =
            std::any_of(service.endpoints.begin(), service.endpoints.end(), [&](const Endpoint &endpoint) {
                return service.portOn(endpoint, target.port) != 0 &&
                       model::selects(target.subsetLabels, endpoint.labels);
            });
        if (byName && !reachesAny)
            return std::nullopt;
        const LocalityBalancing balancing(policy, service.distribution, proxy.mesh.config(),
                                          proxy.instance.labels);
        cluster.localityWeighted = balancing.isWeighted();
        cluster.zoneAware = balancing.zoneAware();
        if (cluster.zoneAware && cluster.zoneAware->routingEnabledPercent > 0)
            noteZones(proxy, target);
        if (!empty)
            cluster.loadAssignment =
                loadAssignment(proxy.mesh, service, target.port.number, target.subsetLabels, cluster.name,
                               cluster.type == Cluster::Type::LogicalDns, balancing, isHashed(policy));
        if (byName) {
            // A LOGICAL_DNS cluster must have its one address: a name that does not resolve leaves an empty
            // cluster.
            if (cluster.loadAssignment->endpoints.empty())
                cluster.type = Cluster::Type::StrictDns;
            cluster.dnsFamily = Cluster::DnsFamily::V4Only;
            cluster.dnsRefreshRate = proxy.mesh.config().dnsRefreshRate;
            cluster.respectDnsTtl = true;
        } else if (empty) {
            cluster.loadAssignment.emplace().clusterName = cluster.name;
        }
    }
    applyProtocol(proxy, target, cluster);
    applyTrafficPolicy(policy, proxy.mesh.config(), cluster);
    QJsonObject metadata{{QStringLiteral("services"), QJsonArray{serviceMetadata(service)}}};
    if (service.external)
        metadata.insert(QStringLiteral("external"), true);
    if (!target.subset.empty())
        metadata.insert(QStringLiteral("subset"), QString::fromStdString(target.subset));
    if (target.policy.rule)
        metadata.insert(QStringLiteral("config"), configPath(*target.policy.rule->from.front()));
    applyTls(proxy, target, cluster, metadata);
    if (isRefused(proxy, target, cluster))
        return std::nullopt;
    cluster.metadata.filters.insert(QStringLiteral("istio"), metadata);
    return cluster;
}

} // namespace

dataplane::CircuitBreakerThresholds unlimitedThresholds()
{
    dataplane::CircuitBreakerThresholds thresholds;
    thresholds.maxConnections = 4294967295U;
    thresholds.maxPendingRequests = 4294967295U;
    thresholds.maxRequests = 4294967295U;
    thresholds.maxRetries = 4294967295U;
    return thresholds;
}

std::vector<Cluster> outboundClusters(const ProxyContext &proxy)
{
    std::vector<Cluster> clusters;
    for (const std::vector<Service> *list : {&proxy.scope.services, &proxy.scope.destinations}) {
        for (const Service &service : *list) {
            if (service.resolution == Resolution::Alias)
                continue;
            const MergedRule *rule = proxy.ruleFor(service);
            for (const ServicePort &port : service.ports) {
                if (port.protocol == Protocol::Udp)
                    continue;
                const auto add = [&](const std::string &subset, const model::Labels &labels) {
                    auto cluster = makeCluster(
                        proxy, {service, port, subset, labels, effectivePolicy(rule, port.number, subset)});
                    if (cluster)
                        clusters.push_back(std::move(*cluster));
                };
                add({}, {});
                if (!rule || service.resolution == Resolution::Dynamic)
                    continue;
                for (const model::DestinationRule::Subset &subset : rule->rule.subsets)
                    add(subset.name, subset.labels);
            }
        }
    }
    return clusters;
}

dataplane::DnsCache dnsCacheOf(const Service &service)
{
    dataplane::DnsCache cache;
    cache.name = service.hostname + "_dfp_dns_cache";
    cache.family = dataplane::DnsFamily::V4Only;
    return cache;
}

dataplane::DnsCache anyHostDnsCache()
{
    dataplane::DnsCache cache;
    cache.name = "allow_any_dfp_dns_cache";
    cache.family = dataplane::DnsFamily::V4Only;
    cache.maxHosts = 1024; // istiod writes Envoy's own limit
    return cache;
}

Cluster dynamicDnsCluster(const ProxyContext &proxy)
{
    Cluster cluster = passthroughCluster(proxy);
    cluster.name = names::dynamicDns;
    cluster.altStatName = names::statistics(cluster.name);
    cluster.type = Cluster::Type::DynamicForwardProxy;
    cluster.dnsCache = anyHostDnsCache();
    cluster.allowInsecureOptions = true;
    return cluster;
}

Cluster blackHoleCluster(const ProxyContext &proxy)
{
    Cluster cluster;
    cluster.name = names::blackHole;
    cluster.altStatName = names::statistics(cluster.name);
    cluster.connectTimeout = proxy.mesh.config().connectTimeout;
    return cluster;
}

Cluster passthroughCluster(const ProxyContext &proxy)
{
    Cluster cluster;
    cluster.name = names::passthrough;
    cluster.altStatName = names::statistics(cluster.name);
    cluster.type = Cluster::Type::OriginalDst;
    cluster.lbPolicy = Cluster::LbPolicy::ClusterProvided;
    cluster.connectTimeout = proxy.mesh.config().connectTimeout;
    cluster.thresholds = {unlimitedThresholds()};
    cluster.bindAddress = boundTo(proxy.place.address);
    auto &http = cluster.http.emplace();
    http.protocol = dataplane::UpstreamHttpProtocolOptions::Protocol::UseDownstream;
    http.common.idleTimeout = std::chrono::minutes(5);
    keepHeaderCase(proxy, http);
    applyPassthroughPolicy(proxy.mesh.config(), cluster);
    return cluster;
}

} // namespace sallyport::compile
