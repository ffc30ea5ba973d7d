// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"

#include "core/pki/credential_store.h"
#include "core/pki/partner_pki.h"

#include <QDirIterator>
#include <QFile>
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace sallyport::lab {

namespace {

namespace fs = std::filesystem;

const QString root = QStringLiteral(":/templates/egress-mtls/stage-");
constexpr int stageWithClientCertificate = 4;
const pki::CredentialId serverId{"external", "istio-system", "test.com"};
const pki::CredentialId clientId{"primary", "istio-system", "test.client"};

QString stageFolder(int stage)
{
    return root + QString::number(stage);
}

std::string readResource(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

/// The files that a stage adds to the one before or has instead of its files.
std::map<std::string, std::string> ownFiles(int stage)
{
    std::map<std::string, std::string> files;
    const QString folder = stageFolder(stage);
    QDirIterator entries(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (entries.hasNext()) {
        const QString path = entries.next();
        const std::string below = path.mid(folder.size() + 1).toStdString();
        if (below != "guide.md")
            files[below] = readResource(path);
    }
    return files;
}

bool isSettings(const std::string &path)
{
    return path.starts_with(".sallyport/");
}

/// Where the partner's three files lie: beside the stored credentials, not in the project.
std::string partnerFolder(const pki::CredentialStore &store)
{
    const fs::path folder(store.folder());
    return (folder.parent_path().parent_path() / "partner" / folder.filename()).string();
}

pki::CredentialFiles filesIn(const std::string &folder)
{
    return {folder + "/client.key.pem", folder + "/clientcert.pem", folder + "/cacert.pem"};
}

Result<void> writeNew(const fs::path &path, const std::string &text)
{
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    if (code)
        return fail("the folder cannot be made: " + code.message(), Place{path.parent_path().string(), 0, 0});
    constexpr unsigned readable = 0644;
    return pki::writeFileAtomically(path.string(), text, readable);
}

} // namespace

std::string stageGuide(int stage)
{
    return readResource(stageFolder(stage) + QStringLiteral("/guide.md"));
}

std::vector<model::SourceFile> stageFiles(int stage)
{
    std::map<std::string, std::string> all;
    if (stage == partnerOnly) {
        // Without a client there is nothing to check either.
        all = ownFiles(firstStage);
        std::erase_if(all, [](const auto &file) {
            return !file.first.starts_with("external/") && file.first != ".sallyport/hosts";
        });
    }
    for (int each = firstStage; each <= std::min(stage, lastStage); ++each) {
        for (auto &[path, text] : ownFiles(each))
            all[path] = std::move(text);
    }
    std::vector<model::SourceFile> files;
    files.reserve(all.size());
    for (auto &[path, text] : all)
        files.push_back({path, std::move(text)});
    return files;
}

model::FileChanges changesToStage(const std::vector<model::SourceFile> &files, int stage)
{
    std::set<std::string> wanted;
    model::ProjectEdit edit(files);
    for (const model::SourceFile &file : stageFiles(stage)) {
        if (isSettings(file.path))
            continue;
        wanted.insert(file.path);
        edit.setFile(file.path, file.text);
    }
    for (const model::SourceFile &file : stageFiles(lastStage)) {
        if (!isSettings(file.path) && wanted.count(file.path) == 0)
            edit.removeFile(file.path);
    }
    return edit.changes();
}

Result<Partner> preparePartner(const std::string &folder)
{
    const pki::CredentialStore store = pki::CredentialStore::forProject(folder);
    const std::string filesFolder = partnerFolder(store);
    Partner partner{filesIn(filesFolder)};
    const bool made = store.contains(serverId) && fs::exists(partner.clientFiles.key) &&
                      fs::exists(partner.clientFiles.certificate) && fs::exists(partner.clientFiles.ca);
    if (made)
        return partner;
    const Result<pki::PartnerPki> pki = pki::PartnerPki::create();
    if (!pki)
        return fail(pki.error());
    std::error_code code;
    fs::create_directories(fs::path(filesFolder).parent_path(), code);
    Result<pki::CredentialFiles> written = pki::writeGuideFiles(pki->client, filesFolder);
    if (!written)
        return fail(written.error());
    if (Result<void> stored = store.put(serverId, pki->server); !stored)
        return fail(stored.error());
    return Partner{*std::move(written)};
}

Result<void> importClientCredential(const std::string &folder, const Partner &partner)
{
    const Result<pki::Credential> client = pki::importCredential(clientId.name, partner.clientFiles);
    if (!client)
        return fail(client.error());
    return pki::CredentialStore::forProject(folder).put(clientId, *client);
}

Result<NewProject> createFromTemplate(const std::string &folder, int stage, bool importClient)
{
    std::error_code code;
    if (fs::exists(folder, code) && !(fs::is_directory(folder, code) && fs::is_empty(folder, code)))
        return fail("the folder is not empty", Place{folder, 0, 0}, "name a new one");
    NewProject project;
    for (const model::SourceFile &file : stageFiles(stage)) {
        if (Result<void> written = writeNew(fs::path(folder) / file.path, file.text); !written)
            return fail(written.error());
        project.files.push_back(file.path);
    }
    // What an earlier project in this place left behind is not this project's.
    const pki::CredentialStore store = pki::CredentialStore::forProject(folder);
    for (const pki::CredentialId &id : store.list()) {
        if (Result<void> removed = store.remove(id); !removed)
            return fail(removed.error());
    }
    Result<Partner> partner = preparePartner(folder);
    if (!partner)
        return fail(partner.error());
    project.partner = *std::move(partner);
    if (stage >= stageWithClientCertificate && importClient) {
        if (Result<void> imported = importClientCredential(folder, project.partner); !imported)
            return fail(imported.error());
    }
    return project;
}

} // namespace sallyport::lab
