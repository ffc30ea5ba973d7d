// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_entry.h"

#include <QCoreApplication>

namespace sallyport::certificates {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("CertificateEntry", text);
}

/// The certificate that decides how the entry stands: the first that is not good any more, else the leaf.
const pki::Certificate *decisive(const CertificateEntry &entry, TimePoint now)
{
    const int soon = entry.ofLab() ? 0 : expirySoonDays;
    const pki::Certificate *found = nullptr;
    Validity worst = Validity::Good;
    const auto look = [&](const pki::Certificate &certificate) {
        const Validity validity = validityOf(certificate, now, soon);
        if (!found || validity > worst) {
            found = &certificate;
            worst = validity;
        }
    };
    for (const pki::Certificate &certificate : entry.chain)
        look(certificate);
    for (const pki::Certificate &certificate : entry.trusted)
        look(certificate);
    return found;
}

} // namespace

QString kindText(CertificateEntry::Kind kind)
{
    switch (kind) {
    case CertificateEntry::Kind::Missing:
        return tr("Not imported yet");
    case CertificateEntry::Kind::Imported:
        return tr("Imported");
    case CertificateEntry::Kind::Secret:
        return tr("Secret in YAML");
    case CertificateEntry::Kind::Workload:
        return tr("Workload of the lab");
    case CertificateEntry::Kind::Authority:
        break;
    }
    return tr("Mesh CA of the lab");
}

Validity validityOf(const CertificateEntry &entry, TimePoint now)
{
    if (entry.kind == CertificateEntry::Kind::Missing || !entry.problem.isEmpty())
        return Validity::Unknown;
    const pki::Certificate *certificate = decisive(entry, now);
    return certificate ? validityOf(*certificate, now, entry.ofLab() ? 0 : expirySoonDays)
                       : Validity::Unknown;
}

QString stateText(const CertificateEntry &entry, TimePoint now)
{
    if (entry.kind == CertificateEntry::Kind::Missing)
        return tr("missing");
    if (!entry.problem.isEmpty())
        return tr("cannot be read");
    const pki::Certificate *certificate = decisive(entry, now);
    return certificate ? remainingText(*certificate, now) : tr("no certificate");
}

} // namespace sallyport::certificates
