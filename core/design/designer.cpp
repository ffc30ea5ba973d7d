// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/designer.h"

#include "core/compile/scope.h"

#include <algorithm>
#include <set>

namespace sallyport::design {

namespace {

/// Files of a mesh lie in a folder of its name, or in the project's own where it is the only one.
std::string folderOf(const model::Project &project, const std::string &mesh)
{
    const bool inFolder = project.files.empty() ||
                          std::any_of(project.files.begin(), project.files.end(), [](const auto &file) {
                              return file.path.find('/') != std::string::npos;
                          });
    return inFolder || mesh != "primary" ? mesh : std::string();
}

} // namespace

Designer::Designer(const model::Project &project, const RouteDesign &design)
    : m_original(project)
    , m_design(design)
    , m_edit(project.files)
    , m_folder(folderOf(project, design.mesh))
{
    refresh();
}

void Designer::refresh()
{
    m_context.reset();
    m_project = model::projectFromFiles(m_original.folder, m_edit.files(), m_original.hosts);
    if (!m_project.findMesh(m_design.mesh))
        m_project.meshes.emplace_back().name = m_design.mesh;
    m_context = std::make_unique<compile::MeshContext>(*m_project.findMesh(m_design.mesh), m_placement);
}

Result<DesignedRoute> Designer::run()
{
    using Step = Result<void> (Designer::*)();
    for (const Step step : {&Designer::makeWorkloads, &Designer::refuseTheUnregistered,
                            &Designer::registerHost, &Designer::openGateway, &Designer::encryptToGateway,
                            &Designer::routeRequests, &Designer::originateTls, &Designer::restrictAccess}) {
        if (Result<void> made = (this->*step)(); !made)
            return fail(made.error());
        refresh();
    }
    lookAtResult();
    m_result.changes = m_edit.changes();
    return std::move(m_result);
}

const compile::Instance *Designer::client() const
{
    return m_design.clients.empty() ? nullptr : findInstance(m_context->instances, m_design.clients.front());
}

std::string Designer::gatewayHost() const
{
    const compile::Instance *pod = gatewayPod();
    const model::Service *service = pod ? serviceOf(mesh(), *pod, m_design.gatewayPort) : nullptr;
    return service ? compile::serviceHostname(*service) : std::string();
}

std::string Designer::apiVersion(const std::string &group) const
{
    // As the project writes it: an older mesh does not serve v1.
    std::map<std::string, int> used;
    for (const model::Mesh &each : m_original.meshes) {
        for (const model::Resource *resource : each.allResources()) {
            if (resource->apiVersion.starts_with(group + '/'))
                ++used[resource->apiVersion];
        }
    }
    const auto most = std::max_element(used.begin(), used.end(),
                                       [](const auto &a, const auto &b) { return a.second < b.second; });
    return most == used.end() ? group + "/v1" : most->first;
}

ManifestHead Designer::head(const std::string &group, const std::string &nameSpace, const std::string &wanted,
                            const std::string &kind) const
{
    std::set<std::string> taken;
    for (const model::Resource *resource : mesh().allResources()) {
        if (resource->kind == kind && resource->metadata.resourceNamespace == nameSpace)
            taken.insert(resource->metadata.name);
    }
    std::string name = wanted;
    for (int i = 2; taken.count(name) > 0; ++i)
        name = wanted + '-' + std::to_string(i);
    return {apiVersion(group), nameSpace, name};
}

void Designer::add(std::string &file, const std::string &wantedFile, const std::string &manifest)
{
    if (file.empty())
        file = m_edit.freeFileName(m_folder, wantedFile);
    m_edit.addResource(file, manifest);
}

void Designer::addForRoute(const std::string &kind, const ManifestHead &head, const std::string &manifest,
                           const std::string &why)
{
    add(m_routeFile, "21-route-" + nameFromHost(m_design.host) + ".yaml", manifest);
    noteNew(kind, head, m_routeFile, why);
}

void Designer::addForGateway(const std::string &kind, const ManifestHead &head, const std::string &manifest,
                             const std::string &why)
{
    add(m_gatewayFile, "20-" + m_design.gateway.name + "-rules.yaml", manifest);
    noteNew(kind, head, m_gatewayFile, why);
}

void Designer::note(Change change, const model::Resource &resource, const std::string &why)
{
    const auto same = [&](const DesignedResource &each) {
        return each.kind == resource.kind && each.name == resource.metadata.name &&
               each.nameSpace == resource.metadata.resourceNamespace;
    };
    const auto known = std::find_if(m_result.resources.begin(), m_result.resources.end(), same);
    if (known == m_result.resources.end()) {
        m_result.resources.push_back({change, resource.kind, resource.metadata.resourceNamespace,
                                      resource.metadata.name, resource.file, why});
    } else if (known->change == Change::Kept) {
        known->change = change;
        known->why = why;
    }
}

void Designer::noteNew(const std::string &kind, const ManifestHead &head, const std::string &file,
                       const std::string &why)
{
    m_result.resources.push_back({Change::Created, kind, head.nameSpace, head.name, file, why});
}

Result<void> Designer::makeNamespace(const std::string &name, bool injected)
{
    if (mesh().findNamespace(name))
        return {};
    add(m_workloadFile, "03-workloads.yaml", namespaceManifest(name, injected));
    noteNew("Namespace", {"v1", {}, name}, m_workloadFile,
            injected ? "Its pods get a sidecar." : "The gateway's own.");
    refresh();
    return {};
}

Result<void> Designer::makeWorkloads()
{
    for (const WorkloadName &name : m_design.clients) {
        if (findInstance(m_context->instances, name))
            continue;
        if (Result<void> made = makeNamespace(name.nameSpace, true); !made)
            return made;
        const std::string file = m_edit.freeFileName(m_folder, "04-" + name.name + ".yaml");
        for (const std::string &manifest : clientManifests(name))
            m_edit.addResource(file, manifest);
        noteNew("Deployment", {"apps/v1", name.nameSpace, name.name}, file,
                "A client with a sidecar and a service account of its own.");
        refresh();
    }
    if (gatewayPod())
        return {};
    if (Result<void> made = makeNamespace(m_design.gateway.nameSpace, false); !made)
        return made;
    const std::string file = m_edit.freeFileName(m_folder, "05-" + m_design.gateway.name + ".yaml");
    for (const std::string &manifest : gatewayWorkloadManifests(m_design.gateway, m_design.gatewayPort))
        m_edit.addResource(file, manifest);
    noteNew("Deployment", {"apps/v1", m_design.gateway.nameSpace, m_design.gateway.name}, file,
            "The egress gateway: the one way out of the mesh.");
    return {};
}

void Designer::lookAtResult()
{
    const compile::Instance *from = client();
    const compile::Instance *gateway = gatewayPod();
    if (!from || !gateway)
        return;
    if (from->proxy != compile::Instance::Proxy::Sidecar)
        m_result.notes.push_back("Namespace " + from->nameSpace + " has no istio-injection: enabled label: " +
                                 from->nameSpace + '/' + from->workload + " gets no sidecar.");
    std::vector<Error> errors;
    const compile::Scope scope = compile::sidecarScope(*m_context, *from, errors);
    const std::string who = from->nameSpace + '/' + from->workload;
    if (!scope.find(m_design.host))
        m_result.notes.push_back((scope.sidecar ? scope.sidecar->title() + " hides " : "An exportTo hides ") +
                                 m_design.host + " from " + who + '.');
    if (!scope.find(gatewayHost()))
        m_result.notes.push_back("The gateway's Service is not visible to " + who + '.');
    const compile::Scope outside = compile::gatewayScope(*m_context, *gateway);
    if (!outside.find(m_design.host))
        m_result.notes.push_back(m_design.host + " is not exported to the gateway's namespace " +
                                 gateway->nameSpace + '.');

    const auto policy = [&](const std::string &host, const std::string &owner, const compile::Instance &proxy,
                            std::uint32_t port, const std::string &subset) {
        return compile::effectivePolicy(
            m_context->destinationRules.find(host, owner, proxy.nameSpace, proxy.labels), port, subset);
    };
    const compile::EffectivePolicy inside =
        policy(gatewayHost(), gateway->nameSpace, *from, m_design.gatewayPort, m_subset);
    if (!inside.policy.tls || inside.policy.tls->mode != model::ClientTls::Mode::IstioMutual)
        m_result.notes.push_back("Another DestinationRule keeps " + who + " from mesh mTLS to the gateway" +
                                 (inside.rule ? ": " + inside.rule->from.front()->title() + '.' : "."));
    const model::ServiceEntry *entry = entryOf(mesh(), m_design.host, gateway->nameSpace);
    const compile::EffectivePolicy out =
        policy(m_design.host, entry ? entry->metadata.resourceNamespace : m_design.nameSpace, *gateway,
               m_design.externalPort, {});
    const bool encrypted = out.policy.tls && out.policy.tls->mode != model::ClientTls::Mode::Disable;
    if (encrypted != (m_design.encryption != Encryption::None))
        m_result.notes.push_back("Another DestinationRule decides for the gateway" +
                                 (out.rule ? ": " + out.rule->from.front()->title() + '.' : "."));
    for (const model::VirtualService *service : scope.virtualServices) {
        if (std::find(service->hosts.begin(), service->hosts.end(), m_design.host) == service->hosts.end())
            continue;
        const bool throughGateway =
            std::any_of(service->http.begin(), service->http.end(), [&](const model::HttpRoute &route) {
                return std::any_of(
                    route.route.begin(), route.route.end(),
                    [&](const model::RouteDestination &to) { return to.destination.host == gatewayHost(); });
            });
        if (!throughGateway)
            m_result.notes.push_back(service->title() + " is older and decides for " + who + '.');
        break;
    }
}

} // namespace sallyport::design
