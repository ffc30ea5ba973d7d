// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/import_plan.h"

#include "ui/certificates/certificate_entries.h"
#include "ui/certificates/import_target.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <algorithm>

namespace sallyport::certificates {

namespace {

using pki::CheckOutcome;
using Verdict = ImportPlan::Verdict;

QString tr(const char *text)
{
    return QCoreApplication::translate("ImportPlan", text);
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QString fileName(const std::string &path)
{
    return QFileInfo(text(path)).fileName();
}

struct CheckTitle
{
    const char *id;
    const char *title;
};
constexpr CheckTitle checkTitles[] = {
    {"key-matches", QT_TRANSLATE_NOOP("ImportPlan", "Key and certificate")},
    {"ca", QT_TRANSLATE_NOOP("ImportPlan", "CA")},
    {"ca-bundle", QT_TRANSLATE_NOOP("ImportPlan", "CA bundle")},
    {"chain", QT_TRANSLATE_NOOP("ImportPlan", "Chain")},
    {"validity", QT_TRANSLATE_NOOP("ImportPlan", "Validity")},
    {"subject-alt-names", QT_TRANSLATE_NOOP("ImportPlan", "Names")},
    {"identity", QT_TRANSLATE_NOOP("ImportPlan", "SPIFFE identity")},
    {"purpose", QT_TRANSLATE_NOOP("ImportPlan", "Purpose")},
    {"strength", QT_TRANSLATE_NOOP("ImportPlan", "Strength")},
};

QString titleOf(const std::string &id)
{
    for (const CheckTitle &title : checkTitles) {
        if (id == title.id)
            return tr(title.title);
    }
    return text(id);
}

/// The file that a check looked at, where it does not name the one at fault itself.
QString fileOf(const pki::CredentialCheck &check, const pki::CredentialSources &sources)
{
    if (!check.file.empty())
        return fileName(check.file);
    if (check.id == "key-matches")
        return fileName(sources.keyFile);
    if (check.id == "ca")
        return fileName(sources.caFile);
    return fileName(sources.certificateFile);
}

Result<pki::Credential> assemble(const QList<ImportFile> &files)
{
    std::vector<pki::FileMaterial> materials;
    for (const ImportFile &file : files) {
        const std::string path = file.path.toStdString();
        if (file.secret && files.size() > 1)
            return fail("a Secret is complete: leave the other files out", Place{path, 0, 0});
        if (file.secret) {
            pki::Credential credential = *file.secret;
            credential.sources = {path, path, path};
            return credential;
        }
        materials.push_back({path, file.material});
    }
    return pki::assembleCredential({}, materials);
}

void addChecks(const pki::Credential &credential, pki::TimePoint now, ImportPlan &plan)
{
    const bool caOnly = credential.key.isNull() && credential.chain.empty() && !credential.ca.empty();
    for (const pki::CredentialCheck &check : pki::checkCredential(credential, plan.use, now)) {
        ImportCheck shown{check.outcome, titleOf(check.id), text(check.text),
                          fileOf(check, credential.sources)};
        if (caOnly && check.id == "key-matches")
            shown.text = tr("There is only a CA: good for TLS that shows no client certificate (mode "
                            "SIMPLE). For mutual TLS add the key and its certificate.");
        plan.checks.append(shown);
    }
}

/// How the credential stands to the project: who asks for it, and what is there already.
void addTargetChecks(const std::vector<CertificateEntry> &entries, ImportPlan &plan)
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const CertificateEntry &entry) {
        return entry.mesh == plan.target.mesh && entry.nameSpace == plan.target.nameSpace &&
               entry.name == plan.target.name;
    });
    const bool known = found != entries.end();
    plan.replaces = known && found->kind == CertificateEntry::Kind::Imported;
    const QString title = tr("In the project");
    if (known && found->kind == CertificateEntry::Kind::Secret)
        plan.checks.append({CheckOutcome::Failed,
                            title,
                            tr("%1 holds a Secret of this name, which wins over what is imported. Take it "
                               "out first, or choose another name.")
                                .arg(found->file),
                            {}});
    else if (known && !found->uses.isEmpty())
        plan.checks.append(
            {CheckOutcome::Passed,
             title,
             plan.replaces
                 ? tr("Replaces the imported credential that %1 uses.").arg(found->uses.front().text)
                 : tr("%1 asks for it.").arg(found->uses.front().text),
             {}});
    else
        plan.checks.append({CheckOutcome::Passed,
                            title,
                            plan.replaces ? tr("Replaces the imported credential of this name.")
                                          : tr("Nothing names this credential yet: a DestinationRule or "
                                               "Gateway does with credentialName."),
                            {}});
}

