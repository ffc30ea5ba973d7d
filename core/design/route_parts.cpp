// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/route_parts.h"

#include "core/compile/protocol.h"
#include "core/compile/visibility.h"
#include "core/model/host_name.h"

#include <algorithm>

namespace sallyport::design {

const compile::Instance *findInstance(const std::vector<compile::Instance> &instances,
                                      const WorkloadName &name)
{
    const auto found =
        std::find_if(instances.begin(), instances.end(), [&](const compile::Instance &instance) {
            return instance.nameSpace == name.nameSpace && instance.workload == name.name;
        });
    return found == instances.end() ? nullptr : &*found;
}

const model::Service *serviceOf(const model::Mesh &mesh, const compile::Instance &pod, std::uint32_t port)
{
    const model::Service *any = nullptr;
    for (const model::Service &service : mesh.services) {
        if (service.metadata.resourceNamespace != pod.nameSpace || service.selector.empty() ||
            !model::selects(service.selector, pod.labels))
            continue;
        const bool has = std::any_of(service.ports.begin(), service.ports.end(),
                                     [port](const model::Service::Port &p) { return p.port == port; });
        if (has)
            return &service;
        if (!any)
            any = &service;
    }
    return any;
}

model::Labels gatewaySelector(const model::Mesh &mesh, const compile::Instance &pod)
{
    for (const model::Gateway &gateway : mesh.gateways) {
        if (!gateway.selector.empty() && model::selects(gateway.selector, pod.labels))
            return gateway.selector;
    }
    if (const auto label = pod.labels.find("istio"); label != pod.labels.end())
        return {*label};
    const model::Service *service = serviceOf(mesh, pod, 0);
    return service ? service->selector : pod.labels;
}

std::optional<ServerOnPort> serverOnPort(const model::Mesh &mesh, const compile::Instance &pod,
                                         std::uint32_t port, const std::string &nameSpace,
                                         const std::string &host)
{
    std::optional<ServerOnPort> best;
    const auto rank = [](const ServerOnPort &server) {
        return (server.meshMtls ? 4 : 0) + (server.accepts ? 2 : 0) + (server.anySni ? 1 : 0);
    };
    for (const model::Gateway &gateway : mesh.gateways) {
        if (!model::selects(gateway.selector, pod.labels))
            continue;
        for (std::size_t index = 0; index < gateway.servers.size(); ++index) {
            const model::Gateway::Server &server = gateway.servers[index];
            if (server.portNumber != port)
                continue;
            ServerOnPort found{&gateway, index, false, false, false};
            found.meshMtls = server.tls && server.tls->mode == model::ServerTls::Mode::IstioMutual &&
                             compile::parseProtocol(server.protocol) == compile::Protocol::Https;
            for (const std::string &entry : server.hosts) {
                const std::size_t slash = entry.find('/');
                const std::string owner = slash == std::string::npos ? "*" : entry.substr(0, slash);
                const std::string pattern = slash == std::string::npos ? entry : entry.substr(slash + 1);
                const bool ours = owner == "*" || owner == nameSpace ||
                                  (owner == "." && gateway.metadata.resourceNamespace == nameSpace);
                found.anySni = found.anySni || pattern == "*";
                found.accepts = found.accepts || (ours && model::isSubsetOf(host, pattern));
            }
            if (!best || rank(found) > rank(*best))
                best = found;
        }
    }
    return best;
}

const model::ServiceEntry *entryOf(const model::Mesh &mesh, const std::string &host,
                                   const std::string &viewer)
{
    const model::ServiceEntry *hidden = nullptr;
    for (const model::ServiceEntry &entry : mesh.serviceEntries) {
        if (std::find(entry.hosts.begin(), entry.hosts.end(), host) == entry.hosts.end())
            continue;
        if (compile::isVisible(entry.exportTo, entry.metadata.resourceNamespace, viewer))
            return &entry;
        if (!hidden)
            hidden = &entry;
    }
    return hidden;
}

std::vector<const model::AuthorizationPolicy *>
policiesAt(const model::Mesh &mesh, const compile::Instance &pod, model::AuthorizationPolicy::Action action)
{
    std::vector<const model::AuthorizationPolicy *> policies;
    for (const model::AuthorizationPolicy &policy : mesh.authorizationPolicies) {
        const std::string &nameSpace = policy.metadata.resourceNamespace;
        const bool inScope = nameSpace == pod.nameSpace || nameSpace == mesh.config.rootNamespace;
        const bool selected =
            policy.targets.empty() && (!policy.selector || model::selects(*policy.selector, pod.labels));
        if (policy.action == action && inScope && selected && !policy.isDryRun())
            policies.push_back(&policy);
    }
    return policies;
}

} // namespace sallyport::design
