// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/guide_stage.h"

#include "core/lab/project_template.h"
#include "ui/session/project_texts.h"

#include <algorithm>
#include <set>

namespace sallyport::session {

namespace {

using Paths = std::set<std::string>;

/// The YAML files of each stage, in the stages' order. Made once: they are part of the program.
const std::vector<Paths> &stagePaths()
{
    static const std::vector<Paths> all = [] {
        std::vector<Paths> stages;
        for (int stage = lab::firstStage; stage <= lab::lastStage; ++stage) {
            Paths paths;
            for (const model::SourceFile &file : lab::stageFiles(stage)) {
                if (!isSetting(file.path))
                    paths.insert(file.path);
            }
            stages.push_back(std::move(paths));
        }
        return stages;
    }();
    return all;
}

} // namespace

int guideStageOf(const std::vector<model::SourceFile> &files)
{
    Paths present;
    for (const model::SourceFile &file : files)
        present.insert(file.path);
    const std::vector<Paths> &stages = stagePaths();
    for (int stage = lab::lastStage; stage >= lab::firstStage; --stage) {
        const Paths &wanted = stages[static_cast<std::size_t>(stage - lab::firstStage)];
        if (std::includes(present.begin(), present.end(), wanted.begin(), wanted.end()))
            return stage;
    }
    return 0;
}

} // namespace sallyport::session
