// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/source_files.h"

#include <QDir>
#include <QFile>
#include <algorithm>

namespace sallyport::session {

namespace {

const QString settingsFolder = QStringLiteral(".sallyport");
constexpr qint64 largestSetting = 4 << 20;

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

const model::SourceFile *findFile(const std::vector<model::SourceFile> &files, const std::string &path)
{
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&path](const model::SourceFile &file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

model::FileChanges differences(const std::vector<model::SourceFile> &before,
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

} // namespace sallyport::session
