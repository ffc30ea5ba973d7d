// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/mesh_reader.h"

#include "core/model/decode.h"
#include "core/model/host_name.h"
#include "core/model/kind_notices.h"
#include "core/model/validation.h"

#include <algorithm>
#include <array>

namespace sallyport::model {

namespace {

struct ApiVersions
{
    std::string_view kind;
    std::string_view group;
    std::initializer_list<std::string_view> versions;
};
// istio-semantics §0.1: the schema is identical in every served version.
const ApiVersions knownVersions[] = {
    {"ServiceEntry", "networking.istio.io", {"v1", "v1beta1", "v1alpha3"}},
    {"WorkloadEntry", "networking.istio.io", {"v1", "v1beta1", "v1alpha3"}},
    {"Gateway", "networking.istio.io", {"v1", "v1beta1", "v1alpha3"}},
    {"VirtualService", "networking.istio.io", {"v1", "v1beta1", "v1alpha3"}},
    {"DestinationRule", "networking.istio.io", {"v1", "v1beta1", "v1alpha3"}},
    {"Sidecar", "networking.istio.io", {"v1", "v1beta1", "v1alpha3"}},
    {"AuthorizationPolicy", "security.istio.io", {"v1", "v1beta1"}},
    {"PeerAuthentication", "security.istio.io", {"v1", "v1beta1"}},
    {"RequestAuthentication", "security.istio.io", {"v1", "v1beta1"}},
    {"Telemetry", "telemetry.istio.io", {"v1", "v1alpha1"}},
    {"ProxyConfig", "networking.istio.io", {"v1beta1"}},
};

/// Whether `kind` in this apiVersion is one that the lab reads; reports an Istio kind in a version that is
/// not served.
bool isIstioKind(const Resource &resource, const DecodeContext &context)
{
    for (const ApiVersions &known : knownVersions) {
        const std::size_t slash = resource.apiVersion.find('/');
        if (known.kind != resource.kind || resource.apiVersion.substr(0, slash) != known.group)
            continue;
        const std::string version =
            slash == std::string::npos ? std::string() : resource.apiVersion.substr(slash + 1);
        if (std::find(known.versions.begin(), known.versions.end(), version) == known.versions.end())
            context.report(
                "EGR0105", Severity::Error, resource.kind + " has no version \"" + resource.apiVersion + '"',
                resource.place("apiVersion"), "apiVersion", "use " + std::string(known.group) + "/v1");
        return true;
    }
    return false;
}

bool isClusterScoped(const std::string &kind)
{
    static constexpr std::array<std::string_view, 9> kinds{
        "Namespace",    "ClusterRole",  "ClusterRoleBinding", "CustomResourceDefinition",
        "Node",         "GatewayClass", "PersistentVolume",   "StorageClass",
        "PriorityClass"};
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

template<typename T>
void addIstio(std::vector<T> &list, const Resource &resource, Fields &object)
{
    T typed;
    static_cast<Resource &>(typed) = resource;
    object.object("spec", [&](Fields &spec) { decode(spec, typed); });
    object.keep({"status"});
    Findings findings(typed, object.context());
    validateMetadata(findings);
    validate(typed, findings);
    list.push_back(std::move(typed));
}

template<typename T>
void addKubernetes(std::vector<T> &list, const Resource &resource, Fields &object)
{
    T typed;
    static_cast<Resource &>(typed) = resource;
    decodeObject(object, typed);
    list.push_back(std::move(typed));
}

template<typename T>
void addBare(std::vector<T> &list, const Resource &resource, Fields &object)
{
    T typed;
    static_cast<Resource &>(typed) = resource;
    object.keepRest();
    list.push_back(std::move(typed));
}

} // namespace

MeshReader::MeshReader(Mesh &mesh, std::vector<Problem> &problems, FieldNotes *notes)
    : m_mesh(mesh)
    , m_problems(problems)
    , m_notes(notes)
{
}

void MeshReader::report(const Error &error)
{
    m_problems.push_back(
        {"EGR0101", Severity::Error, error.what, error.where, m_mesh.name, {}, {}, error.hint});
}

void MeshReader::readFile(const SourceFile &file)
{
    for (const yaml::Document &document : yaml::parseDocuments(file.text, file.path)) {
        if (document.error) {
            report(*document.error);
            continue;
        }
        for (const Error &duplicate : document.duplicateKeys)
            report(duplicate);
        readObject(document.root, file.path, document.index, -1);
    }
}

void MeshReader::readObject(const yaml::NodePtr &node, const std::string &file, int document, int listItem)
{
    const yaml::NodePtr kind = node->isMapping() ? node->find("kind") : nullptr;
    if (!kind || !kind->isScalar()) {
        m_problems.push_back({"EGR0103",
                              Severity::Error,
                              "this is no Kubernetes object: it has no \"kind\"",
                              node->place,
                              m_mesh.name,
                              {},
                              "kind",
                              "give apiVersion and kind, or move the file out of the project"});
        return;
    }
    const yaml::NodePtr items = node->find("items");
    if (kind->scalar == "List" && items && listItem < 0) {
        int item = 0;
        for (const yaml::NodePtr &each : items->items)
            readObject(each, file, document, item++);
        return;
    }
    DecodeContext context{m_mesh.name, {}, &m_problems, m_notes};
    Fields object(node, {}, context);
    std::vector<Problem> headProblems;
    context.problems = &headProblems;
    Resource resource = readHead(object);
    resource.file = file;
    resource.document = document;
    resource.listItem = listItem;
    resource.order = m_order++;
    resource.node = node;
    const bool withoutNamespace =
        resource.metadata.resourceNamespace.empty() && !isClusterScoped(resource.kind);
    if (withoutNamespace)
        resource.metadata.resourceNamespace = "default";
    context.problems = &m_problems;
    context.resource = resource.title();
    for (Problem &problem : headProblems) {
        problem.resource = context.resource;
        m_problems.push_back(std::move(problem));
    }
    if (withoutNamespace) {
        context.report(
            "EGR0108", Severity::Warning,
            "no namespace is given: kubectl puts it into whatever namespace is current; here that is "
            "\"default\"",
            resource.place("metadata"), "metadata.namespace", "give metadata.namespace");
    }
    checkHead(resource, context);
    if (isIstioKind(resource, context))
        readIstio(resource, object);
    else
        readKubernetes(resource, object);
}

Resource MeshReader::readHead(Fields &object)
{
    Resource resource;
    object.text("apiVersion", resource.apiVersion);
    object.text("kind", resource.kind);
    object.object("metadata", [&](Fields &metadata) {
        metadata.text("name", resource.metadata.name);
        metadata.text("namespace", resource.metadata.resourceNamespace);
        metadata.labels("labels", resource.metadata.labels);
        metadata.labels("annotations", resource.metadata.annotations);
        metadata.text("creationTimestamp", resource.metadata.creationTimestamp);
        metadata.keep({"generateName", "uid", "resourceVersion", "generation", "finalizers",
                       "ownerReferences", "managedFields", "selfLink", "deletionTimestamp",
                       "deletionGracePeriodSeconds"});
    });
    return resource;
}

void MeshReader::checkHead(const Resource &resource, const DecodeContext &context)
{
    if (resource.apiVersion.empty())
        context.report("EGR0103", Severity::Error, "apiVersion is missing", resource.place(), "apiVersion");
    if (resource.metadata.name.empty()) {
        context.report("EGR0103", Severity::Error, "metadata.name is missing", resource.place("metadata"),
                       "metadata.name");
        return;
    }
    const std::string group = resource.apiVersion.substr(0, resource.apiVersion.find('/'));
    const auto [known, isNew] = m_known.try_emplace(
        {group + '/' + resource.kind, resource.metadata.resourceNamespace, resource.metadata.name},
        resource.place());
    if (!isNew)
        context.report("EGR0109", Severity::Error,
                       resource.title() + " is defined twice, first at " + known->second.toString(),
                       resource.place("metadata.name"), "metadata.name",
                       "kubectl apply keeps the last one; take one out or rename it");
}

void MeshReader::readIstio(const Resource &resource, Fields &object)
{
    const std::string &kind = resource.kind;
    if (kind == "ServiceEntry")
        addIstio(m_mesh.serviceEntries, resource, object);
    else if (kind == "WorkloadEntry")
        addIstio(m_mesh.workloadEntries, resource, object);
    else if (kind == "Gateway")
        addIstio(m_mesh.gateways, resource, object);
    else if (kind == "VirtualService")
        addIstio(m_mesh.virtualServices, resource, object);
    else if (kind == "DestinationRule")
        addIstio(m_mesh.destinationRules, resource, object);
    else if (kind == "Sidecar")
        addIstio(m_mesh.sidecars, resource, object);
    else if (kind == "AuthorizationPolicy")
        addIstio(m_mesh.authorizationPolicies, resource, object);
    else if (kind == "PeerAuthentication")
        addIstio(m_mesh.peerAuthentications, resource, object);
    else if (kind == "RequestAuthentication")
        addIstio(m_mesh.requestAuthentications, resource, object);
    else if (kind == "Telemetry")
        addIstio(m_mesh.telemetries, resource, object);
    else
        addIstio(m_mesh.proxyConfigs, resource, object);
}

void MeshReader::readKubernetes(const Resource &resource, Fields &object)
{
    const std::string &kind = resource.kind;
    const bool isCore = resource.apiVersion == "v1";
    const bool isApps = resource.apiVersion == "apps/v1";
    if (isCore && kind == "Service") {
        addKubernetes(m_mesh.services, resource, object);
    } else if ((isCore && kind == "Pod") ||
               (isApps && (kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet"))) {
        addKubernetes(m_mesh.workloads, resource, object);
    } else if (isCore && kind == "Secret") {
        addKubernetes(m_mesh.secrets, resource, object);
    } else if (isCore && kind == "ConfigMap") {
        addKubernetes(m_mesh.configMaps, resource, object);
    } else if (isCore && kind == "Namespace") {
        addBare(m_mesh.namespaces, resource, object);
    } else if (isCore && kind == "ServiceAccount") {
        addBare(m_mesh.serviceAccounts, resource, object);
    } else {
        reportKind(resource, object.context());
        if (kind == "EnvoyFilter")
            object.object("spec", checkEnvoyFilter);
        addBare(m_mesh.others, resource, object);
    }
}

void MeshReader::finish()
{
    DecodeContext context{m_mesh.name, {}, &m_problems, m_notes};
    for (const ConfigMap &map : m_mesh.configMaps) {
        if (map.metadata.name != "istio" || map.data.find("mesh") == map.data.end())
            continue;
        context.resource = map.title();
        m_mesh.config = decodeMeshConfig(map, context);
        return;
    }
}

} // namespace sallyport::model
