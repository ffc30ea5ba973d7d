// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"
#include "core/yaml/edit.h"

#include <functional>

namespace sallyport::model {

/// What one file was and becomes. A missing text means: there is no such file.
struct FileChange
{
    std::string path; ///< below the project folder
    std::optional<std::string> before;
    std::optional<std::string> after;

    bool operator==(const FileChange &) const = default;
};

/// One undo step: files that change together.
using FileChanges = std::vector<FileChange>;

/// What takes the changes back.
FileChanges reverted(const FileChanges &changes);

/// The files with the changes made, in order of their paths. Fails, changing nothing, if a file is not what
/// `before` says.
Result<std::vector<SourceFile>> applied(std::vector<SourceFile> files, const FileChanges &changes);

/// The project with the changes made; nothing is written.
Result<Project> applied(const Project &project, const FileChanges &changes);

/// Writes the changed files below `folder`, each replaced as a whole or not at all. Fails if a file is no
/// longer what `before` says.
Result<void> saveChanges(const std::string &folder, const FileChanges &changes);

/// Which object of which file: what an edit addresses. It stays valid while documents are only changed or
/// added.
struct ResourceAddress
{
    std::string file;
    int document = 0;
    int listItem = -1;

    static ResourceAddress of(const Resource &resource)
    {
        return {resource.file, resource.document, resource.listItem};
    }
};

/// Collects edits of a project's texts into one undo step. Each edit is a minimal patch and sees the ones
/// before it; a failed edit leaves the texts as they were.
class ProjectEdit
{
public:
    explicit ProjectEdit(const std::vector<SourceFile> &files);

    /// Sets one value, `spec.http[0].timeout`. Missing keys on the way are added.
    Result<void> setScalar(const ResourceAddress &resource, std::string_view path, std::string_view value,
                           yaml::ScalarType type = yaml::ScalarType::AsBefore);
    /// Replaces what stands at `path`, or adds it, with YAML text written from column 0.
    Result<void> setBlock(const ResourceAddress &resource, std::string_view path, std::string_view block);
    Result<void> appendItem(const ResourceAddress &resource, std::string_view path, std::string_view block);
    /// Adds an item before item `index` of a list.
    Result<void> insertItem(const ResourceAddress &resource, std::string_view path, std::size_t index,
                            std::string_view block);
    Result<void> remove(const ResourceAddress &resource, std::string_view path);
    /// Sets a field of the mesh configuration in ConfigMap `istio`, `outboundTrafficPolicy.mode`.
    Result<void> setMeshConfig(const ResourceAddress &configMap, std::string_view path,
                               std::string_view value, yaml::ScalarType type = yaml::ScalarType::AsBefore);

    /// Adds a manifest as the last document of `file`, which is made if it is not there.
    ResourceAddress addResource(const std::string &file, std::string_view manifest);
    /// Takes the whole manifest out; a file that holds nothing else goes with it. Addresses of later
    /// documents of the file move up by one.
    Result<void> removeResource(const ResourceAddress &resource);
    /// Replaces a file's whole text, as an editor does.
    void setFile(const std::string &file, std::string text);
    void removeFile(const std::string &file);

    /// A file name in `folder` that is not taken: `20-virtual-service.yaml`, then
    /// `20-virtual-service-2.yaml`.
    std::string freeFileName(const std::string &folder, const std::string &wanted) const;

    std::vector<SourceFile> files() const;
    FileChanges changes() const;

private:
    using Patch =
        std::function<Result<yaml::TextEdit>(std::string_view, const yaml::Node &, const std::string &)>;
    Result<void> patch(const ResourceAddress &resource, std::string_view path, const Patch &edit);

    using Texts = std::map<std::string, std::string>;
    Texts m_before;
    Texts m_after;
};

} // namespace sallyport::model
