// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/project_reading.h"

#include "core/lab/stored_credentials.h"

#include <algorithm>

namespace sallyport::session {

namespace {

constexpr const char *hostsFile = ".sallyport/hosts";

ProjectPtr withCredentials(model::Project project)
{
    lab::addStoredCredentials(project);
    return std::make_shared<const model::Project>(std::move(project));
}

std::vector<model::Problem> readingProblems(const model::Project &project)
{
    std::vector<model::Problem> problems;
    std::copy_if(project.problems.begin(), project.problems.end(), std::back_inserter(problems),
                 [](const model::Problem &problem) {
                     return problem.code == "EGR0101" && problem.place.line == 0 && problem.mesh.empty();
                 });
    return problems;
}

} // namespace

Result<ReadFolder> readFolder(const std::string &folder)
{
    auto project = model::loadProject(folder);
    if (!project)
        return fail(project.error());
    ReadFolder read;
    read.problems = readingProblems(*project);
    read.texts = {project->files, readSettings(project->folder)};
    std::sort(read.texts.files.begin(), read.texts.files.end(),
              [](const model::SourceFile &a, const model::SourceFile &b) { return a.path < b.path; });
    read.project = withCredentials(*std::move(project));
    return read;
}

ProjectPtr readTexts(const std::string &folder, ProjectTexts texts,
                     const std::vector<model::Problem> &problems)
{
    const std::string hosts = texts.text(hostsFile).value_or(std::string());
    model::Project project =
        model::projectFromFiles(folder, std::move(texts.files), model::parseHosts(hosts));
    project.problems.insert(project.problems.begin(), problems.begin(), problems.end());
    return withCredentials(std::move(project));
}

bool changeMeaning(const model::FileChanges &changes)
{
    return std::any_of(changes.begin(), changes.end(), [](const model::FileChange &change) {
        return !isSetting(change.path) || change.path == hostsFile;
    });
}

CompiledTexts compileTexts(const model::Project &project)
{
    const auto blocks = lab::candidateBlocks(project.folder, project.meshes.size());
    auto addresses = std::make_shared<const lab::AddressPlan>(
        lab::planAddresses(project, blocks.empty() ? lab::AddressBlock() : blocks.front(), 0));
    auto compiled = std::make_shared<const compile::CompiledProject>(
        compile::compileProject(project, addresses->placement));
    return {std::move(compiled), std::move(addresses)};
}

} // namespace sallyport::session
