// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/tree_node.h"

#include "core/yaml/document.h"
#include "ui/editor/kinds.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace sallyport::project {

namespace {

using Counts = std::map<std::tuple<QString, int, int>, std::pair<int, int>>;

QString tr(const char *text, int number = -1)
{
    return QCoreApplication::translate("ProjectTree", text, nullptr, number);
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QString iconOf(const QString &kind)
{
    static const std::map<QString, QString> icons{
        {QStringLiteral("ServiceEntry"), QStringLiteral("globe")},
        {QStringLiteral("Gateway"), QStringLiteral("gateway")},
        {QStringLiteral("VirtualService"), QStringLiteral("route")},
        {QStringLiteral("DestinationRule"), QStringLiteral("lock")},
        {QStringLiteral("AuthorizationPolicy"), QStringLiteral("shield")},
        {QStringLiteral("PeerAuthentication"), QStringLiteral("shield")},
        {QStringLiteral("RequestAuthentication"), QStringLiteral("shield")},
        {QStringLiteral("Sidecar"), QStringLiteral("sidecar")},
        {QStringLiteral("Telemetry"), QStringLiteral("metrics")},
        {QStringLiteral("Service"), QStringLiteral("link")},
        {QStringLiteral("WorkloadEntry"), QStringLiteral("link")},
        {QStringLiteral("Deployment"), QStringLiteral("application")},
        {QStringLiteral("Pod"), QStringLiteral("application")},
        {QStringLiteral("ServiceAccount"), QStringLiteral("key")},
        {QStringLiteral("Secret"), QStringLiteral("key")},
        {QStringLiteral("ConfigMap"), QStringLiteral("gear")},
    };
    const auto icon = icons.find(kind);
    return icon == icons.end() ? QStringLiteral("file") : icon->second;
}

/// Istio's resources in the order in which a way out is made, then Kubernetes' own.
std::size_t rankOf(const QString &kind)
{
    const std::vector<editor::Kind> &kinds = editor::kinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&kind](const editor::Kind &each) { return each.name == kind; });
    return static_cast<std::size_t>(found - kinds.begin());
}

bool isBefore(const TreeNode &a, const TreeNode &b)
{
    const auto key = [](const TreeNode &node) {
        return std::tuple(static_cast<int>(node.kind), rankOf(node.resourceKind), node.resourceKind,
                          node.title, node.where ? node.where->file : QString(),
                          node.where ? node.where->document : 0, node.where ? node.where->listItem : 0);
    };
    return key(a) < key(b);
}

Counts countsOf(const std::vector<problems::Finding> &findings)
{
    Counts counts;
    for (const problems::Finding &finding : findings) {
        const auto *target = std::get_if<session::ResourceSelection>(&finding.target);
        auto &[errors, warnings] = target ? counts[{target->file, target->document, target->listItem}]
                                          : counts[{finding.file, -1, -1}];
        errors += finding.severity == model::Severity::Error;
        warnings += finding.severity == model::Severity::Warning;
    }
    return counts;
}

void count(TreeNode &node, const Counts &counts)
{
    if (node.where) {
        const bool broken = node.kind == TreeNode::Kind::BrokenFile;
        const auto own = counts.find(
            {node.where->file, broken ? -1 : node.where->document, broken ? -1 : node.where->listItem});
        if (own != counts.end())
            std::tie(node.errors, node.warnings) = own->second;
    }
    for (TreeNode &child : node.children) {
        count(child, counts);
        node.errors += child.errors;
        node.warnings += child.warnings;
    }
}

TreeNode resourceNode(const model::Mesh &mesh, const model::Resource &resource)
{
    TreeNode node;
    node.title = text(resource.metadata.name);
    node.resourceKind = text(resource.kind);
    node.icon = iconOf(node.resourceKind);
    node.mesh = text(mesh.name);
    node.nameSpace = text(resource.metadata.resourceNamespace);
    node.where = session::ResourceSelection{text(resource.file), resource.document, resource.listItem, {}};
    return node;
}

