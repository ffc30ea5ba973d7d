// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/analysis.h"
#include "core/lab/stored_credentials.h"
#include "core/model/project.h"
#include "ctl/command.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <algorithm>

namespace sallyport::ctl {

namespace {

using analysis::Finding;
using model::Severity;

const char *nameOf(Severity severity)
{
    switch (severity) {
    case Severity::Error:
        return "error";
    case Severity::Warning:
        return "warning";
    case Severity::Information:
        break;
    }
    return "information";
}

/// A project folder, or one manifest.
Result<model::Project> read(const QString &path)
{
    const QFileInfo info(path);
    if (!info.isFile())
        return model::loadProject(path.toStdString());
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail("the file cannot be read: " + file.errorString().toStdString(),
                    Place{path.toStdString(), 0, 0});
    const std::string folder = info.absolutePath().toStdString();
    return model::projectFromFiles(folder, {{info.fileName().toStdString(), file.readAll().toStdString()}},
                                   {});
}

/// What is wrong with it: reading, Istio's validation and, of a whole project, the checks of the catalogue. A
/// single manifest is read for itself, since what it refers to may be elsewhere.
std::vector<Finding> findingsOf(model::Project project, bool whole)
{
    if (whole)
        lab::addStoredCredentials(project);
    std::vector<Finding> findings;
    for (const model::Problem &problem : whole ? analysis::openProblems(project) : project.problems)
        findings.push_back({problem, {}});
    if (whole) {
        for (Finding &finding : analysis::analyse(project, std::chrono::system_clock::now()))
            findings.push_back(std::move(finding));
    }
    return findings;
}

/// With the place as the person who gave the path can open it.
Finding withOpenablePlace(Finding finding, const QString &path)
{
    const QString folder = QFileInfo(path).isFile() ? QFileInfo(path).path() : path;
    const QString file = QString::fromStdString(finding.place.file);
    if (!file.isEmpty() && QDir::isRelativePath(file))
        finding.place.file = QDir::cleanPath(folder + QLatin1Char('/') + file).toStdString();
    return finding;
}

QJsonObject toJson(const Finding &problem)
{
    const auto text = [](const std::string &value) { return QString::fromStdString(value); };
    QJsonArray fixes;
    if (!problem.hint.empty())
        fixes.append(QJsonObject{{QStringLiteral("title"), text(problem.hint)}});
    for (const analysis::Fix &fix : problem.fixes)
        fixes.append(QJsonObject{{QStringLiteral("title"), text(fix.title)}});
    return {{QStringLiteral("code"), text(problem.code)},
            {QStringLiteral("severity"), QString::fromLatin1(nameOf(problem.severity))},
            {QStringLiteral("message"), text(problem.message)},
            {QStringLiteral("mesh"), text(problem.mesh)},
            {QStringLiteral("resource"), text(problem.resource)},
            {QStringLiteral("field"), text(problem.fieldPath)},
            {QStringLiteral("file"), text(problem.place.file)},
            {QStringLiteral("line"), problem.place.line},
            {QStringLiteral("column"), problem.place.column},
            {QStringLiteral("fixes"), fixes}};
}

std::string line(const Finding &problem)
{
    std::string text = problem.place.toString();
    if (!text.empty())
        text += ": ";
    text += std::string(nameOf(problem.severity)) + ' ' + problem.code + ": " + problem.message;
    if (!problem.hint.empty())
        text += " (" + problem.hint + ')';
    if (!problem.resource.empty())
        text += " [" + problem.resource + ']';
    return text;
}

std::string counted(std::size_t count, const char *what)
{
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

} // namespace

int analyzeCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Reads projects or single manifests and says what is wrong with them: what Istio would refuse\n"
        "or warn of, and of whole projects also what is well formed and yet fails, is unsafe or has no\n"
        "effect."));
    parser.addPositionalArgument(QStringLiteral("PATH"),
                                 QStringLiteral("A project's folder, or a YAML file."),
                                 QStringLiteral("PATH…"));
    parser.addOption({QStringLiteral("fail-on"),
                      QStringLiteral("What makes the exit status 1: error or warning."),
                      QStringLiteral("SEVERITY"), QStringLiteral("error")});
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "analyze", arguments, exitCode))
        return exitCode;
    const QString failOn = parser.value(QStringLiteral("fail-on"));
    if (failOn != QLatin1String("error") && failOn != QLatin1String("warning")) {
        complain("--fail-on is error or warning");
        return Usage;
    }
    if (parser.positionalArguments().isEmpty()) {
        complain("give a project folder or a YAML file");
        return Usage;
    }
    std::vector<Finding> problems;
    for (const QString &path : parser.positionalArguments()) {
        const auto project = read(path);
        if (!project)
            return complain(project.error());
        for (Finding &finding : findingsOf(*project, QFileInfo(path).isDir()))
            problems.push_back(withOpenablePlace(std::move(finding), path));
    }
    const auto count = [&problems](Severity severity) {
        return static_cast<std::size_t>(
            std::count_if(problems.begin(), problems.end(),
                          [severity](const auto &each) { return each.severity == severity; }));
    };
    const std::size_t errors = count(Severity::Error);
    const std::size_t warnings = count(Severity::Warning);
    if (wantsJson(parser)) {
        QJsonArray findings;
        for (const Finding &problem : problems)
            findings.append(toJson(problem));
        printJson({{QStringLiteral("findings"), findings},
                   {QStringLiteral("errors"), static_cast<int>(errors)},
                   {QStringLiteral("warnings"), static_cast<int>(warnings)}});
    } else {
        for (const Finding &problem : problems)
            print(line(problem));
        print(counted(errors, "error") + ", " + counted(warnings, "warning"));
    }
    return errors > 0 || (failOn == QLatin1String("warning") && warnings > 0) ? Findings : Fine;
}

} // namespace sallyport::ctl
