// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/application_targets.h"

#include "core/compile/service.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::topology {

namespace {

constexpr int httpPort = 80;

bool isMeshRule(const model::VirtualService &service)
{
    return service.gateways.empty() ||
           std::find(service.gateways.begin(), service.gateways.end(), "mesh") != service.gateways.end();
}

bool isOwnOrOfGateway(const model::Service &service, const Pod &client, const std::vector<Pod> &pods)
{
    const auto selects = [&service](const Pod &pod) {
        return pod.instance.nameSpace == service.metadata.resourceNamespace &&
               model::selects(service.selector, pod.instance.labels);
    };
    return selects(client) || std::any_of(pods.begin(), pods.end(), [&](const Pod &pod) {
               return pod.mesh == client.mesh && pod.instance.proxy == compile::Instance::Proxy::Gateway &&
                      selects(pod);
           });
}

} // namespace

std::vector<ApplicationTarget> targetsOf(const Pod &client, const model::Project &project,
                                         const std::vector<Pod> &pods)
{
    std::vector<ApplicationTarget> targets;
    const model::Mesh &mesh = *client.mesh;
    const auto add = [&targets](const std::string &host, std::uint32_t port) {
        const ApplicationTarget target{host, static_cast<int>(port)};
        if (!model::isWildcard(host) && std::find(targets.begin(), targets.end(), target) == targets.end())
            targets.push_back(target);
    };
    for (const model::ServiceEntry &entry : mesh.serviceEntries) {
        for (const model::ServiceEntry::Port &port : entry.ports) {
            if (!compile::isHttpOrSniffed(
                    compile::kubernetesProtocol("TCP", port.protocol, port.name, port.number)))
                continue;
            for (const std::string &host : entry.hosts)
                add(host, port.number);
        }
    }
    for (const model::Service &service : mesh.services) {
        // An application asks a gateway for other hosts, not for its own name.
        if (service.selector.empty() || isOwnOrOfGateway(service, client, pods))
            continue;
        for (const model::Service::Port &port : service.ports) {
            if (compile::isHttpOrSniffed(
                    compile::kubernetesProtocol(port.protocol, port.appProtocol, port.name, port.port)))
                add(compile::serviceHostname(service), port.port);
        }
    }
    for (const model::VirtualService &service : mesh.virtualServices) {
        if (!isMeshRule(service) || service.http.empty())
            continue;
        for (const std::string &host : service.hosts) {
            const std::string full = model::resolveShortName(host, service.metadata.resourceNamespace);
            const bool known =
                std::any_of(targets.begin(), targets.end(),
                            [&full](const ApplicationTarget &target) { return target.host == full; });
            if (!known)
                add(full, httpPort);
        }
    }
    for (const auto &host : project.hosts)
        add(host.first, httpPort);
    return targets;
}

std::vector<std::string> resolved(const std::string &host, const model::Mesh &mesh,
                                  const model::Project &project, const lab::AddressPlan &addresses)
{
    std::vector<std::string> inMesh;
    if (const auto names = addresses.meshes.find(mesh.name); names != addresses.meshes.end()) {
        if (const auto found = names->second.hosts.find(host); found != names->second.hosts.end())
            inMesh = found->second;
    }
    if (const auto found = project.hosts.find(host); inMesh.empty() && found != project.hosts.end())
        inMesh = found->second;
    for (const model::ServiceEntry &entry : mesh.serviceEntries) {
        if (inMesh.empty() && std::find(entry.hosts.begin(), entry.hosts.end(), host) != entry.hosts.end())
            inMesh = entry.addresses;
    }
    std::vector<std::string> local;
    local.reserve(inMesh.size());
    for (const std::string &address : inMesh)
        local.push_back(addresses.placement.local(address));
    return local;
}

} // namespace sallyport::topology
