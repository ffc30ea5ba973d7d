// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential_checks.h"
#include "core/pki/credential_store.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QStringList>

class QCommandLineParser;

/// The parts of `sallyportctl cert`.
namespace sallyport::ctl {

/// The commands of `sallyportctl cert`; each answers with the exit status.
int certShow(const QStringList &arguments);
int certImport(const QStringList &arguments);
int certIssue(const QStringList &arguments);
int certExport(const QStringList &arguments);

/// `--mesh`, `--namespace`: which credential of a project is meant.
void addCredentialOptions(QCommandLineParser &parser);
pki::CredentialId credentialId(const QCommandLineParser &parser, const QString &name);
QString credentialName(const pki::CredentialId &id);

/// `--passphrase-file`, and the prompt that reads it or asks at the terminal.
void addPassphraseOption(QCommandLineParser &parser);
pki::PassphrasePrompt passphrasePrompt(const QCommandLineParser &parser);

/// Certificates without their keys, for JSON and for a person.
QJsonObject toJson(const pki::Certificate &certificate);
QJsonObject toJson(const pki::Credential &credential);
QJsonArray toJson(const std::vector<pki::CredentialCheck> &checks);
void printCertificate(const pki::Certificate &certificate, const std::string &indent);
void printCredential(const pki::Credential &credential);
void printChecks(const std::vector<pki::CredentialCheck> &checks);

} // namespace sallyport::ctl
