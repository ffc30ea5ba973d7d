// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/credential_findings.h"

#include "core/model/credential_reference.h"
#include "core/pki/credential_checks.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>
#include <set>

namespace sallyport::problems {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("CredentialFindings", text);
}

/// Fields of a mesh that name this credential; DestinationRules first.
std::vector<model::CredentialReference> usesOf(const model::Mesh &mesh, const std::string &name)
{
    std::vector<model::CredentialReference> uses = model::credentialReferences(mesh);
    std::erase_if(uses, [&](const model::CredentialReference &use) { return use.credential != name; });
    return uses;
}

/// `kubernetes://test.client-cacert` → `test.client`
std::string credentialOf(const std::string &secret)
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

/// The catalogue's code for a check that did not pass.
QString codeOf(const pki::CredentialCheck &check)
{
    static const std::map<std::string, const char *> codes{
        {"key-matches", "EGR0506"},       {"ca", "EGR0503"},       {"chain", "EGR0513"},
        {"subject-alt-names", "EGR0508"}, {"identity", "EGR0508"}, {"purpose", "EGR0507"},
        {"strength", "EGR0509"}};
    if (check.id == "validity")
        return check.outcome == pki::CheckOutcome::Failed ? QStringLiteral("EGR0510")
                                                          : QStringLiteral("EGR0511");
    const auto code = codes.find(check.id);
    return code == codes.end() ? QString() : QString::fromLatin1(code->second);
}

bool isKeyPair(const model::Secret &secret)
{
    return secret.data.count("tls.crt") > 0 || secret.data.count("cert") > 0 ||
           secret.data.count("tls.key") > 0 || secret.data.count("key") > 0;
}

/// Gateways use a key pair as a server, DestinationRules as a client; what nobody uses is judged by its name
/// in the certificate.
pki::CredentialUse useOf(const model::Mesh &mesh, const std::string &name, const pki::Credential &credential)
{
    for (const model::CredentialReference &use : usesOf(mesh, name))
        return use.server ? pki::CredentialUse::Server : pki::CredentialUse::Client;
    const bool server = credential.leaf() && credential.leaf()->serverPurpose() == pki::KeyPurpose::Allowed;
    return server ? pki::CredentialUse::Server : pki::CredentialUse::Client;
}

session::SelectedThing targetOf(const model::Mesh &mesh, const model::Secret &secret)
{
    if (!secret.file.empty())
        return selectionOf(secret);
    return session::CredentialSelection{QString::fromStdString(mesh.name),
                                        QString::fromStdString(secret.metadata.resourceNamespace),
                                        QString::fromStdString(secret.metadata.name)};
}

} // namespace

std::vector<Finding> missingSecrets(const model::Project &project, const compile::CompiledProject &compiled)
{
    std::vector<Finding> findings;
    std::set<std::pair<std::string, std::string>> told; ///< mesh, credential
    for (const compile::CompiledProxy &proxy : compiled.proxies) {
        const model::Mesh *mesh = project.findMesh(proxy.mesh);
        for (const compile::SecretFile &secret : proxy.secrets) {
            const std::string name = credentialOf(secret.name);
            // A key pair that is not there has no CA either: that is said once.
            if (secret.missing.empty() || name.empty() || !mesh || !told.insert({proxy.mesh, name}).second)
                continue;
            Finding finding;
            finding.origin = Origin::Credential;
            finding.code = mesh->findSecret(proxy.nameSpace, name) ? QStringLiteral("EGR0503")
                                                                   : QStringLiteral("EGR0501");
            finding.message =
                tr("%1: %2. Requests that need it fail with 503.")
                    .arg(QString::fromStdString(proxy.name), QString::fromStdString(secret.missing));
            finding.hint = tr("Import it under Certificates.");
            finding.mesh = QString::fromStdString(proxy.mesh);
            finding.target = session::CredentialSelection{
                finding.mesh, QString::fromStdString(proxy.nameSpace), QString::fromStdString(name)};
            for (const model::CredentialReference &use : usesOf(*mesh, name)) {
                const Place place = use.resource->place(use.path);
                finding.file = QString::fromStdString(place.file);
                finding.line = place.line;
                finding.column = place.column;
                finding.resource = QString::fromStdString(use.resource->title());
                finding.fieldPath = QString::fromStdString(use.path);
                finding.target = selectionOf(*use.resource, finding.fieldPath);
                // The proxy's own use: a gateway's server, or a rule for what it calls.
                break;
            }
            findings.push_back(std::move(finding));
        }
    }
    return findings;
}

std::vector<Finding> credentialFindings(const model::Project &project, TimePoint now)
{
    std::vector<Finding> findings;
    for (const model::Mesh &mesh : project.meshes) {
        for (const model::Secret &secret : mesh.secrets) {
            if (!isKeyPair(secret))
                continue;
            Finding finding;
            finding.origin = Origin::Credential;
            finding.mesh = QString::fromStdString(mesh.name);
            finding.resource = QString::fromStdString(secret.title());
            finding.target = targetOf(mesh, secret);
            if (!secret.file.empty()) {
                const Place place = secret.place();
                finding.file = QString::fromStdString(place.file);
                finding.line = place.line;
                finding.column = place.column;
            }
            const auto credential = pki::credentialFromSecretData(secret.metadata.name, secret.data);
            if (!credential) {
                finding.code = QStringLiteral("EGR0502");
                finding.message = QString::fromStdString(credential.error().what);
                finding.hint = QString::fromStdString(credential.error().hint);
                findings.push_back(std::move(finding));
                continue;
            }
            const pki::CredentialUse use = useOf(mesh, secret.metadata.name, *credential);
            for (const pki::CredentialCheck &check : pki::checkCredential(*credential, use, now)) {
                if (check.outcome == pki::CheckOutcome::Passed)
                    continue;
                Finding one = finding;
                one.code = codeOf(check);
                one.severity = check.outcome == pki::CheckOutcome::Failed ? model::Severity::Error
                                                                          : model::Severity::Warning;
                one.message = QString::fromStdString(check.text);
                if (one.message.endsWith(QLatin1Char('.')))
                    one.message.chop(1);
                findings.push_back(std::move(one));
            }
        }
    }
    return findings;
}

} // namespace sallyport::problems
