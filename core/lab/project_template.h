// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"
#include "core/pki/credential.h"

/// The guide's chain as a project, one template a stage: the client's mesh `primary/`, the partner's mesh
/// `external/`, names and checks in `.sallyport/`.
namespace sallyport::lab {

inline constexpr int firstStage = 1;
inline constexpr int lastStage = 5;
/// No stage of the guide: only the partner's mesh and its name. The way to it is still to be designed.
inline constexpr int partnerOnly = 0;

/// What a stage is about, for a person: Markdown with a title line. Empty if there is no such stage.
std::string stageGuide(int stage);

/// Every file of the stage's project (or of partnerOnly), `.sallyport/` included, in order of their paths.
std::vector<model::SourceFile> stageFiles(int stage);

/// What makes a project of the template one of another stage: files of the template come, go or are replaced,
/// all others stay. `files` as Project::files has them; `.sallyport/` is not among them.
model::FileChanges changesToStage(const std::vector<model::SourceFile> &files, int stage);

/// The partner's side, made for one project: the CA, the gateway's pair (stored as the credential `test.com`
/// of `external`), and the client's pair as the guide's three files for import.
struct Partner
{
    pki::CredentialFiles
        clientFiles; ///< client.key.pem (0600), clientcert.pem, cacert.pem, outside the project
};

/// Makes the partner of the project in `folder`, or finds the one that was made before.
Result<Partner> preparePartner(const std::string &folder);

/// Imports the partner's client certificate as the credential `test.client` of `primary` (the guide's step
/// 4b).
Result<void> importClientCredential(const std::string &folder, const Partner &partner);

/// What was written.
struct NewProject
{
    std::vector<std::string> files; ///< written, below the folder
    Partner partner;
};

/// Writes the stage's project to `folder`, which must be empty or not there. From stage 4 on the client's
/// credential is imported too, if `importClient`.
Result<NewProject> createFromTemplate(const std::string &folder, int stage, bool importClient);

} // namespace sallyport::lab
