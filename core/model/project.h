// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/mesh.h"
#include "core/model/problem.h"

namespace sallyport::model {

/// The text of one YAML file of a project.
struct SourceFile
{
    std::string path; ///< below the project folder, `primary/10-service-entry.yaml`
    std::string text;
    bool operator==(const SourceFile &) const = default;
};

/// A folder of Istio YAML: a mesh per sub folder, or one mesh named `primary` when the YAML lies in the
/// folder itself. A value: loading and editing make new ones, so that a worker thread can compile one while
/// the window edits the next.
struct Project
{
    std::string folder; ///< absolute
    std::vector<SourceFile> files;
    std::vector<Mesh> meshes;
    /// `.sallyport/hosts`: name → addresses.
    std::map<std::string, std::vector<std::string>> hosts;
    std::vector<Problem> problems; ///< of reading and of Istio's own validation

    const Mesh *findMesh(const std::string &name) const;
    const SourceFile *findFile(const std::string &path) const;
};

/// Reads every *.yaml and *.yml below `folder` (not below names that begin with a dot). What cannot be read
/// becomes a Problem; the rest still loads. Fails only if there is no such folder.
Result<Project> loadProject(const std::string &folder);

/// The same from texts: what an edit that is not yet saved would mean.
Project projectFromFiles(const std::string &folder, std::vector<SourceFile> files,
                         std::map<std::string, std::vector<std::string>> hosts);

/// Parses one hosts file: `ADDRESS NAME…`, `#` comments.
std::map<std::string, std::vector<std::string>> parseHosts(const std::string &text);

} // namespace sallyport::model
