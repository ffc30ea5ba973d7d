// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/project.h"

#include "core/lab/stored_credentials.h"
#include "ctl/command.h"

namespace sallyport::ctl {

Result<model::Project> loadForRunning(const std::string &path)
{
    auto project = model::loadProject(path);
    if (!project)
        return project;
    for (const model::Problem &problem : project->problems) {
        if (problem.severity == model::Severity::Error)
            complain(Error{problem.message, problem.place, problem.hint}, Findings);
    }
    if (project->meshes.empty())
        return fail("there is no mesh in this folder", {path},
                    "a project holds YAML files, in one sub folder per mesh");
    lab::addStoredCredentials(*project);
    return project;
}

} // namespace sallyport::ctl
