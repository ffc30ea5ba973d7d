// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/planner.h"
#include "ctl/command.h"
#include "ctl/project.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QSaveFile>

namespace sallyport::ctl {

namespace {

Result<void> writeFile(const QString &path, const QByteArray &content, int mode)
{
    if (!QDir().mkpath(QFileInfo(path).path()))
        return fail("the folder cannot be made", {QFileInfo(path).path().toStdString()});
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return fail("cannot be written: " + file.errorString().toStdString(), {path.toStdString()});
    if (mode == 0600)
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(content);
    if (!file.commit())
        return fail("cannot be written: " + file.errorString().toStdString(), {path.toStdString()});
    return {};
}

} // namespace

int compileCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Compiles the Istio resources of a project to one Envoy bootstrap per workload instance:\n"
        "DIR/<mesh>/<namespace>.<name>.json, and the secrets that they read in DIR/sds (0600)."));
    parser.addPositionalArgument(QStringLiteral("PATH"), QStringLiteral("The project's folder."));
    parser.addOption({QStringLiteral("out"), QStringLiteral("Where to write."), QStringLiteral("DIR")});
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "compile", arguments, exitCode))
        return exitCode;
    if (parser.positionalArguments().size() != 1 || !parser.isSet(QStringLiteral("out"))) {
        complain("give one project folder and --out DIR");
        return Usage;
    }
    const auto project = loadForRunning(parser.positionalArguments().front().toStdString());
    if (!project)
        return complain(project.error());
    const QString out = QDir(parser.value(QStringLiteral("out"))).absolutePath();
    lab::Identities identities;
    lab::PlanOptions options;
    options.runFolder = out.toStdString();
    options.block = lab::candidateBlocks(project->folder, project->meshes.size()).front();
    const auto planned = lab::planLab(*project, options, identities);
    if (!planned)
        return complain(planned.error());
    QJsonArray written;
    for (const lab::Process &process : planned->plan.processes) {
        if (process.kind != lab::ProcessKind::Gateway)
            continue;
        // `mesh.namespace.name` → DIR/mesh/namespace.name.json
        const QString id = QString::fromStdString(process.id);
        const qsizetype dot = id.indexOf(QLatin1Char('.'));
        const QString path = out + QLatin1Char('/') + id.left(dot) + QLatin1Char('/') + id.mid(dot + 1) +
                             QStringLiteral(".json");
        if (const auto done = writeFile(path, process.bootstrap, 0644); !done)
            return complain(done.error());
        for (const lab::PlannedFile &file : process.files) {
            if (const auto done = writeFile(QString::fromStdString(file.path), file.content, file.mode);
                !done)
                return complain(done.error());
        }
        if (!process.accessLogPath.empty())
            QDir().mkpath(QFileInfo(QString::fromStdString(process.accessLogPath)).path());
        written.append(QJsonObject{{QStringLiteral("proxy"), QString::fromStdString(process.name)},
                                   {QStringLiteral("bootstrap"), path}});
        if (!wantsJson(parser))
            print(path.toStdString());
    }
    QJsonArray errors;
    for (const Error &error : planned->errors) {
        complain(error, Findings);
        errors.append(toJson(error));
    }
    QJsonArray warnings;
    for (const Error &warning : planned->warnings) {
        complain("warning: " + warning.toString());
        warnings.append(toJson(warning));
    }
    if (wantsJson(parser))
        printJson({{QStringLiteral("written"), written},
                   {QStringLiteral("errors"), errors},
                   {QStringLiteral("warnings"), warnings}});
    return planned->errors.empty() ? Fine : Findings;
}

} // namespace sallyport::ctl
