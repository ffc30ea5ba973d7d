// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/project_findings.h"

#include "core/yaml/node.h"

#include "core/analysis/analysis.h"
#include "ui/problems/quick_fixes.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>
#include <tuple>

namespace sallyport::problems {

namespace {

void setPlace(Finding &finding, const Place &place)
{
    finding.file = QString::fromStdString(place.file);
    finding.line = place.line;
    finding.column = place.column;
}

const model::Resource *resourceOf(const model::Project &project, const model::Problem &problem)
{
    const model::Mesh *mesh = project.findMesh(problem.mesh);
    if (!mesh || problem.resource.empty())
        return nullptr;
    const model::Resource *found = nullptr;
    for (const model::Resource *resource : mesh->allResources()) {
        if (resource->title() != problem.resource || resource->file != problem.place.file)
            continue;
        // The same twice in a file: the one that begins last before the place.
        if (!found || (resource->node && resource->node->place.line <= problem.place.line))
            found = resource;
    }
    return found;
}

Finding fromProblem(const model::Project &project, const model::Problem &problem)
{
    Finding finding;
    finding.origin = Origin::Model;
    finding.code = QString::fromStdString(problem.code);
    finding.severity = problem.severity;
    finding.message = QString::fromStdString(problem.message);
    finding.hint = QString::fromStdString(problem.hint);
    finding.mesh = QString::fromStdString(problem.mesh);
    finding.resource = QString::fromStdString(problem.resource);
    finding.fieldPath = QString::fromStdString(problem.fieldPath);
    setPlace(finding, problem.place);
    const model::Resource *resource = resourceOf(project, problem);
    finding.fixes = fixesFor(problem, resource);
    if (resource)
        finding.target = selectionOf(*resource, finding.fieldPath);
    return finding;
}

/// Keys and certificates that were imported are in no text.
session::SelectedThing targetOf(const model::Project &project, const analysis::Finding &source)
{
    if (const model::Resource *resource = resourceOf(project, source); resource && !resource->file.empty())
        return selectionOf(*resource, QString::fromStdString(source.fieldPath));
    const QString name = QString::fromStdString(source.resource);
    const QString kind = QStringLiteral("Secret ");
    if (!name.startsWith(kind))
        return {};
    return session::CredentialSelection{QString::fromStdString(source.mesh),
                                        name.mid(kind.size()).section(QLatin1Char('/'), 0, 0),
                                        name.section(QLatin1Char('/'), 1)};
}

Finding fromAnalysis(const model::Project &project, const analysis::Finding &source)
{
    Finding finding = fromProblem(project, source);
    finding.origin = source.code.starts_with("EGR05") ? Origin::Credential : Origin::Analysis;
    finding.target = targetOf(project, source);
    finding.fixes.clear();
    for (const analysis::Fix &fix : source.fixes) {
        finding.fixes.push_back(
            {QString::fromStdString(fix.title),
             [edit = fix.edit](const std::vector<model::SourceFile> &files) -> Result<model::FileChanges> {
                 model::ProjectEdit texts(files);
                 if (Result<void> made = edit(texts); !made)
                     return fail(made.error());
                 return texts.changes();
             }});
    }
    return finding;
}

Finding fromError(const model::Project &project, const Error &error, model::Severity severity)
{
    Finding finding;
    finding.origin = Origin::Compile;
    finding.severity = severity;
    finding.message = QString::fromStdString(error.what);
    finding.hint = QString::fromStdString(error.hint);
    setPlace(finding, error.where);
    if (const model::Resource *resource = resourceAt(project, error.where.file, error.where.line)) {
        finding.resource = QString::fromStdString(resource->title());
        finding.target = selectionOf(*resource);
    }
    return finding;
}

bool before(const Finding &a, const Finding &b)
{
    return std::tuple(a.severity, a.file, a.line, a.column) <
           std::tuple(b.severity, b.file, b.line, b.column);
}

} // namespace

QString Finding::place() const
{
    return QString::fromStdString(Place{file.toStdString(), line, column}.toString());
}

bool Finding::sameAs(const Finding &other) const
{
    return std::tie(origin, code, severity, message, hint, file, line, column, mesh, resource, fieldPath,
                    target) == std::tie(other.origin, other.code, other.severity, other.message, other.hint,
                                        other.file, other.line, other.column, other.mesh, other.resource,
                                        other.fieldPath, other.target);
}

const model::Resource *resourceAt(const model::Project &project, const std::string &file, int line)
{
    const model::Resource *found = nullptr;
    for (const model::Mesh &mesh : project.meshes) {
        for (const model::Resource *resource : mesh.allResources()) {
            if (resource->file != file || !resource->node || resource->node->place.line > line)
                continue;
            if (!found || found->node->place.line <= resource->node->place.line)
                found = resource;
        }
    }
    return found;
}

session::ResourceSelection selectionOf(const model::Resource &resource, const QString &fieldPath)
{
    return {QString::fromStdString(resource.file), resource.document, resource.listItem, fieldPath};
}

std::vector<Finding> findingsOf(const model::Project &project, const compile::CompiledProject *compiled,
                                TimePoint now)
{
    std::vector<Finding> findings;
    const auto add = [&findings](Finding finding) {
        const bool known = std::any_of(findings.begin(), findings.end(), [&](const Finding &other) {
            return other.message == finding.message && other.place() == finding.place() &&
                   other.resource == finding.resource;
        });
        if (!known)
            findings.push_back(std::move(finding));
    };
    for (const model::Problem &problem : analysis::openProblems(project))
        add(fromProblem(project, problem));
    if (compiled) {
        for (const Error &error : compiled->errors)
            add(fromError(project, error, model::Severity::Error));
        for (const Error &warning : compiled->warnings)
            add(fromError(project, warning, model::Severity::Warning));
    }
    for (const analysis::Finding &finding : analysis::analyse(project, now))
        add(fromAnalysis(project, finding));
    std::stable_sort(findings.begin(), findings.end(), before);
    return findings;
}

Finding labFinding(const QString &problem, const model::Project *project)
{
    static const QRegularExpression form(
        QStringLiteral("^(?<file>[^:]+\\.ya?ml)(:(?<line>\\d+))?(:(?<column>\\d+))?: (?<what>.*)$"),
        QRegularExpression::DotMatchesEverythingOption);
    Finding finding;
    finding.origin = Origin::Lab;
    finding.message = problem;
    const QRegularExpressionMatch match = form.match(problem);
    if (match.hasMatch()) {
        finding.file = match.captured(QStringLiteral("file"));
        finding.line = match.captured(QStringLiteral("line")).toInt();
        finding.column = match.captured(QStringLiteral("column")).toInt();
        finding.message = match.captured(QStringLiteral("what"));
    }
    const model::Resource *resource = project && finding.line > 0
                                          ? resourceAt(*project, finding.file.toStdString(), finding.line)
                                          : nullptr;
    if (resource) {
        finding.resource = QString::fromStdString(resource->title());
        finding.target = selectionOf(*resource);
    }
    finding.hint =
        QCoreApplication::translate("Findings", "The lab goes on with the configuration that it had before.");
    return finding;
}

} // namespace sallyport::problems
