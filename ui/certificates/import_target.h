// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"
#include "core/pki/credential_checks.h"
#include "ui/certificates/certificate_entry.h"
#include "ui/certificates/import_file.h"

#include <QStringList>

namespace sallyport::certificates {

/// Where a credential goes: what the person left empty in `wanted` is taken from the Secret's own name, from
/// what the project misses, and from what the certificate calls itself; the namespace is that of the gateway
/// which misses it, else of the mesh's first gateway.
session::CredentialSelection proposedTarget(const session::CredentialSelection &wanted,
                                            const QList<ImportFile> &files, const pki::Credential &credential,
                                            const std::vector<CertificateEntry> &entries,
                                            const model::Project &project);

/// As the project uses the credential; what nobody uses yet is judged by its certificate's purpose.
pki::CredentialUse usualUse(const session::CredentialSelection &target, const pki::Credential &credential,
                            const std::vector<CertificateEntry> &entries);

/// Namespaces of a mesh, those of its gateways first.
QStringList gatewayNamespaces(const model::Mesh &mesh);

} // namespace sallyport::certificates
