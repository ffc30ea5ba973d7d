// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/resource_changes.h"

#include <algorithm>

namespace sallyport::project {

namespace {

/// `service-entry` of `ServiceEntry`
QString dashed(const QString &kind)
{
    QString text;
    for (const QChar letter : kind) {
        if (letter.isUpper() && !text.isEmpty())
            text += QLatin1Char('-');
        text += letter.toLower();
    }
    return text;
}

/// The folder of a mesh's files; empty where they lie in the project's folder itself.
std::string folderOf(const model::Project &project, const std::string &mesh)
{
    const bool own =
        std::any_of(project.files.begin(), project.files.end(),
                    [&](const model::SourceFile &file) { return file.path.starts_with(mesh + '/'); });
    return own || project.files.empty() ? mesh : std::string();
}

} // namespace

NewResource newResource(const model::Project &project, const std::vector<model::SourceFile> &files,
                        const editor::Kind &kind, const QString &mesh, const QString &nameSpace)
{
    const model::Mesh *of = project.findMesh(mesh.toStdString());
    const std::vector<const model::Resource *> all =
        of ? of->allResources() : std::vector<const model::Resource *>();
    const auto taken = [&](const QString &name) {
        return std::any_of(all.begin(), all.end(), [&](const model::Resource *each) {
            return each->kind == kind.name.toStdString() && each->metadata.name == name.toStdString() &&
                   each->metadata.resourceNamespace == nameSpace.toStdString();
        });
    };
    const QString stem = dashed(kind.name);
    NewResource made;
    made.name = QStringLiteral("new-") + stem;
    for (int number = 2; taken(made.name); ++number)
        made.name = QStringLiteral("new-%1-%2").arg(stem).arg(number);
    model::ProjectEdit edit(files);
    const std::string file =
        edit.freeFileName(folderOf(project, mesh.toStdString()), stem.toStdString() + ".yaml");
    const model::ResourceAddress address =
        edit.addResource(file, editor::manifestOf(kind, made.name, nameSpace).toStdString());
    made.changes = edit.changes();
    made.where = {QString::fromStdString(address.file), address.document, address.listItem, {}};
    return made;
}

Result<model::FileChanges> deleteResource(const std::vector<model::SourceFile> &files,
                                          const session::ResourceSelection &where, bool wholeFile)
{
    model::ProjectEdit edit(files);
    if (wholeFile) {
        edit.removeFile(where.file.toStdString());
        return edit.changes();
    }
    if (const auto done = edit.removeResource({where.file.toStdString(), where.document, where.listItem});
        !done)
        return fail(done.error());
    return edit.changes();
}

model::FileChanges newSettingsFile(const std::string &path)
{
    const bool hosts = path.ends_with("hosts");
    const std::string text = hosts ? "# ADDRESS NAME…: names that the lab's applications can ask for.\n"
                                   : "# Checks that Verify plays through the running lab.\nchecks: []\n";
    return {{path, std::nullopt, text}};
}

} // namespace sallyport::project
