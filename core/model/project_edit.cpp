// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/project_edit.h"

#include "core/yaml/edit.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace sallyport::model {

namespace {

namespace fs = std::filesystem;

const yaml::Document *findDocument(const std::vector<yaml::Document> &documents, int index)
{
    const auto found =
        std::find_if(documents.begin(), documents.end(),
                     [index](const yaml::Document &document) { return document.index == index; });
    return found == documents.end() ? nullptr : &*found;
}

/// A path inside the object, as one inside its document.
std::string inDocument(const ResourceAddress &resource, std::string_view path)
{
    if (resource.listItem < 0)
        return std::string(path);
    std::string item = "items[" + std::to_string(resource.listItem) + ']';
    if (path.empty())
        return item;
    return path.starts_with('[') ? item + std::string(path) : item + '.' + std::string(path);
}

std::optional<std::string> readFile(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return std::nullopt;
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

Error ioError(const std::string &what, const std::string &path)
{
    return {what + ": " + std::strerror(errno), Place{path, 0, 0}, "nothing of it was changed"};
}

/// Writes to a new file beside `path` and moves it over: a reader sees the old or the new text.
Result<void> writeWhole(const fs::path &path, const std::string &text)
{
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    // A link stays a link: what it points to is replaced.
    const fs::path target = fs::is_symlink(path, code) ? fs::canonical(path, code) : path;
    const fs::path temporary = target.string() + ".sallyport-new";
    {
        std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.close();
        if (!out) {
            const Error error = ioError("the file cannot be written", path.string());
            fs::remove(temporary, code);
            return fail(error);
        }
    }
    const fs::file_status before = fs::status(target, code);
    if (fs::exists(before))
        fs::permissions(temporary, before.permissions(), code);
    fs::rename(temporary, target, code);
    if (code) {
        const std::string reason = code.message();
        fs::remove(temporary, code);
        return fail("the file cannot be replaced: " + reason, Place{path.string(), 0, 0},
                    "nothing of it was changed");
    }
    return {};
}

Result<void> removeWhole(const fs::path &path)
{
    std::error_code code;
    fs::remove(path, code);
    if (code)
        return fail("the file cannot be removed: " + code.message(), Place{path.string(), 0, 0});
    return {};
}

} // namespace

FileChanges reverted(const FileChanges &changes)
{
    FileChanges back;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change)
        back.push_back({change->path, change->after, change->before});
    return back;
}

Result<std::vector<SourceFile>> applied(std::vector<SourceFile> files, const FileChanges &changes)
{
    for (const FileChange &change : changes) {
        const auto found = std::find_if(files.begin(), files.end(),
                                        [&](const SourceFile &file) { return file.path == change.path; });
        const bool matches = found == files.end() ? !change.before : change.before == found->text;
        if (!matches)
            return fail("the file is not what it was when the change was made", Place{change.path, 0, 0},
                        "it has been changed by something else since");
        if (found != files.end() && change.after)
            found->text = *change.after;
        else if (found != files.end())
            files.erase(found);
        else if (change.after)
            files.push_back({change.path, *change.after});
    }
    std::sort(files.begin(), files.end(),
              [](const SourceFile &a, const SourceFile &b) { return a.path < b.path; });
    return files;
}

Result<Project> applied(const Project &project, const FileChanges &changes)
{
    Result<std::vector<SourceFile>> files = applied(project.files, changes);
    if (!files)
        return fail(files.error());
    return projectFromFiles(project.folder, *std::move(files), project.hosts);
}

Result<void> saveChanges(const std::string &folder, const FileChanges &changes)
{
    for (const FileChange &change : changes) {
        if (readFile(fs::path(folder) / change.path) != change.before)
            return fail("the file was changed by another program", Place{change.path, 0, 0},
                        "reload it before saving, so that the other change is not lost");
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const fs::path path = fs::path(folder) / changes[i].path;
        Result<void> written = changes[i].after ? writeWhole(path, *changes[i].after) : removeWhole(path);
        if (written)
            continue;
        // One step: what was written before goes back.
        for (std::size_t k = i; k-- > 0;) {
            const fs::path earlier = fs::path(folder) / changes[k].path;
            static_cast<void>(changes[k].before ? writeWhole(earlier, *changes[k].before)
                                                : removeWhole(earlier));
        }
        return written;
    }
    return {};
}

ProjectEdit::ProjectEdit(const std::vector<SourceFile> &files)
{
    for (const SourceFile &file : files)
        m_before[file.path] = file.text;
    m_after = m_before;
}

