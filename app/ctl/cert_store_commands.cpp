// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/pkcs12.h"
#include "core/pki/secret_yaml.h"
#include "ctl/cert_commands.h"
#include "ctl/command.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <iostream>

namespace sallyport::ctl {

namespace {

constexpr unsigned secretMode = 0600;

bool isProject(const QString &path)
{
    if (QFileInfo(path).isDir())
        return true;
    complain("there is no such project folder: " + path.toStdString());
    return false;
}

/// Writes secret text to a file of mode 0600, or to standard output.
Result<void> writeSecret(const QCommandLineParser &parser, const std::string &bytes)
{
    const QString path = parser.value(QStringLiteral("out"));
    if (path.isEmpty()) {
        std::cout << bytes << std::flush;
        return {};
    }
    return pki::writeFileAtomically(QFileInfo(path).absoluteFilePath().toStdString(), bytes, secretMode);
}

int exportStore(const QCommandLineParser &parser, const pki::Credential &credential)
{
    if (!parser.isSet(QStringLiteral("out"))) {
        complain("give --out FILE for a PKCS#12 store");
        return Usage;
    }
    const std::optional<std::string> passphrase = passphrasePrompt(parser)("the new store", 1);
    if (!passphrase) {
        complain("a store needs a passphrase: give --passphrase-file");
        return Usage;
    }
    std::vector<pki::Certificate> chain = credential.chain;
    chain.insert(chain.end(), credential.ca.begin(), credential.ca.end());
    const Result<std::string> store = pki::encodePkcs12(credential.key, chain, credential.name, *passphrase);
    if (!store)
        return complain(store.error(), Findings);
    if (const auto written = writeSecret(parser, *store); !written)
        return complain(written.error());
    return Fine;
}

} // namespace

int certImport(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Checks key, certificate and CA and stores them, outside the project, as the credential that a\n"
        "DestinationRule or Gateway names with credentialName."));
    parser.addPositionalArgument(QStringLiteral("PROJECT"), QStringLiteral("The project's folder."));
    parser.addPositionalArgument(
        QStringLiteral("FILE"),
        QStringLiteral("tls.key tls.crt ca.crt under any names, or one PKCS#12 store."),
        QStringLiteral("FILE…"));
    parser.addOption(
        {QStringLiteral("name"), QStringLiteral("The credential's name."), QStringLiteral("NAME")});
    parser.addOption({QStringLiteral("use"), QStringLiteral("client or server."), QStringLiteral("USE"),
                      QStringLiteral("client")});
    parser.addOption({QStringLiteral("anyway"), QStringLiteral("Store it although a check fails.")});
    addCredentialOptions(parser);
    addPassphraseOption(parser);
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "cert import", arguments, exitCode))
        return exitCode;
    const QStringList positional = parser.positionalArguments();
    const QString use = parser.value(QStringLiteral("use"));
    if (positional.size() < 2 || !parser.isSet(QStringLiteral("name")) ||
        (use != QLatin1String("client") && use != QLatin1String("server"))) {
        complain("give a project, --name NAME and the files; --use is client or server");
        return Usage;
    }
    if (!isProject(positional.front()))
        return Usage;
    std::vector<std::string> paths;
    for (const QString &path : positional.mid(1))
        paths.push_back(path.toStdString());
    const pki::CredentialId id = credentialId(parser, parser.value(QStringLiteral("name")));
    const Result<pki::Credential> credential =
        pki::importCredential(id.name, paths, passphrasePrompt(parser));
    if (!credential)
        return complain(credential.error());
    const auto checks = pki::checkCredential(
        *credential, use == QLatin1String("client") ? pki::CredentialUse::Client : pki::CredentialUse::Server,
        std::chrono::system_clock::now());
    const bool accepted =
        pki::worstOutcome(checks) != pki::CheckOutcome::Failed || parser.isSet(QStringLiteral("anyway"));
    if (accepted) {
        const pki::CredentialStore store = pki::CredentialStore::forProject(positional.front().toStdString());
        if (const auto stored = store.put(id, *credential); !stored)
            return complain(stored.error());
    }
    if (wantsJson(parser)) {
        printJson({{QStringLiteral("credential"), toJson(*credential)},
                   {QStringLiteral("checks"), toJson(checks)},
                   {QStringLiteral("stored"), accepted}});
    } else {
        printCredential(*credential);
        printChecks(checks);
        print(accepted ? "stored as " + credentialName(id).toStdString()
                       : "not stored: a check failed (--anyway stores it all the same)");
    }
    return accepted ? Fine : Findings;
}

