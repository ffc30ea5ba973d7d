// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/project.h"

#include "core/model/decode.h"
#include "core/yaml/document.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace sallyport::model {

namespace {

namespace fs = std::filesystem;

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
};

/// Whether `kind` in this apiVersion is Istio's; reports an Istio kind in a version that is not served.
bool isIstioKind(const Resource &resource, const DecodeContext &context)
{
    for (const ApiVersions &known : knownVersions) {
        if (known.kind != resource.kind)
            continue;
        const std::size_t slash = resource.apiVersion.find('/');
        if (resource.apiVersion.substr(0, slash) != known.group)
            continue;
        const std::string version =
            slash == std::string::npos ? std::string() : resource.apiVersion.substr(slash + 1);
        if (std::find(known.versions.begin(), known.versions.end(), version) == known.versions.end())
            context.report("EGR0105", Severity::Error,
                           resource.kind + " has no version \"" + resource.apiVersion + '"',
                           resource.place("apiVersion"), "apiVersion");
        return true;
    }
    return false;
}

template<typename T>
void addIstio(std::vector<T> &list, const Resource &resource, Fields &object)
{
    T typed;
    static_cast<Resource &>(typed) = resource;
    object.object("spec", [&](Fields &spec) { decode(spec, typed); });
    object.keep({"apiVersion", "kind", "metadata", "status"});
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

bool isClusterScoped(const std::string &kind)
{
    return kind == "Namespace" || kind == "ClusterRole" || kind == "ClusterRoleBinding" ||
           kind == "CustomResourceDefinition";
}

Resource readHead(const yaml::NodePtr &node, const std::string &file, int document, int listItem, int order)
{
    Resource resource;
    const auto text = [&](std::string_view path) {
        const yaml::NodePtr found = node->at(path);
        return found && found->isScalar() ? found->scalar : std::string();
    };
    const auto labels = [&](std::string_view path, Labels &into) {
        if (const yaml::NodePtr found = node->at(path)) {
            for (const auto &[key, value] : found->entries)
                into[key->scalar] = value->scalar;
        }
    };
    resource.apiVersion = text("apiVersion");
    resource.kind = text("kind");
    resource.metadata.name = text("metadata.name");
    resource.metadata.resourceNamespace = text("metadata.namespace");
    if (resource.metadata.resourceNamespace.empty() && !isClusterScoped(resource.kind))
        resource.metadata.resourceNamespace = "default";
    labels("metadata.labels", resource.metadata.labels);
    labels("metadata.annotations", resource.metadata.annotations);
    resource.metadata.creationTimestamp = text("metadata.creationTimestamp");
    resource.file = file;
    resource.document = document;
    resource.listItem = listItem;
    resource.order = order;
    resource.node = node;
    return resource;
}

class MeshReader
{
public:
    MeshReader(Mesh &mesh, std::vector<Problem> &problems)
        : m_mesh(mesh)
        , m_problems(problems)
    {
    }

    void readFile(const SourceFile &file)
    {
        for (const yaml::Document &document : yaml::parseDocuments(file.text, file.path)) {
            if (document.error) {
                m_problems.push_back({"EGR0101",
                                      Severity::Error,
                                      document.error->what,
                                      document.error->where,
                                      m_mesh.name,
                                      {},
                                      {},
                                      document.error->hint});
                continue;
            }
            readObject(document.root, file.path, document.index, -1);
        }
    }

    void finish()
    {
        DecodeContext context{m_mesh.name, {}, &m_problems};
        for (const ConfigMap &map : m_mesh.configMaps) {
            if (map.metadata.name != "istio" || map.data.find("mesh") == map.data.end())
                continue;
            context.resource = map.title();
            m_mesh.config = decodeMeshConfig(map, context);
            break;
        }
    }

private:
    void readObject(const yaml::NodePtr &node, const std::string &file, int document, int listItem)
    {
        if (node->isMapping() && node->find("kind") && node->find("kind")->scalar == "List" &&
            node->find("items")) {
            int item = 0;
            for (const yaml::NodePtr &each : node->find("items")->items)
                readObject(each, file, document, item++);
            return;
        }
        if (!node->isMapping() || !node->find("kind")) {
            m_problems.push_back({"EGR0103",
                                  Severity::Error,
                                  "this is no Kubernetes object: it has no \"kind\"",
                                  node->place,
                                  m_mesh.name,
                                  {},
                                  {},
                                  {}});
            return;
        }
        const Resource resource = readHead(node, file, document, listItem, m_order++);
        const DecodeContext context{m_mesh.name, resource.title(), &m_problems};
        if (resource.metadata.name.empty())
            context.report("EGR0103", Severity::Error, "metadata.name is missing", resource.place("metadata"),
                           "metadata.name");
        Fields object(node, {}, context);
        if (isIstioKind(resource, context))
            readIstio(resource, object);
        else
            readKubernetes(resource, object);
    }

    void readIstio(const Resource &resource, Fields &object)
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
        else
            addIstio(m_mesh.telemetries, resource, object);
    }

    void readKubernetes(const Resource &resource, Fields &object)
    {
        const std::string &kind = resource.kind;
        if (kind == "Service")
            addKubernetes(m_mesh.services, resource, object);
        else if (kind == "Deployment" || kind == "Pod" || kind == "StatefulSet" || kind == "DaemonSet")
            addKubernetes(m_mesh.workloads, resource, object);
        else if (kind == "Secret")
            addKubernetes(m_mesh.secrets, resource, object);
        else if (kind == "ConfigMap")
            addKubernetes(m_mesh.configMaps, resource, object);
        else if (kind == "Namespace")
            addBare(m_mesh.namespaces, resource, object);
        else if (kind == "ServiceAccount")
            addBare(m_mesh.serviceAccounts, resource, object);
        else
            addBare(m_mesh.others, resource, object);
    }

    Mesh &m_mesh;
    std::vector<Problem> &m_problems;
    int m_order = 0;
};

