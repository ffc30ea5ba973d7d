// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/mesh_choices.h"

#include "core/design/route_parts.h"
#include "core/model/host_name.h"

#include <algorithm>
#include <set>

namespace sallyport::design {

namespace {

/// `spiffe://td/ns/a/sa/b` as policies write it.
std::string principalOf(const compile::Instance &instance)
{
    const std::string scheme = "spiffe://";
    return instance.spiffeId.starts_with(scheme) ? instance.spiffeId.substr(scheme.size())
                                                 : instance.spiffeId;
}

/// What the project has for this host already.
void takeOver(const model::Mesh &mesh, RouteDesign &design)
{
    const std::string viewer = design.clients.empty() ? std::string() : design.clients.front().nameSpace;
    if (const model::ServiceEntry *entry = entryOf(mesh, design.host, viewer)) {
        design.nameSpace = entry->metadata.resourceNamespace;
        for (const model::WorkloadEntrySpec &endpoint : entry->endpoints)
            design.addresses.push_back(endpoint.address);
    }
    for (const model::DestinationRule &rule : mesh.destinationRules) {
        if (rule.host != design.host || !rule.trafficPolicy)
            continue;
        for (const auto &[port, policy] : rule.trafficPolicy->portLevel) {
            if (!policy.tls || policy.tls->mode == model::ClientTls::Mode::Disable)
                continue;
            const bool mutual = policy.tls->mode == model::ClientTls::Mode::Mutual;
            design.externalPort = port;
            design.encryption = mutual ? Encryption::MutualTls : Encryption::Tls;
            design.credentialName = policy.tls->credentialName;
            design.sni = policy.tls->sni;
            design.subjectAltNames = policy.tls->subjectAltNames;
            return;
        }
    }
}

} // namespace

WorkloadName workloadFromText(const std::string &text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos)
        return {"default", text};
    return {text.substr(0, slash), text.substr(slash + 1)};
}

MeshChoices choicesFor(const model::Mesh &mesh)
{
    MeshChoices choices;
    choices.trustDomain = mesh.config.trustDomain;
    choices.rootNamespace = mesh.config.rootNamespace;
    choices.registryOnly = mesh.config.outboundMode == model::OutboundMode::RegistryOnly;
    std::set<std::string> namespaces;
    for (const model::Namespace &each : mesh.namespaces)
        namespaces.insert(each.metadata.name);
    for (const compile::Instance &instance : compile::instancesOf(mesh)) {
        namespaces.insert(instance.nameSpace);
        if (instance.replica != 0)
            continue;
        const WorkloadName name{instance.nameSpace, instance.workload};
        if (instance.proxy != compile::Instance::Proxy::Gateway) {
            choices.clients.push_back(
                {name, principalOf(instance), instance.proxy == compile::Instance::Proxy::Sidecar});
            continue;
        }
        GatewayChoice gateway{name, {}, {}, false};
        if (const model::Service *service = serviceOf(mesh, instance, 0)) {
            gateway.host = compile::serviceHostname(*service);
            gateway.external = service->type == "LoadBalancer" || service->type == "NodePort";
            for (const model::Service::Port &port : service->ports)
                gateway.ports.push_back(port.port);
        }
        choices.gateways.push_back(std::move(gateway));
    }
    std::stable_sort(
        choices.gateways.begin(), choices.gateways.end(),
        [](const GatewayChoice &a, const GatewayChoice &b) { return !a.external && b.external; });
    std::stable_sort(choices.clients.begin(), choices.clients.end(),
                     [](const ClientChoice &a, const ClientChoice &b) { return a.sidecar && !b.sidecar; });
    choices.namespaces.assign(namespaces.begin(), namespaces.end());
    std::set<std::string> hosts;
    for (const model::ServiceEntry &entry : mesh.serviceEntries) {
        for (const std::string &host : entry.hosts) {
            if (!model::isWildcard(host))
                hosts.insert(host);
        }
    }
    choices.hosts.assign(hosts.begin(), hosts.end());
    return choices;
}

std::vector<std::string> credentialsIn(const model::Mesh &mesh, const std::string &nameSpace)
{
    std::set<std::string> names;
    for (const model::Secret &secret : mesh.secrets) {
        if (secret.metadata.resourceNamespace == nameSpace)
            names.insert(secret.metadata.name);
    }
    return {names.begin(), names.end()};
}

RouteDesign proposedDesign(const model::Project &project, const std::string &mesh, const std::string &host)
{
    RouteDesign design;
    design.mesh = mesh;
    design.host = host;
    const model::Mesh *found = project.findMesh(mesh);
    if (!found)
        return design;
    const MeshChoices choices = choicesFor(*found);
    if (!choices.clients.empty()) {
        design.clients = {choices.clients.front().name};
        design.nameSpace = choices.clients.front().name.nameSpace;
    }
    if (!choices.gateways.empty() && !choices.gateways.front().external) {
        design.gateway = choices.gateways.front().name;
        const std::vector<std::uint32_t> &ports = choices.gateways.front().ports;
        if (!ports.empty() && std::find(ports.begin(), ports.end(), design.gatewayPort) == ports.end())
            design.gatewayPort = ports.front();
    } else {
        design.gateway = {choices.rootNamespace, "istio-egressgateway"};
    }
    design.registryOnly = choices.registryOnly;
    if (host.empty())
        return design;
    if (const auto known = project.hosts.find(host); known != project.hosts.end())
        design.addresses = known->second;
    design.sni = host;
    design.subjectAltNames = {host};
    const bool registered =
        std::find(choices.hosts.begin(), choices.hosts.end(), host) != choices.hosts.end();
    if (registered) {
        design.addresses.clear();
        takeOver(*found, design);
    }
    return design;
}

} // namespace sallyport::design
