// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/upstream_tls.h"

#include "core/analysis/check.h"
#include "core/compile/config_path.h"

namespace sallyport::analysis {

std::vector<TlsBlock> tlsBlocks(const MeshFacts &facts)
{
    std::vector<TlsBlock> blocks;
    for (const model::DestinationRule &rule : facts.mesh.destinationRules) {
        const std::string host = model::resolveShortName(rule.host, rule.metadata.resourceNamespace);
        const auto add = [&](const std::optional<model::TrafficPolicy> &policy, const std::string &path,
                             const std::string &subset) {
            if (!policy)
                return;
            if (policy->tls)
                blocks.push_back({&rule, &*policy->tls, path + ".tls", subset, 0, host});
            for (std::size_t i = 0; i < policy->portLevel.size(); ++i) {
                const model::PortPolicy &port = policy->portLevel[i];
                if (port.policy.tls)
                    blocks.push_back({&rule, &*port.policy.tls, item(path + ".portLevelSettings", i) + ".tls",
                                      subset, port.port, host});
            }
        };
        add(rule.trafficPolicy, "spec.trafficPolicy", {});
        for (std::size_t s = 0; s < rule.subsets.size(); ++s)
            add(rule.subsets[s].trafficPolicy, item("spec.subsets", s) + ".trafficPolicy",
                rule.subsets[s].name);
    }
    return blocks;
}

std::vector<std::string> passedTo(const dataplane::FilterChain &chain)
{
    std::vector<std::string> clusters;
    for (const dataplane::NetworkFilter &filter : chain.filters) {
        if (const auto *tcp = std::get_if<dataplane::TcpProxy>(&filter.config)) {
            if (!tcp->cluster.empty())
                clusters.push_back(tcp->cluster);
            for (const auto &weighted : tcp->weightedClusters)
                clusters.push_back(weighted.name);
        }
    }
    return clusters;
}

const model::VirtualService *virtualServiceOf(const MeshFacts &facts, const dataplane::Metadata &metadata)
{
    const QString reference =
        metadata.filters.value(QLatin1String("istio")).toObject().value(QLatin1String("config")).toString();
    for (const model::VirtualService &service : facts.mesh.virtualServices) {
        if (compile::configPath(service) == reference)
            return &service;
    }
    return nullptr;
}

std::string destinationPath(const model::VirtualService &service, const ClusterName &cluster)
{
    const auto find = [&](const auto &rules) -> std::string {
        for (const auto &rule : rules) {
            for (std::size_t i = 0; i < rule.route.size(); ++i) {
                const model::Destination &to = rule.route[i].destination;
                if (model::resolveShortName(to.host, service.metadata.resourceNamespace) == cluster.host &&
                    (to.port == 0 || to.port == cluster.port))
                    return item(rule.fieldPath + ".route", i) + ".destination";
            }
        }
        return {};
    };
    for (const std::string &path : {find(service.http), find(service.tls), find(service.tcp)}) {
        if (!path.empty())
            return path;
    }
    return "spec";
}

bool isExternal(const MeshFacts &facts, const std::string &host)
{
    const auto services = facts.servicesNamed(host);
    return !services.empty() && services.front()->external;
}

} // namespace sallyport::analysis
