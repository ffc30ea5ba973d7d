// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential_store.h"
#include "ui/session/project_session.h"

#include <QThreadPool>

namespace sallyport::certificates {

/// Imports and removals of credentials, each a step of the project's undo stack. A step holds what was there
/// before, private keys included, in memory only and as long as the stack has it. Files are written on a
/// worker thread, one step after the other. GUI thread only.
class CredentialChanges : public QObject
{
    Q_OBJECT

public:
    explicit CredentialChanges(session::ProjectSession &project, QObject *parent = nullptr);
    ~CredentialChanges() override;

    /// Stores the credential in place of what is there; done() or failed() follow.
    void import(const pki::CredentialId &id, const pki::Credential &credential);
    void remove(const pki::CredentialId &id);

Q_SIGNALS:
    /// The store has changed, and the project knows: a first time, by undo or by redo. `there`: the
    /// credential is in it now.
    void done(const QString &name, bool there);
    void failed(const QString &why);

private:
    class Step;
    using Stored = std::optional<pki::Credential>; ///< nothing: it is not there

    void change(const pki::CredentialId &id, Stored after, const QString &stepName);
    void store(const pki::CredentialId &id, const Stored &wanted);

    session::ProjectSession &m_project;
    QThreadPool m_worker;
};

} // namespace sallyport::certificates
