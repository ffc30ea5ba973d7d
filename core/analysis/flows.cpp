// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/flows.h"

#include "core/model/host_name.h"

namespace sallyport::analysis {

namespace {

/// Projects with more are followed in part; the rest is for the static checks.
constexpr std::size_t mostFlows = 400;
/// Stands for whatever address a name has: routes of HTTP ask for the name.
constexpr const char *someAddress = "198.51.100.254";

struct Target
{
    std::string host;
    std::uint32_t port = 0;
    std::string address;
};

/// HTTP ports of entries outside of the mesh.
std::vector<Target> targetsOf(const MeshFacts &facts)
{
    std::vector<Target> targets;
    for (const compile::Service &service : facts.context.services) {
        if (!service.external || service.kubernetes || model::isWildcard(service.hostname))
            continue;
        for (const compile::ServicePort &port : service.ports) {
            // Nobody sends plaintext to the ports of TLS, whatever the entry says (EGR0801).
            if (!compile::isHttp(port.protocol) || port.number == 443 || port.number == 8443)
                continue;
            std::string address = service.address();
            if (address.empty() && !service.endpoints.empty() &&
                model::isIpAddress(service.endpoints.front().address))
                address = service.endpoints.front().address;
            targets.push_back({service.hostname, port.number, address.empty() ? someAddress : address});
        }
    }
    return targets;
}

} // namespace

std::vector<Flow> followFlows(const MeshFacts &facts, const explain::Scene &scene)
{
    std::vector<Flow> flows;
    const std::vector<Target> targets = targetsOf(facts);
    std::set<std::pair<std::string, model::Labels>> kinds;
    for (const ProxyFacts &client : facts.proxies) {
        if (client.isGateway() || !kinds.insert({client.instance->nameSpace, client.instance->labels}).second)
            continue;
        for (const Target &target : targets) {
            if (flows.size() >= mostFlows)
                return flows;
            explain::Request request;
            request.from = client.instance->name;
            request.url = "http://" + target.host + ':' + std::to_string(target.port) + '/';
            request.address = target.address;
            if (auto explained = explain::explain(scene, request))
                flows.push_back({&client, target.host, target.port, std::move(*explained)});
        }
    }
    return flows;
}

} // namespace sallyport::analysis
