// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/import_draft.h"

#include <QFileInfo>

namespace sallyport::certificates {

namespace {

constexpr std::chrono::milliseconds typingPause(150);

} // namespace

ImportDraft::ImportDraft(session::ProjectSession &project, QObject *parent)
    : QObject(parent)
    , m_project(project)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(typingPause);
    connect(&m_timer, &QTimer::timeout, this, &ImportDraft::look);
    connect(&project, &session::ProjectSession::compiledChanged, this, [this] {
        if (!isEmpty())
            change();
    });
    connect(&project, &session::ProjectSession::closed, this, &ImportDraft::clear);
}

ImportDraft::~ImportDraft()
{
    m_worker.waitForDone();
}

void ImportDraft::begin(const session::CredentialSelection &wanted)
{
    m_request = {};
    m_request.target = wanted;
    m_plan = {};
    change(false);
}

void ImportDraft::clear()
{
    m_timer.stop();
    m_request = {};
    m_plan = {};
    m_known = ++m_wanted;
    Q_EMIT planned();
}

void ImportDraft::addFiles(const QStringList &paths)
{
    for (const QString &path : paths) {
        const QString absolute = QFileInfo(path).absoluteFilePath();
        if (!m_request.paths.contains(absolute))
            m_request.paths.append(absolute);
    }
    change(false);
}

void ImportDraft::removeFile(const QString &path)
{
    m_request.paths.removeAll(path);
    m_request.passphrases.remove(path);
    change(false);
}

void ImportDraft::setPassphrase(const QString &path, const QString &passphrase)
{
    if (m_request.passphrases.value(path) == passphrase)
        return;
    m_request.passphrases.insert(path, passphrase);
    change();
}

void ImportDraft::setName(const QString &name)
{
    if (m_request.target.name == name)
        return;
    m_request.target.name = name;
    change();
}

void ImportDraft::setMesh(const QString &mesh)
{
    if (m_request.target.mesh == mesh)
        return;
    m_request.target.mesh = mesh;
    change(false);
}

void ImportDraft::setNameSpace(const QString &nameSpace)
{
    if (m_request.target.nameSpace == nameSpace)
        return;
    m_request.target.nameSpace = nameSpace;
    change();
}

void ImportDraft::setUse(std::optional<pki::CredentialUse> use)
{
    if (m_request.use == use)
        return;
    m_request.use = use;
    change(false);
}

void ImportDraft::change(bool soon)
{
    ++m_wanted;
    Q_EMIT changed();
    if (soon)
        m_timer.start();
    else
        look();
}

/// One run at a time; what changed meanwhile is looked at when it is done.
void ImportDraft::look()
{
    m_timer.stop();
    if (!m_project.isOpen() || m_looking)
        return;
    m_looking = true;
    m_worker.start([this, request = m_request, number = m_wanted, project = m_project.project(),
                    compiled = m_project.compiled()] {
        QMetaObject::invokeMethod(
            this,
            [this, number,
             plan = planImport(request, *project, compiled.get(), std::chrono::system_clock::now())] {
                m_looking = false;
                if (number == m_wanted) {
                    m_plan = plan;
                    m_known = number;
                    Q_EMIT planned();
                } else if (!isCurrent() && !m_timer.isActive()) {
                    look();
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace sallyport::certificates
