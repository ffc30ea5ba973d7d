// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/stored_credentials.h"

#include <algorithm>

namespace sallyport::lab {

namespace {

std::string pemOf(const std::vector<pki::Certificate> &certificates)
{
    std::string pem;
    for (const pki::Certificate &certificate : certificates)
        pem += certificate.toPem();
    return pem;
}

model::Secret secretOf(const pki::CredentialId &id, const pki::Credential &credential)
{
    model::Secret secret;
    secret.apiVersion = "v1";
    secret.kind = "Secret";
    secret.metadata.name = id.name;
    secret.metadata.resourceNamespace = id.secretNamespace;
    secret.type = "Opaque";
    if (!credential.key.isNull())
        secret.data["tls.key"] = credential.key.toPem();
    if (!credential.chain.empty())
        secret.data["tls.crt"] = pemOf(credential.chain);
    if (!credential.ca.empty())
        secret.data["ca.crt"] = pemOf(credential.ca);
    if (!credential.crl.empty())
        secret.data["ca.crl"] = credential.crl;
    return secret;
}

} // namespace

void addStoredCredentials(model::Project &project, const pki::CredentialStore &store)
{
    for (const pki::CredentialId &id : store.list()) {
        const auto mesh =
            std::find_if(project.meshes.begin(), project.meshes.end(),
                         [&](const model::Mesh &candidate) { return candidate.name == id.mesh; });
        if (mesh == project.meshes.end() || mesh->findSecret(id.secretNamespace, id.name))
            continue;
        auto credential = store.get(id);
        if (!credential) {
            model::Problem problem;
            problem.code = "EGR0111";
            problem.message = credential.error().what;
            problem.place = credential.error().where;
            problem.mesh = id.mesh;
            problem.resource = "Secret " + id.secretNamespace + '/' + id.name;
            problem.hint =
                credential.error().hint.empty() ? "import the certificate again" : credential.error().hint;
            project.problems.push_back(std::move(problem));
            continue;
        }
        model::Secret secret = secretOf(id, *credential);
        secret.order = static_cast<int>(mesh->allResources().size());
        mesh->secrets.push_back(std::move(secret));
    }
}

void addStoredCredentials(model::Project &project)
{
    addStoredCredentials(project, pki::CredentialStore::forProject(project.folder));
}

} // namespace sallyport::lab
