// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/project.h"

#include "core/model/mesh_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace sallyport::model {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> readAll(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(in), {}};
    return in.bad() ? std::nullopt : std::optional(std::move(text));
}

void reportUnreadable(std::vector<Problem> &problems, const std::string &what, const std::string &path)
{
    problems.push_back(
        {"EGR0101", Severity::Error, what, Place{path, 0, 0}, {}, {}, {}, "check its permissions"});
}

/// Adds the YAML files below `folder`, in order of their paths. `below` is the folder's path in the project.
void collectYaml(const fs::path &folder, const std::string &below, std::vector<SourceFile> &files,
                 std::vector<Problem> &problems)
{
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator entries(folder, code), end; !code && entries != end;
         entries.increment(code)) {
        std::string name = entries->path().filename().string();
        if (!name.starts_with('.'))
            names.push_back(std::move(name));
    }
    if (code)
        reportUnreadable(problems, "the folder cannot be read: " + code.message(), below);
    std::sort(names.begin(), names.end());
    for (const std::string &name : names) {
        const fs::path path = folder / name;
        const std::string inProject = below.empty() ? name : below + '/' + name;
        // A link to a folder may lead back up.
        if (fs::is_directory(fs::symlink_status(path, code))) {
            collectYaml(path, inProject, files, problems);
        } else if (fs::is_regular_file(path, code) &&
                   (path.extension() == ".yaml" || path.extension() == ".yml")) {
            if (std::optional<std::string> text = readAll(path))
                files.push_back({inProject, *std::move(text)});
            else
                reportUnreadable(problems, "the file cannot be read", inProject);
        }
    }
}

} // namespace

const Mesh *Project::findMesh(const std::string &name) const
{
    const auto found =
        std::find_if(meshes.begin(), meshes.end(), [&](const Mesh &mesh) { return mesh.name == name; });
    return found == meshes.end() ? nullptr : &*found;
}

const SourceFile *Project::findFile(const std::string &path) const
{
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const SourceFile &file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

std::map<std::string, std::vector<std::string>> parseHosts(const std::string &text)
{
    std::map<std::string, std::vector<std::string>> hosts;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string address;
        words >> address;
        for (std::string name; words >> name;)
            hosts[name].push_back(address);
    }
    return hosts;
}

Project projectFromFiles(const std::string &folder, std::vector<SourceFile> files,
                         std::map<std::string, std::vector<std::string>> hosts)
{
    Project project;
    project.folder = folder;
    project.files = std::move(files);
    project.hosts = std::move(hosts);
    std::map<std::string, std::vector<const SourceFile *>> byMesh;
    for (const SourceFile &file : project.files) {
        const std::size_t slash = file.path.find('/');
        byMesh[slash == std::string::npos ? "primary" : file.path.substr(0, slash)].push_back(&file);
    }
    // The primary mesh is where requests begin: it comes first whatever the others are called.
    for (const bool primary : {true, false}) {
        for (const auto &[name, meshFiles] : byMesh) {
            if ((name == "primary") != primary)
                continue;
            Mesh &mesh = project.meshes.emplace_back();
            mesh.name = name;
            MeshReader reader(mesh, project.problems);
            for (const SourceFile *file : meshFiles)
                reader.readFile(*file);
            reader.finish();
        }
    }
    return project;
}

Result<Project> loadProject(const std::string &folder)
{
    std::error_code code;
    const fs::path root = fs::canonical(folder, code);
    if (code || !fs::is_directory(root))
        return fail("there is no such folder", Place{folder, 0, 0},
                    "give the folder that holds the YAML, or make one with `sallyportctl template`");
    std::vector<SourceFile> files;
    std::vector<Problem> problems;
    collectYaml(root, {}, files, problems);
    Project project = projectFromFiles(root.string(), std::move(files),
                                       parseHosts(readAll(root / ".sallyport" / "hosts").value_or("")));
    project.problems.insert(project.problems.begin(), problems.begin(), problems.end());
    return project;
}

} // namespace sallyport::model
