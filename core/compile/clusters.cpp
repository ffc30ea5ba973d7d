// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/clusters.h"

#include "core/compile/config_path.h"
#include "core/compile/endpoints.h"
#include "core/compile/mutual_tls.h"
#include "core/compile/names.h"
#include "core/compile/tls_contexts.h"
#include "core/compile/traffic_policy.h"
#include "core/compile/trust_domains.h"
#include "core/dataplane/cipher_suites.h"

#include <QJsonArray>
#include <algorithm>
#include <cstdlib>

namespace sallyport::compile {

namespace {

using dataplane::Cluster;

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QJsonObject serviceMetadata(const Service &service)
{
    return {{QStringLiteral("host"), text(service.hostname)},
            {QStringLiteral("name"), text(service.name)},
            {QStringLiteral("namespace"), text(service.nameSpace)}};
}

dataplane::SocketAddress boundTo(const std::string &address)
{
    return {address, 0, {}};
}

Cluster::Type clusterType(const ProxyContext &proxy, const Service &service,
                          const model::TrafficPolicy &policy)
{
    if (service.resolution != Resolution::Dynamic && policy.loadBalancer &&
        policy.loadBalancer->simple == model::LoadBalancer::Simple::Passthrough)
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

struct ClusterRequest
{
    const Service &service;
    const ServicePort &port;
    std::string subset;
    model::Labels subsetLabels;
    EffectivePolicy policy;
};

void keepHeaderCase(const ProxyContext &proxy, dataplane::UpstreamHttpProtocolOptions &http)
{
    using Options = dataplane::UpstreamHttpProtocolOptions;
    if (proxy.config.proxyHeaders.preserveHttp1HeaderCase && http.protocol != Options::Protocol::Http2)
        http.http1.headerCase = dataplane::Http1ProtocolOptions::HeaderCase::Preserve;
}

/// How the cluster speaks HTTP, as far as it differs from plain HTTP/1.1.
void applyProtocol(const ProxyContext &proxy, const ClusterRequest &request, Cluster &cluster)
{
    using Options = dataplane::UpstreamHttpProtocolOptions;
    const auto &pool = request.policy.policy.connectionPool;
    const model::ConnectionPool::H2Upgrade upgrade =
        pool ? pool->h2Upgrade : model::ConnectionPool::H2Upgrade::Default;
    const bool byMesh = proxy.mesh.config().h2Upgrade && isHttp(request.port.protocol) &&
                        upgrade != model::ConnectionPool::H2Upgrade::DoNotUpgrade;
    if (isHttp2(request.port.protocol) || upgrade == model::ConnectionPool::H2Upgrade::Upgrade || byMesh) {
        cluster.http.emplace().protocol = Options::Protocol::Http2;
    } else if ((pool && pool->useClientProtocol) ||
               (request.port.protocol == Protocol::Sniffed && !proxy.isGateway())) {
        cluster.http.emplace().protocol = Options::Protocol::UseDownstream;
    }
    // Names in the application's own case cannot be had with HTTP/2: that a port or a rule asks for it
    // otherwise than by the port's protocol does not count then, as with istiod.
    const bool plain = isHttpOrSniffed(request.port.protocol) && !isHttp2(request.port.protocol);
    if (plain && proxy.config.proxyHeaders.preserveHttp1HeaderCase) {
        const bool sniffed = request.port.protocol == Protocol::Sniffed && !proxy.isGateway();
        cluster.http.emplace().protocol =
            sniffed ? Options::Protocol::UseDownstream : Options::Protocol::Http1;
        keepHeaderCase(proxy, *cluster.http);
    }
}

bool isHttp2Cluster(const Cluster &cluster)
{
    return cluster.http && cluster.http->protocol == dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
}

MeshAlpn meshAlpn(const Cluster &cluster, Protocol protocol)
{
    if (isHttp2Cluster(cluster))
        return MeshAlpn::Http2;
    if (protocol == Protocol::Sniffed)
        return MeshAlpn::Sniffed;
    return isHttp(protocol) ? MeshAlpn::Http1 : MeshAlpn::Tcp;
}

/// SIMPLE and MUTUAL. Without an SNI of the rule's own Envoy takes the request's host, and verifies it.
void originateTls(const ProxyContext &proxy, const ClusterRequest &request, const model::ClientTls &tls,
                  Cluster &cluster)
{
    // A credential in a rule that was not made for this sidecar by its workloadSelector is ignored, TLS and
    // all.
    const bool selected = request.policy.rule && request.policy.rule->rule.workloadSelector.has_value();
    const bool configMap = tls.credentialName.compare(0, 12, "configmap://") == 0;
    if (!tls.credentialName.empty() && !configMap && !proxy.isGateway() && !selected)
        return;
    const std::vector<std::string> entryNames =
        request.service.kubernetes ? std::vector<std::string>() : request.service.subjectAltNames;
    std::string error;
    auto context =
        upstreamTls(proxy.secrets, tls, entryNames, isHttp2Cluster(cluster), proxy.mesh.config(), error);
    if (!context) {
        const model::Resource *source = request.policy.rule ? request.policy.rule->from.front() : nullptr;
        proxy.errors.push_back(
            {error, source ? source->place(request.policy.fieldPath + ".tls") : Place(), {}});
        return;
    }
    if (tls.sni.empty()) {
        if (!cluster.http)
            cluster.http.emplace();
        cluster.http->autoSni = true;
        cluster.http->autoSanValidation =
            tls.subjectAltNames.empty() && !tls.insecureSkipVerify.value_or(false);
    }
    cluster.transport.tls = std::move(context);
}

void applyTls(const ProxyContext &proxy, const ClusterRequest &request, Cluster &cluster,
              QJsonObject &metadata)
{
    using Mode = model::ClientTls::Mode;
    const Service &service = request.service;
    const std::string sni = names::meshSni(request.port.number, request.subset, service.hostname);
    const MeshAlpn alpn = meshAlpn(cluster, request.port.protocol);
    if (const auto &tls = request.policy.policy.tls) {
        if (tls->mode == Mode::Simple || tls->mode == Mode::Mutual) {
            metadata.insert(QStringLiteral("alpn_override"), QStringLiteral("false"));
            originateTls(proxy, request, *tls, cluster);
        } else if (tls->mode == Mode::IstioMutual) {
            cluster.transport.tls =
                meshUpstreamTls(proxy.secrets, tls->sni.empty() ? sni : tls->sni,
                                tls->subjectAltNames.empty()
                                    ? withTrustDomains(service.identities(), proxy.mesh.trustDomains())
                                    : tls->subjectAltNames,
                                alpn);
        }
        return;
    }
    if (!offersMeshTls(proxy.mesh, service, request.policy.policy, request.port.number))
        return;
    auto context = meshUpstreamTls(proxy.secrets, sni,
                                   withTrustDomains(service.identities(), proxy.mesh.trustDomains()), alpn);
    if (cluster.type == Cluster::Type::OriginalDst) {
        // Nothing is known of the one host that the client chose.
        cluster.transport.tls = std::move(context);
        return;
    }
    dataplane::TransportSocketMatch mesh;
    mesh.name = "tlsMode-istio";
    mesh.match = {{QStringLiteral("tlsMode"), QStringLiteral("istio")}};
    mesh.transport.tls = std::move(context);
    dataplane::TransportSocketMatch plain;
    plain.name = "tlsMode-disabled";
    cluster.transportMatches = {std::move(mesh), std::move(plain)};
}

/// Envoy refuses such a cluster and runs on without it.
bool hasUnknownCiphers(const ProxyContext &proxy, const Cluster &cluster)
{
    if (!cluster.transport.tls)
        return false;
    const std::string ciphers =
        dataplane::refusedCipherSuites(cluster.transport.tls->common.parameters.cipherSuites);
    if (!ciphers.empty())
        proxy.warnings.push_back(
            {"Envoy refuses the cluster " + cluster.name + ": it does not know the cipher suites " + ciphers,
             proxy.mesh.config().place, "requests end in 503 NC until tlsDefaults is without them"});
    return !ciphers.empty();
}

/// What a dynamic forward proxy can tell the host of.
bool canBeDynamic(Protocol protocol)
{
    return protocol == Protocol::Http || protocol == Protocol::Tls || protocol == Protocol::Grpc ||
           protocol == Protocol::Http2;
}

std::optional<Cluster> makeCluster(const ProxyContext &proxy, const ClusterRequest &request)
{
    const Service &service = request.service;
    const model::TrafficPolicy &policy = request.policy.policy;
    Cluster cluster;
    cluster.name = names::outbound(request.port.number, request.subset, service.hostname);
    cluster.altStatName = names::statistics(cluster.name);
    cluster.type = clusterType(proxy, service, policy);
    cluster.connectTimeout = proxy.mesh.config().connectTimeout;
    cluster.thresholds = {unlimitedThresholds()};
    cluster.bindAddress = boundTo(proxy.place.address);
    if (cluster.type == Cluster::Type::OriginalDst) {
        cluster.lbPolicy = Cluster::LbPolicy::ClusterProvided;
        if (!service.kubernetes && request.port.targetPort && request.port.targetPort != request.port.number)
            cluster.originalDstPortOverride = proxy.mesh.placement.localPort(request.port.targetPort);
    } else if (cluster.type == Cluster::Type::DynamicForwardProxy) {
        if (!canBeDynamic(request.port.protocol))
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
                return service.portOn(endpoint, request.port) != 0 &&
                       model::selects(request.subsetLabels, endpoint.labels);
            });
        if (byName && !reachesAny)
            return std::nullopt;
        const LocalityBalancing balancing(policy, proxy.mesh.config(), proxy.instance.labels);
        cluster.localityWeighted = balancing.isWeighted();
        if (!empty)
            cluster.loadAssignment =
                loadAssignment(proxy.mesh, service, request.port.number, request.subsetLabels, cluster.name,
                               cluster.type == Cluster::Type::LogicalDns, balancing);
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
    applyProtocol(proxy, request, cluster);
    applyTrafficPolicy(policy, proxy.mesh.config(), cluster);
    QJsonObject metadata{{QStringLiteral("services"), QJsonArray{serviceMetadata(service)}}};
    if (service.external)
        metadata.insert(QStringLiteral("external"), true);
    if (!request.subset.empty())
        metadata.insert(QStringLiteral("subset"), text(request.subset));
    if (request.policy.rule)
        metadata.insert(QStringLiteral("config"), configPath(*request.policy.rule->from.front()));
    applyTls(proxy, request, cluster, metadata);
    if (hasUnknownCiphers(proxy, cluster))
        return std::nullopt;
    // Envoy wants names verified where it looks them up itself, unless told otherwise.
    if (cluster.type == Cluster::Type::DynamicForwardProxy && cluster.http)
        cluster.allowInsecureOptions = !cluster.http->autoSni || !cluster.http->autoSanValidation;
    cluster.metadata.filters.insert(QStringLiteral("istio"), metadata);
    return cluster;
}

/// Where the application listens: on its port, or where a Sidecar's ingress says. All of the pod's own
/// addresses are one on this machine.
dataplane::SocketAddress applicationAddress(const ProxyContext &proxy, const InboundPort &port)
{
    std::uint32_t number = port.port;
    if (port.ingress && !port.ingress->defaultEndpoint.empty()) {
        const std::string &endpoint = port.ingress->defaultEndpoint;
        constexpr std::string_view unixPrefix = "unix://";
        if (endpoint.compare(0, unixPrefix.size(), unixPrefix) == 0)
            return {{}, 0, endpoint.substr(unixPrefix.size())};
        number = static_cast<std::uint32_t>(
            std::strtoul(endpoint.substr(endpoint.rfind(':') + 1).c_str(), nullptr, 10));
    }
    return {proxy.place.appAddress, proxy.mesh.placement.localPort(number), {}};
}

/// Limits of the Service's DestinationRule, which hold at the server too, or those of the Sidecar. A rule
/// that is for some clients only is none for the server.
void applyInboundLimits(const ProxyContext &proxy, const InboundPort &port, Cluster &cluster,
                        QJsonObject &metadata)
{
    model::TrafficPolicy policy;
    const MergedRule *rule = nullptr;
    if (port.service && proxy.scope.find(port.service->hostname))
        rule = proxy.mesh.destinationRules.findForServer(port.service->hostname, port.service->nameSpace,
                                                         proxy.instance.nameSpace);
    if (rule && rule->rule.trafficPolicy) {
        policy = policyForPort(rule->rule.trafficPolicy, port.servicePort);
        metadata.insert(QStringLiteral("config"), configPath(*rule->from.front()));
    }
    if (port.ingress && port.ingress->connectionPool)
        policy.connectionPool = port.ingress->connectionPool;
    else if (proxy.scope.sidecar && proxy.scope.sidecar->inboundConnectionPool)
        policy.connectionPool = proxy.scope.sidecar->inboundConnectionPool;
    applyInboundPolicy(policy, proxy.mesh.config(), cluster);
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
    return {service.hostname + "_dfp_dns_cache", dataplane::DnsFamily::V4Only, {}, {}};
}

dataplane::DnsCache anyHostDnsCache()
{
    // istiod writes Envoy's own limit.
    return {"allow_any_dfp_dns_cache", dataplane::DnsFamily::V4Only, 1024, {}};
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

Cluster inboundCluster(const ProxyContext &proxy, const std::string &name, const InboundPort &port)
{
    Cluster cluster;
    cluster.name = name;
    cluster.altStatName = names::statistics(name == names::inboundPassthrough ? names::passthrough : name);
    cluster.connectTimeout = proxy.mesh.config().connectTimeout;
    cluster.thresholds = {unlimitedThresholds()};
    // The address from which Istio's sidecars talk to their application.
    cluster.bindAddress = boundTo("127.0.0.6");
    auto &assignment = cluster.loadAssignment.emplace();
    assignment.clusterName = name;
    dataplane::LbEndpoint application;
    application.address = applicationAddress(proxy, port);
    if (!application.address.pipe.empty())
        cluster.bindAddress.reset();
    assignment.endpoints.push_back({{}, {std::move(application)}, std::nullopt, 0, {}});
    using Options = dataplane::UpstreamHttpProtocolOptions;
    if (name == names::inboundPassthrough || port.protocol == Protocol::Sniffed)
        cluster.http.emplace().protocol = Options::Protocol::UseDownstream;
    else if (isHttp2(port.protocol))
        cluster.http.emplace().protocol = Options::Protocol::Http2;
    else if (isHttp(port.protocol) && proxy.config.proxyHeaders.preserveHttp1HeaderCase)
        cluster.http.emplace();
    if (cluster.http)
        keepHeaderCase(proxy, *cluster.http);
    if (name == names::inboundPassthrough)
        cluster.http->common.idleTimeout = std::chrono::minutes(5);
    QJsonObject metadata;
    if (port.isKnown())
        applyInboundLimits(proxy, port, cluster, metadata);
    else
        applyPassthroughPolicy(proxy.mesh.config(), cluster);
    if (port.service)
        metadata.insert(QStringLiteral("services"), QJsonArray{serviceMetadata(*port.service)});
    if (!metadata.isEmpty())
        cluster.metadata.filters.insert(QStringLiteral("istio"), metadata);
    return cluster;
}

} // namespace sallyport::compile
