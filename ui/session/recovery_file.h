// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/project_session.h"

#include <QLockFile>
#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <memory>

namespace sallyport::session {

/// Where edits of a project that are not saved yet outlive a crash: one file per project in the state folder
/// (`$XDG_STATE_HOME/sallyport/recovery`, 0600, since YAML may hold a Secret). The first console that has a
/// project open owns its file; another one neither reads nor writes it.
class RecoveryFile : public QObject
{
    Q_OBJECT

public:
    /// `folder` is the project's, canonical.
    RecoveryFile(const QString &folder, QObject *parent = nullptr);
    /// Ends well: an empty file is removed, a written one stays for the next start only if remove() was not
    /// called.
    ~RecoveryFile() override;

    /// What an earlier run left; nothing if it ended well.
    std::optional<UnsavedWork> read() const;
    /// Keeps these changes, a moment later and off this thread; no changes remove the file.
    void keep(model::FileChanges changes);
    /// At once.
    void remove();

private:
    void write();

    QString m_path;
    QLockFile m_lock;
    bool m_owner = false;
    QTimer m_settle;
    QThreadPool m_writer; ///< one thread: writes follow each other
    model::FileChanges m_changes;
};

} // namespace sallyport::session
