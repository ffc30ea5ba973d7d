// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_list.h"

#include "ui/certificates/certificate_entries.h"

#include <QtConcurrent>

namespace sallyport::certificates {

CertificateList::CertificateList(session::Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{
    connect(&m_watcher, &QFutureWatcher<std::vector<CertificateEntry>>::finished, this, [this] {
        if (m_context.project.isOpen()) {
            Q_EMIT changing();
            m_model.setNow(std::chrono::system_clock::now());
            m_model.setEntries(m_watcher.result());
            Q_EMIT changed();
        }
        if (std::exchange(m_again, false))
            look();
    });
    connect(&context.project, &session::ProjectSession::projectChanged, this, &CertificateList::look);
    connect(&context.project, &session::ProjectSession::compiledChanged, this, &CertificateList::look);
    connect(&context.project, &session::ProjectSession::closed, this, [this] {
        Q_EMIT changing();
        m_model.setEntries({});
        Q_EMIT changed();
    });
    connect(&context.lab, &session::LabSession::certificatesChanged, this, &CertificateList::look);
    connect(&context.lab, &session::LabSession::planChanged, this, &CertificateList::look);
    constexpr auto minute = std::chrono::minutes(1);
    connect(&m_clock, &QTimer::timeout, this, [this] { m_model.setNow(std::chrono::system_clock::now()); });
    m_clock.start(minute);
    look();
}

CertificateList::~CertificateList()
{
    m_watcher.waitForFinished();
}

void CertificateList::look()
{
    if (!m_context.project.isOpen())
        return;
    if (m_watcher.isRunning()) {
        m_again = true;
        return;
    }
    m_watcher.setFuture(
        QtConcurrent::run([project = m_context.project.project(), compiled = m_context.project.compiled(),
                           certificates = m_context.lab.certificates(), plan = m_context.lab.plan()] {
            return certificateEntries(*project, compiled.get(), certificates, plan.get());
        }));
}

} // namespace sallyport::certificates
