// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_entries.h"

#include "core/model/credential_reference.h"
#include "core/pki/credential.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace sallyport::certificates {

namespace {

using Kind = CertificateEntry::Kind;
using Key = std::tuple<std::string, std::string, std::string>; ///< mesh, namespace, name

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

session::SelectedThing selectionOf(const model::Resource &resource, const std::string &path = {})
{
    return session::ResourceSelection{text(resource.file), resource.document, resource.listItem, text(path)};
}

/// What the proxies of a project need, by credential.
struct Need
{
    std::vector<std::string> proxies; ///< full names
    std::string missing;              ///< why one does not get it
};

std::map<Key, Need> needsOf(const compile::CompiledProject &compiled)
{
    std::map<Key, Need> needs;
    for (const compile::CompiledProxy &proxy : compiled.proxies) {
        for (const compile::SecretFile &secret : proxy.secrets) {
            const std::string name = credentialOfSds(secret.name);
            if (name.empty())
                continue;
            Need &need = needs[{proxy.mesh, proxy.nameSpace, name}];
            if (std::find(need.proxies.begin(), need.proxies.end(), proxy.name) == need.proxies.end())
                need.proxies.push_back(proxy.name);
            if (need.missing.empty())
                need.missing = secret.missing;
        }
    }
    return needs;
}

/// References of the mesh first, then the proxies that run with it.
void addUses(CertificateEntry &entry, const model::Mesh &mesh, const Need *need)
{
    const std::string name = entry.name.toStdString();
    for (const model::CredentialReference &reference : model::credentialReferences(mesh)) {
        if (reference.credential != name)
            continue;
        entry.server = entry.server || reference.server;
        entry.uses.append(
            {text(reference.resource->title()), selectionOf(*reference.resource, reference.path)});
    }
    if (!need)
        return;
    for (const std::string &proxy : need->proxies)
        entry.uses.append({text(proxy), session::NodeSelection{text(proxy)}});
}

bool holdsKeyPairOrCa(const model::Secret &secret)
{
    static const char *const keys[] = {"tls.crt", "tls.key", "ca.crt", "cert", "key", "cacert"};
    return std::any_of(std::begin(keys), std::end(keys),
                       [&](const char *key) { return secret.data.count(key) > 0; });
}

CertificateEntry credentialEntry(const model::Mesh &mesh, const model::Secret &secret)
{
    CertificateEntry entry;
    entry.kind = secret.file.empty() ? Kind::Imported : Kind::Secret;
    entry.name = text(secret.metadata.name);
    entry.mesh = text(mesh.name);
    entry.nameSpace = text(secret.metadata.resourceNamespace);
    entry.file = text(secret.file);
    entry.target =
        secret.file.empty()
            ? session::SelectedThing(session::CredentialSelection{entry.mesh, entry.nameSpace, entry.name})
            : selectionOf(secret);
    const auto credential = pki::credentialFromSecretData(secret.metadata.name, secret.data);
    if (!credential) {
        entry.problem = text(credential.error().toString());
        return entry;
    }
    entry.chain = credential->chain;
    entry.trusted = credential->ca;
    entry.key = keyText(credential->key);
    if (const pki::Certificate *leaf = credential->leaf()) {
        entry.identity = identityOf(*leaf);
        entry.server = leaf->serverPurpose() == pki::KeyPurpose::Allowed &&
                       leaf->clientPurpose() != pki::KeyPurpose::Allowed;
    } else if (!entry.trusted.empty()) {
        entry.identity = identityOf(entry.trusted.front());
    }
    return entry;
}

/// `primary:default/sleep` → `primary`
QString meshOf(const QString &fullName)
{
    return fullName.section(QLatin1Char(':'), 0, 0);
}

void addLab(const QList<session::NodeCertificate> &certificates, const lab::LabPlan &plan,
            std::vector<CertificateEntry> &entries)
{
    std::vector<CertificateEntry> authorities;
    for (const session::NodeCertificate &certificate : certificates) {
        const bool own = certificate.secret == QLatin1String("default") && !certificate.authority;
        const bool root = certificate.secret == QLatin1String("ROOTCA") && certificate.authority;
        const auto process =
            std::find_if(plan.processes.begin(), plan.processes.end(),
                         [&](const lab::Process &each) { return text(each.id) == certificate.process; });
        if ((!own && !root) || process == plan.processes.end() || certificate.chain.empty())
            continue;
        CertificateEntry entry;
        const QString proxy = text(process->name);
        entry.mesh = meshOf(proxy);
        entry.identity = certificate.identity;
        const EntryUse use{proxy, session::NodeSelection{proxy}};
        if (own) {
            entry.kind = Kind::Workload;
            entry.name = proxy;
            entry.chain = certificate.chain;
            entry.target = use.target;
            entry.uses.append(use);
            entries.push_back(std::move(entry));
            continue;
        }
        entry.kind = Kind::Authority;
        entry.name = entry.mesh;
        entry.chain = certificate.chain;
        const auto known =
            std::find_if(authorities.begin(), authorities.end(),
                         [&](const CertificateEntry &other) { return other.mesh == entry.mesh; });
        CertificateEntry &authority =
            known == authorities.end() ? authorities.emplace_back(std::move(entry)) : *known;
        authority.uses.append(use);
    }
    // A workload's chain ends at its mesh's CA.
    for (CertificateEntry &entry : entries) {
        for (const CertificateEntry &authority : authorities) {
            if (entry.kind == Kind::Workload && authority.mesh == entry.mesh)
                entry.trusted = authority.chain;
        }
    }
    entries.insert(entries.end(), authorities.begin(), authorities.end());
}

} // namespace

