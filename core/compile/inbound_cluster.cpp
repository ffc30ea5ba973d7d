// SPDX-License-Identifier: GPL-3.0-or-later
// The application behind a sidecar as a cluster.
#include "core/compile/cluster_parts.h"
#include "core/compile/clusters.h"
#include "core/compile/config_path.h"
#include "core/compile/names.h"
#include "core/compile/stat_names.h"
#include "core/compile/traffic_policy.h"

#include <QJsonArray>
#include <cstdlib>

namespace sallyport::compile {

namespace {

using dataplane::Cluster;

/// Where the application listens: on its port, or where a Sidecar's ingress says. All of the pod's own
/// addresses are one on this machine.
dataplane::SocketAddress applicationAddress(const ProxyContext &proxy, const InboundPort &port)
{
    std::uint32_t number = port.port;
    if (port.ingress && !port.ingress->defaultEndpoint.empty()) {
        const std::string &endpoint = port.ingress->defaultEndpoint;
        constexpr std::string_view pipeScheme = "unix://";
        if (endpoint.compare(0, pipeScheme.size(), pipeScheme) == 0)
            return {{}, 0, endpoint.substr(pipeScheme.size())};
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

/// What the cluster's statistics are called, without Istio's `;`.
std::string statisticsOf(const ProxyContext &proxy, const std::string &name, const InboundPort &port)
{
    const std::string &pattern = proxy.mesh.config().inboundClusterStatName;
    if (!pattern.empty() && port.service)
        return statName(pattern, port.service, {}, {port.servicePort, port.servicePortName, port.port});
    return name == names::inboundPassthrough ? names::passthrough : name;
}

} // namespace

Cluster inboundCluster(const ProxyContext &proxy, const std::string &name, const InboundPort &port)
{
    Cluster cluster;
    cluster.name = name;
    cluster.altStatName = names::statistics(statisticsOf(proxy, name, port));
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
