// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/route_choices.h"

#include "core/design/mesh_choices.h"

namespace sallyport::designer {

namespace {

void add(QStringList &list, const std::string &value)
{
    const QString text = QString::fromStdString(value);
    if (!list.contains(text))
        list.append(text);
}

} // namespace

RouteChoices routeChoices(const model::Project *project, const design::RouteDesign &design)
{
    RouteChoices choices;
    if (project) {
        for (const model::Mesh &mesh : project->meshes)
            add(choices.meshes, mesh.name);
    }
    add(choices.meshes, design.mesh);
    if (const model::Mesh *mesh = project ? project->findMesh(design.mesh) : nullptr) {
        const design::MeshChoices known = design::choicesFor(*mesh);
        for (const std::string &host : known.hosts)
            add(choices.hosts, host);
        for (const design::ClientChoice &client : known.clients) {
            add(choices.clients, client.name.toString());
            add(choices.principals, client.principal);
        }
        for (const design::GatewayChoice &gateway : known.gateways)
            add(choices.gateways, gateway.name.toString());
        for (const std::string &name : known.namespaces)
            add(choices.nameSpaces, name);
        for (const std::string &name : design::credentialsIn(*mesh, design.gateway.nameSpace))
            add(choices.credentials, name);
    }
    if (project) {
        for (const auto &[host, addresses] : project->hosts)
            add(choices.hosts, host);
    }
    return choices;
}

} // namespace sallyport::designer
