// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/project_texts.h"

#include <QDir>
#include <QFile>
#include <algorithm>

namespace sallyport::session {

namespace {

const QString settingsFolder = QStringLiteral(".sallyport");
constexpr qint64 largestSetting = 4 << 20;

model::FileChanges ofKind(const model::FileChanges &changes, bool settings)
{
    model::FileChanges chosen;
    std::copy_if(changes.begin(), changes.end(), std::back_inserter(chosen),
                 [settings](const model::FileChange &change) { return isSetting(change.path) == settings; });
    return chosen;
}

/// Both in order of their paths.
model::FileChanges differencesOf(const std::vector<model::SourceFile> &before,
                                 const std::vector<model::SourceFile> &after)
{
    model::FileChanges changes;
    auto old = before.begin();
    auto now = after.begin();
    while (old != before.end() || now != after.end()) {
        if (now == after.end() || (old != before.end() && old->path < now->path)) {
            changes.push_back({old->path, old->text, std::nullopt});
            ++old;
        } else if (old == before.end() || now->path < old->path) {
            changes.push_back({now->path, std::nullopt, now->text});
            ++now;
        } else {
            if (old->text != now->text)
                changes.push_back({now->path, old->text, now->text});
            ++old;
            ++now;
        }
    }
    return changes;
}

} // namespace

bool isSetting(const std::string &path)
{
    return path.starts_with(".sallyport/");
}

std::vector<model::SourceFile> readSettings(const std::string &folder)
{
    const QDir settings(QString::fromStdString(folder) + QLatin1Char('/') + settingsFolder);
    std::vector<model::SourceFile> files;
    for (const QString &name : settings.entryList(QDir::Files, QDir::Name)) {
        QFile file(settings.filePath(name));
        if (file.size() > largestSetting || !file.open(QIODevice::ReadOnly))
            continue;
        files.push_back(
            {(settingsFolder + QLatin1Char('/') + name).toStdString(), file.readAll().toStdString()});
    }
    std::sort(files.begin(), files.end(),
              [](const model::SourceFile &a, const model::SourceFile &b) { return a.path < b.path; });
    return files;
}

std::optional<std::string> ProjectTexts::text(const std::string &path) const
{
    const std::vector<model::SourceFile> &kind = isSetting(path) ? settings : files;
    const auto found = std::find_if(kind.begin(), kind.end(),
                                    [&path](const model::SourceFile &file) { return file.path == path; });
    return found == kind.end() ? std::nullopt : std::optional(found->text);
}

Result<ProjectTexts> ProjectTexts::applied(const model::FileChanges &changes) const
{
    auto newFiles = model::applied(files, ofKind(changes, false));
    if (!newFiles)
        return fail(newFiles.error());
    auto newSettings = model::applied(settings, ofKind(changes, true));
    if (!newSettings)
        return fail(newSettings.error());
    return ProjectTexts{*std::move(newFiles), *std::move(newSettings)};
}

model::FileChanges ProjectTexts::differences(const ProjectTexts &after) const
{
    model::FileChanges changes = differencesOf(files, after.files);
    const model::FileChanges ofSettings = differencesOf(settings, after.settings);
    changes.insert(changes.end(), ofSettings.begin(), ofSettings.end());
    return changes;
}

} // namespace sallyport::session
