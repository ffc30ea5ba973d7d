// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/finding_list.h"

#include "ui/problems/project_findings.h"

#include <QtConcurrent>
#include <algorithm>

namespace sallyport::problems {

FindingList::FindingList(session::Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{
    connect(&m_watcher, &QFutureWatcher<std::vector<Finding>>::finished, this, [this] {
        if (m_context.project.isOpen()) {
            m_ofProject = m_watcher.result();
            publish();
        }
        if (std::exchange(m_again, false))
            look();
    });
    connect(&context.project, &session::ProjectSession::projectChanged, this, &FindingList::look);
    connect(&context.project, &session::ProjectSession::compiledChanged, this, &FindingList::look);
    connect(&context.project, &session::ProjectSession::closed, this, [this] {
        m_ofProject.clear();
        m_ofLab.clear();
        publish();
    });
    connect(&context.lab, &session::LabSession::applied, this, [this](const QStringList &problems) {
        m_ofLab.clear();
        for (const QString &problem : problems)
            m_ofLab.push_back(labFinding(problem, m_context.project.project().get()));
        publish();
    });
    connect(&context.lab, &session::LabSession::stateChanged, this, [this](session::LabState state) {
        if (state != session::LabState::Stopped || m_ofLab.empty())
            return;
        m_ofLab.clear();
        publish();
    });
    look();
}

FindingList::~FindingList()
{
    m_watcher.waitForFinished();
}

void FindingList::look()
{
    if (!m_context.project.isOpen())
        return;
    if (m_watcher.isRunning()) {
        m_again = true;
        return;
    }
    m_watcher.setFuture(
        QtConcurrent::run([project = m_context.project.project(), compiled = m_context.project.compiled()] {
            return findingsOf(*project, compiled.get(), std::chrono::system_clock::now());
        }));
}

void FindingList::publish()
{
    std::vector<Finding> findings = m_ofProject;
    for (const Finding &finding : m_ofLab) {
        // What planning the lab found, compiling found as well.
        const bool known = std::any_of(findings.begin(), findings.end(), [&](const Finding &other) {
            return other.file == finding.file && other.line == finding.line &&
                   finding.message.startsWith(other.message);
        });
        if (!known)
            findings.push_back(finding);
    }
    const bool same = std::equal(findings.begin(), findings.end(), m_findings.begin(), m_findings.end(),
                                 [](const Finding &a, const Finding &b) { return a.sameAs(b); });
    m_findings = std::move(findings); // fixes refer to newer texts even so
    if (!same)
        Q_EMIT changed();
}

int FindingList::count(model::Severity severity) const
{
    return static_cast<int>(
        std::count_if(m_findings.begin(), m_findings.end(),
                      [severity](const Finding &finding) { return finding.severity == severity; }));
}

std::optional<model::Severity> FindingList::worstOf(const session::ResourceSelection &resource) const
{
    std::optional<model::Severity> worst;
    for (const Finding &finding : m_findings) {
        const auto *target = std::get_if<session::ResourceSelection>(&finding.target);
        const bool same = target && target->file == resource.file && target->document == resource.document &&
                          target->listItem == resource.listItem;
        if (same && (!worst || finding.severity < *worst))
            worst = finding.severity;
    }
    return worst;
}

std::vector<const Finding *> FindingList::ofFile(const QString &file) const
{
    std::vector<const Finding *> found;
    for (const Finding &finding : m_findings) {
        if (finding.file == file)
            found.push_back(&finding);
    }
    return found;
}

Result<void> FindingList::apply(const Fix &fix)
{
    const Result<model::FileChanges> changes = fix.make(m_context.project.files());
    if (!changes)
        return fail(changes.error());
    m_context.project.endMerging();
    return m_context.project.apply(fix.title, *changes);
}

} // namespace sallyport::problems
