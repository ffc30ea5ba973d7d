// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_facts.h"
#include "ui/session/selection.h"

#include <vector>

namespace sallyport::certificates {

/// Who refers to a credential, or runs with it.
struct EntryUse
{
    QString text;                  ///< `DestinationRule default/originate-mtls`, `primary:default/sleep`
    session::SelectedThing target; ///< what to select for it
    bool operator==(const EntryUse &) const = default;
};

/// One credential or certificate of the project or of its running lab. Holds no private key.
struct CertificateEntry
{
    enum class Kind {
        Missing,  ///< named by a resource, needed by a proxy, and not there
        Imported, ///< in the credential store
        Secret,   ///< a Secret of the project's YAML
        Workload, ///< of a proxy of the running lab
        Authority ///< of a mesh of the running lab
    };
    Kind kind = Kind::Imported;
    QString name; ///< `test.client`, `primary:default/sleep`, `cluster.local`
    QString mesh;
    QString nameSpace; ///< where the Secret lies; empty for the lab's
    bool server = false;
    std::vector<pki::Certificate> chain; ///< leaf first
    std::vector<pki::Certificate> trusted;
    QString key; ///< `RSA 2048`; empty: no private key in it
    QString identity;
    QList<EntryUse> uses;
    QString file;    ///< Secret: below the project folder
    QString problem; ///< Missing: what needs it; else why it cannot be read
    session::SelectedThing target;

    const pki::Certificate *leaf() const { return chain.empty() ? nullptr : &chain.front(); }
    bool ofLab() const { return kind == Kind::Workload || kind == Kind::Authority; }
    /// Same thing, perhaps with other content.
    bool isSameAs(const CertificateEntry &other) const
    {
        return kind == other.kind && name == other.name && mesh == other.mesh && nameSpace == other.nameSpace;
    }
    /// The same credential or proxy, whether it is there or missing.
    bool hasNameOf(const CertificateEntry &other) const
    {
        return ofLab() == other.ofLab() && name == other.name && mesh == other.mesh &&
               nameSpace == other.nameSpace;
    }
    bool operator==(const CertificateEntry &) const = default;
};

/// `Imported`, `Secret in YAML`, …
QString kindText(CertificateEntry::Kind kind);

/// What the entry's state is: the worst of its certificates.
Validity validityOf(const CertificateEntry &entry, TimePoint now);
/// `71 days`, `missing`, `cannot be read`, `no certificate`
QString stateText(const CertificateEntry &entry, TimePoint now);

} // namespace sallyport::certificates