QString targetProblem(const session::CredentialSelection &target, const model::Project &project)
{
    if (target.name.isEmpty())
        return tr("Name the credential as credentialName does.");
    if (!isSecretName(target.name))
        return tr("“%1” is no name for a Secret: lower-case letters, digits, dashes and dots.")
            .arg(target.name);
    if (!project.findMesh(target.mesh.toStdString()))
        return tr("Choose the mesh whose gateway uses it.");
    if (!isSecretName(target.nameSpace) || target.nameSpace.contains(QLatin1Char('.')))
        return tr("Name the namespace of the gateway that uses it.");
    return {};
}

void judge(const std::vector<CertificateEntry> &entries, const model::Project &project, ImportPlan &plan)
{
    const pki::Credential &credential = *plan.credential;
    const bool caOnly = credential.key.isNull() && credential.chain.empty() && !credential.ca.empty();
    const bool pair = credential.leaf() && credential.leaf()->belongsTo(credential.key);
    plan.verdict = Verdict::Blocked;
    const auto inYaml = std::find_if(entries.begin(), entries.end(), [&](const CertificateEntry &entry) {
        return entry.kind == CertificateEntry::Kind::Secret && entry.mesh == plan.target.mesh &&
               entry.nameSpace == plan.target.nameSpace && entry.name == plan.target.name;
    });
    if (credential.key.isNull() && !caOnly)
        plan.summary = tr("The private key is missing: add its file.");
    else if (credential.chain.empty() && !caOnly)
        plan.summary = tr("The certificate is missing: add its file.");
    else if (!pair && !caOnly)
        plan.summary = tr("The key belongs to another certificate: choose the file of the same pair.");
    else if (const QString problem = targetProblem(plan.target, project); !problem.isEmpty())
        plan.summary = problem;
    else if (inYaml != entries.end())
        plan.summary = tr("The YAML has a Secret of this name already.");
    else if (const int failed = plan.count(CheckOutcome::Failed); failed > 0) {
        plan.verdict = Verdict::Doubtful;
        plan.summary = failed == 1 ? tr("A check failed.") : tr("%1 checks failed.").arg(failed);
    } else {
        plan.verdict = Verdict::Good;
        const int warnings = plan.count(CheckOutcome::Warning);
        plan.summary = warnings == 0   ? tr("Everything fits.")
                       : warnings == 1 ? tr("Can be imported; there is a warning.")
                                       : tr("Can be imported; there are %1 warnings.").arg(warnings);
    }
}

/// The first file that cannot be used yet decides what is said.
bool allAreRead(ImportPlan &plan)
{
    plan.verdict = Verdict::Blocked;
    for (const ImportFile &file : plan.files) {
        if (file.state == ImportFile::State::Good)
            continue;
        plan.summary = file.state == ImportFile::State::NeedsPassphrase
                           ? tr("Give the passphrase of %1.").arg(file.name())
                           : QStringLiteral("%1: %2.").arg(file.name(), file.problem);
        return false;
    }
    return true;
}

} // namespace

int ImportPlan::count(pki::CheckOutcome outcome) const
{
    return static_cast<int>(std::count_if(checks.begin(), checks.end(), [outcome](const ImportCheck &check) {
        return check.outcome == outcome;
    }));
}

ImportPlan planImport(const ImportRequest &request, const model::Project &project,
                      const compile::CompiledProject *compiled, pki::TimePoint now)
{
    ImportPlan plan;
    plan.target = request.target;
    const std::vector<CertificateEntry> entries = certificateEntries(project, compiled, {}, nullptr);
    for (const QString &path : request.paths)
        plan.files.append(readImportFile(path, request.passphrases.value(path)));
    const bool read = allAreRead(plan);
    Result<pki::Credential> credential = pki::Credential();
    if (read)
        credential = assemble(plan.files);
    plan.target = proposedTarget(request.target, plan.files, credential ? *credential : pki::Credential(),
                                 entries, project);
    plan.use =
        request.use.value_or(usualUse(plan.target, credential ? *credential : pki::Credential(), entries));
    if (plan.files.isEmpty()) {
        plan.verdict = Verdict::Nothing;
        plan.summary = tr("Choose the key, its certificate and the CA.");
        return plan;
    }
    if (!read)
        return plan;
    if (!credential) {
        const Error &error = credential.error();
        plan.summary = QStringLiteral("%1: %2.").arg(fileName(error.where.file), text(error.what));
        for (ImportFile &file : plan.files) {
            if (file.path.toStdString() != error.where.file)
                continue;
            file.state = ImportFile::State::Failed;
            file.problem = text(error.what);
            file.hint = text(error.hint);
        }
        return plan;
    }
    credential->name = plan.target.name.toStdString();
    plan.credential = *std::move(credential);
    addChecks(*plan.credential, now, plan);
    addTargetChecks(entries, plan);
    judge(entries, project, plan);
    return plan;
}

} // namespace sallyport::certificates
