// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/partner_pki.h"
#include "core/pki/secret_yaml.h"
#include "ctl/cert_commands.h"
#include "ctl/command.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <iostream>

namespace sallyport::ctl {

namespace {

struct Part
{
    const char *name;
    const char *summary;
    int (*run)(const QStringList &arguments);
};

constexpr Part parts[] = {
    {"show", "what certificate files, or a project's stored credentials, hold", certShow},
    {"import", "check key, certificate and CA and store them as a credential of a project", certImport},
    {"issue", "make a CA and a server's and a client's pair, as the guide's prerequisite does", certIssue},
    {"export", "a stored credential as a Secret, as PKCS#12 or as the kubectl line", certExport},
};

void printUsage(std::ostream &out)
{
    out << "Usage: sallyportctl cert COMMAND [arguments]\n\nCommands:\n";
    for (const Part &part : parts)
        out << "  " << part.name << std::string(8 - std::string(part.name).size(), ' ') << part.summary
            << '\n';
}

int showStored(const QCommandLineParser &parser, const QString &project)
{
    const pki::CredentialStore store = pki::CredentialStore::forProject(project.toStdString());
    QJsonArray found;
    for (const pki::CredentialId &id : store.list()) {
        const Result<pki::Credential> credential = store.get(id);
        if (!credential)
            return complain(credential.error());
        QJsonObject object = toJson(*credential);
        object.insert(QStringLiteral("mesh"), QString::fromStdString(id.mesh));
        object.insert(QStringLiteral("namespace"), QString::fromStdString(id.secretNamespace));
        found.append(object);
        if (!wantsJson(parser)) {
            print(credentialName(id).toStdString());
            printCredential(*credential);
        }
    }
    if (wantsJson(parser))
        printJson({{QStringLiteral("credentials"), found}});
    else if (found.isEmpty())
        print("no credential is stored for this project");
    return Fine;
}

} // namespace

int certCommand(const QStringList &arguments)
{
    const QString wanted = arguments.value(0);
    if (wanted == QLatin1String("--help") || wanted == QLatin1String("-h")) {
        printUsage(std::cout);
        return Fine;
    }
    for (const Part &part : parts) {
        if (wanted == QLatin1String(part.name))
            return part.run(arguments.mid(1));
    }
    printUsage(std::cerr);
    return Usage;
}

int certShow(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Shows what certificate and key files hold, or what is stored for a project."));
    parser.addPositionalArgument(QStringLiteral("FILE"),
                                 QStringLiteral("PEM, DER or PKCS#12; or a project's folder."),
                                 QStringLiteral("FILE…|PROJECT"));
    addPassphraseOption(parser);
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "cert show", arguments, exitCode))
        return exitCode;
    const QStringList paths = parser.positionalArguments();
    if (paths.isEmpty()) {
        complain("give files, or a project's folder");
        return Usage;
    }
    if (QFileInfo(paths.front()).isDir())
        return showStored(parser, paths.front());
    QJsonArray files;
    for (const QString &path : paths) {
        const Result<pki::KeyMaterial> material =
            pki::readKeyMaterial(path.toStdString(), passphrasePrompt(parser));
        if (!material)
            return complain(material.error());
        QJsonArray certificates;
        for (const pki::Certificate &certificate : material->certificates)
            certificates.append(toJson(certificate));
        QJsonArray keys;
        for (const pki::PrivateKey &key : material->keys)
            keys.append(QString::fromStdString(key.algorithm()));
        files.append(QJsonObject{{QStringLiteral("file"), path},
                                 {QStringLiteral("certificates"), certificates},
                                 {QStringLiteral("keys"), keys},
                                 {QStringLiteral("crls"), static_cast<int>(material->crls.size())}});
        if (wantsJson(parser))
            continue;
        print(path.toStdString());
        for (const pki::PrivateKey &key : material->keys)
            print("  private key " + key.algorithm());
        for (const pki::Certificate &certificate : material->certificates)
            printCertificate(certificate, "  ");
        if (!material->crls.empty())
            print("  " + std::to_string(material->crls.size()) + " revocation list(s)");
    }
    if (wantsJson(parser))
        printJson({{QStringLiteral("files"), files}});
    return Fine;
}

int certIssue(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Makes what the guide's prerequisite makes: a root CA, the server's pair and the "
                       "client's pair, as files of\n"
                       "DIR: cacert.pem, server.key.pem, servercert.pem, client.key.pem, clientcert.pem."));
    parser.addOption({QStringLiteral("out"), QStringLiteral("Where to write."), QStringLiteral("DIR")});
    parser.addOption({QStringLiteral("server-name"), QStringLiteral("DNS name of the server."),
                      QStringLiteral("NAME"), QStringLiteral("test.com")});
    parser.addOption({QStringLiteral("client-name"),
                      QStringLiteral("The client's principal: its certificate says spiffe://NAME."),
                      QStringLiteral("NAME"), QStringLiteral("test.client")});
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "cert issue", arguments, exitCode))
        return exitCode;
    if (!parser.isSet(QStringLiteral("out")) || !parser.positionalArguments().isEmpty()) {
        complain("give --out DIR");
        return Usage;
    }
    const std::string out = QDir(parser.value(QStringLiteral("out"))).absolutePath().toStdString();
    const auto made = pki::PartnerPki::create(parser.value(QStringLiteral("server-name")).toStdString(),
                                              parser.value(QStringLiteral("client-name")).toStdString());
    if (!made)
        return complain(made.error());
    const Result<pki::CredentialFiles> client = pki::writeGuideFiles(made->client, out);
    if (!client)
        return complain(client.error());
    const std::string serverKey = out + "/server.key.pem";
    const std::string serverCertificate = out + "/servercert.pem";
    constexpr unsigned readable = 0644;
    constexpr unsigned secret = 0600;
    if (const auto done = pki::writeFileAtomically(serverKey, made->server.key.toPem(), secret); !done)
        return complain(done.error());
    if (const auto done =
            pki::writeFileAtomically(serverCertificate, pki::toPem(made->server.chain), readable);
        !done)
        return complain(done.error());
    const std::vector<std::pair<const char *, std::string>> files{{"ca", client->ca},
                                                                  {"serverKey", serverKey},
                                                                  {"serverCertificate", serverCertificate},
                                                                  {"clientKey", client->key},
                                                                  {"clientCertificate", client->certificate}};
    QJsonObject object;
    for (const auto &[name, path] : files) {
        object.insert(QString::fromLatin1(name), QString::fromStdString(path));
        if (!wantsJson(parser))
            print(path);
    }
    if (wantsJson(parser))
        printJson(object);
    return Fine;
}

} // namespace sallyport::ctl
