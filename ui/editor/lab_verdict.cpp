// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/lab_verdict.h"

#include "ui/problems/project_findings.h"

namespace sallyport::editor {

LabVerdict::LabVerdict(session::LabSession &lab, QObject *parent)
    : QObject(parent)
{
    connect(&lab, &session::LabSession::applied, this, &LabVerdict::onApplied);
    connect(&lab, &session::LabSession::stateChanged, this, &LabVerdict::onState);
}

void LabVerdict::onApplied(const QStringList &problems)
{
    if (problems.isEmpty()) {
        set(Kind::InForce, tr("In force: the running lab took the change over."));
        return;
    }
    const problems::Finding first = problems::labFinding(problems.front(), nullptr);
    QString text = tr("The old configuration keeps running: %1").arg(first.message);
    if (problems.size() > 1)
        text += tr(", and %n more", nullptr, static_cast<int>(problems.size()) - 1);
    set(Kind::Refused, text, first.file, first.line);
}

void LabVerdict::onState(session::LabState state)
{
    if (state == session::LabState::Stopped || state == session::LabState::Starting)
        set(Kind::None, {});
}

void LabVerdict::set(Kind kind, const QString &text, const QString &file, int line)
{
    m_kind = kind;
    m_text = text;
    m_file = file;
    m_line = line;
    Q_EMIT changed();
}

} // namespace sallyport::editor