std::string readAll(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void collectYaml(const fs::path &folder, const fs::path &root, std::vector<SourceFile> &files,
                 std::vector<Problem> &problems)
{
    std::vector<fs::path> paths;
    std::error_code code;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with('.'))
            paths.push_back(entry.path());
    }
    if (code)
        problems.push_back({"EGR0101",
                            Severity::Error,
                            "the folder cannot be read: " + code.message(),
                            Place{folder.string(), 0, 0},
                            {},
                            {},
                            {},
                            {}});
    std::sort(paths.begin(), paths.end());
    for (const fs::path &path : paths) {
        if (fs::is_directory(path, code))
            collectYaml(path, root, files, problems);
        else if (path.extension() == ".yaml" || path.extension() == ".yml")
            files.push_back({fs::relative(path, root, code).generic_string(), readAll(path)});
    }
}

} // namespace

const Mesh *Project::findMesh(const std::string &name) const
{
    const auto found =
        std::find_if(meshes.begin(), meshes.end(), [&](const Mesh &mesh) { return mesh.name == name; });
    return found == meshes.end() ? nullptr : &*found;
}

const SourceFile *Project::findFile(const std::string &path) const
{
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const SourceFile &file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

std::map<std::string, std::vector<std::string>> parseHosts(const std::string &text)
{
    std::map<std::string, std::vector<std::string>> hosts;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string address;
        words >> address;
        for (std::string name; words >> name;)
            hosts[name].push_back(address);
    }
    return hosts;
}

Project projectFromFiles(const std::string &folder, std::vector<SourceFile> files,
                         std::map<std::string, std::vector<std::string>> hosts)
{
    Project project;
    project.folder = folder;
    project.files = std::move(files);
    project.hosts = std::move(hosts);
    std::map<std::string, std::vector<const SourceFile *>> byMesh;
    for (const SourceFile &file : project.files) {
        const std::size_t slash = file.path.find('/');
        byMesh[slash == std::string::npos ? "primary" : file.path.substr(0, slash)].push_back(&file);
    }
    // The primary mesh is where requests begin: it comes first whatever the others are called.
    for (const bool primary : {true, false}) {
        for (const auto &[name, meshFiles] : byMesh) {
            if ((name == "primary") != primary)
                continue;
            Mesh &mesh = project.meshes.emplace_back();
            mesh.name = name;
            MeshReader reader(mesh, project.problems);
            for (const SourceFile *file : meshFiles)
                reader.readFile(*file);
            reader.finish();
        }
    }
    return project;
}

Result<Project> loadProject(const std::string &folder)
{
    std::error_code code;
    const fs::path root = fs::canonical(folder, code);
    if (code || !fs::is_directory(root))
        return fail("there is no such folder", Place{folder, 0, 0},
                    "give the folder that holds the YAML, or make one with `sallyportctl template`");
    std::vector<SourceFile> files;
    std::vector<Problem> problems;
    collectYaml(root, root, files, problems);
    Project project =
        projectFromFiles(root.string(), std::move(files), parseHosts(readAll(root / ".sallyport" / "hosts")));
    project.problems.insert(project.problems.begin(), problems.begin(), problems.end());
    return project;
}

} // namespace sallyport::model
