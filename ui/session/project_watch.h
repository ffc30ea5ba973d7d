// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFileSystemWatcher>
#include <QObject>
#include <QTimer>

namespace sallyport::session {

/// Tells when something below a project's folder may have been changed by another program. Several changes
/// shortly after each other are one.
class ProjectWatch : public QObject
{
    Q_OBJECT

public:
    explicit ProjectWatch(QObject *parent = nullptr);

    /// Watches this folder instead of what was watched before; an empty one: nothing.
    void watch(const QString &folder);
    /// Looks for files and folders that came since.
    void refresh();

Q_SIGNALS:
    void changed();

private:
    QFileSystemWatcher m_watcher;
    QTimer m_settle;
    QString m_folder;
};

} // namespace sallyport::session
