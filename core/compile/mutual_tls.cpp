// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/mutual_tls.h"

#include <algorithm>

namespace sallyport::compile {

namespace {

/// The mode of a namespace or the mesh; Unset if nothing says so.
TlsMode scopeMode(const MeshContext &mesh, const std::string &nameSpace)
{
    const model::PeerAuthentication *oldest = nullptr;
    for (const model::PeerAuthentication &policy : mesh.mesh.peerAuthentications) {
        const bool hasSelector = policy.selector && !policy.selector->empty();
        if (hasSelector || policy.metadata.resourceNamespace != nameSpace)
            continue;
        if (!oldest || olderThan(policy, *oldest))
            oldest = &policy;
    }
    return oldest ? oldest->mode : TlsMode::Unset;
}

TlsMode namespaceMode(const MeshContext &mesh, const std::string &nameSpace)
{
    const TlsMode own = scopeMode(mesh, nameSpace);
    return own != TlsMode::Unset ? own : scopeMode(mesh, mesh.config().rootNamespace);
}

} // namespace

TlsMode inboundTlsMode(const MeshContext &mesh, const Instance &instance, std::uint32_t port)
{
    const model::PeerAuthentication *own = nullptr;
    for (const model::PeerAuthentication &policy : mesh.mesh.peerAuthentications) {
        // A policy with a selector in the root namespace is ignored altogether.
        if (!policy.selector || policy.selector->empty() ||
            policy.metadata.resourceNamespace != instance.nameSpace ||
            policy.metadata.resourceNamespace == mesh.config().rootNamespace ||
            !model::selects(*policy.selector, instance.labels))
            continue;
        if (!own || olderThan(policy, *own))
            own = &policy;
    }
    const TlsMode inherited = namespaceMode(mesh, instance.nameSpace);
    const TlsMode workload = own && own->mode != TlsMode::Unset ? own->mode : inherited;
    if (own) {
        const auto found = own->portLevel.find(port);
        if (found != own->portLevel.end() && found->second != TlsMode::Unset)
            return found->second;
    }
    return workload == TlsMode::Unset ? TlsMode::Permissive : workload;
}

bool offersMeshTls(const MeshContext &mesh, const Service &service,
                   const std::optional<model::TrafficPolicy> &policy, std::uint32_t port)
{
    if (!mesh.config().enableAutoMtls || service.external)
        return false;
    const bool passthrough = service.resolution == Resolution::Passthrough ||
                             (policy && policy->loadBalancer &&
                              policy->loadBalancer->simple == model::LoadBalancer::Simple::Passthrough);
    if (passthrough) {
        // Nothing tells endpoints apart on an original-destination cluster: all of them must speak it.
        bool any = false;
        const ServicePort *servicePort = service.port(port);
        for (const Endpoint &endpoint : service.endpoints) {
            if (!servicePort || service.portOn(endpoint, *servicePort) == 0)
                continue;
            if (!endpoint.meshTls)
                return false;
            any = true;
        }
        if (!any)
            return false;
    }
    return namespaceMode(mesh, service.nameSpace) != TlsMode::Disable;
}

} // namespace sallyport::compile
