// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/compile.h"
#include "core/lab/address_plan.h"
#include "core/model/project.h"
#include "ui/session/project_texts.h"

#include <memory>

/// What a project's texts mean: the slow part of a session, for its worker threads.
namespace sallyport::session {

using ProjectPtr = std::shared_ptr<const model::Project>;
using CompiledPtr = std::shared_ptr<const compile::CompiledProject>;
using AddressesPtr = std::shared_ptr<const lab::AddressPlan>;

/// A folder's project, as it was opened.
struct ReadFolder
{
    ProjectPtr project; ///< with the imported credentials
    ProjectTexts texts;
    /// Problems of reading files, which texts alone cannot show again.
    std::vector<model::Problem> problems;
};

Result<ReadFolder> readFolder(const std::string &folder);

/// The project that `texts` are, with the imported credentials and with `problems` before its own.
ProjectPtr readTexts(const std::string &folder, ProjectTexts texts,
                     const std::vector<model::Problem> &problems);

/// Where cards stand and what is to be checked changes nothing of what a project means: these changes do.
bool changeMeaning(const model::FileChanges &changes);

struct CompiledTexts
{
    CompiledPtr compiled;
    AddressesPtr addresses; ///< those in `compiled`
};

CompiledTexts compileTexts(const model::Project &project);

} // namespace sallyport::session
