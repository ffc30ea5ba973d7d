// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/import_target.h"

#include "core/design/mesh_choices.h"
#include "ui/certificates/import_plan.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <algorithm>

namespace sallyport::certificates {

namespace {

using Kind = CertificateEntry::Kind;

/// Names that the certificate, the manifest or the file suggests, the best first.
QStringList candidateNames(const QList<ImportFile> &files, const pki::Credential &credential)
{
    QStringList names;
    const auto add = [&names](const QString &name) {
        const QString lower = name.toLower();
        if (isSecretName(lower) && !names.contains(lower))
            names.append(lower);
    };
    add(QString::fromStdString(credential.name));
    if (const pki::Certificate *leaf = credential.leaf()) {
        add(principalOf(*leaf));
        for (const std::string &name : leaf->subjectAltNames().dns)
            add(QString::fromStdString(name));
        add(QString::fromStdString(leaf->commonName()));
    }
    if (files.size() == 1)
        add(QFileInfo(files.front().path).completeBaseName());
    return names;
}

bool fits(const session::CredentialSelection &wanted, const CertificateEntry &entry)
{
    return (wanted.mesh.isEmpty() || wanted.mesh == entry.mesh) &&
           (wanted.nameSpace.isEmpty() || wanted.nameSpace == entry.nameSpace) &&
           (wanted.name.isEmpty() || wanted.name == entry.name);
}

/// What the project misses and this credential seems to be; null if that cannot be told.
const CertificateEntry *missingEntry(const session::CredentialSelection &wanted, const QStringList &names,
                                     const std::vector<CertificateEntry> &entries)
{
    const CertificateEntry *only = nullptr;
    int count = 0;
    for (const CertificateEntry &entry : entries) {
        if (entry.kind != Kind::Missing || !fits(wanted, entry))
            continue;
        if (names.contains(entry.name))
            return &entry;
        only = &entry;
        ++count;
    }
    return count == 1 ? only : nullptr;
}

bool isServers(const pki::Credential &credential)
{
    const pki::Certificate *leaf = credential.leaf();
    return leaf && leaf->serverPurpose() == pki::KeyPurpose::Allowed &&
           leaf->clientPurpose() != pki::KeyPurpose::Allowed;
}

/// A mesh whose gateways take requests from outside for a server's credential, one whose gateway leads out
/// for a client's; else any.
const model::Mesh *meshWithGateway(const model::Project &project, bool server)
{
    for (const model::Mesh &mesh : project.meshes) {
        for (const design::GatewayChoice &gateway : design::choicesFor(mesh).gateways) {
            if (gateway.external == server)
                return &mesh;
        }
    }
    return project.meshes.empty() ? nullptr : &project.meshes.front();
}

} // namespace

bool isSecretName(const QString &name)
{
    static const QRegularExpression subdomain(
        QStringLiteral("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"));
    constexpr int longest = 253;
    return name.size() <= longest && subdomain.match(name).hasMatch();
}

QStringList gatewayNamespaces(const model::Mesh &mesh)
{
    QStringList names;
    const auto add = [&names](const std::string &name) {
        const QString text = QString::fromStdString(name);
        if (!names.contains(text))
            names.append(text);
    };
    const design::MeshChoices choices = design::choicesFor(mesh);
    for (const design::GatewayChoice &gateway : choices.gateways)
        add(gateway.name.nameSpace);
    for (const std::string &name : choices.namespaces)
        add(name);
    return names;
}

session::CredentialSelection proposedTarget(const session::CredentialSelection &wanted,
                                            const QList<ImportFile> &files, const pki::Credential &credential,
                                            const std::vector<CertificateEntry> &entries,
                                            const model::Project &project)
{
    session::CredentialSelection target = wanted;
    const QStringList names = candidateNames(files, credential);
    const auto known = std::find_if(entries.begin(), entries.end(), [&](const CertificateEntry &entry) {
        return !wanted.name.isEmpty() && !entry.ofLab() && fits(wanted, entry);
    });
    const CertificateEntry *missing = missingEntry(wanted, names, entries);
    if (!missing && known != entries.end())
        missing = &*known;
    if (missing) {
        if (target.mesh.isEmpty())
            target.mesh = missing->mesh;
        if (target.nameSpace.isEmpty() && target.mesh == missing->mesh)
            target.nameSpace = missing->nameSpace;
        if (target.name.isEmpty() && !files.isEmpty())
            target.name = missing->name;
    }
    if (target.name.isEmpty() && !names.isEmpty())
        target.name = names.front();
    if (target.mesh.isEmpty()) {
        if (const model::Mesh *mesh = meshWithGateway(project, isServers(credential)))
            target.mesh = QString::fromStdString(mesh->name);
    }
    if (target.nameSpace.isEmpty()) {
        if (const model::Mesh *mesh = project.findMesh(target.mesh.toStdString()))
            target.nameSpace = gatewayNamespaces(*mesh).value(0);
    }
    return target;
}

pki::CredentialUse usualUse(const session::CredentialSelection &target, const pki::Credential &credential,
                            const std::vector<CertificateEntry> &entries)
{
    for (const CertificateEntry &entry : entries) {
        const bool same = entry.mesh == target.mesh && entry.nameSpace == target.nameSpace &&
                          entry.name == target.name && !entry.uses.isEmpty();
        if (same)
            return entry.server ? pki::CredentialUse::Server : pki::CredentialUse::Client;
    }
    return isServers(credential) ? pki::CredentialUse::Server : pki::CredentialUse::Client;
}

} // namespace sallyport::certificates
