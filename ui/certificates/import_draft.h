// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/import_plan.h"
#include "ui/session/context.h"

#include <QThreadPool>
#include <QTimer>

namespace sallyport::certificates {

/// An import while a person prepares it: each change plans it anew on a worker thread, so that what is wrong
/// shows before anything is accepted. GUI thread only.
class ImportDraft : public QObject
{
    Q_OBJECT

public:
    explicit ImportDraft(session::ProjectSession &project, QObject *parent = nullptr);
    ~ImportDraft() override;

    /// Begins anew, for a credential that is wanted (may be empty in whole or in part).
    void begin(const session::CredentialSelection &wanted);
    /// Forgets everything, keys and passphrases too.
    void clear();

    void addFiles(const QStringList &paths);
    void removeFile(const QString &path);
    void setPassphrase(const QString &path, const QString &passphrase);
    /// What the person typed; an empty text is proposed again.
    void setName(const QString &name);
    void setMesh(const QString &mesh);
    void setNameSpace(const QString &nameSpace);
    void setUse(std::optional<pki::CredentialUse> use);

    const ImportRequest &request() const { return m_request; }
    /// Belongs to the request when isCurrent().
    const ImportPlan &plan() const { return m_plan; }
    bool isCurrent() const { return m_known == m_wanted; }
    bool isEmpty() const { return m_request.paths.isEmpty(); }

Q_SIGNALS:
    /// The request has changed: plan() is not current any more.
    void changed();
    /// plan() is new.
    void planned();

private:
    void change(bool soon = true);
    void look();

    session::ProjectSession &m_project;
    ImportRequest m_request;
    ImportPlan m_plan;
    QThreadPool m_worker;
    QTimer m_timer;   ///< lets a person finish typing
    int m_wanted = 0; ///< counts changes of the request
    int m_known = 0;  ///< which of them the plan belongs to
    bool m_looking = false;
};

} // namespace sallyport::certificates