std::string credentialOfSds(const std::string &secret)
{
    const std::string scheme = "kubernetes://";
    if (!secret.starts_with(scheme))
        return {};
    std::string name = secret.substr(scheme.size());
    const std::string ca = "-cacert";
    if (name.ends_with(ca))
        name.erase(name.size() - ca.size());
    return name;
}

std::vector<CertificateEntry> certificateEntries(const model::Project &project,
                                                 const compile::CompiledProject *compiled,
                                                 const QList<session::NodeCertificate> &lab,
                                                 const lab::LabPlan *plan)
{
    std::map<Key, Need> needs;
    if (compiled)
        needs = needsOf(*compiled);
    std::vector<CertificateEntry> entries;
    for (const model::Mesh &mesh : project.meshes) {
        for (const model::Secret &secret : mesh.secrets) {
            if (!holdsKeyPairOrCa(secret))
                continue;
            CertificateEntry entry = credentialEntry(mesh, secret);
            const auto need =
                needs.find({mesh.name, secret.metadata.resourceNamespace, secret.metadata.name});
            addUses(entry, mesh, need == needs.end() ? nullptr : &need->second);
            entries.push_back(std::move(entry));
        }
    }
    for (const auto &[key, need] : needs) {
        const auto &[meshName, nameSpace, name] = key;
        const model::Mesh *mesh = project.findMesh(meshName);
        if (need.missing.empty() || !mesh || mesh->findSecret(nameSpace, name))
            continue;
        CertificateEntry entry;
        entry.kind = Kind::Missing;
        entry.name = text(name);
        entry.mesh = text(meshName);
        entry.nameSpace = text(nameSpace);
        entry.problem = text(need.missing);
        entry.target = session::CredentialSelection{entry.mesh, entry.nameSpace, entry.name};
        addUses(entry, *mesh, &need);
        entries.push_back(std::move(entry));
    }
    const auto place = [](const CertificateEntry &entry) {
        return std::tuple(entry.kind != Kind::Missing, entry.server, entry.mesh, entry.nameSpace, entry.name);
    };
    std::stable_sort(
        entries.begin(), entries.end(),
        [&](const CertificateEntry &a, const CertificateEntry &b) { return place(a) < place(b); });
    if (plan)
        addLab(lab, *plan, entries);
    return entries;
}

} // namespace sallyport::certificates