int certExport(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Writes a stored credential for use elsewhere. What it writes holds the private key."));
    parser.addPositionalArgument(QStringLiteral("PROJECT"), QStringLiteral("The project's folder."));
    parser.addPositionalArgument(QStringLiteral("NAME"), QStringLiteral("The credential's name."));
    parser.addOption({QStringLiteral("as"),
                      QStringLiteral("secret (YAML), pkcs12, or kubectl (the command line)."),
                      QStringLiteral("FORM"), QStringLiteral("secret")});
    parser.addOption({QStringLiteral("keys"),
                      QStringLiteral("tls (tls.key, tls.crt, ca.crt) or generic (key, cert, "
                                     "cacert)."),
                      QStringLiteral("NAMES"), QStringLiteral("tls")});
    parser.addOption({QStringLiteral("out"), QStringLiteral("A file (mode 0600) instead of standard output."),
                      QStringLiteral("FILE")});
    addCredentialOptions(parser);
    addPassphraseOption(parser);
    addFormat(parser);
    int exitCode = Fine;
    if (!parse(parser, "cert export", arguments, exitCode))
        return exitCode;
    const QStringList positional = parser.positionalArguments();
    const QString form = parser.value(QStringLiteral("as"));
    const QString keys = parser.value(QStringLiteral("keys"));
    if (positional.size() != 2 || (keys != QLatin1String("tls") && keys != QLatin1String("generic"))) {
        complain("give a project and a credential's name; --keys is tls or generic");
        return Usage;
    }
    if (!isProject(positional.front()))
        return Usage;
    const pki::CredentialStore store = pki::CredentialStore::forProject(positional.front().toStdString());
    const pki::CredentialId id = credentialId(parser, positional.at(1));
    const Result<pki::Credential> credential = store.get(id);
    if (!credential)
        return complain(credential.error(), Findings);
    const pki::SecretKeys keyNames =
        keys == QLatin1String("tls") ? pki::SecretKeys::Tls : pki::SecretKeys::Generic;
    if (form == QLatin1String("pkcs12"))
        return exportStore(parser, *credential);
    if (form == QLatin1String("kubectl")) {
        const std::string folder = store.folder() + '/' + id.mesh + '/' + id.secretNamespace + '/' + id.name;
        const std::string line =
            pki::kubectlCreateLine(id.name, id.secretNamespace,
                                   {folder + "/tls.key", folder + "/tls.crt", folder + "/ca.crt"}, keyNames);
        if (wantsJson(parser))
            printJson({{QStringLiteral("command"), QString::fromStdString(line)}});
        else
            print(line);
        return Fine;
    }
    if (form != QLatin1String("secret")) {
        complain("--as is secret, pkcs12 or kubectl");
        return Usage;
    }
    const std::string yaml = pki::secretYaml(*credential, id.secretNamespace, keyNames);
    if (wantsJson(parser) && !parser.isSet(QStringLiteral("out"))) {
        printJson({{QStringLiteral("secret"), QString::fromStdString(yaml)}});
        return Fine;
    }
    if (const auto written = writeSecret(parser, yaml); !written)
        return complain(written.error());
    return Fine;
}

} // namespace sallyport::ctl
