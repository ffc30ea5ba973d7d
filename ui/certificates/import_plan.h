// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/compile.h"
#include "core/pki/credential_checks.h"
#include "ui/certificates/import_file.h"
#include "ui/session/selection.h"

#include <QHash>
#include <QList>
#include <QStringList>

namespace sallyport::certificates {

/// What a person has chosen and typed so far.
struct ImportRequest
{
    QStringList paths;
    QHash<QString, QString> passphrases;   ///< by path
    session::CredentialSelection target;   ///< what is empty is proposed
    std::optional<pki::CredentialUse> use; ///< nothing: as the project uses the credential
};

/// One line of the list that is shown before a credential is accepted.
struct ImportCheck
{
    pki::CheckOutcome outcome = pki::CheckOutcome::Passed;
    QString title; ///< `Key and certificate`
    QString text;  ///< what was found, one sentence
    QString file;  ///< name of the file that it is about; may be empty
    bool operator==(const ImportCheck &) const = default;
};

/// What an import would do. Holds private keys.
struct ImportPlan
{
    enum class Verdict {
        Nothing,  ///< no file yet
        Blocked,  ///< cannot be imported; summary says what to do
        Doubtful, ///< a check failed: only if the person insists
        Good
    };
    QList<ImportFile> files;
    std::optional<pki::Credential> credential;
    session::CredentialSelection target; ///< as asked for, what was empty filled in
    pki::CredentialUse use = pki::CredentialUse::Client;
    QList<ImportCheck> checks;
    Verdict verdict = Verdict::Nothing;
    QString summary;       ///< one sentence: why, or what it is good for
    bool replaces = false; ///< there is an imported credential of this name

    int count(pki::CheckOutcome outcome) const;
};

/// Reads the files and judges them; with `compiled`, by what the proxies of the project need. Blocks: for a
/// worker thread.
ImportPlan planImport(const ImportRequest &request, const model::Project &project,
                      const compile::CompiledProject *compiled, pki::TimePoint now);

/// A name that a Secret can have (RFC 1123 subdomain).
bool isSecretName(const QString &name);

} // namespace sallyport::certificates
