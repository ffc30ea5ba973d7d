// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/cert_commands.h"

#include "ctl/command.h"

#include <QCommandLineParser>
#include <QFile>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace sallyport::ctl {

namespace {

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QJsonArray texts(const std::vector<std::string> &values)
{
    QJsonArray array;
    for (const std::string &value : values)
        array.append(text(value));
    return array;
}

const char *nameOf(pki::CheckOutcome outcome)
{
    switch (outcome) {
    case pki::CheckOutcome::Passed:
        return "passed";
    case pki::CheckOutcome::Warning:
        return "warning";
    case pki::CheckOutcome::Failed:
        break;
    }
    return "failed";
}

/// Reads a line from the terminal without showing it; nothing if there is no terminal.
std::optional<std::string> askAtTerminal(const std::string &question)
{
    if (::isatty(STDIN_FILENO) == 0)
        return std::nullopt;
    std::cerr << question << std::flush;
    termios shown{};
    ::tcgetattr(STDIN_FILENO, &shown);
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    std::string line;
    const bool read = static_cast<bool>(std::getline(std::cin, line));
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::cerr << std::endl;
    return read ? std::optional(line) : std::nullopt;
}

} // namespace

void addCredentialOptions(QCommandLineParser &parser)
{
    parser.addOption({QStringLiteral("mesh"), QStringLiteral("The mesh, a folder of the project."),
                      QStringLiteral("MESH"), QStringLiteral("primary")});
    parser.addOption({QStringLiteral("namespace"),
                      QStringLiteral("The namespace of the gateway that uses the credential."),
                      QStringLiteral("NAMESPACE"), QStringLiteral("istio-system")});
}

pki::CredentialId credentialId(const QCommandLineParser &parser, const QString &name)
{
    return {parser.value(QStringLiteral("mesh")).toStdString(),
            parser.value(QStringLiteral("namespace")).toStdString(), name.toStdString()};
}

QString credentialName(const pki::CredentialId &id)
{
    return text(id.mesh + ':' + id.secretNamespace + '/' + id.name);
}

void addPassphraseOption(QCommandLineParser &parser)
{
    parser.addOption({QStringLiteral("passphrase-file"),
                      QStringLiteral("A file whose first line is the passphrase; else it is asked for."),
                      QStringLiteral("FILE")});
}

pki::PassphrasePrompt passphrasePrompt(const QCommandLineParser &parser)
{
    const QString path = parser.value(QStringLiteral("passphrase-file"));
    if (path.isEmpty()) {
        return [](const std::string &what, int attempt) {
            return askAtTerminal((attempt > 1 ? "That was not it. " : "") + ("Passphrase of " + what + ": "));
        };
    }
    return [path](const std::string &, int attempt) -> std::optional<std::string> {
        QFile file(path);
        if (attempt > 1 || !file.open(QIODevice::ReadOnly))
            return std::nullopt;
        QByteArray line = file.readLine();
        while (line.endsWith('\n') || line.endsWith('\r'))
            line.chop(1);
        return line.toStdString();
    };
}

QJsonObject toJson(const pki::Certificate &certificate)
{
    const pki::SubjectAltNames names = certificate.subjectAltNames();
    return {{QStringLiteral("subject"), text(certificate.subject())},
            {QStringLiteral("issuer"), text(certificate.issuer())},
            {QStringLiteral("serial"), text(certificate.serial())},
            {QStringLiteral("notBefore"), text(pki::formatTime(certificate.notBefore()))},
            {QStringLiteral("notAfter"), text(pki::formatTime(certificate.notAfter()))},
            {QStringLiteral("daysLeft"),
             static_cast<qint64>(pki::daysUntil(certificate.notAfter(), std::chrono::system_clock::now()))},
            {QStringLiteral("dns"), texts(names.dns)},
            {QStringLiteral("uris"), texts(names.uris)},
            {QStringLiteral("ips"), texts(names.ips)},
            {QStringLiteral("ca"), certificate.isCa()},
            {QStringLiteral("key"), text(certificate.keyDescription())},
            {QStringLiteral("signature"), text(certificate.signatureAlgorithm())},
            {QStringLiteral("sha256"), text(certificate.fingerprint())}};
}

QJsonObject toJson(const pki::Credential &credential)
{
    QJsonArray chain;
    for (const pki::Certificate &certificate : credential.chain)
        chain.append(toJson(certificate));
    QJsonArray ca;
    for (const pki::Certificate &certificate : credential.ca)
        ca.append(toJson(certificate));
    return {
        {QStringLiteral("name"), text(credential.name)},
        {QStringLiteral("key"), credential.key.isNull() ? QJsonValue() : text(credential.key.algorithm())},
        {QStringLiteral("chain"), chain},
        {QStringLiteral("ca"), ca},
        {QStringLiteral("crl"), !credential.crl.empty()}};
}

QJsonArray toJson(const std::vector<pki::CredentialCheck> &checks)
{
    QJsonArray array;
    for (const pki::CredentialCheck &check : checks)
        array.append(QJsonObject{{QStringLiteral("id"), text(check.id)},
                                 {QStringLiteral("outcome"), QString::fromLatin1(nameOf(check.outcome))},
                                 {QStringLiteral("text"), text(check.text)},
                                 {QStringLiteral("file"), text(check.file)}});
    return array;
}

void printCertificate(const pki::Certificate &certificate, const std::string &indent)
{
    const std::string names = certificate.subjectAltNames().toString();
    const long days = pki::daysUntil(certificate.notAfter(), std::chrono::system_clock::now());
    const std::string left = days < 0 ? "expired" : std::to_string(days) + " days left";
    print(indent + (certificate.isCa() ? "CA " : "") + certificate.subject());
    if (!names.empty())
        print(indent + "  names   " + names);
    print(indent + "  issuer  " + certificate.issuer());
    print(indent + "  valid   " + pki::formatTime(certificate.notBefore()) + " to " +
          pki::formatTime(certificate.notAfter()) + ", " + left);
    print(indent + "  key     " + certificate.keyDescription() + ", " + certificate.signatureAlgorithm());
    print(indent + "  sha256  " + certificate.fingerprint());
}

void printCredential(const pki::Credential &credential)
{
    print(credential.name + ": " +
          (credential.key.isNull() ? "no key" : "key " + credential.key.algorithm()));
    for (const pki::Certificate &certificate : credential.chain)
        printCertificate(certificate, "  ");
    for (const pki::Certificate &certificate : credential.ca) {
        print("  trusts");
        printCertificate(certificate, "    ");
    }
}

void printChecks(const std::vector<pki::CredentialCheck> &checks)
{
    for (const pki::CredentialCheck &check : checks)
        print("  " + std::string(nameOf(check.outcome)) + ": " + check.text +
              (check.file.empty() ? std::string() : " (" + check.file + ')'));
}

} // namespace sallyport::ctl
