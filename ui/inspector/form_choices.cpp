// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/form_choices.h"

#include "core/compile/service.h"
#include "core/pki/credential.h"
#include "ui/topology/chain_model.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::inspector {

namespace {

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QStringList sorted(QStringList names)
{
    names.sort();
    names.removeDuplicates();
    return names;
}

QStringList hostsOf(const model::Mesh &mesh)
{
    QStringList names;
    for (const model::ServiceEntry &entry : mesh.serviceEntries) {
        for (const std::string &host : entry.hosts)
            names.append(text(host));
    }
    for (const model::Service &service : mesh.services)
        names.append(text(compile::serviceHostname(service)));
    return sorted(names);
}

} // namespace

const model::Mesh *meshOf(const model::Project &project, const model::Resource &resource)
{
    for (const model::Mesh &mesh : project.meshes) {
        const std::vector<const model::Resource *> all = mesh.allResources();
        const bool has = std::any_of(all.begin(), all.end(), [&](const model::Resource *each) {
            return each->file == resource.file && each->document == resource.document &&
                   each->listItem == resource.listItem;
        });
        if (has)
            return &mesh;
    }
    return nullptr;
}

QString credentialWords(const model::Project &project, const model::Resource &resource, const QString &name)
{
    const auto tr = [](const char *words) { return QCoreApplication::translate("FormChoices", words); };
    const model::Mesh *mesh = meshOf(project, resource);
    for (const model::Secret &secret : mesh ? mesh->secrets : std::vector<model::Secret>()) {
        if (secret.metadata.name != name.toStdString())
            continue;
        const auto credential = pki::credentialFromSecretData(secret.metadata.name, secret.data);
        if (!credential)
            continue;
        const bool own = credential->leaf() != nullptr;
        const bool ca = !credential->ca.empty();
        QString what = own && ca ? tr("key, certificate and CA")
                       : own     ? tr("key and certificate, no CA")
                       : ca      ? tr("CA only, no certificate of its own")
                                 : tr("neither certificate nor CA");
        const pki::Certificate *judged = own ? credential->leaf() : ca ? &credential->ca.front() : nullptr;
        if (!judged)
            return what;
        const auto end = std::chrono::system_clock::to_time_t(judged->notAfter());
        return what + QStringLiteral(" · ") + topology::remainingText(QDateTime::fromSecsSinceEpoch(end));
    }
    return {};
}

QStringList choicesFor(const model::Project &project, const model::Resource &resource,
                       const std::string &path)
{
    const model::Mesh *mesh = meshOf(project, resource);
    if (!mesh)
        return {};
    if (path.ends_with(".credentialName")) {
        QStringList names;
        for (const model::Secret &secret : mesh->secrets)
            names.append(text(secret.metadata.name));
        return sorted(names);
    }
    if (path == "spec.host" || path.ends_with("destination.host"))
        return hostsOf(*mesh);
    return {};
}

} // namespace sallyport::inspector
