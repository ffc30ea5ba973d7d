// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/quick_fixes.h"

#include "core/yaml/edit.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::problems {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("QuickFixes", text);
}

/// An edit of the project's texts as they are when the button is pressed.
template<typename Edit>
Fix fix(const QString &title, Edit edit)
{
    return {title, [edit](const std::vector<model::SourceFile> &files) -> Result<model::FileChanges> {
                model::ProjectEdit texts(files);
                if (Result<void> made = edit(texts); !made)
                    return fail(made.error());
                return texts.changes();
            }};
}

/// The word in quotes that a hint suggests: `did you mean "credentialName"?`
std::string suggestion(const std::string &hint)
{
    const std::string begin = "did you mean \"";
    const std::size_t at = hint.find(begin);
    if (at == std::string::npos)
        return {};
    const std::size_t end = hint.find('"', at + begin.size());
    return end == std::string::npos ? std::string() : hint.substr(at + begin.size(), end - at - begin.size());
}

/// The words of `one of A, B, C`.
std::vector<std::string> choices(const std::string &hint)
{
    std::vector<std::string> words;
    const std::string begin = "one of ";
    if (!hint.starts_with(begin))
        return words;
    for (std::size_t at = begin.size(); at < hint.size();) {
        const std::size_t end = std::min(hint.find(", ", at), hint.size());
        words.push_back(hint.substr(at, end - at));
        at = end + 2;
    }
    return words;
}

/// Where the mesh configuration lies inside of its ConfigMap, edits go through it.
bool isEmbedded(const model::Problem &problem)
{
    return problem.fieldPath.starts_with("data.mesh.");
}

/// The key at the end of a path under another name, its value as it was.
Result<model::FileChanges> rename(const std::vector<model::SourceFile> &files,
                                  const model::ResourceAddress &at, const std::string &path,
                                  const std::string &name)
{
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const model::SourceFile &each) { return each.path == at.file; });
    if (file == files.end())
        return fail("there is no such file", Place{at.file, 0, 0});
    for (const yaml::Document &document : yaml::parseDocuments(file->text, file->path)) {
        if (document.index != at.document || !document.root)
            continue;
        yaml::NodePtr holder = document.root;
        if (at.listItem >= 0)
            holder = holder->at("items[" + std::to_string(at.listItem) + ']');
        const std::vector<yaml::PathStep> steps = yaml::parsePath(path);
        const std::size_t end = path.rfind(steps.back().key);
        std::string parent = path.substr(0, end);
        while (!parent.empty() && (parent.back() == '.' || parent.back() == '"' || parent.back() == '['))
            parent.pop_back();
        holder = holder && !parent.empty() ? holder->at(parent) : holder;
        const yaml::NodePtr key = holder ? holder->findKey(steps.back().key) : nullptr;
        if (!key)
            break;
        const std::string text = yaml::applied(file->text, yaml::TextEdit{key->begin, key->end, name});
        return model::FileChanges{{file->path, file->text, text}};
    }
    return fail("the field is not there any more", Place{at.file, 0, 0}, "it has been changed since");
}

} // namespace

std::vector<Fix> fixesFor(const model::Problem &problem, const model::Resource *resource)
{
    std::vector<Fix> fixes;
    if (!resource || resource->file.empty() || problem.fieldPath.empty() || isEmbedded(problem))
        return fixes;
    const model::ResourceAddress address = model::ResourceAddress::of(*resource);
    const std::string path = problem.fieldPath;
    const bool unknown = problem.code == "EGR0102" && problem.message.starts_with("unknown field");
    if (unknown) {
        if (const std::string name = suggestion(problem.hint); !name.empty())
            fixes.push_back({tr("Rename to %1").arg(QString::fromStdString(name)),
                             [=](const std::vector<model::SourceFile> &files) {
                                 return rename(files, address, path, name);
                             }});
        fixes.push_back(fix(tr("Remove the field"),
                            [=](model::ProjectEdit &edit) { return edit.remove(address, path); }));
    }
    if (problem.code == "EGR0102" && problem.hint.starts_with("put it in quotes")) {
        const yaml::NodePtr value = resource->node ? resource->node->at(path) : nullptr;
        if (value && value->isScalar()) {
            const std::string text = value->scalar;
            fixes.push_back(fix(tr("Put it in quotes"), [=](model::ProjectEdit &edit) {
                return edit.setScalar(address, path, text, yaml::ScalarType::String);
            }));
        }
    }
    if (problem.code == "EGR0105") {
        constexpr std::size_t mostButtons = 4;
        const std::vector<std::string> words = choices(problem.hint);
        for (std::size_t i = 0; i < std::min(words.size(), mostButtons); ++i) {
            const std::string &word = words[i];
            fixes.push_back(fix(QString::fromStdString(word), [=](model::ProjectEdit &edit) {
                return edit.setScalar(address, path, word, yaml::ScalarType::String);
            }));
        }
    }
    if (problem.code == "EGR0108") {
        const std::string name = resource->metadata.resourceNamespace;
        fixes.push_back(
            fix(tr("Set namespace: %1").arg(QString::fromStdString(name)), [=](model::ProjectEdit &edit) {
                return edit.setScalar(address, "metadata.namespace", name);
            }));
    }
    if (problem.code == "EGR0109")
        fixes.push_back(fix(tr("Delete this one"),
                            [=](model::ProjectEdit &edit) { return edit.removeResource(address); }));
    return fixes;
}

} // namespace sallyport::problems
