// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ctl/command.h"

#include <QCommandLineParser>
#include <QDir>
#include <QJsonArray>

namespace sallyport::ctl {

int templateCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Writes a stage of the guide's egress chain as a project: the client's mesh, the "
                       "partner's mesh, names and\n"
                       "checks. Certificates are made for it and stored outside the folder."));
    parser.addPositionalArgument(QStringLiteral("TEMPLATE"), QStringLiteral("egress-mtls."));
    parser.addOption({QStringLiteral("stage"),
                      QStringLiteral("1 direct, 2 registered hosts only, 3 through the egress "
                                     "gateway, 4 mutual TLS, 5 authorization."),
                      QStringLiteral("N"), QStringLiteral("5")});
    parser.addOption(
        {QStringLiteral("out"), QStringLiteral("The new project's folder."), QStringLiteral("DIR")});
    parser.addOption(
        {QStringLiteral("no-client-certificate"),
         QStringLiteral("Leave the guide's step 4b, importing the client certificate, to you.")});
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "template", arguments, exitCode))
        return exitCode;
    if (parser.positionalArguments() != QStringList{QStringLiteral("egress-mtls")}) {
        complain("name a template: egress-mtls");
        return Usage;
    }
    bool isNumber = false;
    const int stage = parser.value(QStringLiteral("stage")).toInt(&isNumber);
    if (!isNumber || stage < lab::firstStage || stage > lab::lastStage) {
        complain("--stage is a number from 1 to 5");
        return Usage;
    }
    if (!parser.isSet(QStringLiteral("out"))) {
        complain("give --out DIR");
        return Usage;
    }
    const QString out = QDir(parser.value(QStringLiteral("out"))).absolutePath();
    const bool importClient = !parser.isSet(QStringLiteral("no-client-certificate"));
    const auto project = lab::createFromTemplate(out.toStdString(), stage, importClient);
    if (!project)
        return complain(project.error());
    const pki::CredentialFiles &client = project->partner.clientFiles;
    if (wantsJson(parser)) {
        QJsonArray files;
        for (const std::string &file : project->files)
            files.append(QString::fromStdString(file));
        const QJsonObject clientFiles{
            {QStringLiteral("key"), QString::fromStdString(client.key)},
            {QStringLiteral("certificate"), QString::fromStdString(client.certificate)},
            {QStringLiteral("ca"), QString::fromStdString(client.ca)}};
        printJson({{QStringLiteral("project"), out},
                   {QStringLiteral("stage"), stage},
                   {QStringLiteral("files"), files},
                   {QStringLiteral("clientCertificate"), clientFiles}});
        return Fine;
    }
    print("Stage " + std::to_string(stage) + " is in " + out.toStdString());
    print("The client's key and certificate and the partner's CA, as the guide names them:");
    print("  " + client.key + "\n  " + client.certificate + "\n  " + client.ca);
    print("Run it: sallyportctl lab " + out.toStdString() + " --verify");
    return Fine;
}

} // namespace sallyport::ctl
