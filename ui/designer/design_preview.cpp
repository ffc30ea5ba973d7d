// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/design_preview.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::designer {

namespace {

using Change = design::DesignedResource::Change;

QString tr(const char *text)
{
    return QCoreApplication::translate("DesignPreview", text);
}

} // namespace

bool DesignPreview::hasErrors() const
{
    return !error.isEmpty() ||
           std::any_of(findings.begin(), findings.end(), [](const design::DesignFinding &finding) {
               return finding.severity == model::Severity::Error;
           });
}

const design::DesignFinding *DesignPreview::findingOf(design::DesignField field) const
{
    const design::DesignFinding *worst = nullptr;
    for (const design::DesignFinding &finding : findings) {
        if (finding.field == field && (!worst || finding.severity < worst->severity))
            worst = &finding;
    }
    return worst;
}

int DesignPreview::count(Change change) const
{
    return static_cast<int>(
        std::count_if(resources.begin(), resources.end(),
                      [change](const design::DesignedResource &each) { return each.change == change; }));
}

QString DesignPreview::summary() const
{
    if (!error.isEmpty())
        return error;
    const auto errors = std::count_if(findings.begin(), findings.end(), [](const auto &finding) {
        return finding.severity == model::Severity::Error;
    });
    if (errors > 0)
        return errors == 1
                   ? tr("One answer is missing or does not fit: it is marked on the left.")
                   : tr("%1 answers are missing or do not fit: they are marked on the left.").arg(errors);
    if (changes.empty())
        return tr("The project has this route already: there is nothing to do.");
    QStringList parts;
    if (const int made = count(Change::Created); made > 0)
        parts.append(tr("%1 new").arg(made));
    if (const int changed = count(Change::Changed); changed > 0)
        parts.append(tr("%1 changed").arg(changed));
    if (const int kept = count(Change::Kept); kept > 0)
        parts.append(tr("%1 as they are").arg(kept));
    return tr("Resources: %1. Files: %2.").arg(parts.join(QStringLiteral(", "))).arg(changes.size());
}

DesignPreview previewOf(const model::Project &project, const design::RouteDesign &design)
{
    DesignPreview preview;
    preview.findings = design::checkDesign(project, design);
    if (preview.hasErrors())
        return preview;
    Result<design::DesignedRoute> route = design::designRoute(project, design);
    if (!route) {
        preview.error = QString::fromStdString(route.error().toString());
        return preview;
    }
    preview.resources = std::move(route->resources);
    for (const std::string &note : route->notes)
        preview.notes.append(QString::fromStdString(note));
    preview.diffs = fileDiffs(route->changes);
    preview.changes = std::move(route->changes);
    return preview;
}

} // namespace sallyport::designer
