// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/route_ends.h"

#include "core/compile/workload.h"
#include "core/design/mesh_choices.h"
#include "core/pki/credential.h"

#include <algorithm>
#include <set>

namespace sallyport::designer {

namespace {

using design::GatewayChoice;
using design::MeshChoices;
using design::RouteDesign;
using design::WorkloadName;

/// `primary:default/sleep` in its parts; without a mesh it is a host.
struct End
{
    std::string mesh;
    WorkloadName workload;
    std::string host;
};

End endOf(const QString &name)
{
    End end;
    const qsizetype colon = name.indexOf(QLatin1Char(':'));
    const qsizetype slash = name.indexOf(QLatin1Char('/'));
    if (colon < 0 || slash < colon) {
        end.host = name.toStdString();
        return end;
    }
    end.mesh = name.left(colon).toStdString();
    // Every replica is the workload.
    const QString workload = name.mid(colon + 1).section(QLatin1Char('#'), 0, 0);
    end.workload = design::workloadFromText(workload.toStdString());
    return end;
}

bool isGateway(const MeshChoices &choices, const WorkloadName &name)
{
    return std::any_of(choices.gateways.begin(), choices.gateways.end(),
                       [&](const GatewayChoice &gateway) { return gateway.name == name; });
}

/// Addresses by which a workload is reached from outside; without one, every gateway of the mesh.
std::set<std::string> outsideAddresses(const model::Mesh &mesh, const WorkloadName &workload)
{
    std::set<std::string> addresses;
    for (const compile::Instance &pod : compile::instancesOf(mesh)) {
        const bool meant = workload.isSet() ? workload == WorkloadName{pod.nameSpace, pod.workload}
                                            : pod.proxy == compile::Instance::Proxy::Gateway;
        if (!meant)
            continue;
        for (const model::Service &service : mesh.services) {
            if (service.metadata.resourceNamespace != pod.nameSpace || service.selector.empty() ||
                !model::selects(service.selector, pod.labels))
                continue;
            addresses.insert(service.externalIps.begin(), service.externalIps.end());
            addresses.insert(service.loadBalancerIps.begin(), service.loadBalancerIps.end());
        }
    }
    return addresses;
}

/// The host by which a workload of another mesh is called.
std::string hostLeadingTo(const model::Project &project, const model::Mesh &mesh,
                          const WorkloadName &workload)
{
    const std::set<std::string> addresses = outsideAddresses(mesh, workload);
    for (const auto &[host, known] : project.hosts) {
        if (std::any_of(known.begin(), known.end(),
                        [&](const std::string &address) { return addresses.count(address) > 0; }))
            return host;
    }
    return {};
}

/// The only credential of a namespace that a client can show; empty if there is none or a choice.
std::string clientCredential(const model::Mesh &mesh, const std::string &nameSpace)
{
    std::vector<std::string> found;
    for (const model::Secret &secret : mesh.secrets) {
        if (secret.metadata.resourceNamespace != nameSpace)
            continue;
        const auto credential = pki::credentialFromSecretData(secret.metadata.name, secret.data);
        if (credential && credential->leaf() && !credential->key.isNull() &&
            credential->leaf()->clientPurpose() != pki::KeyPurpose::Forbidden)
            found.push_back(secret.metadata.name);
    }
    return found.size() == 1 ? found.front() : std::string();
}

} // namespace

std::string usualMesh(const model::Project &project)
{
    const model::Mesh *closed = nullptr;
    for (const model::Mesh &mesh : project.meshes) {
        const MeshChoices choices = design::choicesFor(mesh);
        for (const GatewayChoice &gateway : choices.gateways) {
            if (!gateway.external)
                return mesh.name;
        }
        if (choices.gateways.empty() && !closed)
            closed = &mesh;
    }
    return closed ? closed->name : RouteDesign().mesh;
}

std::string usualHost(const model::Project &project, const std::string &mesh)
{
    if (const model::Mesh *found = project.findMesh(mesh)) {
        const MeshChoices choices = design::choicesFor(*found);
        if (!choices.hosts.empty())
            return choices.hosts.front();
    }
    for (const model::Mesh &other : project.meshes) {
        if (other.name == mesh)
            continue;
        if (std::string host = hostLeadingTo(project, other, {}); !host.empty())
            return host;
    }
    return {};
}

RouteDesign usualDesign(const model::Project &project, const std::string &mesh, const std::string &host)
{
    RouteDesign design = design::proposedDesign(project, mesh, host);
    const model::Mesh *found = project.findMesh(mesh);
    if (!found) {
        design.sni = host;
        if (!host.empty())
            design.subjectAltNames = {host};
        if (const auto known = project.hosts.find(host); known != project.hosts.end())
            design.addresses = known->second;
    }
    if (!design.gateway.isSet())
        design.gateway = {"istio-system", "istio-egressgateway"};
    if (design.clients.empty())
        design.clients = {{design.nameSpace, "sleep"}};
    if (found && design.credentialName.empty() && design.encryption == design::Encryption::MutualTls)
        design.credentialName = clientCredential(*found, design.gateway.nameSpace);
    return design;
}

RouteDesign designBetween(const model::Project &project, const QString &from, const QString &to)
{
    const End begin = endOf(from);
    const End end = endOf(to);
    const std::string mesh = !begin.mesh.empty() ? begin.mesh : usualMesh(project);
    std::string host = end.host;
    if (!end.mesh.empty() && end.mesh != mesh) {
        if (const model::Mesh *other = project.findMesh(end.mesh))
            host = hostLeadingTo(project, *other, end.workload);
    }
    if (host.empty())
        host = usualHost(project, mesh);
    RouteDesign design = usualDesign(project, mesh, host);
    const model::Mesh *found = project.findMesh(mesh);
    if (!found)
        return design;
    const MeshChoices choices = design::choicesFor(*found);
    if (begin.mesh == mesh && begin.workload.isSet()) {
        if (isGateway(choices, begin.workload))
            design.gateway = begin.workload;
        else
            design.clients = {begin.workload};
    }
    if (end.mesh == mesh && isGateway(choices, end.workload))
        design.gateway = end.workload;
    return design;
}

} // namespace sallyport::designer
