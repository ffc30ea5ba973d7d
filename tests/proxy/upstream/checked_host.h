// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/upstream/cluster_manager.h"
#include "tests/proxy/upstream/scripted_host.h"

namespace sallyport::upstream {

/// Asks again at once, and waits for answers as long as a test may run.
inline dataplane::HealthCheck quickCheck()
{
    dataplane::HealthCheck check;
    check.timeout = std::chrono::seconds(60);
    check.interval = check.noTrafficInterval = std::chrono::milliseconds(1);
    check.unhealthyThreshold = check.healthyThreshold = 3;
    return check;
}

/// A cluster of hosts on this machine.
inline dataplane::Cluster checkedCluster(const dataplane::HealthCheck &check, const QList<quint16> &ports)
{
    dataplane::Cluster cluster;
    cluster.name = "c";
    cluster.healthChecks = {check};
    cluster.loadAssignment.emplace().endpoints.emplace_back();
    for (const quint16 port : ports) {
        dataplane::LbEndpoint endpoint;
        endpoint.address.address = "127.0.0.1";
        endpoint.address.port = port;
        cluster.loadAssignment->endpoints.front().endpoints.push_back(endpoint);
    }
    return cluster;
}

/// What the health checks of a cluster counted.
inline QString counts(HealthCheckStats &stats)
{
    return QStringLiteral("%1 passed, %2 failed, %3 of the network; %4 healthy, %5 degraded")
        .arg(stats.success.value())
        .arg(stats.failure.value())
        .arg(stats.networkFailure.value())
        .arg(stats.healthy.value())
        .arg(stats.degraded.value());
}

/// A cluster of one host, which is asked until it is silent.
struct CheckedHost
{
    CheckedHost(const dataplane::HealthCheck &check, const ScriptedHost &host)
    {
        dataplane::Cluster configuration = checkedCluster(check, {host.serverPort()});
        if (std::holds_alternative<dataplane::GrpcHealthCheck>(check.probe)) {
            configuration.http.emplace();
            configuration.http->protocol = dataplane::UpstreamHttpProtocolOptions::Protocol::Http2;
        }
        set = *ClusterSet::create({configuration}, store, secrets, {}, nullptr);
        info = set->find("c");
        resolution = std::make_unique<HostResolution>(net::EpollDispatcher::current(), store,
                                                      [](const std::string &, HostResolution::Change) {});
        resolution->start(set, [this] { ready = true; });
    }
    telemetry::StatsStore store{1};
    net::SecretStore secrets;
    std::shared_ptr<const ClusterSet> set;
    ClusterInfoPtr info;
    std::unique_ptr<HostResolution> resolution;
    bool ready = false;
};

} // namespace sallyport::upstream