TreeNode meshNode(const model::Mesh &mesh)
{
    TreeNode node;
    node.kind = TreeNode::Kind::Mesh;
    node.title = node.mesh = text(mesh.name);
    node.detail = text(mesh.config.trustDomain);
    node.icon = QStringLiteral("picture");
    std::map<QString, TreeNode> spaces;
    const auto space = [&](const QString &name) -> TreeNode & {
        TreeNode &made = spaces[name];
        made.kind = TreeNode::Kind::Namespace;
        made.title = made.nameSpace = name;
        made.mesh = node.mesh;
        made.icon = QStringLiteral("folder");
        return made;
    };
    for (const model::Namespace &declared : mesh.namespaces)
        space(text(declared.metadata.name)).where = resourceNode(mesh, declared).where;
    for (const model::Resource *resource : mesh.allResources()) {
        // Credentials of the store are not part of the YAML.
        if (resource->file.empty() || resource->kind == "Namespace")
            continue;
        space(text(resource->metadata.resourceNamespace)).children.push_back(resourceNode(mesh, *resource));
    }
    for (auto &[name, made] : spaces) {
        std::stable_sort(made.children.begin(), made.children.end(), isBefore);
        node.children.push_back(std::move(made));
    }
    return node;
}

std::vector<TreeNode> brokenFiles(const model::Project &project)
{
    std::set<std::string> suspects;
    for (const model::Problem &problem : project.problems) {
        if (problem.code == "EGR0101")
            suspects.insert(problem.place.file);
    }
    std::vector<TreeNode> nodes;
    for (const std::string &path : suspects) {
        const model::SourceFile *file = project.findFile(path);
        if (!file)
            continue;
        for (const yaml::Document &document : yaml::parseDocuments(file->text, path)) {
            if (!document.error)
                continue;
            TreeNode &node = nodes.emplace_back();
            node.kind = TreeNode::Kind::BrokenFile;
            node.title = text(path).section(QLatin1Char('/'), -1);
            node.detail = text(path).section(QLatin1Char('/'), 0, -2);
            node.icon = QStringLiteral("error");
            node.where = session::ResourceSelection{text(path), document.index, -1, {}};
            break;
        }
    }
    return nodes;
}

} // namespace

bool TreeNode::isSameAs(const TreeNode &other) const
{
    return kind == other.kind && title == other.title && resourceKind == other.resourceKind &&
           mesh == other.mesh && nameSpace == other.nameSpace &&
           (kind == Kind::Namespace || where == other.where);
}

bool TreeNode::looksLike(const TreeNode &other) const
{
    return isSameAs(other) && detail == other.detail && icon == other.icon && where == other.where &&
           errors == other.errors && warnings == other.warnings;
}

QString TreeNode::spoken() const
{
    QStringList parts{resourceKind.isEmpty() ? title : resourceKind + QLatin1Char(' ') + title};
    if (kind == Kind::Mesh)
        parts.front() = tr("mesh %1").arg(title);
    else if (kind == Kind::Namespace)
        parts.front() = tr("namespace %1").arg(title);
    else if (kind == Kind::BrokenFile)
        parts.append(tr("cannot be read"));
    if (errors > 0)
        parts.append(errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors));
    if (warnings > 0)
        parts.append(warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings));
    return parts.join(QStringLiteral(", "));
}

std::vector<TreeNode> treeOf(const model::Project &project, const std::vector<model::SourceFile> &settings,
                             const std::vector<problems::Finding> &findings)
{
    std::vector<TreeNode> tree;
    for (const model::Mesh &mesh : project.meshes)
        tree.push_back(meshNode(mesh));
    for (TreeNode &node : brokenFiles(project))
        tree.push_back(std::move(node));
    TreeNode lab;
    lab.kind = TreeNode::Kind::Settings;
    lab.title = tr("Lab");
    lab.icon = QStringLiteral("gear");
    for (const model::SourceFile &file : settings) {
        const QString name = text(file.path).section(QLatin1Char('/'), -1);
        if (name != QLatin1String("hosts") && name != QLatin1String("expectations.yaml"))
            continue;
        TreeNode &node = lab.children.emplace_back();
        node.kind = TreeNode::Kind::SettingsFile;
        node.title = name;
        node.icon = name == QLatin1String("hosts") ? QStringLiteral("globe") : QStringLiteral("verify");
        node.where = session::ResourceSelection{text(file.path), 0, -1, {}};
    }
    if (!lab.children.empty())
        tree.push_back(std::move(lab));
    const Counts counts = countsOf(findings);
    for (TreeNode &node : tree)
        count(node, counts);
    return tree;
}

} // namespace sallyport::project
