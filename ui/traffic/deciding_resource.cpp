// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/deciding_resource.h"

#include "core/model/project.h"

#include <algorithm>

namespace sallyport::traffic {

namespace {

session::ResourceSelection selectionOf(const model::Resource &resource, const QString &fieldPath = {})
{
    return {QString::fromStdString(resource.file), resource.document, resource.listItem, fieldPath};
}

/// A host as a resource writes it: in full, short in its namespace, or with a wildcard.
bool means(const std::string &written, const model::Resource &resource, const std::string &host)
{
    if (written == host)
        return true;
    if (written.starts_with("*"))
        return host.ends_with(written.substr(1));
    return written.find('.') == std::string::npos &&
           host.starts_with(written + '.' + resource.metadata.resourceNamespace + '.');
}

bool meansOne(const std::vector<std::string> &written, const model::Resource &resource,
              const std::string &host)
{
    return std::any_of(written.begin(), written.end(),
                       [&](const std::string &one) { return means(one, resource, host); });
}

std::optional<session::ResourceSelection> policyRule(const model::Mesh &mesh, const PolicyRule &rule)
{
    for (const model::AuthorizationPolicy &policy : mesh.authorizationPolicies) {
        if (policy.metadata.name == rule.name.toStdString() &&
            policy.metadata.resourceNamespace == rule.nameSpace.toStdString())
            return selectionOf(policy, QStringLiteral("spec.rules[%1]").arg(rule.rule));
    }
    return std::nullopt;
}

std::optional<session::ResourceSelection> routeOf(const model::Mesh &mesh, const std::string &host)
{
    for (const model::VirtualService &service : mesh.virtualServices) {
        if (meansOne(service.hosts, service, host))
            return selectionOf(service, QStringLiteral("spec.http"));
    }
    return std::nullopt;
}

std::optional<session::ResourceSelection> connectionTo(const model::Mesh &mesh, const std::string &host)
{
    for (const model::DestinationRule &rule : mesh.destinationRules) {
        if (means(rule.host, rule, host))
            return selectionOf(rule, QStringLiteral("spec.trafficPolicy"));
    }
    for (const model::ServiceEntry &entry : mesh.serviceEntries) {
        if (meansOne(entry.hosts, entry, host))
            return selectionOf(entry);
    }
    return std::nullopt;
}

} // namespace

std::optional<session::ResourceSelection>
decidingResource(const model::Project &project, const RequestRow &row, const std::vector<LogLine> &lines)
{
    const Decision decision = decide(lines);
    const LogLine *line = decision.hop >= 0 ? &lines[static_cast<std::size_t>(decision.hop)] : nullptr;
    // Where nobody decided, the hop that leaves the client's mesh is what the route is about.
    for (const LogLine &candidate : lines) {
        if (!line && candidate.cluster == row.cluster)
            line = &candidate;
    }
    if (!line)
        return std::nullopt;
    const model::Mesh *mesh = project.findMesh(meshOf(line->proxy).toString().toStdString());
    if (!mesh)
        return std::nullopt;
    const std::string host = row.host.section(QLatin1Char(':'), 0, 0).toStdString();
    const std::string server = line->cluster.section(QLatin1Char('|'), -1).toStdString();
    switch (decision.kind) {
    case Decision::Kind::Policy:
        return decision.policy ? policyRule(*mesh, *decision.policy) : std::nullopt;
    case Decision::Kind::NoAllowPolicy:
        for (const model::AuthorizationPolicy &policy : mesh->authorizationPolicies) {
            if (policy.action == model::AuthorizationPolicy::Action::Allow)
                return selectionOf(policy);
        }
        return std::nullopt;
    case Decision::Kind::RegistryOnly:
        for (const model::ConfigMap &map : mesh->configMaps) {
            if (map.metadata.name == "istio")
                return selectionOf(map);
        }
        return std::nullopt;
    case Decision::Kind::Connect: {
        const auto connection = connectionTo(*mesh, server);
        return connection ? connection : routeOf(*mesh, host);
    }
    default: {
        const auto route = routeOf(*mesh, host);
        return route ? route : connectionTo(*mesh, server);
    }
    }
}

} // namespace sallyport::traffic