Result<void> ProjectEdit::patch(const ResourceAddress &resource, std::string_view path, const Patch &edit)
{
    const auto file = m_after.find(resource.file);
    if (file == m_after.end())
        return fail("there is no such file", Place{resource.file, 0, 0});
    const std::string &text = file->second;
    const std::vector<yaml::Document> documents = yaml::parseDocuments(text, resource.file);
    const yaml::Document *document = findDocument(documents, resource.document);
    if (!document)
        return fail("the file has no such document", Place{resource.file, 0, 0},
                    "it has been changed; look for the resource again");
    if (!document->root)
        return fail(*document->error);
    const Result<yaml::TextEdit> made = edit(text, *document->root, inDocument(resource, path));
    if (!made)
        return fail(made.error());
    std::string changed = yaml::applied(text, *made);
    // A patch that breaks the document (an anchor that others use went away) is not made.
    const std::vector<yaml::Document> after = yaml::parseDocuments(changed, resource.file);
    const yaml::Document *changedDocument = findDocument(after, resource.document);
    if (after.size() != documents.size() || !changedDocument || !changedDocument->root)
        return fail(
            "the change would break the document at " + std::string(path), document->root->placeOf(path),
            changedDocument && changedDocument->error ? changedDocument->error->what : "make it in the text");
    file->second = std::move(changed);
    return {};
}

Result<void> ProjectEdit::setScalar(const ResourceAddress &resource, std::string_view path,
                                    std::string_view value, yaml::ScalarType type)
{
    return patch(resource, path, [&](std::string_view text, const yaml::Node &root, const std::string &full) {
        return yaml::setScalar(text, root, full, value, type);
    });
}

Result<void> ProjectEdit::setBlock(const ResourceAddress &resource, std::string_view path,
                                   std::string_view block)
{
    return patch(resource, path, [&](std::string_view text, const yaml::Node &root, const std::string &full) {
        return yaml::setBlock(text, root, full, block);
    });
}

Result<void> ProjectEdit::appendItem(const ResourceAddress &resource, std::string_view path,
                                     std::string_view block)
{
    return patch(resource, path, [&](std::string_view text, const yaml::Node &root, const std::string &full) {
        return yaml::appendItem(text, root, full, block);
    });
}

Result<void> ProjectEdit::insertItem(const ResourceAddress &resource, std::string_view path,
                                     std::size_t index, std::string_view block)
{
    return patch(resource, path, [&](std::string_view text, const yaml::Node &root, const std::string &full) {
        return yaml::insertItem(text, root, full, index, block);
    });
}

Result<void> ProjectEdit::remove(const ResourceAddress &resource, std::string_view path)
{
    return patch(resource, path, [&](std::string_view text, const yaml::Node &root, const std::string &full) {
        return yaml::removeAt(text, root, full);
    });
}

Result<void> ProjectEdit::setMeshConfig(const ResourceAddress &configMap, std::string_view path,
                                        std::string_view value, yaml::ScalarType type)
{
    return patch(configMap, "data.mesh",
                 [&](std::string_view text, const yaml::Node &root, const std::string &full) {
                     return yaml::setEmbeddedScalar(text, root, full, path, value, type);
                 });
}

ResourceAddress ProjectEdit::addResource(const std::string &file, std::string_view manifest)
{
    std::string &text = m_after[file];
    text = yaml::applied(text, yaml::appendDocument(text, manifest));
    const std::vector<yaml::Document> documents = yaml::parseDocuments(text, file);
    return {file, documents.empty() ? 0 : documents.back().index, -1};
}

Result<void> ProjectEdit::removeResource(const ResourceAddress &resource)
{
    const auto file = m_after.find(resource.file);
    if (file == m_after.end())
        return fail("there is no such file", Place{resource.file, 0, 0});
    if (resource.listItem >= 0)
        return remove(resource, {});
    const std::vector<yaml::Document> documents = yaml::parseDocuments(file->second, resource.file);
    const yaml::Document *document = findDocument(documents, resource.document);
    if (!document)
        return fail("the file has no such document", Place{resource.file, 0, 0});
    if (documents.size() == 1)
        m_after.erase(file);
    else
        file->second = yaml::applied(file->second, yaml::removeDocument(file->second, *document));
    return {};
}

void ProjectEdit::setFile(const std::string &file, std::string text)
{
    m_after[file] = std::move(text);
}

void ProjectEdit::removeFile(const std::string &file)
{
    m_after.erase(file);
}

std::string ProjectEdit::freeFileName(const std::string &folder, const std::string &wanted) const
{
    const std::string prefix = folder.empty() ? std::string() : folder + '/';
    const std::size_t dot = std::min(wanted.rfind('.'), wanted.size());
    std::string path = prefix + wanted;
    for (int i = 2; m_after.count(path) > 0; ++i)
        path = prefix + wanted.substr(0, dot) + '-' + std::to_string(i) + wanted.substr(dot);
    return path;
}

std::vector<SourceFile> ProjectEdit::files() const
{
    std::vector<SourceFile> files;
    for (const auto &[path, text] : m_after)
        files.push_back({path, text});
    return files;
}

FileChanges ProjectEdit::changes() const
{
    std::set<std::string> paths;
    for (const auto &[path, text] : m_before)
        paths.insert(path);
    for (const auto &[path, text] : m_after)
        paths.insert(path);
    FileChanges changes;
    for (const std::string &path : paths) {
        const auto textIn = [&path](const Texts &texts) {
            const auto found = texts.find(path);
            return found == texts.end() ? std::nullopt : std::optional(found->second);
        };
        FileChange change{path, textIn(m_before), textIn(m_after)};
        if (change.before != change.after)
            changes.push_back(std::move(change));
    }
    return changes;
}

} // namespace sallyport::model
