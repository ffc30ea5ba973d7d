// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/project_watch.h"

#include <QDirIterator>
#include <chrono>

namespace sallyport::session {

namespace {

constexpr auto settleTime = std::chrono::milliseconds(200);

bool isWatched(const QFileInfo &file)
{
    const QString suffix = file.suffix();
    return file.path().endsWith(QLatin1String("/.sallyport")) || suffix == QLatin1String("yaml") ||
           suffix == QLatin1String("yml");
}

/// Folders of the project and its files; other hidden folders are not part of it.
void collect(const QString &folder, QStringList &paths)
{
    paths.append(folder);
    QDirIterator entries(folder, QDir::Files | QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot);
    while (entries.hasNext()) {
        entries.next();
        const QFileInfo entry = entries.fileInfo();
        if (entry.isSymLink() && entry.isDir())
            continue;
        if (entry.isDir()) {
            if (!entry.fileName().startsWith(QLatin1Char('.')) ||
                entry.fileName() == QLatin1String(".sallyport"))
                collect(entry.filePath(), paths);
        } else if (isWatched(entry)) {
            paths.append(entry.filePath());
        }
    }
}

} // namespace

ProjectWatch::ProjectWatch(QObject *parent)
    : QObject(parent)
{
    m_settle.setSingleShot(true);
    m_settle.setInterval(settleTime);
    connect(&m_settle, &QTimer::timeout, this, [this] {
        refresh();
        Q_EMIT changed();
    });
    const auto restart = [this] { m_settle.start(); };
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, restart);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, restart);
}

void ProjectWatch::watch(const QString &folder)
{
    m_settle.stop();
    const QStringList before = m_watcher.files() + m_watcher.directories();
    if (!before.isEmpty())
        m_watcher.removePaths(before);
    m_folder = folder;
    refresh();
}

void ProjectWatch::refresh()
{
    if (m_folder.isEmpty())
        return;
    QStringList paths;
    collect(m_folder, paths);
    // A file that was replaced by renaming is no longer watched under its name: adding it again is harmless.
    m_watcher.addPaths(paths);
}

} // namespace sallyport::session
