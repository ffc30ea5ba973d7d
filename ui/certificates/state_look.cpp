// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/state_look.h"

#include <QCoreApplication>

namespace sallyport::certificates {

namespace {

using theme::Role;

} // namespace

StateLook lookOf(Validity validity)
{
    switch (validity) {
    case Validity::Good:
        return {Role::Good, QStringLiteral("disc")};
    case Validity::Soon:
        return {Role::Warning, QStringLiteral("clock")};
    case Validity::Expired:
    case Validity::NotYet:
        return {Role::Bad, QStringLiteral("cross")};
    case Validity::Unknown:
        break;
    }
    return {Role::TextMuted, QStringLiteral("ring")};
}

StateLook lookOf(const CertificateEntry &entry, TimePoint now)
{
    if (entry.kind == CertificateEntry::Kind::Missing)
        return {Role::Warning, QStringLiteral("warning")};
    if (!entry.problem.isEmpty())
        return {Role::Bad, QStringLiteral("error")};
    return lookOf(validityOf(entry, now));
}

StateLook lookOf(pki::CheckOutcome outcome)
{
    switch (outcome) {
    case pki::CheckOutcome::Passed:
        return {Role::Good, QStringLiteral("check")};
    case pki::CheckOutcome::Warning:
        return {Role::Warning, QStringLiteral("warning")};
    case pki::CheckOutcome::Failed:
        break;
    }
    return {Role::Bad, QStringLiteral("cross")};
}

StateLook lookOf(ImportFile::State state)
{
    switch (state) {
    case ImportFile::State::Good:
        return {Role::Good, QStringLiteral("check")};
    case ImportFile::State::NeedsPassphrase:
        return {Role::Warning, QStringLiteral("lock")};
    case ImportFile::State::WrongPassphrase:
        return {Role::Bad, QStringLiteral("lock")};
    case ImportFile::State::Failed:
        break;
    }
    return {Role::Bad, QStringLiteral("error")};
}

QString outcomeText(pki::CheckOutcome outcome)
{
    switch (outcome) {
    case pki::CheckOutcome::Passed:
        return QCoreApplication::translate("Certificates", "Passed");
    case pki::CheckOutcome::Warning:
        return QCoreApplication::translate("Certificates", "Warning");
    case pki::CheckOutcome::Failed:
        break;
    }
    return QCoreApplication::translate("Certificates", "Failed");
}

} // namespace sallyport::certificates
