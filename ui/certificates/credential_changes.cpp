// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/credential_changes.h"

#include <QPointer>
#include <QUndoCommand>

namespace sallyport::certificates {

namespace {

Result<void> put(const pki::CredentialStore &store, const pki::CredentialId &id,
                 const std::optional<pki::Credential> &wanted)
{
    return wanted ? store.put(id, *wanted) : store.remove(id);
}

} // namespace

class CredentialChanges::Step : public QUndoCommand
{
public:
    Step(CredentialChanges &changes, const QString &name, pki::CredentialId id, Stored before, Stored after)
        : QUndoCommand(name)
        , m_changes(&changes)
        , m_id(std::move(id))
        , m_before(std::move(before))
        , m_after(std::move(after))
    {
    }

    void undo() override
    {
        if (m_changes)
            m_changes->store(m_id, m_before);
    }
    void redo() override
    {
        // It has been done when it comes to the stack.
        if (m_changes && !std::exchange(m_isNew, false))
            m_changes->store(m_id, m_after);
    }

private:
    QPointer<CredentialChanges> m_changes;
    pki::CredentialId m_id;
    Stored m_before;
    Stored m_after;
    bool m_isNew = true;
};

CredentialChanges::CredentialChanges(session::ProjectSession &project, QObject *parent)
    : QObject(parent)
    , m_project(project)
{
    m_worker.setMaxThreadCount(1);
}

CredentialChanges::~CredentialChanges()
{
    m_worker.waitForDone();
}

void CredentialChanges::import(const pki::CredentialId &id, const pki::Credential &credential)
{
    change(id, credential, tr("Import %1").arg(QString::fromStdString(id.name)));
}

void CredentialChanges::remove(const pki::CredentialId &id)
{
    change(id, {}, tr("Remove %1").arg(QString::fromStdString(id.name)));
}

void CredentialChanges::change(const pki::CredentialId &id, Stored after, const QString &stepName)
{
    if (!m_project.isOpen())
        return;
    m_worker.start([this, id, after = std::move(after), stepName, folder = m_project.folder()] {
        const auto store = pki::CredentialStore::forProject(folder.toStdString());
        Stored before;
        // What cannot be read any more cannot be brought back either.
        if (auto credential = store.get(id))
            before = *std::move(credential);
        const Result<void> written = put(store, id, after);
        QMetaObject::invokeMethod(
            this,
            [this, id, before, after, stepName, folder, written] {
                if (folder != m_project.folder())
                    return;
                if (!written) {
                    Q_EMIT failed(QString::fromStdString(written.error().toString()));
                    return;
                }
                m_project.undoStack().push(new Step(*this, stepName, id, before, after));
                m_project.credentialsChanged();
                Q_EMIT done(QString::fromStdString(id.name), after.has_value());
            },
            Qt::QueuedConnection);
    });
}

void CredentialChanges::store(const pki::CredentialId &id, const Stored &wanted)
{
    m_worker.start([this, id, wanted, folder = m_project.folder()] {
        const Result<void> written = put(pki::CredentialStore::forProject(folder.toStdString()), id, wanted);
        QMetaObject::invokeMethod(
            this,
            [this, id, there = wanted.has_value(), folder, written] {
                if (folder != m_project.folder())
                    return;
                if (!written) {
                    Q_EMIT failed(QString::fromStdString(written.error().toString()));
                    return;
                }
                m_project.credentialsChanged();
                Q_EMIT done(QString::fromStdString(id.name), there);
            },
            Qt::QueuedConnection);
    });
}

} // namespace sallyport::certificates
